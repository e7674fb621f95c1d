"""Small generators to export, and stand-ins for trained models."""

from __future__ import annotations

import dataclasses
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from keras_gan import latent
from keras_gan.images import to_uint8
from keras_gan.networks import cyclegan, pix2pix

layers = keras.layers
LATENT = 12
CLASSES = 5


@dataclasses.dataclass
class StandIn:
    """Stand-in for a GAN, with the attributes that an export uses."""

    generator: keras.Model
    num_classes: int | None = None
    image_range: tuple[float, float] = (-1.0, 1.0)
    name: str = "gan"
    latent_dim: int = LATENT

    @property
    def image_shape(self) -> tuple[int, ...]:
        return tuple(self.generator.output_shape[1:])

    def training_record(self) -> dict[str, Any]:
        return {"loss": "non_saturating", "g_updates": 3}

    def generate(self, n: int, labels: Any = None, seed: int = 0, truncation: float = 1.0) -> np.ndarray:
        z = latent.sample(n, self.latent_dim, seed, truncation)
        if self.num_classes is None:
            return np.asarray(self.generator(z, training=False))
        labels = np.arange(n) % self.num_classes if labels is None else np.asarray(labels)
        return np.asarray(self.generator([z, labels.astype(np.int32)], training=False))


@dataclasses.dataclass
class Translating:
    """Stand-in for a translation model, with the attributes that an export uses."""

    translators: dict[str, keras.Model]
    size_multiple: int = 4
    image_range: tuple[float, float] = (-1.0, 1.0)
    name: str = "translating"

    def training_record(self) -> dict[str, Any]:
        return {"cycle_weight": 10.0}

    def translate(self, images: np.ndarray, generator: str = "g") -> np.ndarray:
        low, high = self.image_range
        x = images.astype(np.float32) / (255 / (high - low)) + low if images.dtype == np.uint8 else images
        y = np.asarray(self.translators[generator](x, training=False))
        return to_uint8(y, self.image_range) if images.dtype == np.uint8 else y


def shaken(model: keras.Model) -> keras.Model:
    """Sets every weight, also the moving statistics, to a reproducible value that is not its default."""
    rng = np.random.default_rng(0)
    for weight in model.weights:
        spread = 0.3 * rng.standard_normal(weight.shape)
        positive = "variance" in weight.path or "gamma" in weight.path
        weight.assign(np.abs(spread) + 0.5 if positive else spread)
    return model


def dcgan(**options: Any) -> StandIn:
    model = keras.Sequential(
        [
            keras.Input((LATENT,)),
            layers.Dense(4 * 4 * 8, use_bias=False),
            layers.Reshape((4, 4, 8)),
            layers.BatchNormalization(),
            layers.ReLU(),
            layers.Conv2DTranspose(8, 4, 2, "same", use_bias=False),
            layers.BatchNormalization(),
            layers.ReLU(),
            layers.Conv2DTranspose(3, 4, 2, "same", activation="tanh"),
        ],
        name="dcgan",
    )
    return StandIn(shaken(model), **options)


def mlp() -> StandIn:
    model = keras.Sequential(
        [keras.Input((LATENT,)), layers.Dense(32, "relu"), layers.Dense(64, "sigmoid"), layers.Reshape((8, 8, 1))]
    )
    return StandIn(shaken(model), image_range=(0.0, 1.0))


def conditional() -> StandIn:
    z, labels = keras.Input((LATENT,)), keras.Input((), dtype="int32")
    x = layers.Concatenate()([z, layers.Embedding(CLASSES, 6)(labels)])
    x = layers.Reshape((4, 4, 4))(layers.Dense(64, "relu")(x))
    x = layers.Conv2DTranspose(1, 4, 2, "same", activation="tanh")(x)
    return StandIn(shaken(keras.Model([z, labels], x)), num_classes=CLASSES)


def upsampling(interpolation: str = "nearest") -> StandIn:
    model = keras.Sequential(
        [
            keras.Input((LATENT,)),
            layers.Dense(4 * 4 * 4, activation="gelu"),
            layers.Reshape((4, 4, 4)),
            layers.UpSampling2D(interpolation=interpolation),
            layers.LeakyReLU(),
            layers.Conv2D(1, 3, padding="same", activation="tanh"),
        ]
    )
    return StandIn(shaken(model))


