"""A loaded version of a model, and its signatures."""

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
from keras_gan.serving.errors import ServingError
from keras_gan.serving.models.warm_up import warm_up

DEFAULT = "serving_default"
Arrays = Mapping[str, np.ndarray]
Signer = Callable[[str, int], Callable[[bytes], bytes]]
# Signatures that an export may have in addition. An ONNX export has a file for each, other formats one file.
_OPTIONAL = ("uint8", "generate")
# Channels of a PNG file: grey or colour, with or without transparency.
_CHANNELS = (1, 2, 3, 4)


@dataclass(frozen=True)
class Signature:
    """One way to call a model.

    Args:
        inputs: Specs of the inputs. The first dimension is the batch.
        outputs: Specs of the outputs, which have the same number of rows.
        run: Function from an array for each input to an array for each output.
    """

    inputs: tuple[TensorSpec, ...]
    outputs: tuple[TensorSpec, ...]
    run: Callable[[Arrays], dict[str, np.ndarray]]


@dataclass(frozen=True)
class Servable:
    """A loaded version of a model.

    Args:
        name: Name of the model in requests.
        version: Number of the version.
        folder: Folder of its files.
        format: Format that runs, such as "onnx", "tflite" or "saved_model".
        signatures: Signatures by name. `serving_default` is one of them.
        manifest: Manifest of the export. Defaults to None.
        signed: Boolean, whether its PNG files are signed. Signing an image twice gives two different files. Defaults
            to False.
    """

    name: str
    version: int
    folder: Path
    format: str
    signatures: Mapping[str, Signature]
    manifest: Manifest | None = field(default=None, repr=False)
    signed: bool = False

    def signature(self, name: str) -> Signature:
        """Returns a signature.

        Raises:
            ServingError: If the model does not have it.
        """
        if name not in self.signatures:
            names = ", ".join(sorted(self.signatures))
            raise ServingError(
                "FAILED_PRECONDITION", f"`signature_name` must be one of {names}. Received: {name[:100]}"
            )
        return self.signatures[name]

    @cached_property
    def fingerprint(self) -> str:
        """String that changes when the version is exported again."""
        if self.manifest is not None:
            content = self.manifest.model_dump_json()
        else:
            file = (self.folder / FILES[self.format]).stat()
            content = f"{file.st_size}/{file.st_mtime_ns}"
        return hashlib.sha256(f"{self.name}/{self.version}/{self.format}/{content}".encode()).hexdigest()

    def warm_up(self, iterations: int = 1) -> None:
        """Runs each signature, because first runs are slow. See `warm_up.warm_up`."""
        warm_up(self.signatures, self.folder, iterations)


def load(
    name: str,
    version: int,
    folder: Path,
    formats: Sequence[str] = tuple(FILES),
    threads: int | None = None,
    signer: Signer | None = None,
) -> Servable:
    """Loads a version folder, which `export_generator` wrote or which holds a model.onnx or a saved_model.pb.

    Args:
        name: Name of the model in requests.
        version: Number of the version.
        folder: Folder of the version.
        formats: Formats in order of preference. The first that is there, and whose runtime is installed, runs.
            Defaults to all formats: ONNX, TFLite, SavedModel, then those of reduced precision.
        threads: Number of threads for one call. Defaults to None, the choice of the runtime.
        signer: Function from the name and the version to a function that signs a PNG file. Defaults to None.

    Returns:
        The `Servable`.

    Raises:
        FileNotFoundError: If the folder has none of the formats.
        ImportError: If the runtimes of its formats are not installed.
        ArtifactError: If the files are damaged, or are not a generator.
    """
    found = [format for format in formats if (folder / FILES[format]).is_file()]
    if not found:
        wanted = ", ".join(FILES[format] for format in formats)
        raise FileNotFoundError(f"Expected one of {wanted}. Received: `{folder}`, which has none")
    format = next((one for one in found if is_available(folder / FILES[one])), found[0])
    manifest = Manifest.load(folder) if (folder / MANIFEST).is_file() else None
    if manifest is not None:
        manifest.check(folder, format)
    signatures = _open_signatures(folder, format, threads)
    if "generate" not in signatures:
        generate = _generate(signatures[DEFAULT])
        if generate is not None:
            signatures["generate"] = generate
    if "generate" in signatures and _gives_pictures(signatures["generate"]):
        image_range = (-1.0, 1.0) if manifest is None else manifest.image_range
        sign = None if signer is None else signer(name, version)
        signatures["png"] = _png(signatures["generate"], image_range, sign)
    return Servable(name, version, folder, format, signatures, manifest, signed=signer is not None)


def _open_signatures(folder: Path, format: str, threads: int | None) -> dict[str, Signature]:
    engine = open_engine(folder / FILES[format], threads)
    engines = {DEFAULT: engine}
    for name in _OPTIONAL:
        other = _open_optional(engine, folder, format, name, threads)
        if other is not None:
            engines[name] = other
    signatures = {name: Signature(e.inputs, e.outputs, e.run) for name, e in engines.items()}
    for spec in (spec for signature in signatures.values() for spec in signature.inputs):
        if not spec.shape:
            raise ArtifactError(f"Expected inputs whose first dimension is the batch. Received: {spec}, in `{folder}`")
    return signatures


def _open_optional(engine: Engine, folder: Path, format: str, name: str, threads: int | None) -> Engine | None:
    if format != "onnx":
        return engine.signature(name)
    file = folder / f"model_{name}.onnx"
    return open_engine(file, threads) if file.is_file() else None


def _generate(default: Signature) -> Signature | None:
    """Returns a signature that generates images from seeds, for a file that takes z. Returns None if it does not."""
    specs = {spec.name: spec for spec in default.inputs}
    z, labels = specs.get("z"), specs.get("labels")
    if z is None or not set(specs) <= {"z", "labels"} or len(z.shape) != 2 or z.shape[1] is None:
        return None
    latent_dim = z.shape[1]

    def run(inputs: Arrays) -> dict[str, np.ndarray]:
        z = latent.normal(inputs["seed"], inputs["index"], latent_dim) * inputs["truncation"][:, None]
        given = {} if labels is None else {"labels": inputs["labels"]}
        return default.run({"z": z, **given})

    return Signature((*SEEDS, *(() if labels is None else (labels,))), default.outputs, run)


def _gives_pictures(generate: Signature) -> bool:
    return any(spec.name == "image" and spec.shape[-1] in (None, *_CHANNELS) for spec in generate.outputs)


def _png(generate: Signature, image_range: tuple[float, float], sign: Callable[[bytes], bytes] | None) -> Signature:
    def run(inputs: Arrays) -> dict[str, np.ndarray]:
        images = to_uint8(generate.run(inputs)["image"], image_range)
        files = np.empty(len(images), object)
        files[:] = [png(image) if sign is None else sign(png(image)) for image in images]
        return {"image_bytes": files}

    return Signature(generate.inputs, (TensorSpec(name="image_bytes", dtype="string", shape=(None,)),), run)


def png(image: np.ndarray) -> bytes:
    """Encodes one image as PNG. The same image gives the same bytes.

    Args:
        image: uint8 array of shape (height, width, channels), with 1 to 4 channels.

    Returns:
        The bytes of the file.

    Raises:
        ArtifactError: If it has another number of channels.
    """
    if image.shape[-1] not in _CHANNELS:
        raise ArtifactError(f"A PNG file must have 1 to 4 channels. Received: an image of shape {image.shape}")
    file = io.BytesIO()
    to_picture(image).save(file, "PNG")
    return file.getvalue()
