"""Counts the multiplications and additions of a training step, in TensorFlow and in PyTorch."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any


def of_function(function: Any) -> int:
    """FLOPs of the convolutions and matrix products that a concrete `tf.function` with static shapes runs.

    TensorFlow adds gradients to the graph that nothing uses, and does not run them. They do not count. A product of n
    pairs of numbers counts as 2 n operations, forward and backward alike.

    Raises:
        ValueError: If a shape is not static.
    """
    graph = function.graph
    left = [tensor.op for tensor in graph.outputs] + list(graph.control_outputs)
    used = set()
    while left:
        one = left.pop()
        if one not in used:
            used.add(one)
            left += [tensor.op for tensor in one.inputs] + list(one.control_inputs)
    return sum(_of_operation(one) for one in used)


def of_torch(step: Callable[[], Any]) -> int:
    """FLOPs of the convolutions and matrix products of a call in PyTorch."""
    from torch.utils._python_dispatch import TorchDispatchMode
    from torch.utils.flop_counter import flop_registry

    class Counter(TorchDispatchMode):
        """FlopCounterMode without its hooks on modules, which fail with gradients of gradients."""

        total = 0

        def __torch_dispatch__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            result = function(*args, **(kwargs or {}))
            if function._overloadpacket in flop_registry:
                count = flop_registry[function._overloadpacket]
                self.total += count(*args, **(kwargs or {}), out_val=result)
            return result

    with Counter() as counter:
        step()
    return counter.total


def _size(tensor: Any) -> int:
    if tensor.shape.rank is None or None in tensor.shape.as_list():
        raise ValueError(f"Expected static shapes. Received: {tensor.name} of {tensor.shape}")
    return math.prod(tensor.shape.as_list())


def _of_operation(one: Any) -> int:
    if one.type in ("Conv2D", "DepthwiseConv2dNative"):
        out, kernel = one.outputs[0], one.inputs[1]
    elif one.type in ("Conv2DBackpropInput", "DepthwiseConv2dNativeBackpropInput"):
        out, kernel = one.inputs[2], one.inputs[1]
    elif one.type in ("Conv2DBackpropFilter", "DepthwiseConv2dNativeBackpropFilter"):
        out, kernel = one.inputs[2], one.outputs[0]
    elif one.type in ("MatMul", "BatchMatMulV2"):
        a = one.inputs[0].shape.as_list()
        transposed = one.get_attr("transpose_a" if one.type == "MatMul" else "adj_x")
        return 2 * _size(one.outputs[0]) * a[-2 if transposed else -1]
    else:
        return 0
    dims = kernel.shape.as_list()
    return 2 * _size(out) * math.prod(dims[:2] if one.type.startswith("Depthwise") else dims[:3])
