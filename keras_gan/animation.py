"""Animations of generated images as GIF and MP4 files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from keras_gan.typing import PathLike
from keras_gan.utils.extras import install_hint
from keras_gan.utils.files import atomic_path

SUFFIXES = (".gif", ".mp4")


def check_animation_path(path: PathLike) -> None:
    """Raises an error if an animation cannot be written to a path.

    Raises:
        ValueError: If it does not end in `.gif` or `.mp4`.
        ImportError: If it ends in `.mp4` and imageio-ffmpeg is not installed.
    """
    suffix = Path(path).suffix.lower()
    if suffix not in SUFFIXES:
        raise ValueError(f"An animation must end in {' or '.join(SUFFIXES)}. Received: {path}")
    if suffix == ".mp4":
        _import_ffmpeg()


def save_frames(path: PathLike, frames: np.ndarray, fps: int = 25) -> None:
    """Save frames as an animation that repeats, or as a video.

    Args:
        path: File to write, ending in `.gif` or `.mp4`. A file that exists is replaced when the new one is complete.
        frames: Frames in order, uint8 (n, height, width, 3), at least one. A video repeats the last row or column if
            its height or width is odd.
        fps: Number of frames in a second. Defaults to 25. GIF files round the time of a frame to 0.01 seconds.

    Raises:
        ValueError: If the frames have another shape or dtype, or the path ends otherwise.
        ImportError: If the path ends in `.mp4` and imageio-ffmpeg is not installed.

    Example:
    ```python
    keras_gan.animation.save_frames("walk.gif", frames, fps=10)
    ```
    """
    check_animation_path(path)
    if frames.ndim != 4 or frames.shape[-1] != 3 or frames.dtype != np.uint8 or len(frames) == 0:
        raise ValueError(
            f"`frames` must be uint8 of shape (n >= 1, height, width, 3). Received: {frames.dtype}, {frames.shape}"
        )
    if fps < 1:
        raise ValueError(f"`fps` must be at least 1. Received: fps={fps}")
    with atomic_path(path) as temporary:
        if Path(path).suffix.lower() == ".mp4":
            _write_video(temporary, frames, fps)
        else:
            first, *rest = (Image.fromarray(frame) for frame in frames)
            first.save(temporary, format="GIF", save_all=True, append_images=rest, duration=round(1000 / fps), loop=0)


def _write_video(path: Path, frames: np.ndarray, fps: int) -> None:
    # H.264 with subsampled colours, which all browsers play, needs an even height and width.
    odd = [(0, 0), (0, frames.shape[1] % 2), (0, frames.shape[2] % 2), (0, 0)]
    frames = np.ascontiguousarray(np.pad(frames, odd, mode="edge"))
    size = frames.shape[2], frames.shape[1]
    writer = _import_ffmpeg().write_frames(str(path), size, fps=fps, macro_block_size=1, ffmpeg_log_level="error")
    writer.send(None)
    for frame in frames:
        writer.send(frame.tobytes())
    writer.close()


def _import_ffmpeg():  # type: ignore[no-untyped-def]
    try:
        import imageio_ffmpeg
    except ModuleNotFoundError as error:
        raise ImportError(f"MP4 files need imageio-ffmpeg: {install_hint('video')}. GIF files do not") from error
    return imageio_ffmpeg
