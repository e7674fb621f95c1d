"""Networks that may see two batches in one pass, because each image is computed independently of the others."""

from __future__ import annotations

import keras
from keras import layers

import keras_gan.layers as own

# Layers without a state, random numbers, or statistics over the batch.
_LAYERS = (
    layers.InputLayer,
    layers.Conv2D,
    layers.Conv2DTranspose,
    layers.DepthwiseConv2D,
    layers.Dense,
    layers.Flatten,
    layers.Reshape,
    layers.ReLU,
    layers.LeakyReLU,
    layers.Add,
    layers.Concatenate,
    layers.Dot,
    layers.ZeroPadding2D,
    layers.Cropping2D,
    layers.UpSampling2D,
    own.AddChange,
    own.ClipInInference,
    own.GroupedConv2D,
    own.ImageNormalization,
    own.InstanceNormalization,
    own.InterpolativeDownsampling2D,
    own.InterpolativeUpsampling2D,
    own.LearntBasis,
    own.ReflectionPadding2D,
)
_OPERATIONS = ("Maximum", "Multiply", "OneHot")


def allows_joint_passes(network: keras.Model) -> bool:
    """Returns `True` if a batch of real and generated images has the outputs of the two batches one after the other.

    It is `False` with batch normalisation, dropout, noise or spectral normalisation. It is also `False` if this module
    does not know a layer or an operation of the network.

    Args:
        network: Network that is trained.
    """
    operations = getattr(network, "operations", None)
    return operations is not None and all(_is_independent(one) for one in operations)


def _is_independent(operation: keras.Operation) -> bool:
    if isinstance(operation, keras.layers.Layer):
        # By the exact class: a subclass may do anything.
        return type(operation) in _LAYERS and not operation.losses
    return type(operation).__name__ in _OPERATIONS and type(operation).__module__.startswith("keras.")
