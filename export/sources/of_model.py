"""The source of any model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from keras_gan.export.arguments import check_batch_sizes, refuse_for_a_gan
from keras_gan.export.sources.generator import GeneratorSource
from keras_gan.export.sources.source import Source
from keras_gan.export.sources.translator import TranslatorSource
from keras_gan.typing import Images


def source_of(
    model: Any,
    generator: str | None,
    image_sizes: Sequence[tuple[int, int]] | None,
    examples: Images | None,
    batch_sizes: Sequence[int] | None,
    opset: int,
) -> Source:
    """Returns the source of a GAN or of a translation model.

    Args:
        model: A `keras_gan.GAN`, or a model with `translators`.
        generator: Name of the generator of a translation model, or None.
        image_sizes: Pairs (height, width) of a translation model, or None.
        examples: Images of a translation model, or None.
        batch_sizes: Batch sizes to compare at, or None.
        opset: ONNX operator set.

    Raises:
        ValueError: If an argument does not fit the model.
    """
    if hasattr(model, "translators"):
        batches = check_batch_sizes((1, 2) if batch_sizes is None else batch_sizes)
        return TranslatorSource.of(model, generator, image_sizes, examples, batches, opset)
    refuse_for_a_gan(generator=generator, image_sizes=image_sizes, examples=examples)
    return GeneratorSource.of(model, check_batch_sizes((1, 8) if batch_sizes is None else batch_sizes), opset)


def default_name(model: Any, source: Source) -> str:
    """Returns the model's name. If the model has several generators, that of the generator follows."""
    if isinstance(source, TranslatorSource) and len(model.translators) > 1:
        return f"{model.name}-{source.generator}"
    name: str = model.name
    return name
