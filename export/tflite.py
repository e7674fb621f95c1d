"""The TFLite files, for LiteRT."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

from keras_gan.export.saved_model import write_signatures
from keras_gan.export.source import Source, Specs, Variant


class TFLite:
    """Signatures of fixed sizes on one copy of the weights; a translator's uint8 variant is a file of its own.

    A generator has two for each batch size, `serving_default_b1`, `generate_b1` and so on, as a dynamic batch keeps
    LiteRT from its fast kernels. A translator has one for each image size, `serving_default_256x256`, at batch 1, and
    `serving_default_any`, which can be resized; where TFLite cannot express that network at any size, it is left out.
    All operations are LiteRT's own: a file that borrows TensorFlow's runs in neither LiteRT nor most phones' runtimes.
    """

    name = "tflite"
    signatures: tuple[str, ...] = ("serving_default", "uint8", "generate")
    needs: tuple[str, ...] = ("tensorflow", "ai_edge_litert")

    def filename(self, signature: str) -> str:
        """That of the images' type; see `Format.filename`."""
        return "model_uint8.tflite" if signature == "uint8" else "model.tflite"

    def write(self, source: Source, folder: Path) -> None:
        """Write model.tflite, and model_uint8.tflite of a translator; see `Format.write`."""
        files: dict[str, list[Variant]] = {}
        for variant in source.variants_in(self.signatures):
            files.setdefault(self.filename(variant.signature), []).append(variant)
        for filename, variants in files.items():
            fixed = {name: (v, specs) for v in variants for name, specs in v.fixed.items()}
            resizable = {name: (v, specs) for v in variants for name, specs in v.resizable.items()}
            try:
                written = _convert(fixed | resizable, folder)
            except Exception:  # from tracing too, as not every layer can be of any size
                if not resizable:
                    raise
                written = _convert(fixed, folder)
            (folder / filename).write_bytes(written)


def _convert(signatures: dict[str, tuple[Variant, Specs]], folder: Path) -> bytes:
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
