"""The protocol that each format satisfies, and the formats that there are."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from keras_gan.export.formats.gpu_tflite import GpuTFLite
from keras_gan.export.formats.onnx import Onnx
from keras_gan.export.formats.quantized_onnx import Float16Onnx, Int8Onnx
from keras_gan.export.formats.quantized_tflite import QuantizedTFLite
from keras_gan.export.formats.saved_model import SavedModel
from keras_gan.export.formats.tflite import TFLite

if TYPE_CHECKING:
    from keras_gan.artifacts.manifest import Precision
    from keras_gan.export.sources.source import Source, Variant


class Format(Protocol):
    """A way to write a generator down. A new one is a file beside this one and an entry in `FORMATS`.

    Attributes:
        name: What `export_generator(formats=...)` calls it.
        precision: Of its weights and of what it computes with them, as in `ArtifactEntry`.
        needs: The modules that writing and checking it imports.
        optional: Whether a target does without it where a generator cannot be written so.
    """

    name: str
    precision: Precision
    needs: tuple[str, ...]
    optional: bool

    @property
    def fallback(self) -> Format | None:
        """The same with less of it in 8 bits, for a generator whose images this spoils; `None` if there is none."""
        ...

    def variants(self, source: Source) -> tuple[Variant, ...]:
        """The ways to call `source` that it can have."""
        ...

    def filename(self, signature: str) -> str:
        """The file in which an engine finds a signature; its suffix says which engine."""
        ...

    def write(self, source: Source, folder: Path) -> None:
        """Write `source` to `folder`.

        Args:
            source: What to export.
            folder: An existing folder, which other formats share.

        Raises:
            Exception: Of any kind, if it cannot be written down so; the message says why.
        """
        ...


_ALL: tuple[Format, ...] = (
    SavedModel(),
    TFLite(),
    QuantizedTFLite("float16"),
    QuantizedTFLite("dynamic_int8"),
    QuantizedTFLite("int8"),
    QuantizedTFLite("int16x8", optional=True),
    GpuTFLite(),
    Onnx(),
    Float16Onnx(),
    Int8Onnx(),
)
FORMATS: dict[str, Format] = {form.name: form for form in _ALL}
DEFAULT = ("saved_model", "tflite", "onnx")
# What each kind of place that runs generators should be given to choose from.
TARGETS: dict[str, tuple[str, ...]] = {
    "tf_serving": ("saved_model",),
    "mobile": (
        "tflite",
        "tflite_float16",
        "tflite_dynamic_int8",
        "tflite_int8",
        "tflite_int16x8",
        "tflite_gpu",
    ),
    "onnx": ("onnx", "onnx_float16", "onnx_int8"),
}
# The extra that brings a module, where it is not "export".
_EXTRAS = {"tensorflow": "tensorflow,export", "ai_edge_quantizer": "export,mobile"}


def choose(names: Sequence[str] | None, targets: Sequence[str] | None = None) -> dict[str, Format]:
    """Find formats by name and by target, and see that what they need is installed.

    Args:
        names: Keys of `FORMATS`. `None` for none where there are targets, and else for `DEFAULT`.
        targets: Keys of `TARGETS`. Defaults to None.

    Returns:
        The formats by name, in the order of `FORMATS`.

    Raises:
        ValueError: If there is no name, or an unknown one.
        ImportError: If a package is missing; the message says what to install.
    """
    if targets is None and names is None:
        names = DEFAULT
    for argument, given, known in (("formats", names, FORMATS), ("targets", targets, TARGETS)):
        if given is not None and (isinstance(given, str) or not given or not set(given) <= set(known)):
            raise ValueError(f"`{argument}` must name one or more of {list(known)}. Received: {argument}={given!r}")
    wanted = {*(names or ()), *(name for target in targets or () for name in TARGETS[target])}
    chosen = {name: form for name, form in FORMATS.items() if name in wanted}
    missing = sorted({module for form in chosen.values() for module in form.needs if find_spec(module) is None})
    if missing:
        extras = ",".join(dict.fromkeys(_EXTRAS.get(module, "export") for module in missing))
        extras = ",".join(sorted(set(extras.split(",")), reverse=True))
        raise ImportError(f"This export needs {', '.join(missing)}: pip install 'keras-gan[{extras}]'")
    return chosen
