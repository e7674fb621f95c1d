"""The formats and targets of an export."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec

from keras_gan.artifacts.formats import DEFAULT_FORMATS, FORMAT_INFOS, TARGETS
from keras_gan.export.formats.format import Format
from keras_gan.export.formats.gpu_tflite import GpuTFLite
from keras_gan.export.formats.onnx import Onnx
from keras_gan.export.formats.quantized_onnx import Float16Onnx, Int8Onnx
from keras_gan.export.formats.quantized_tflite import QuantizedTFLite
from keras_gan.export.formats.saved_model import SavedModel
from keras_gan.export.formats.tflite import TFLite
from keras_gan.utils.extras import install_hint

_ALL: tuple[Format, ...] = (
    SavedModel(),
    TFLite(),
    QuantizedTFLite(FORMAT_INFOS["tflite_float16"]),
    QuantizedTFLite(FORMAT_INFOS["tflite_dynamic_int8"]),
    QuantizedTFLite(FORMAT_INFOS["tflite_int8"]),
    QuantizedTFLite(FORMAT_INFOS["tflite_int16x8"]),
    GpuTFLite(),
    Onnx(),
    Float16Onnx(),
    Int8Onnx(),
)
FORMATS: dict[str, Format] = {form.name: form for form in _ALL}


def choose(names: Sequence[str] | None, targets: Sequence[str] | None = None) -> dict[str, Format]:
    """Finds formats by name and by target, and checks that the packages they need are installed.

    Args:
        names: Keys of `FORMATS`. None stands for the float32 formats without `targets`, and for none with them.
        targets: Keys of `TARGETS`. Defaults to None.

    Returns:
        The formats by name, in the order of `FORMATS`.

    Raises:
        ValueError: If a name is unknown, or there are no names.
        ImportError: If a package is missing. The message names the command that installs it.
    """
    if targets is None and names is None:
        names = DEFAULT_FORMATS
    for argument, given, known in (("formats", names, FORMATS), ("targets", targets, TARGETS)):
        if given is not None and (isinstance(given, str) or not given or not set(given) <= set(known)):
            raise ValueError(f"`{argument}` must name one or more of {list(known)}. Received: {argument}={given!r}")
    wanted = {*(names or ()), *(name for target in targets or () for name in TARGETS[target])}
    chosen = {name: form for name, form in FORMATS.items() if name in wanted}
    needs = {module: extra for form in chosen.values() for module, extra in form.info.needs.items()}
    missing = [module for module in sorted(needs) if find_spec(module) is None]
    if missing:
        extras = dict.fromkeys(needs[module] for module in missing)
        raise ImportError(f"This export needs {', '.join(missing)}: {install_hint(*extras)}")
    return chosen
