"""The SavedModel, as TensorFlow Serving reads it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from keras_gan.export.source import Source, Specs, Variant, tensor_specs


class SavedModel:
    """All signatures, for batches and images of any size; PNG files too, as TensorFlow has strings."""

    name = "saved_model"
    signatures: tuple[str, ...] = ("serving_default", "uint8", "generate", "png")
    needs: tuple[str, ...] = ("tensorflow",)

    def filename(self, signature: str) -> str:
        """One for all; see `Format.filename`."""
        return "saved_model.pb"

    def write(self, source: Source, folder: Path) -> None:
        """Write saved_model.pb and variables/; see `Format.write`."""
        write_signatures(folder, {v.signature: (v, v.inputs) for v in source.variants_in(self.signatures)})


def write_signatures(folder: Path, signatures: Mapping[str, tuple[Variant, Specs]]) -> None:
    """Write a SavedModel.

    Args:
        folder: Where to.
        signatures: By its name what each signature calls, and the shapes that it takes.
    """
    import keras

    # Not `model.export`, nor `archive.track(model)`: they store the variables twice, and name the output themselves.
    archive = keras.export.ExportArchive()
    for name, (variant, specs) in signatures.items():
        archive.add_endpoint(name, variant.graph, input_signature=tensor_specs(specs))
    archive.write_out(str(folder), verbose=False)
