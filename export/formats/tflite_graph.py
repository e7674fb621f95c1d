"""Editing of the graphs in a TFLite file."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np


class TFLiteGraphs:
    """Adds tensors, buffers and operators to the graphs of a TFLite model, and removes unused ones.

    Args:
        model: `ModelT` of the file. It is changed in place.

    Attributes:
        model: The model.
        schema: Module with the classes of the TFLite schema.
    """

    def __init__(self, model: Any) -> None:
        from ai_edge_litert import schema_py_generated as schema

        self.model = model
        self.schema = schema
        self._codes: dict[str, int] = {}
        self._buffers: dict[tuple[Any, ...], int] = {}

    def data(self, tensor: Any) -> np.ndarray:
        """Returns the float32 values of a constant tensor, as a vector."""
        return np.frombuffer(self.model.buffers[tensor.buffer].data, np.float32)

    def buffer(self, key: tuple[Any, ...], make: Callable[[], np.ndarray]) -> int:
        """Returns the index of a buffer. Its values are made once for each key and shared by all graphs."""
        if key not in self._buffers:
            data = np.frombuffer(np.ascontiguousarray(make()).tobytes(), np.uint8)
            self._buffers[key] = len(self.model.buffers)
            self.model.buffers.append(self.schema.BufferT(data=data))
        return self._buffers[key]

    def constant(self, graph: Any, name: bytes, value: Any) -> int:
        """Adds an int32 constant to a graph; returns its index."""
        buffer = self.buffer(("constant", str(value)), lambda: np.array(value, np.int32))
        return self.tensor(graph, name, list(np.shape(value)), buffer, self.schema.TensorType.INT32)

    def tensor(self, graph: Any, name: bytes, shape: list[int], buffer: int = 0, dtype: int | None = None) -> int:
        """Adds a tensor to a graph; returns its index.

        Args:
            graph: The graph.
            name: Name of the tensor.
            shape: Shape of the tensor.
            buffer: Index of its values. Defaults to 0, for a computed tensor.
            dtype: Type of the schema. Defaults to None, float32.
        """
        dtype = self.schema.TensorType.FLOAT32 if dtype is None else dtype
        graph.tensors.append(self.schema.TensorT(name=name, shape=shape, type=dtype, buffer=buffer, hasRank=True))
        return len(graph.tensors) - 1

    def operator(self, name: str, inputs: list[int], output: int, options: Any) -> Any:
        """Returns a new operator, such as "CONV_2D", with one output."""
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

    def remove_unused(self) -> None:
        """Removes tensors and operator codes without an operator, and the values of buffers without a tensor."""
        operators = [operator for graph in self.model.subgraphs for operator in graph.operators]
        codes = sorted({operator.opcodeIndex for operator in operators})
        self.model.operatorCodes = [self.model.operatorCodes[index] for index in codes]
        for operator in operators:
            operator.opcodeIndex = codes.index(operator.opcodeIndex)
        for number, graph in enumerate(self.model.subgraphs):
            self._remove_unused_tensors(number, graph)
        held = {tensor.buffer for graph in self.model.subgraphs for tensor in graph.tensors}
        held |= {entry.buffer for entry in self.model.metadata or ()}
        for index, buffer in enumerate(self.model.buffers):
            if index not in held:
                buffer.data = None

    def _remove_unused_tensors(self, number: int, graph: Any) -> None:
        named = [
            tensor
            for signature in self.model.signatureDefs or ()
            if signature.subgraphIndex == number
            for tensor in (*signature.inputs, *signature.outputs)
        ]
        used = {index for operator in graph.operators for index in (*operator.inputs, *operator.outputs)}
        used |= {*graph.inputs, *graph.outputs, *(tensor.tensorIndex for tensor in named)}
        kept = [index for index in range(len(graph.tensors)) if index in used]
        place = {old: new for new, old in enumerate(kept)} | {-1: -1}  # -1 is an omitted input
        graph.tensors = [graph.tensors[index] for index in kept]
        for holder in (graph, *graph.operators):
            holder.inputs = [place[index] for index in holder.inputs]
            holder.outputs = [place[index] for index in holder.outputs]
        for tensor in named:
            tensor.tensorIndex = place[tensor.tensorIndex]
