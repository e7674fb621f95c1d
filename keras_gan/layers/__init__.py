"""Layers that Keras does not have."""

from keras_gan.layers.add_change import AddChange
from keras_gan.layers.clip_in_inference import ClipInInference
from keras_gan.layers.grouped_convolution import GroupedConv2D
from keras_gan.layers.image_normalization import ImageNormalization
from keras_gan.layers.instance_normalization import InstanceNormalization
from keras_gan.layers.interpolative_resampling import InterpolativeDownsampling2D, InterpolativeUpsampling2D
from keras_gan.layers.learnt_basis import LearntBasis
from keras_gan.layers.reflection_padding import ReflectionPadding2D
from keras_gan.layers.spectral_normalization import SpectralNormalization, fold_spectral_normalization

__all__ = [
    "AddChange",
    "ClipInInference",
    "GroupedConv2D",
    "ImageNormalization",
    "InstanceNormalization",
    "InterpolativeDownsampling2D",
    "InterpolativeUpsampling2D",
    "LearntBasis",
    "ReflectionPadding2D",
    "SpectralNormalization",
    "fold_spectral_normalization",
]
