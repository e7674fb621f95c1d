"""Layers that Keras does not have."""

from keras_gan.layers.add_change import AddChange
from keras_gan.layers.blur import Blur2D
from keras_gan.layers.clip_in_inference import ClipInInference
from keras_gan.layers.constant_noise import ConstantNoise
from keras_gan.layers.equalized import EqualizedConv2D, EqualizedDense
from keras_gan.layers.grouped_convolution import GroupedConv2D
from keras_gan.layers.image_normalization import ImageNormalization
from keras_gan.layers.instance_normalization import InstanceNormalization
from keras_gan.layers.interpolative_resampling import InterpolativeDownsampling2D, InterpolativeUpsampling2D
from keras_gan.layers.latent_codes import LatentCodes
from keras_gan.layers.learnt_basis import LearntBasis
from keras_gan.layers.learnt_constant import LearntConstant
from keras_gan.layers.learnt_gain import LearntGain
from keras_gan.layers.minibatch_standard_deviation import MinibatchStandardDeviation
from keras_gan.layers.modulated_convolution import ModulatedConv2D
from keras_gan.layers.phase_shuffle import PhaseShuffle
from keras_gan.layers.reflection_padding import ReflectionPadding2D
from keras_gan.layers.spectral_normalization import SpectralNormalization, fold_spectral_normalization
from keras_gan.layers.style_mixing import StyleMixing
from keras_gan.layers.truncation import Truncation

__all__ = [
    "AddChange",
    "Blur2D",
    "ClipInInference",
    "ConstantNoise",
    "EqualizedConv2D",
    "EqualizedDense",
    "GroupedConv2D",
    "ImageNormalization",
    "InstanceNormalization",
    "InterpolativeDownsampling2D",
    "InterpolativeUpsampling2D",
    "LatentCodes",
    "LearntBasis",
    "LearntConstant",
    "LearntGain",
    "MinibatchStandardDeviation",
    "ModulatedConv2D",
    "PhaseShuffle",
    "ReflectionPadding2D",
    "SpectralNormalization",
    "StyleMixing",
    "Truncation",
    "fold_spectral_normalization",
]
