"""Counts the multiplications and additions of a training step, in TensorFlow and in PyTorch."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any


def of_function(function: Any) -> int:
    """FLOPs of the convolutions and matrix products in a concrete `tf.function` with static shapes.

    A product of n pairs of numbers counts as 2 n operations, forward and backward alike.

    Raises:
        ValueError: If a shape is not static.
    """
    return sum(_of_operation(one) for one in function.graph.get_operations())


def of_torch(step: Callable[[], Any]) -> int:
    """FLOPs of the convolutions and matrix products of a call in PyTorch."""
    from torch.utils.flop_counter import FlopCounterMode

    with FlopCounterMode(display=False) as counter:
        step()
    return counter.get_total_flops()


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
