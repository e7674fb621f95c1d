"""A generator that only moves an image, for two sets that differ in how their things sit on the ground."""

from __future__ import annotations

import keras
from keras import layers

from keras_gan.layers import ScaleAndShift
from keras_gan.networks import cyclegan
from keras_gan.networks.image_shape import Shape, check_image_shape

HALVINGS = 4
WIDEST = 4  # times `filters`
UNITS = 64

discriminator = cyclegan.discriminator


def generator(
    image_shape: Shape, filters: int = 16, reach: float = 0.1, name: str = "spatial_transformer_generator"
) -> keras.Model:
    """Build a spatial transformer: a small network looks at the image and says how to enlarge and move it.

    Four convolutions of stride 2, averaged over the positions, and two dense layers give four numbers, a scale and a
    shift for either axis; `keras_gan.layers.ScaleAndShift` moves the image by them. Nothing is drawn: no pixel gets a
    colour that was not beside it, so what a discriminator learns of textures does not leave noise on the image. An
    untrained generator leaves each image all but as it is.

    The four numbers are of the image as a whole: an image cut into tiles is moved tile by tile.

    Args:
        image_shape: (height, width, channels) of the images to translate; height and width may be `None`.
        filters: Channels of the first convolution; they double up to fourfold. Defaults to 16.
        reach: How far it may go, as of `ScaleAndShift`. Defaults to 0.1.
        name: The model's name. Defaults to `"spatial_transformer_generator"`.

    Returns:
        A model from images, float32 (batch, height, width, channels) in [-1, 1], to images of the same size.

    Raises:
        ValueError: If `image_shape` is not of three numbers, or `reach` not positive.

    Example:
    ```python
    generator = keras_gan.networks.spatial_transformer.generator((64, 64, 3))
    ```

    Reference:
        [Jaderberg et al., 2015, Spatial Transformer Networks](https://arxiv.org/abs/1506.02025); learnt from a
        discriminator: [Lin et al., 2018, ST-GAN: Spatial Transformer Generative Adversarial Networks for Image
        Compositing](https://arxiv.org/abs/1803.01837).
    """
    check_image_shape(image_shape)
    images = keras.Input((None, None, image_shape[-1]), name="images")
    x = images
    for halving in range(HALVINGS):
        width = filters * min(2**halving, WIDEST)
        x = layers.Conv2D(width, 3, strides=2, padding="same", kernel_initializer="he_normal")(x)
        x = layers.LeakyReLU(0.2)(x)
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.LeakyReLU(0.2)(layers.Dense(UNITS, kernel_initializer="he_normal")(x))
    # All but zero: at zero itself nothing below would have a gradient.
    still = keras.initializers.RandomNormal(0.0, 1e-3)
    move = layers.Dense(4, kernel_initializer=still, dtype="float32", name="move")(x)
    return keras.Model(images, ScaleAndShift(reach, name="image", dtype="float32")([images, move]), name=name)
