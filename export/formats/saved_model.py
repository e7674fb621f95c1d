"""The SavedModel, as TensorFlow Serving reads it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from keras_gan.artifacts.tensor_spec import Specs
from keras_gan.export.formats.warm_up import write_warm_up
from keras_gan.export.sources.source import Source, Variant, tensor_specs

if TYPE_CHECKING:
    from keras_gan.artifacts.manifest import Precision


class SavedModel:
    """All signatures, for batches and images of any size; PNG files too, as TensorFlow has strings.

    The requests beside it are those that TensorFlow Serving sends itself, before it takes others.
    """

    name = "saved_model"
    precision: Precision = "float32"
    needs: tuple[str, ...] = ("tensorflow",)
    optional = False
    fallback = None

    def variants(self, source: Source) -> tuple[Variant, ...]:
        """All of them; see `Format.variants`."""
        return source.variants

    def filename(self, signature: str) -> str:
        """One for all; see `Format.filename`."""
        return "saved_model.pb"

    def write(self, source: Source, folder: Path) -> None:
        """Write saved_model.pb, variables/ and assets.extra/; see `Format.write`."""
        write_signatures(folder, {v.signature: (v, v.inputs) for v in self.variants(source)})
        write_warm_up(source, folder)


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
