"""A loaded version of a model, and its signatures."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from keras_gan.artifacts.engines import ArtifactError, Engine, is_available, open_engine
from keras_gan.artifacts.formats import FILES
from keras_gan.artifacts.manifest import FILENAME as MANIFEST
from keras_gan.artifacts.manifest import Manifest
from keras_gan.serving.dtypes import BY_NUMPY
from keras_gan.serving.errors import ServingError
from keras_gan.serving.models.image_signatures import (
    generate_signature,
    has_pictures,
    png_signature,
    translates,
    translation_signature,
)
from keras_gan.serving.models.signature import Signature
from keras_gan.serving.models.warm_up import warm_up

DEFAULT = "serving_default"
Signer = Callable[[str, int], Callable[[bytes], bytes]]
# Signatures that an ONNX export may have in addition, in a file each.
_OPTIONAL = ("uint8", "generate")
logger = logging.getLogger("keras_gan.serving")


@dataclass(frozen=True)
class Servable:
    """A loaded version of a model.

    Args:
        format: Format that runs, such as "onnx", "tflite" or "saved_model".
        signatures: Signatures by name. Most models have `serving_default`.
        signed: Boolean, whether its PNG files are signed. Signing an image twice gives two different files.
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

    @property
    def is_foreign(self) -> bool:
        """Boolean, True for a SavedModel without a manifest. Its inputs may be other than rows of one batch."""
        return self.manifest is None and self.format == "saved_model"

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
        # Another SavedModel may rightly fail on zeros.
        warm_up(self.signatures, self.folder, iterations, zeros=not self.is_foreign)


def load(
    name: str,
    version: int,
    folder: Path,
    formats: Sequence[str] = tuple(FILES),
    threads: int | None = None,
    signer: Signer | None = None,
    providers: tuple[str, ...] = (),
) -> Servable:
    """Loads a version folder, which `export_generator` wrote or which holds a model file or a SavedModel.

    The first of `formats` that is there, and whose runtime is installed, runs. Without `threads` and `providers`, the
    runtime chooses. `signer` returns a function that signs PNG files, from the name and the version.

    Raises:
        FileNotFoundError: If the folder has none of the formats.
        ImportError: If the runtimes of its formats are not installed.
        ArtifactError: If the files are damaged, or no signature can be served.
    """
    found = [format for format in formats if (folder / FILES[format]).is_file()]
    if not found:
        wanted = ", ".join(FILES[format] for format in formats)
        raise FileNotFoundError(f"Expected one of {wanted}. Received: `{folder}`, which has none")
    format = next((one for one in found if is_available(folder / FILES[one])), found[0])
    manifest = Manifest.load(folder) if (folder / MANIFEST).is_file() else None
    if manifest is not None:
        manifest.check(folder, format)
    signatures = _open_signatures(folder, format, threads, providers)
    if "generate" not in signatures and DEFAULT in signatures:
        generate = generate_signature(signatures[DEFAULT])
        if generate is not None:
            signatures["generate"] = generate
    image_range = (-1.0, 1.0) if manifest is None else manifest.image_range
    sign = None if signer is None else signer(name, version)
    if "generate" in signatures and has_pictures(signatures["generate"]):
        signatures["png"] = png_signature(signatures["generate"], image_range, sign)
    elif DEFAULT in signatures and translates(signatures[DEFAULT]):
        multiple = 1 if manifest is None or manifest.translation is None else manifest.translation.size_multiple
        translator = signatures.get("uint8", signatures[DEFAULT])
        signatures["png"] = translation_signature(translator, image_range, multiple, sign)
    return Servable(name, version, folder, format, signatures, manifest, signed=signer is not None)


def _open_signatures(
    folder: Path, format: str, threads: int | None, providers: tuple[str, ...]
) -> dict[str, Signature]:
    def opened(file: Path) -> Engine:
        if format != "onnx" or not providers or not is_available(file):
            return open_engine(file, threads)
        from keras_gan.artifacts.engines.onnxruntime import OnnxRuntimeEngine

        return OnnxRuntimeEngine(file, threads, providers)

    engine = opened(folder / FILES[format])
    engines = {name: engine.signature(name) or engine for name in engine.signatures}
    if format == "onnx":
        files = {name: folder / f"model_{name}.onnx" for name in _OPTIONAL}
        engines |= {name: opened(file) for name, file in files.items() if file.is_file()}
    problems = {name: _problem(one, format) for name, one in engines.items()}
    listed = "; ".join(f"`{name}`: {problem}" for name, problem in problems.items() if problem)
    if all(problems.values()):
        raise ArtifactError(
            f"Expected a model with a signature that can be served. Received: `{folder}`, with {listed}"
        )
    if listed:
        logger.warning("Signatures of `%s` that are not served: %s", folder, listed)
    return {
        name: Signature(one.inputs, one.outputs, one.run, one.definition, getattr(one, "run_bound", None))
        for name, one in engines.items()
        if not problems[name]
    }


def _problem(engine: Engine, format: str) -> str:
    """Returns why a signature cannot be served, or ""."""
    for spec in (*engine.inputs, *engine.outputs):
        if spec.dtype not in BY_NUMPY:
            return f"`{spec.name}` has the type {spec.dtype}, which is not supported"
    for spec in engine.inputs:
        if format != "saved_model" and not spec.shape:
            return f"expected inputs whose first dimension is the batch. Received: {spec}"
    return ""
