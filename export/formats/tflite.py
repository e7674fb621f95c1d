"""The TFLite files for LiteRT, in float32."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable
from pathlib import Path

from keras_gan.artifacts.formats import FORMAT_INFOS
from keras_gan.artifacts.tensor_spec import Specs
from keras_gan.export.formats.format import Format
from keras_gan.export.formats.saved_model import write_signatures
from keras_gan.export.formats.transposed_convolution import as_convolutions
from keras_gan.export.sources.source import Source, Variant


class TFLite(Format):
    """TFLite file with signatures of fixed sizes, which share the weights.

    - A generator has two signatures for each batch size, such as `serving_default_b1` and `generate_b1`. With a
      dynamic batch size LiteRT would not use its fast kernels.
    - A translator has one signature of batch size 1 for each image size, such as `serving_default_256x256`. It also
      has `serving_default_any`, which can be resized, if TFLite supports the network at any size. Its uint8 variant
      is a file of its own.

    The file has LiteRT's built-in operations only. Files with TensorFlow's (Flex) operations run neither in LiteRT nor
    in most runtimes of phones.
    """

    info = FORMAT_INFOS["tflite"]

    def variants(self, source: Source) -> tuple[Variant, ...]:
        """Returns all variants except PNG files; see `Format.variants`."""
        return source.variants_in(("serving_default", "uint8", "generate"))

    def filename(self, signature: str) -> str:
        """Returns the file of the images' type; see `Format.filename`."""
        return "model_uint8.tflite" if signature == "uint8" else self.info.filename

    def write(self, source: Source, folder: Path) -> None:
        """Writes model.tflite, and model_uint8.tflite of a translator; see `Format.write`."""
        files: dict[str, list[Variant]] = {}
        for variant in self.variants(source):
            files.setdefault(self.filename(variant.signature), []).append(variant)
        for filename, variants in files.items():
            fixed = fixed_signatures(variants)
            resizable = {name: (v, specs) for v in variants for name, specs in v.resizable.items()}
            try:
                written = convert(fixed | resizable, folder)
            except Exception:  # some layers cannot even be traced at any size
                if not resizable:
                    raise
                written = convert(fixed, folder)
            (folder / filename).write_bytes(as_convolutions(written))


def fixed_signatures(variants: Iterable[Variant]) -> dict[str, tuple[Variant, Specs]]:
    """Returns variant and input shapes of each signature of fixed size, by its name."""
    return {name: (variant, specs) for variant in variants for name, specs in variant.fixed.items()}


def convert(signatures: dict[str, tuple[Variant, Specs]], folder: Path) -> bytes:
    """Converts signatures to a TFLite file in float32.

    Args:
        signatures: Variant and input shapes of each signature, by its name.
        folder: Folder for temporary files.

    Raises:
        RuntimeError: If TFLite lacks an operation. The message names it.
    """
    import tensorflow as tf

    with tempfile.TemporaryDirectory(prefix=".tflite.", dir=folder) as temporary:
        # The other entry points of the converter silently drop the weights.
        write_signatures(Path(temporary), signatures)
        converter = tf.lite.TFLiteConverter.from_saved_model(temporary, signature_keys=list(signatures))
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS]
        try:
            written: bytes = converter.convert()
        except Exception as error:
            raise RuntimeError(_reason(str(error))) from error
    return written


def _reason(message: str) -> str:
    """Returns the operations that a long message of the converter names, else its first line."""
    named = ", ".join(re.findall(r"(?:TF Select|Custom) ops: (.*)", message))
    if named:
        operations = ", ".join(sorted(set(named.split(", "))))
        return f"TFLite has no built-in operation for {operations}"
    return message.strip().splitlines()[0] if message.strip() else "the converter gave no reason"
