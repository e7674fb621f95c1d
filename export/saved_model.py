"""The SavedModel, as TensorFlow Serving reads it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from keras_gan.export.source import Source


class SavedModel:
    """One signature, `serving_default`, for batches of any size."""

    name = "saved_model"
    filename = "saved_model.pb"
    needs: tuple[str, ...] = ("tensorflow",)

    def write(self, source: Source, folder: Path) -> None:
        """Write saved_model.pb and variables/; see `Format.write`."""
        write_signatures(source, folder, {"serving_default": None})


def write_signatures(source: Source, folder: Path, batches: dict[str, int | None]) -> None:
    """Write a SavedModel with a signature for each batch size.

    Args:
        source: The generator.
        folder: Where to.
        batches: The batch size of each signature, by its name; `None` for any size.
    """
    import keras

    # Not `model.export`, nor `archive.track(model)`: they store the variables twice, and name the output themselves.
    archive = keras.export.ExportArchive()
    for signature, batch in batches.items():
        archive.add_endpoint(signature, source.graph, input_signature=source.tensor_specs(batch))
    archive.write_out(str(folder), verbose=False)
