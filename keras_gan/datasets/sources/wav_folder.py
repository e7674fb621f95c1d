"""Folders of WAV files, read by Python's standard library."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np

from keras_gan.datasets.sources.float_set import FloatSet, of_length
from keras_gan.datasets.sources.label_file import natural

SUFFIX = ".wav"


def wav_files(root: Path) -> list[Path]:
    """Returns the WAV files in a folder and its sub-folders, sorted."""
    return sorted(path for path in root.rglob("*") if path.suffix.lower() == SUFFIX and path.is_file())


def read_wav_folder(root: Path, limit: int | None = None) -> FloatSet:
    """Reads sequences of audio in [-1, 1]. Sub-folders are classes.

    Shorter files get zeros on both sides, so that all are as long as the longest.

    Args:
        root: Folder with WAV files.
        limit: Largest number of files to use, spread evenly. Defaults to `None`, all.

    Raises:
        ValueError: If a file is not PCM, or the files differ in channels or sample rate.
    """
    paths = wav_files(root)
    read = [read_wav(path) for path in paths]
    kinds = {(samples.shape[1], rate) for samples, rate in read}
    if len(kinds) != 1:
        found = ", ".join(f"{channels} channels at {rate} Hz" for channels, rate in sorted(kinds))
        raise ValueError(f"The WAV files in {root} must have the same channels and rate. Received: {found}")
    longest = max(len(samples) for samples, _ in read)
    values = np.concatenate([of_length(samples[None], longest) for samples, _ in read])
    folders = [path.relative_to(root).parts[0] if path.parent != root else "" for path in paths]
    names = tuple(sorted(set(folders), key=natural)) if all(folders) else ()
    labels = np.array([names.index(folder) for folder in folders], np.int32) if names else None
    rate = kinds.pop()[1]
    return FloatSet(root, f"a folder of WAV files at {rate} Hz", values, labels, names, limit=limit, rate=rate)


def read_wav(path: Path) -> tuple[np.ndarray, int]:
    """Returns the samples of a WAV file, float32 (length, channels) in [-1, 1], and its rate in Hz.

    Args:
        path: File of PCM samples of 8, 16, 24 or 32 bits.

    Raises:
        ValueError: If the file has another format.
    """
    try:
        with wave.open(str(path), "rb") as file:
            width, channels, rate = file.getsampwidth(), file.getnchannels(), file.getframerate()
            content = file.readframes(file.getnframes())
    except (wave.Error, EOFError) as error:
        raise ValueError(f"{path} must be a WAV file of PCM samples. Received: {error}") from error
    if width == 1:  # the only width without a sign
        samples = np.frombuffer(content, np.uint8).astype(np.float32) - 128
    elif width == 3:
        high = np.frombuffer(content, np.uint8).reshape(-1, 3)
        samples = (np.pad(high, ((0, 0), (1, 0))).reshape(-1).view("<i4") >> 8).astype(np.float32)
    else:
        samples = np.frombuffer(content, f"<i{width}").astype(np.float32)
    return samples.reshape(-1, channels) / np.float32(2 ** (8 * width - 1)), rate
