"""Generators that translate images."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from keras_gan.artifacts.artifact_entry import Dtype
from keras_gan.artifacts.manifest import Translation
from keras_gan.artifacts.pixels import as_float
from keras_gan.artifacts.tensor_spec import Specs, TensorSpec
from keras_gan.export.arguments import is_integer
from keras_gan.export.sources import example_images
from keras_gan.export.sources.inference import for_inference
from keras_gan.export.sources.source import Source, Variant, with_batch
from keras_gan.typing import Images

Size = tuple[int, int]
# For a model whose image size is not known.
_DEFAULT_SIZE = (256, 256)
_SMALLEST = 32
# Numbers of images to measure ranges on: given ones, synthetic ones.
_REPRESENTATIVE = 64
_SYNTHETIC = 16
# Number of images to measure the quality on.
_QUALITY = 256


@dataclasses.dataclass(frozen=True, kw_only=True)
class TranslatorSource(Source):
    """A generator that translates images, to export.

    Args:
        generator: Name of the generator in its model.
        size_multiple: Divisor that height and width must have.
        examples: uint8 images to compare on. Defaults to None, synthetic ones.
        **others: Arguments of `Source`. Formats of fixed sizes are written for `image_sizes`.
    """

    kind = "translator"

    generator: str
    size_multiple: int
    examples: np.ndarray | None = None

    @classmethod
    def of(
        cls,
        model: Any,
        generator: str | None = None,
        image_sizes: Sequence[Size] | None = None,
        examples: Images | None = None,
        batch_sizes: tuple[int, ...] = (1, 2),
        opset: int = 17,
    ) -> TranslatorSource:
        """Returns a generator of a translation model as a source.

        Args:
            model: A `keras_gan.CycleGAN` or `keras_gan.Pix2Pix`, or any object with their `translators`,
                `image_range` and `size_multiple`.
            generator: Name of the generator. Defaults to None, "g".
            image_sizes: Pairs (height, width) to compare at. Defaults to None: the size that the model was trained
                at, or 256 x 256 if it is not known.
            examples: Images of shape (n, height, width, channels), uint8 or floats in the model's range.
                Defaults to None, synthetic ones.
            batch_sizes: Batch sizes to compare at. Defaults to (1, 2).
            opset: ONNX operator set. Defaults to 17.

        Returns:
            The source. A generator of another precision is rebuilt in float32.

        Raises:
            ValueError: If an argument does not fit the model.
        """
        generator = "g" if generator is None else generator
        if generator not in model.translators:
            raise ValueError(f"`generator` must be one of {list(model.translators)}. Received: generator={generator!r}")
        network = model.translators[generator]
        # Each generator may have its own multiple; 0 stands for a network of one size.
        multiple = getattr(model, "size_multiples", {}).get(generator, model.size_multiple) or 1
        low, high = (float(value) for value in model.image_range)
        if image_sizes is None:
            trained = (getattr(model, "image_shape", None) or _DEFAULT_SIZE)[:2]
            own = network.input_shape[1:3]
            image_sizes = [tuple(mine or size for mine, size in zip(own, trained, strict=True))]
        if examples is not None:
            examples = example_images.as_uint8(examples, network.input_shape[-1], (low, high))
        source = cls(
            model=for_inference(network),
            generator=generator,
            size_multiple=multiple,
            image_sizes=tuple(dict.fromkeys((size[0], size[1]) for size in map(_size, image_sizes))),
            examples=examples,
            image_range=(low, high),
            batch_sizes=batch_sizes,
            opset=opset,
        )
        source._check_sizes()
        return source

    @property
    def variants(self) -> tuple[Variant, ...]:
        """The variants with float32 and with uint8 images."""
        in_floats = self._variant("serving_default", "float32", self.graph)
        return in_floats, self._variant("uint8", "uint8", self.graph_of_uint8)

    @property
    def uint8_variants(self) -> tuple[Variant, ...]:
        """The variant with uint8 images."""
        return self.variants[1:]

    def _variant(self, signature: str, dtype: Dtype, graph: Callable[..., dict[str, Any]]) -> Variant:
        _, height, width, channels = self.model.input_shape
        inputs = (TensorSpec(name="source", dtype=dtype, shape=(None, height, width, channels)),)
        image = TensorSpec(name="image", dtype=dtype, shape=(None, height, width, self.model.output_shape[-1]))
        # One image at a time, for phones and for LiteRT's fast kernels.
        fixed: dict[str, Specs] = {
            f"serving_default_{h}x{w}": (inputs[0].model_copy(update={"shape": (1, h, w, channels)}),)
            for h, w in self.image_sizes
        }
        resizable = {"serving_default_any": with_batch(inputs, 1)} if self._any_size else {}
        return Variant(signature, dtype, inputs, (image,), graph, fixed, resizable)

    def graph_of_uint8(self, source: Any) -> dict[str, Any]:
        """Returns uint8 images of uint8 images, for formats to trace."""
        import tensorflow as tf

        low, high = self.image_range
        image = self.graph(tf.cast(source, tf.float32) / (255.0 / (high - low)) + low)["image"]
        return {"image": self.to_uint8(image)}

    def comparison_inputs(self) -> list[tuple[dict[str, np.ndarray], tuple[int, ...]]]:
        """Returns a batch for each batch size at the first image size, and one for each other size.

        For a network of any size, one more batch has a size that is not square.
        """
        first, *rest = self.image_sizes
        cases = [(batch, first) for batch in self.batch_sizes]
        cases += [(self.batch_sizes[0], size) for size in rest]
        if self._any_size:
            cases.append((self.batch_sizes[0], self._other_size()))
        return [({"source": self._images(n, size)}, (n,)) for n, size in cases]

    def representative_inputs(self) -> Iterator[dict[str, np.ndarray]]:
        """Yields the examples at each size, the last first, because the first ones are compared."""
        n = _SYNTHETIC if self.examples is None else min(len(self.examples), _REPRESENTATIVE)
        last = None if self.examples is None else self.examples[::-1]
        for size in self.image_sizes:
            for image in self._images(n, size, last):
                yield {"source": image[None]}

    def quality_inputs(self) -> dict[str, np.ndarray]:
        """Returns each example once, at the first size; nothing without examples."""
        n = 0 if self.examples is None else min(len(self.examples), _QUALITY)
        return {"source": self._images(n, self.image_sizes[0])} if n else {"source": np.zeros(0, np.float32)}

    def _images(self, n: int, size: Size, examples: np.ndarray | None = None) -> np.ndarray:
        examples = self.examples if examples is None else examples
        images = example_images.fit(examples, n, size, self.model.input_shape[-1])
        return as_float(images, self.image_range)

    def image_shape_for(self, inputs: dict[str, np.ndarray]) -> tuple[int, int, int]:
        """Returns the height and width of the input with the channels of the output."""
        _, height, width, _ = inputs["source"].shape
        return height, width, self.model.output_shape[-1]

    def manifest_facts(self) -> dict[str, Any]:
        """Returns the manifest's fields about a translator."""
        translation = Translation(
            generator=self.generator,
            size_multiple=self.size_multiple,
            image_sizes=self.image_sizes,
            examples="synthetic" if self.examples is None else "given",
        )
        return {"image_shape": self.outputs[0].shape[1:], "translation": translation}

    @property
    def _any_size(self) -> bool:
        return tuple(self.model.input_shape[1:3]) == (None, None)

    def _other_size(self) -> Size:
        """Returns a smaller size, not square, that is not in `image_sizes`."""
        times = -(-max(self.image_sizes[0][0] // 2, _SMALLEST) // self.size_multiple)
        while True:
            size = (times * self.size_multiple, (times + 1) * self.size_multiple)
            if size not in self.image_sizes:
                return size
            times += 1

    def _check_sizes(self) -> None:
        spec = self.inputs[0]
        wrong = [
            f"{h}x{w}"
            for h, w in self.image_sizes
            if h % self.size_multiple or w % self.size_multiple or not spec.fits((1, h, w, spec.shape[-1] or 0))
        ]
        if wrong or not self.image_sizes:
            must = f"divisible by {self.size_multiple}" if self._any_size else f"the network's own, {spec.shape[1:3]}"
            raise ValueError(
                f"`image_sizes` must be pairs (height, width), each {must}. Received: {', '.join(wrong) or 'none'}"
            )


def _size(size: Any) -> Size:
    pair = tuple(size) if isinstance(size, Sequence) and not isinstance(size, str) else ()
    if len(pair) != 2 or not all(is_integer(side) and side >= 1 for side in pair):
        raise ValueError(
            f"`image_sizes` must be pairs (height, width) of positive integers. Received: {size!r} in image_sizes"
        )
    return int(pair[0]), int(pair[1])
