"""The SavedModel, as TensorFlow Serving reads it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from keras_gan.export.source import Source, Specs, Variant, tensor_specs


class SavedModel:
    """The signature `serving_default`, and a translator's `uint8`, for batches and images of any size."""

    name = "saved_model"
    filename = "saved_model.pb"
    uint8_filename = "saved_model.pb"
    needs: tuple[str, ...] = ("tensorflow",)

    def write(self, source: Source, folder: Path) -> None:
        """Write saved_model.pb and variables/; see `Format.write`."""
        named = {"serving_default" if v.dtype == "float32" else v.dtype: v for v in source.variants}
        write_signatures(folder, {name: (variant, variant.inputs) for name, variant in named.items()})


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
