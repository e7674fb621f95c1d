"""Replacement of transposed convolutions in TFLite files by convolutions, which LiteRT runs faster."""

from __future__ import annotations

import math
from collections.abc import Generator, Iterator
from typing import Any

import numpy as np

from keras_gan.export.formats import tflite_file
from keras_gan.export.formats.tflite_graph import TFLiteGraphs

# If computing and then cropping a border takes this many times the products, each pixel of a block is convolved alone.
_MOST_PRODUCTS = 1.2
# Row and column in a block of s x s pixels.
_Pixel = tuple[int, int]


def as_convolutions(file: bytes) -> bytes:
    """Replaces transposed convolutions of a TFLite file by convolutions.

    Let the stride s divide the kernel's size k. Then each pixel of an s x s block depends on k/s x k/s pixels of the
    smaller image. Each has its own weights. That is a convolution of the smaller image to s² times the channels, whose
    blocks are then laid out. It only adds the products of a border that is cropped. Where these are many, as for images
    of 4 x 4 pixels, each pixel of the block has its own convolution, which needs no border.

    Other transposed convolutions stay. Padding a 3 x 3 kernel to 4 x 4 does not make CycleGAN's generator faster.

    LiteRT's transposed convolution processes each row of each pixel of the block separately. For small images that
    leaves most of a processor's registers empty.

    Args:
        file: Float32 file.

    Returns:
        The changed file; `file` itself if nothing can be replaced, or if a signature has no fixed size.

    Reference:
        [Shi et al., 2016, Is the deconvolution layer the same as a convolutional
        layer?](https://arxiv.org/abs/1609.07009).
    """
    model = tflite_file.read(file)
    if any(-1 in (tensor.shapeSignature or ()) for graph in model.subgraphs for tensor in graph.tensors):
        return file  # it would need both kinds of weights
    return tflite_file.write(model) if _Rewriter(model).rewrite() else file


