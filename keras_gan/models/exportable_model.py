"""Base class for models with a method `export`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import keras

from keras_gan.typing import PathLike

if TYPE_CHECKING:
    from keras_gan.export import ExportReport

# Keras's names of formats that have another name here.
KERAS_FORMATS = {"tf_saved_model": "saved_model", "litert": "tflite"}


class ExportableModel(keras.Model):
    """Base class for models whose `export` writes files for other runtimes, as `keras_gan.export` does."""

    def export(self, directory: PathLike, format: str | Sequence[str] | None = None, **kwargs: Any) -> ExportReport:
        """Export a generator and check that each exported file makes the same images as Keras.

        `directory/<name>/<version>/` then holds the files, as TensorFlow Serving expects them.

        Args:
            directory: Folder of all exported models. Created if it is missing.
            format: Name of a format, or several names: `"saved_model"`, `"tflite"`, `"onnx"`, `"onnx_float16"`, ...
                Keras's names `"tf_saved_model"` and `"litert"` work too. Defaults to `None`: SavedModel, TFLite and
                ONNX.
            **kwargs: Other arguments of `keras_gan.export.export_generator`: name, version, tolerance, ... Of a
                CycleGAN, `generator="f"` exports the generator from Y to X.

        Returns:
            A `keras_gan.export.ExportReport`.

        Raises:
            ValueError: If an argument is not supported.
            keras_gan.export.ExportError: If a file cannot be written or its images differ. Nothing is exported then.

        Example:
        ```python
        gan.export("exported", format=("tflite", "onnx"), name="digits")
        ```
        """
        from keras_gan.export import export_generator

        if format is not None:
            if "formats" in kwargs:
                raise ValueError(f"Pass `format` or `formats`. Received: format={format!r} and {kwargs['formats']!r}")
            names = (format,) if isinstance(format, str) else tuple(format)
            kwargs["formats"] = tuple(KERAS_FORMATS.get(name, name) for name in names)
        return export_generator(self, directory, **kwargs)
