"""EfficientNet-Lite0 as a functional Keras model, from the weights of a PyTorch state dict."""

from __future__ import annotations

import keras
import numpy as np
from keras import layers

# Repeats, kernel, stride, expansion, filters: https://github.com/tensorflow/tpu, efficientnet_lite_builder.py.
STAGES = (
    (1, 3, 1, 1, 16),
    (2, 3, 2, 6, 24),
    (2, 5, 2, 6, 40),
    (3, 3, 2, 6, 80),
    (3, 5, 1, 6, 112),
    (4, 5, 2, 6, 192),
    (1, 3, 1, 6, 320),
)
MAPS = (1, 2, 4, 6)  # the last stage of each size from 1/4 of the image on
EPSILON = 1e-3


def build(weights: dict[str, np.ndarray], input_size: int) -> dict[str, keras.Model]:
    """Builds the network. Each batch normalisation is folded into the convolution before it.

    Args:
        weights: Tensors of the PyTorch model by name.
        input_size: Height and width of the images.

    Returns:
        Three models that share their layers: "features" (batch, 1280), "logits" (batch, 1000) of ImageNet's classes,
        and "maps", a list of feature maps. Their input is float32 (batch, input_size, input_size, 3) from 0 to 255.
    """
    inputs = keras.Input((input_size, input_size, 3), name="pixels", dtype="float32")
    x = layers.Rescaling(1 / 128, -127 / 128, name="scaled", dtype="float32")(inputs)
    x = _convolution(x, weights, "_conv_stem", "_bn0", stride=2)
    maps, number = [], 0
    for stage, (repeats, _, stride, expansion, _) in enumerate(STAGES):
        for repeat in range(repeats):
            x = _block(x, weights, f"_blocks.{number}.", stride if repeat == 0 else 1, expansion)
            number += 1
        if stage in MAPS:
            maps.append(x)
    x = _convolution(x, weights, "_conv_head", "_bn1")
    features = layers.GlobalAveragePooling2D(data_format="channels_last", name="features", dtype="float32")(x)
    classifier = layers.Dense(1000, kernel_initializer="zeros", name="logits", dtype="float32")
    logits = classifier(features)
    classifier.set_weights([weights["_fc.weight"].T, weights["_fc.bias"]])
    return {
        "features": keras.Model(inputs, features, name="efficientnet_lite0_features"),
        "logits": keras.Model(inputs, logits, name="efficientnet_lite0_logits"),
        "maps": keras.Model(inputs, maps, name="efficientnet_lite0_maps"),
    }


def _block(
    x: keras.KerasTensor, weights: dict[str, np.ndarray], name: str, stride: int, expansion: int
) -> keras.KerasTensor:
    inputs = x
    if expansion != 1:
        x = _convolution(x, weights, f"{name}_expand_conv", f"{name}_bn0")
    x = _convolution(x, weights, f"{name}_depthwise_conv", f"{name}_bn1", stride, depthwise=True)
    x = _convolution(x, weights, f"{name}_project_conv", f"{name}_bn2", activation=False)
    if stride == 1 and x.shape[-1] == inputs.shape[-1]:
        x = layers.Add(name=f"{name}sum".replace(".", "_"), dtype="float32")([x, inputs])
    return x


def _convolution(
    x: keras.KerasTensor,
    weights: dict[str, np.ndarray],
    name: str,
    norm: str,
    stride: int = 1,
    depthwise: bool = False,
    activation: bool = True,
) -> keras.KerasTensor:
    """Applies a convolution with its batch normalisation folded in: a scaled kernel and a bias."""
    scale = weights[f"{norm}.weight"] / np.sqrt(weights[f"{norm}.running_var"].astype(np.float64) + EPSILON)
    shift = weights[f"{norm}.bias"] - weights[f"{norm}.running_mean"] * scale
    kernel = weights[f"{name}.weight"] * scale[:, None, None, None]
    # A random initialiser would change the random numbers of a training in this process, so the kernels start as zeros.
    # The type and the data format do not depend on global settings.
    shared = {
        "kernel_size": kernel.shape[2:],
        "strides": stride,
        "padding": "same",
        "data_format": "channels_last",
        "activation": "relu6" if activation else None,
        "name": name.replace(".", "_").strip("_"),
        "dtype": "float32",
    }
    layer = (
        layers.DepthwiseConv2D(depthwise_initializer="zeros", **shared)
        if depthwise
        else layers.Conv2D(len(kernel), kernel_initializer="zeros", **shared)
    )
    y = layer(x)
    layer.set_weights([kernel.transpose(2, 3, 0, 1) if depthwise else kernel.transpose(2, 3, 1, 0), shift])
    return y