def grouped() -> StandIn:
    """Grouped convolutions before each operation that TensorFlow fuses with a convolution."""
    model = keras.Sequential(
        [
            keras.Input((LATENT,)),
            layers.Dense(64),
            layers.Reshape((4, 4, 4)),
            layers.Conv2D(4, 3, padding="same", groups=2),
            layers.Conv2D(4, 3, padding="same", groups=4, activation="relu"),
            layers.Conv2D(4, 3, padding="same", groups=2, use_bias=False),
            layers.BatchNormalization(),
            layers.LeakyReLU(),
            layers.DepthwiseConv2D(3, padding="same", activation="relu6"),
            layers.Reshape((16, 4)),
            layers.Conv1D(4, 3, padding="same", groups=2, activation="tanh"),
            layers.Reshape((4, 4, 4)),
        ]
    )
    return StandIn(shaken(model))


def half_precision() -> StandIn:
    policy = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_float16")
    try:
        return dcgan()
    finally:
        keras.config.set_dtype_policy(policy)


@keras.saving.register_keras_serializable("tests")
class Digamma(layers.Layer):
    """An operation that neither TFLite nor ONNX has."""

    def call(self, x):
        return tf.math.digamma(tf.abs(x) + 1.0)


@keras.saving.register_keras_serializable("tests")
class Cholesky(layers.Layer):
    """An operation that TFLite has only with TensorFlow's operations (Flex)."""

    def call(self, x):
        return tf.math.atan2(x, tf.linalg.cholesky(tf.einsum("bi,bj->bij", x, x) + tf.eye(LATENT))[:, 0])


@keras.saving.register_keras_serializable("tests")
class BatchMoments(layers.Layer):
    """A layer with statistics of the batch in inference, so that an image depends on its batch."""

    def call(self, x):
        return x - tf.reduce_mean(x, axis=0, keepdims=True)


def lively(model: keras.Model, seed: int = 0) -> keras.Model:
    """Sets the kernels to random values whose scale gives the images contrast."""
    rng = np.random.default_rng(seed)
    for weight in model.weights:
        if "kernel" in weight.path:
            weight.assign(rng.standard_normal(weight.shape) / np.sqrt(np.prod(weight.shape[:-1])))
        elif "bias" in weight.path:
            weight.assign(0.1 * rng.standard_normal(weight.shape))
    return model


def resnets() -> Translating:
    """G from colour to colour, F from colour to grey."""
    build = cyclegan.generator
    g, f = build((32, 32, 3), blocks=1, filters=4), build((32, 32, 3), output_channels=1, blocks=1, filters=4)
    return Translating({"g": lively(g), "f": lively(f, 1)}, name="horses")


def unet() -> Translating:
    return Translating(
        {"g": lively(pix2pix.generator((32, 32, 3), halvings=3, filters=4, normalization="batch"))}, 8, name="facades"
    )


def convolutional(middle: Any, size: tuple[int | None, int | None] = (None, None), **options: Any) -> Translating:
    """A network that halves the image size. `middle` should double it again."""
    images = keras.Input((*size, 3))
    x = middle(layers.Conv2D(4, 3, 2, "same", activation="relu")(images))
    return Translating(
        {"g": lively(keras.Model(images, layers.Conv2D(3, 3, padding="same", activation="tanh")(x)))}, **options
    )


def doubling(x: Any) -> Any:
    return layers.Conv2DTranspose(4, 4, 2, "same")(x)


def pictures(n: int, height: int, width: int, channels: int = 3, seed: int = 0) -> np.ndarray:
    """Random uint8 images with coarse and fine structure."""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 200, (n, -(-height // 8), -(-width // 8), channels))
    coarse = coarse.repeat(8, axis=1).repeat(8, axis=2)[:, :height, :width]
    return (coarse + rng.integers(0, 56, coarse.shape)).astype(np.uint8)


def through(layer: layers.Layer) -> StandIn:
    model = keras.Sequential([keras.Input((LATENT,)), layer, layers.Dense(16), layers.Reshape((4, 4, 1))])
    return StandIn(shaken(model))
