"""One version of a model, loaded: its signatures, whatever engine runs them."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np

from keras_gan import latent
from keras_gan.artifacts.engines import ArtifactError, Engine, TensorSpec, is_available, open_engine
from keras_gan.artifacts.formats import FILES
from keras_gan.artifacts.manifest import FILENAME as MANIFEST
from keras_gan.artifacts.manifest import Manifest
from keras_gan.artifacts.tensor_spec import SEEDS
from keras_gan.images import to_picture, to_uint8
from keras_gan.serving.models.warm_up import warm_up

DEFAULT = "serving_default"
Arrays = Mapping[str, np.ndarray]
Signer = Callable[[str, int], Callable[[bytes], bytes]]
# What an artifact may answer to besides its default; an ONNX file each, and names in the files of the others.
_OTHERS = ("uint8", "generate")
# Of a PNG file: grey and colour, each with transparency or without.
_CHANNELS = (1, 2, 3, 4)


@dataclass(frozen=True)
class Signature:
    """One way to call a model.

    Args:
        inputs: What it takes; the first dimension is the batch.
        outputs: What it returns, one row for each row of the inputs.
        run: Takes an array for each input, and returns one for each output.
    """

    inputs: tuple[TensorSpec, ...]
    outputs: tuple[TensorSpec, ...]
    run: Callable[[Arrays], dict[str, np.ndarray]]


@dataclass(frozen=True)
class Servable:
    """A version of a model, ready to run.

    Args:
        name: What the model is served as.
        version: Its number.
        folder: Where its files are.
        format: That which runs: "onnx", "tflite" or "saved_model".
        signatures: By name, `serving_default` among them.
        manifest: The account of its export, if there is one. Defaults to None.
        signed: Whether its PNG files are signed; signing twice gives two files of one image. Defaults to False.
    """

    name: str
    version: int
    folder: Path
    format: str
    signatures: Mapping[str, Signature]
    manifest: Manifest | None = field(default=None, repr=False)
    signed: bool = False

    @cached_property
    def fingerprint(self) -> str:
        """A word that is another if the version's files are exported anew."""
        if self.manifest is not None:
            told = self.manifest.model_dump_json()
        else:
            file = (self.folder / FILES[self.format]).stat()
            told = f"{file.st_size}/{file.st_mtime_ns}"
        return hashlib.sha256(f"{self.name}/{self.version}/{self.format}/{told}".encode()).hexdigest()

    def warm_up(self, iterations: int = 1) -> None:
        """Run each signature, as first runs are slow; see `warm_up.warm_up`."""
        warm_up(self.signatures, self.folder, iterations)


def load(
    name: str,
    version: int,
    folder: Path,
    formats: Sequence[str] = tuple(FILES),
    threads: int | None = None,
    signer: Signer | None = None,
    tags: Sequence[str] = ("serve",),
) -> Servable:
    """Load a version folder: one that `export_generator` wrote, or any with a model.onnx or a saved_model.pb.

    Args:
        name: What the model is served as.
        version: The version's number.
        folder: Where it is.
        formats: Those to look for; the first that is there, and whose runtime is installed, runs. Defaults to all,
            ONNX, TFLite and SavedModel first, those of lower precision last.
        threads: For one call. Defaults to None, the runtime's own choice.
        signer: Given the name and the version, what is done to each PNG file before it goes out. Defaults to None.
        tags: Those of the graph in a SavedModel. Defaults to ("serve",).

    Returns:
        The `Servable`.

    Raises:
        FileNotFoundError: If none of the formats is there.
        ImportError: If the runtimes of those that are there are not installed.
        ArtifactError: If files are damaged, or no generator's.
    """
    there = [format for format in formats if (folder / FILES[format]).is_file()]
    if not there:
        wanted = ", ".join(FILES[format] for format in formats)
        raise FileNotFoundError(f"Expected one of {wanted}. Received: `{folder}`, which has none")
    format = next((one for one in there if is_available(folder / FILES[one])), there[0])
    manifest = Manifest.load(folder) if (folder / MANIFEST).is_file() else None
    if manifest is not None:
        manifest.check(folder, format)
    engine = open_engine(folder / FILES[format], threads, tags)
    engines = {DEFAULT: engine}
    for other in _OTHERS:
        found = _other(engine, folder, format, other, threads)
        if found is not None:
            engines[other] = found
    signatures = {name: Signature(e.inputs, e.outputs, e.run) for name, e in engines.items()}
    for spec in (spec for signature in signatures.values() for spec in signature.inputs):
        if not spec.shape:
            raise ArtifactError(f"Expected inputs whose first dimension is the batch. Received: {spec}, in `{folder}`")
    if "generate" not in signatures:
        drawing = _generate(signatures[DEFAULT])
        if drawing is not None:
            signatures["generate"] = drawing
    if "generate" in signatures and _has_pictures(signatures["generate"]):
        image_range = (-1.0, 1.0) if manifest is None else manifest.image_range
        sign = None if signer is None else signer(name, version)
        signatures["png"] = _png(signatures["generate"], image_range, sign)
    return Servable(name, version, folder, format, signatures, manifest, signed=signer is not None)


def _other(engine: Engine, folder: Path, format: str, signature: str, threads: int | None) -> Engine | None:
    if format != "onnx":
        return engine.signature(signature)
    file = folder / f"model_{signature}.onnx"
    return open_engine(file, threads) if file.is_file() else None


def _generate(default: Signature) -> Signature | None:
    """Images from seeds by a file that takes z: the same as a file that draws z itself."""
    specs = {spec.name: spec for spec in default.inputs}
    z, labels = specs.get("z"), specs.get("labels")
    if z is None or not set(specs) <= {"z", "labels"} or len(z.shape) != 2 or z.shape[1] is None:
        return None
    latent_dim = z.shape[1]

    def run(inputs: Arrays) -> dict[str, np.ndarray]:
        drawn = latent.normal(inputs["seed"], inputs["index"], latent_dim) * inputs["truncation"][:, None]
        given = {} if labels is None else {"labels": inputs["labels"]}
        return default.run({"z": drawn, **given})

    return Signature((*SEEDS, *(() if labels is None else (labels,))), default.outputs, run)


def _has_pictures(generate: Signature) -> bool:
    return any(spec.name == "image" and spec.shape[-1] in (None, *_CHANNELS) for spec in generate.outputs)


def _png(generate: Signature, image_range: tuple[float, float], sign: Callable[[bytes], bytes] | None) -> Signature:
    def run(inputs: Arrays) -> dict[str, np.ndarray]:
        images = to_uint8(generate.run(inputs)["image"], image_range)
        files = np.empty(len(images), object)
        files[:] = [png(image) if sign is None else sign(png(image)) for image in images]
        return {"image_bytes": files}

    return Signature(generate.inputs, (TensorSpec(name="image_bytes", dtype="string", shape=(None,)),), run)


def png(image: np.ndarray) -> bytes:
    """A PNG file of one image.

    Args:
        image: uint8 (height, width, 1 to 4).

    Returns:
        The file's bytes; the same image gives the same bytes.

    Raises:
        ArtifactError: If it has another number of channels.
    """
    if image.shape[-1] not in _CHANNELS:
        raise ArtifactError(f"A PNG file has 1 to 4 channels. Received: an image of shape {image.shape}")
    file = io.BytesIO()
    to_picture(image).save(file, "PNG")
    return file.getvalue()
