"""A loaded version of a model, and its signatures."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from keras_gan.artifacts.engines import ArtifactError, Engine, is_available, open_engine
from keras_gan.artifacts.formats import FILES
from keras_gan.artifacts.manifest import FILENAME as MANIFEST
from keras_gan.artifacts.manifest import Manifest
from keras_gan.serving.errors import ServingError
from keras_gan.serving.models.image_signatures import generate_signature, has_pictures, png_signature
from keras_gan.serving.models.signature import Signature
from keras_gan.serving.models.warm_up import warm_up

DEFAULT = "serving_default"
Signer = Callable[[str, int], Callable[[bytes], bytes]]
# Signatures that an export may have in addition. An ONNX export has a file for each, other formats one file.
_OPTIONAL = ("uint8", "generate")


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
        generate = generate_signature(signatures[DEFAULT])
        if generate is not None:
            signatures["generate"] = generate
    if "generate" in signatures and has_pictures(signatures["generate"]):
        image_range = (-1.0, 1.0) if manifest is None else manifest.image_range
        sign = None if signer is None else signer(name, version)
        signatures["png"] = png_signature(signatures["generate"], image_range, sign)
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
