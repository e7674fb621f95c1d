"""The TFLite file, for LiteRT."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from keras_gan.export.saved_model import write_signatures

if TYPE_CHECKING:
    from keras_gan.export.source import Source


class TFLite:
    """A signature for each batch size, `serving_default_b1` and so on, on one copy of the weights.

    The batch is fixed as a dynamic one keeps LiteRT from its fast kernels. All operations are LiteRT's own: a file
    that borrows TensorFlow's runs in neither LiteRT nor most phones' runtimes.
    """

    name = "tflite"
    filename = "model.tflite"
    needs: tuple[str, ...] = ("tensorflow", "ai_edge_litert")

    def write(self, source: Source, folder: Path) -> None:
        """Write model.tflite; see `Format.write`."""
        import tensorflow as tf

        signatures: dict[str, int | None] = {f"serving_default_b{batch}": batch for batch in source.batch_sizes}
        with tempfile.TemporaryDirectory(prefix=".tflite.", dir=folder) as temporary:
            # From a SavedModel by way of ExportArchive, as the converter's other entries silently drop the weights.
            write_signatures(source, Path(temporary), signatures)
            converter = tf.lite.TFLiteConverter.from_saved_model(temporary, signature_keys=list(signatures))
            converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS]
            try:
                written = converter.convert()
            except Exception as error:
                raise RuntimeError(_reason(str(error))) from error
        (folder / self.filename).write_bytes(written)


def _reason(message: str) -> str:
    """The operations that a page-long message of the converter names, else its last line."""
    named = ", ".join(re.findall(r"(?:TF Select|Custom) ops: (.*)", message))
    if named:
        operations = ", ".join(sorted(set(named.split(", "))))
        return f"TFLite has no built-in operation for {operations}"
    return message.strip().splitlines()[0] if message.strip() else "the converter gave no reason"