class _Rewriter:
    def __init__(self, model: Any) -> None:
        self.model = model
        self.graphs = TFLiteGraphs(model)
        self.schema = self.graphs.schema

    def rewrite(self) -> bool:
        """Replaces all that can be replaced; returns True if there were any."""
        replaced = False
        for graph in self.model.subgraphs:
            operators = []
            for operator in graph.operators:
                if self._is_replaceable(graph, operator):
                    operators += list(self._convolution(graph, operator))
                    replaced = True
                else:
                    operators.append(operator)
            graph.operators = operators
        self.graphs.remove_unused()
        return replaced

    def _is_replaceable(self, graph: Any, operator: Any) -> bool:
        if tflite_file.operation(self.model.operatorCodes[operator.opcodeIndex]) != "TRANSPOSE_CONV":
            return False
        options = operator.builtinOptions
        weights, image, *bias = (graph.tensors[index] for index in operator.inputs[1:] if index >= 0)
        stride, kernel = options.strideH, weights.shape[1:3]
        if options.padding == self.schema.Padding.SAME:
            usual = [n * stride for n in image.shape[1:3]]
        else:
            usual = [(n - 1) * stride + k for n, k in zip(image.shape[1:3], kernel, strict=True)]
        return (
            weights.type == self.schema.TensorType.FLOAT32
            and all(self.model.buffers[tensor.buffer].data is not None for tensor in (weights, *bias))
            and stride == options.strideW > 1
            and not any(size % stride for size in kernel)
            and list(graph.tensors[operator.outputs[0]].shape[1:3]) == usual
        )

    def _convolution(self, graph: Any, operator: Any) -> Iterator[Any]:
        """Yields the operators that replace a transposed convolution."""
        options, schema = operator.builtinOptions, self.schema
        _, weights, image, *bias = (index for index in operator.inputs if index >= 0)
        (result,) = operator.outputs
        channels, *kernel, _ = graph.tensors[weights].shape
        stride = options.strideH
        batch, *small, depth = graph.tensors[image].shape
        border = [size // stride - 1 for size in kernel]
        same = options.padding == schema.Padding.SAME
        cropped = [(size - stride) // 2 if same else 0 for size in kernel]
        name = graph.tensors[result].name
        convolution = schema.Conv2DOptionsT(
            padding=schema.Padding.VALID, strideH=1, strideW=1, fusedActivationFunction=options.fusedActivationFunction
        )

        def convolve(part: bytes, paddings: list[list[int]], pixels: list[_Pixel]) -> Generator[Any, None, int]:
            """Yields the operators for some pixels of each block; returns the tensor of the pixels."""
            padded = image
            if any(map(any, paddings)):
                sizes = [n + sum(more) for n, more in zip(small, paddings, strict=True)]
                padded = self.graphs.tensor(graph, part + b"/padded", [batch, *sizes, depth])
                around = self.graphs.constant(graph, part + b"/paddings", [[0, 0], *paddings, [0, 0]])
                yield self.graphs.operator("PAD", [image, around], padded, schema.PadOptionsT())
            sizes = [n + sum(more) - lost for n, more, lost in zip(small, paddings, border, strict=True)]
            blocks = self.graphs.tensor(graph, part + b"/blocks", [batch, *sizes, len(pixels) * channels])
            inputs = [
                padded,
                self._weights(graph, weights, part, stride, pixels),
                self._bias(graph, bias, part, len(pixels), channels),
            ]
            yield self.graphs.operator("CONV_2D", inputs, blocks, convolution)
            return blocks

        pixels = [(row, column) for row in range(stride) for column in range(stride)]
        products = math.prod((n + more) / n for n, more in zip(small, border, strict=True))
        if not same or products <= _MOST_PRODUCTS:
            blocks = yield from convolve(name, [[more, more] for more in border], pixels)
            yield from self._lay_out(graph, blocks, stride, result, cropped if any(border) else None)
            return
        parts = []
        for number, pixel in enumerate(pixels):
            # The place of the pixel in the uncropped image: the block, and the place in the block.
            (down, row), (right, column) = (divmod(at + c, stride) for at, c in zip(pixel, cropped, strict=True))
            paddings = [[more - on, on] for more, on in zip(border, (down, right), strict=True)]
            parts.append((yield from convolve(name + b"/%d" % number, paddings, [(row, column)])))
        blocks = self.graphs.tensor(graph, name + b"/blocks", [batch, *small, len(pixels) * channels])
        yield self.graphs.operator("CONCATENATION", parts, blocks, schema.ConcatenationOptionsT(axis=3))
        yield from self._lay_out(graph, blocks, stride, result, None)

    def _lay_out(self, graph: Any, blocks: int, stride: int, result: int, cropped: list[int] | None) -> Iterator[Any]:
        """Yields the operators that lay out the blocks as an image and crop it."""
        schema, name = self.schema, graph.tensors[result].name
        batch, height, width, depth = graph.tensors[blocks].shape
        channels = depth // stride**2

        def reshape(image: int, part: bytes, output: int) -> Any:
            shape = graph.tensors[output].shape
            inputs = [image, self.graphs.constant(graph, name + part + b"/shape", shape)]
            return self.graphs.operator("RESHAPE", inputs, output, schema.ReshapeOptionsT(shape))

        # From (row, column, row of the block, column of the block), swap the two in the middle.
        rows = self.graphs.tensor(graph, name + b"/rows", [batch * height, width, stride, stride * channels])
        yield reshape(blocks, b"/rows", rows)
        laid_out = self.graphs.tensor(graph, name + b"/laid_out", [batch * height, stride, width, stride * channels])
        order = self.graphs.constant(graph, name + b"/order", [0, 2, 1, 3])
        yield self.graphs.operator("TRANSPOSE", [rows, order], laid_out, schema.TransposeOptionsT())
        if cropped is None:
            yield reshape(laid_out, b"/whole", result)
            return
        whole = self.graphs.tensor(graph, name + b"/whole", [batch, height * stride, width * stride, channels])
        yield reshape(laid_out, b"/whole", whole)
        begin = self.graphs.constant(graph, name + b"/begin", [0, *cropped, 0])
        size = self.graphs.constant(graph, name + b"/size", list(graph.tensors[result].shape))
        yield self.graphs.operator("SLICE", [whole, begin, size], result, schema.SliceOptionsT())

    def _weights(self, graph: Any, index: int, name: bytes, stride: int, pixels: list[_Pixel]) -> int:
        old = graph.tensors[index]
        channels, height, width, depth = old.shape
        rows, columns = height // stride, width // stride

        def new() -> np.ndarray:
            # Row `stride * t + block` of the kernel is the weight of the t-th pixel back for that row of the block.
            kernel = self.graphs.data(old).reshape(channels, rows, stride, columns, stride, depth)[:, ::-1, :, ::-1]
            return np.stack([kernel[:, :, row, :, column] for row, column in pixels])

        buffer = self.graphs.buffer((old.buffer, *old.shape, stride, *pixels), new)
        shape = [len(pixels) * channels, rows, columns, depth]
        return self.graphs.tensor(graph, name + b"/weights", shape, buffer)

    def _bias(self, graph: Any, given: list[int], name: bytes, times: int, channels: int) -> int:
        """Returns the bias for `times` pixels of a block. A convolution must have one, so zeros replace none."""
        old = [graph.tensors[index] for index in given]

        def new() -> np.ndarray:
            return np.tile(self.graphs.data(old[0]) if old else np.zeros(channels, np.float32), times)

        buffer = self.graphs.buffer(("bias", old[0].buffer, times) if old else ("zeros", times * channels), new)
        return self.graphs.tensor(graph, name + b"/bias", [times * channels], buffer)
