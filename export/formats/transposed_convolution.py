"""Transposed convolutions of a TFLite file as plain ones, which LiteRT runs faster."""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Iterator
from typing import Any

import numpy as np

from keras_gan.export.formats import tflite_file

# Where a cropped border makes more products than so many times the image's, each pixel of the block is convolved alone.
_MOST_PRODUCTS = 1.2
# The row and the column in a block of s x s pixels.
_Pixel = tuple[int, int]


def as_convolutions(file: bytes) -> bytes:
    """The same TFLite file with a convolution in the place of each transposed one that fits.

    Where the stride s divides the kernel's size k, each pixel of a block of s x s sees k/s x k/s pixels of the smaller
    image through weights of its own: that is a convolution of the smaller image to s * s times the channels, and laying
    the blocks out. The only products that come to it are those of a border that is cropped; where they are many, as
    around 4 x 4 pixels, each pixel of the block has a convolution of its own, which needs no border. Others are left:
    a kernel of 3 x 3 filled up with zeros to 4 x 4 makes CycleGAN's generator no faster.

    LiteRT's transposed convolution goes through each row of each pixel of the block by itself, which leaves most of a
    processor's registers empty where images are small.

    Args:
        file: It, in float32.

    Returns:
        The file; `file` itself if none fits, or if a signature has open sizes.

    Reference:
        [Shi et al., 2016, Is the deconvolution layer the same as a convolutional
        layer?](https://arxiv.org/abs/1609.07009).
    """
    from ai_edge_litert import schema_py_generated as schema

    model = tflite_file.read(file)
    if any(-1 in (tensor.shapeSignature or ()) for graph in model.subgraphs for tensor in graph.tensors):
        return file  # both kinds of weights would be in it
    rewriter = _Rewriter(model, schema)
    return tflite_file.write(model) if rewriter.rewrite() else file


