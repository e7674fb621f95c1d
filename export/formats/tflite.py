"""The TFLite files, for LiteRT."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from keras_gan.artifacts.tensor_spec import Specs
from keras_gan.export.formats.saved_model import write_signatures
from keras_gan.export.formats.transposed_convolution import as_convolutions
from keras_gan.export.sources.source import Source, Variant

if TYPE_CHECKING:
    from keras_gan.artifacts.manifest import Precision


class TFLite:
    """Signatures of fixed sizes on one copy of the weights; a translator's uint8 variant is a file of its own.

    A generator has two for each batch size, `serving_default_b1`, `generate_b1` and so on, as a dynamic batch keeps
    LiteRT from its fast kernels. A translator has one for each image size, `serving_default_256x256`, at batch 1, and
    `serving_default_any`, which can be resized; where TFLite cannot express that network at any size, it is left out.
    All operations are LiteRT's own: a file that borrows TensorFlow's runs in neither LiteRT nor most phones' runtimes.
    """

    name = "tflite"
    precision: Precision = "float32"
    needs: tuple[str, ...] = ("tensorflow", "ai_edge_litert")
    optional = False
    fallback = None

    def variants(self, source: Source) -> tuple[Variant, ...]:
        """All but PNG files; see `Format.variants`."""
        return source.variants_in(("serving_default", "uint8", "generate"))

    def filename(self, signature: str) -> str:
        """That of the images' type; see `Format.filename`."""
        return "model_uint8.tflite" if signature == "uint8" else "model.tflite"

    def write(self, source: Source, folder: Path) -> None:
        """Write model.tflite, and model_uint8.tflite of a translator; see `Format.write`."""
        files: dict[str, list[Variant]] = {}
        for variant in self.variants(source):
            files.setdefault(self.filename(variant.signature), []).append(variant)
        for filename, variants in files.items():
            fixed = of_fixed_sizes(variants)
            resizable = {name: (v, specs) for v in variants for name, specs in v.resizable.items()}
            try:
                written = convert(fixed | resizable, folder)
            except Exception:  # from tracing too, as not every layer can be of any size
                if not resizable:
                    raise
                written = convert(fixed, folder)
            (folder / filename).write_bytes(as_convolutions(written))


def of_fixed_sizes(variants: Iterable[Variant]) -> dict[str, tuple[Variant, Specs]]:
    """The signatures of fixed sizes of some variants: what each calls, and the shapes that it takes."""
    return {name: (variant, specs) for variant in variants for name, specs in variant.fixed.items()}


def convert(signatures: dict[str, tuple[Variant, Specs]], folder: Path) -> bytes:
    """A TFLite file in float32.

    Args:
        signatures: As in `write_signatures`.
        folder: Where what is needed meanwhile may be written.

    Raises:
        RuntimeError: If TFLite has no operation for what one of them does.
    """
    import tensorflow as tf

    with tempfile.TemporaryDirectory(prefix=".tflite.", dir=folder) as temporary:
        # From a SavedModel by way of ExportArchive, as the converter's other entries silently drop the weights.
        write_signatures(Path(temporary), signatures)
        converter = tf.lite.TFLiteConverter.from_saved_model(temporary, signature_keys=list(signatures))
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS]
        try:
            written: bytes = converter.convert()
        except Exception as error:
            raise RuntimeError(_reason(str(error))) from error
    return written


def _reason(message: str) -> str:
    """The operations that a page-long message of the converter names, else its last line."""
    named = ", ".join(re.findall(r"(?:TF Select|Custom) ops: (.*)", message))
    if named:
        operations = ", ".join(sorted(set(named.split(", "))))
        return f"TFLite has no built-in operation for {operations}"
    return message.strip().splitlines()[0] if message.strip() else "the converter gave no reason"
