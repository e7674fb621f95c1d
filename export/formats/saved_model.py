"""The SavedModel for TensorFlow Serving."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from keras_gan.artifacts.formats import FORMAT_INFOS
from keras_gan.artifacts.tensor_spec import Specs
from keras_gan.export.formats.format import Format
from keras_gan.export.formats.grouped_convolution import grouped_convolutions_unfused
from keras_gan.export.formats.warm_up import write_warm_up
from keras_gan.export.sources.source import Source, Variant, tensor_specs


class SavedModel(Format):
    """SavedModel with all signatures, also PNG files, for batches and images of any size.

    It comes with requests that TensorFlow Serving sends to itself before it accepts others.
    """

    info = FORMAT_INFOS["saved_model"]

    def variants(self, source: Source) -> tuple[Variant, ...]:
        """Returns all variants; see `Format.variants`."""
        return source.variants

    def filename(self, signature: str) -> str:
        """Returns the one file; see `Format.filename`."""
        return self.info.filename

    def write(self, source: Source, folder: Path) -> None:
        """Writes saved_model.pb, variables/ and assets.extra/; see `Format.write`."""
        with grouped_convolutions_unfused():
            write_signatures(folder, {v.signature: (v, v.inputs) for v in self.variants(source)})
        write_warm_up(source, folder)


def write_signatures(folder: Path, signatures: Mapping[str, tuple[Variant, Specs]]) -> None:
    """Writes a SavedModel.

    Args:
        folder: Folder to write to.
        signatures: Variant and input shapes of each signature, by its name.
    """
    import tensorflow as tf

    # Keras's `ExportArchive` traces each signature twice, and `model.export()` stores the variables twice.
    functions = {
        name: tf.function(variant.graph, tensor_specs(specs), autograph=False).get_concrete_function()
        for name, (variant, specs) in signatures.items()
    }
    owner = tf.Module()
    owner.model_variables = list({id(v): v for function in functions.values() for v in function.variables}.values())
    tf.saved_model.save(owner, str(folder), signatures=functions)