class _Rewriter:
    def __init__(self, model: Any, schema: Any) -> None:
        self.model = model
        self.schema = schema
        self._codes: dict[str, int] = {}
        self._buffers: dict[tuple[Any, ...], int] = {}

    def rewrite(self) -> bool:
        """Replace all that fit; whether any did."""
        replaced = False
        for graph in self.model.subgraphs:
            operators = []
            for operator in graph.operators:
                if self._fits(graph, operator):
                    operators += list(self._convolution(graph, operator))
                    replaced = True
                else:
                    operators.append(operator)
            graph.operators = operators
        self._forget_unused()
        return replaced

    def _fits(self, graph: Any, operator: Any) -> bool:
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

        def convolved(part: bytes, paddings: list[list[int]], pixels: list[_Pixel]) -> Generator[Any, None, int]:
            """Some pixels of each block, of the image with this around it."""
            seen = image
            if any(map(any, paddings)):
                sizes = [n + sum(more) for n, more in zip(small, paddings, strict=True)]
                seen = self._tensor(graph, part + b"/padded", [batch, *sizes, depth])
                around = self._constant(graph, part + b"/paddings", [[0, 0], *paddings, [0, 0]])
                yield self._operator("PAD", [image, around], seen, schema.PadOptionsT())
            sizes = [n + sum(more) - lost for n, more, lost in zip(small, paddings, border, strict=True)]
            found = self._tensor(graph, part + b"/blocks", [batch, *sizes, len(pixels) * channels])
            inputs = [
                seen,
                self._weights(graph, weights, part, stride, pixels),
                self._bias(graph, bias, part, len(pixels), channels),
            ]
            yield self._operator("CONV_2D", inputs, found, convolution)
            return found

        pixels = [(row, column) for row in range(stride) for column in range(stride)]
        products = math.prod((n + more) / n for n, more in zip(small, border, strict=True))
        if not same or products <= _MOST_PRODUCTS:
            blocks = yield from convolved(name, [[more, more] for more in border], pixels)
            yield from self._lay_out(graph, blocks, stride, result, cropped if any(border) else None)
            return
        parts = []
        for number, pixel in enumerate(pixels):
            # Where it is in the image that is not cropped: so many blocks on, and there in the block.
            (down, row), (right, column) = (divmod(at + c, stride) for at, c in zip(pixel, cropped, strict=True))
            paddings = [[more - on, on] for more, on in zip(border, (down, right), strict=True)]
            parts.append((yield from convolved(name + b"/%d" % number, paddings, [(row, column)])))
        blocks = self._tensor(graph, name + b"/blocks", [batch, *small, len(pixels) * channels])
        yield self._operator("CONCATENATION", parts, blocks, schema.ConcatenationOptionsT(axis=3))
        yield from self._lay_out(graph, blocks, stride, result, None)

    def _lay_out(self, graph: Any, blocks: int, stride: int, result: int, cropped: list[int] | None) -> Iterator[Any]:
        """Make an image of its blocks, and crop it so much."""
        schema, name = self.schema, graph.tensors[result].name
        batch, height, width, depth = graph.tensors[blocks].shape
        channels = depth // stride**2

        def reshape(image: int, part: bytes, output: int) -> Any:
            shape = graph.tensors[output].shape
            inputs = [image, self._constant(graph, name + part + b"/shape", shape)]
            return self._operator("RESHAPE", inputs, output, schema.ReshapeOptionsT(shape))

        # (row, column, row of the block, column of the block), with the two in the middle swapped.
        rows = self._tensor(graph, name + b"/rows", [batch * height, width, stride, stride * channels])
        yield reshape(blocks, b"/rows", rows)
        laid_out = self._tensor(graph, name + b"/laid_out", [batch * height, stride, width, stride * channels])
        order = self._constant(graph, name + b"/order", [0, 2, 1, 3])
        yield self._operator("TRANSPOSE", [rows, order], laid_out, schema.TransposeOptionsT())
        if cropped is None:
            yield reshape(laid_out, b"/whole", result)
            return
        whole = self._tensor(graph, name + b"/whole", [batch, height * stride, width * stride, channels])
        yield reshape(laid_out, b"/whole", whole)
        begin = self._constant(graph, name + b"/begin", [0, *cropped, 0])
        size = self._constant(graph, name + b"/size", list(graph.tensors[result].shape))
        yield self._operator("SLICE", [whole, begin, size], result, schema.SliceOptionsT())

    def _weights(self, graph: Any, index: int, name: bytes, stride: int, pixels: list[_Pixel]) -> int:
        old = graph.tensors[index]
        channels, height, width, depth = old.shape
        rows, columns = height // stride, width // stride

        def new() -> np.ndarray:
            # Row `stride * t + block` of the kernel is what the t-th pixel back gives to that row of the block.
            kernel = self._data(old).reshape(channels, rows, stride, columns, stride, depth)[:, ::-1, :, ::-1]
            return np.stack([kernel[:, :, row, :, column] for row, column in pixels])

        buffer = self._buffer((old.buffer, *old.shape, stride, *pixels), new)
        shape = [len(pixels) * channels, rows, columns, depth]
        return self._tensor(graph, name + b"/weights", shape, buffer)

    def _bias(self, graph: Any, given: list[int], name: bytes, times: int, channels: int) -> int:
        """For so many pixels of a block; zeros where there was none, as a convolution must have it."""

        def new() -> np.ndarray:
            return np.tile(self._data(old[0]) if old else np.zeros(channels, np.float32), times)

        old = [graph.tensors[index] for index in given]
        buffer = self._buffer(("bias", old[0].buffer, times) if old else ("zeros", times * channels), new)
        return self._tensor(graph, name + b"/bias", [times * channels], buffer)

    def _data(self, tensor: Any) -> np.ndarray:
        return np.frombuffer(self.model.buffers[tensor.buffer].data, np.float32)

    def _buffer(self, key: tuple[Any, ...], make: Callable[[], np.ndarray]) -> int:
        """The number of a buffer, made once for all graphs."""
        if key not in self._buffers:
            data = np.frombuffer(np.ascontiguousarray(make()).tobytes(), np.uint8)
            self._buffers[key] = len(self.model.buffers)
            self.model.buffers.append(self.schema.BufferT(data=data))
        return self._buffers[key]

    def _constant(self, graph: Any, name: bytes, value: Any) -> int:
        buffer = self._buffer(("constant", str(value)), lambda: np.array(value, np.int32))
        return self._tensor(graph, name, list(np.shape(value)), buffer, self.schema.TensorType.INT32)

    def _tensor(self, graph: Any, name: bytes, shape: list[int], buffer: int = 0, of: int | None = None) -> int:
        """The number of a new one; of float32 unless told, and without a buffer of what is computed."""
        of = self.schema.TensorType.FLOAT32 if of is None else of
        graph.tensors.append(self.schema.TensorT(name=name, shape=shape, type=of, buffer=buffer, hasRank=True))
        return len(graph.tensors) - 1

    def _operator(self, name: str, inputs: list[int], output: int, options: Any) -> Any:
        schema = self.schema
        kind = type(options).__name__.removesuffix("T")
        if name not in self._codes:
            code = getattr(schema.BuiltinOperator, name)
            self._codes[name] = len(self.model.operatorCodes)
            self.model.operatorCodes.append(
                schema.OperatorCodeT(deprecatedBuiltinCode=code, builtinCode=code, version=1)
            )
        return schema.OperatorT(
            opcodeIndex=self._codes[name],
            inputs=inputs,
            outputs=[output],
            builtinOptionsType=getattr(schema.BuiltinOptions, kind),
            builtinOptions=options,
        )

    def _forget_unused(self) -> None:
        """Take out the tensors and codes that no operation has, and empty the buffers that no tensor has."""
        operators = [operator for graph in self.model.subgraphs for operator in graph.operators]
        codes = sorted({operator.opcodeIndex for operator in operators})
        self.model.operatorCodes = [self.model.operatorCodes[index] for index in codes]
        for operator in operators:
            operator.opcodeIndex = codes.index(operator.opcodeIndex)
        for number, graph in enumerate(self.model.subgraphs):
            named = [
                tensor
                for signature in self.model.signatureDefs or ()
                if signature.subgraphIndex == number
                for tensor in (*signature.inputs, *signature.outputs)
            ]
            used = {index for operator in graph.operators for index in (*operator.inputs, *operator.outputs)}
            used |= {*graph.inputs, *graph.outputs, *(tensor.tensorIndex for tensor in named)}
            kept = [index for index in range(len(graph.tensors)) if index in used]
            place = {old: new for new, old in enumerate(kept)} | {-1: -1}  # which stands for an input left out
            graph.tensors = [graph.tensors[index] for index in kept]
            for holder in (graph, *graph.operators):
                holder.inputs = [place[index] for index in holder.inputs]
                holder.outputs = [place[index] for index in holder.outputs]
            for tensor in named:
                tensor.tensorIndex = place[tensor.tensorIndex]
        held = {tensor.buffer for graph in self.model.subgraphs for tensor in graph.tensors}
        held |= {entry.buffer for entry in self.model.metadata or ()}
        for index, buffer in enumerate(self.model.buffers):
            if index not in held:
                buffer.data = None
