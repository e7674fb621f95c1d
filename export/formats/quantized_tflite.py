"""The TFLite files of reduced precision for phones."""

from __future__ import annotations

from pathlib import Path

from keras_gan.artifacts.formats import FormatInfo
from keras_gan.export.formats.format import Format
from keras_gan.export.formats.quantization import quantize
from keras_gan.export.formats.tflite import TFLite, convert, fixed_signatures
from keras_gan.export.formats.transposed_convolution import as_convolutions
from keras_gan.export.sources.source import Source, Variant


class QuantizedTFLite(Format):
    """TFLite file with the signatures of fixed sizes, and weights in 16 or 8 bits.

    - "float16": weights in 16 bits, for any processor.
    - "dynamic_int8": weights in 8 bits; activations are quantised at run time.
    - "int8": weights and activations in 8 bits, by ranges from representative inputs; the images are uint8.
    - "int16x8": weights in 8 bits, activations in 16.

    The sampling of z, the conversion to uint8, and the statistics of an image stay in float32.

    Args:
        info: Facts about the format, with one of these precisions.
        weights_only: True to compute in float32 with weights in 8 bits. Defaults to False.
    """

    def __init__(self, info: FormatInfo, *, weights_only: bool = False) -> None:
        self.info = info
        self.weights_only = weights_only

    @property
    def fallback(self) -> Format | None:
        """Variation with only the weights in 8 bits; see `Format.fallback`."""
        if self.weights_only or self.info.precision not in ("dynamic_int8", "int8"):
            return None
        return QuantizedTFLite(self.info, weights_only=True)

    def variants(self, source: Source) -> tuple[Variant, ...]:
        """Returns the variants from z or images and from seeds; see `Format.variants`."""
        if self.info.precision == "int8":
            if not source.has_pictures:
                raise ValueError(
                    f"`{self.info.name}` is a format of uint8 images. For vectors and sequences use "
                    "tflite_dynamic_int8. Received: a generator of shape " + str(source.outputs[0].shape)
                )
            return source.uint8_variants
        return source.variants_in(("serving_default", "generate"))

    def filename(self, signature: str) -> str:
        """Returns the one file; see `Format.filename`."""
        return self.info.filename

    def write(self, source: Source, folder: Path) -> None:
        """Writes the file; see `Format.write`."""
        variants, in_float32 = self.variants(source), folder / TFLite().filename("serving_default")
        # The float32 file in the folder has the same signatures, except for these cases.
        same = self.info.precision != "int8" and not any(variant.resizable for variant in variants)
        if same and in_float32.is_file():
            file = in_float32.read_bytes()
        else:
            file = as_convolutions(convert(fixed_signatures(variants), folder))
        precision = "weights_int8" if self.weights_only else self.info.precision
        (folder / self.info.filename).write_bytes(quantize(file, precision, source, variants))
