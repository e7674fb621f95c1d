"""Features of a trained discriminator for other tasks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import keras
import numpy as np

from keras_gan.models.class_labels import labels_of
from keras_gan.models.second_output import takes_labels
from keras_gan.typing import ArrayLike, Labels, Tensor

if TYPE_CHECKING:
    from keras_gan.models.gan import GAN


def discriminator_features(
    gan: GAN, images: ArrayLike, labels: Labels = 0, size: int = 4, batch_size: int = 64
) -> np.ndarray:
    """Computes features of images with the discriminator of a GAN, for a linear classifier, for example.

    The last feature maps of each size are max-pooled to `size` x `size` positions, flattened and concatenated. For a
    DCGAN these are all its convolutional layers. A class-conditional discriminator also sees a label. Do not pass the
    label that the features are to predict.

    Args:
        gan: A `keras_gan.GAN` with a functional discriminator.
        images: Images, float32 (n, height, width, channels), in the range that `gan` was trained in.
        labels: Class of each image, integers or names (n,), or one for all images. For a class-conditional
            discriminator only. Defaults to 0, the first class for all images.
        size: Height and width of the pooled maps. Defaults to 4, as in the paper.
        batch_size: Number of images in a batch. The features do not depend on it. Defaults to 64.

    Returns:
        A float32 array (n, size * size * channels of all maps).

    Raises:
        ValueError: If the images have another shape, the discriminator has no feature maps, or an argument is below 1.

    Example:
    ```python
    features = keras_gan.discriminator_features(gan, images)
    accuracy = keras_gan.metrics.linear_probe(features[:800], classes[:800], features[800:], classes[800:])
    ```

    Reference:
        [Radford et al., 2016](https://arxiv.org/abs/1511.06434), section 5.1.
    """
    for name, value in (("size", size), ("batch_size", batch_size)):
        if value < 1:
            raise ValueError(f"`{name}` must be at least 1. Received: {name}={value}")
    images = np.asarray(images, np.float32)
    if images.shape[1:] != tuple(gan.image_shape):
        raise ValueError(
            f"`images` must be of shape (n, {', '.join(map(str, gan.image_shape))}). Received: shape {images.shape}"
        )
    maps = feature_maps(gan.discriminator)
    if not maps:
        raise ValueError(
            "The discriminator must be a functional model with feature maps (batch, height, width, channels). "
            f"Received: {gan.discriminator.name!r}, of class {type(gan.discriminator).__name__}"
        )
    network = keras.Model(gan.discriminator.inputs, maps)
    classes = None
    if takes_labels(gan.discriminator, gan.has_labels):
        names = (gan.class_names, gan.num_attributes, gan.attribute_names)
        classes = labels_of(len(images), labels, gan.num_classes, *names)
    rows = []
    for start in range(0, len(images), batch_size):
        part = slice(start, start + batch_size)
        given = images[part] if classes is None else [images[part], np.asarray(classes[part])]
        found = network.predict_on_batch(given)
        found = found if isinstance(found, list) else [found]
        rows.append(np.concatenate([max_pooled(np.asarray(one, np.float32), size) for one in found], axis=1))
    width = size * size * sum(one.shape[-1] for one in network.outputs)
    return np.concatenate(rows) if rows else np.zeros((0, width), np.float32)


def max_pooled(maps: np.ndarray, size: int) -> np.ndarray:
    """Returns the largest value of each channel in each of `size` x `size` regions of equal extent, flattened.

    Regions overlap by one position if `size` does not divide the height or width, as in PyTorch's `AdaptiveMaxPool2d`.

    Args:
        maps: Feature maps (n, height, width, channels).
        size: Number of regions along each axis.
    """
    for axis in (1, 2):
        length = maps.shape[axis]
        ends = [(i * length // size, -(-(i + 1) * length // size)) for i in range(size)]
        maps = np.stack([np.take(maps, range(*region), axis=axis).max(axis=axis) for region in ends], axis=axis)
    return maps.reshape(len(maps), -1)


def feature_maps(discriminator: keras.Model) -> list[Tensor]:
    """Returns the last tensor of each height and width that depends on the image and comes after weights.

    Args:
        discriminator: Keras model whose first input is the image.

    Returns:
        The tensors, none if there are no feature maps or Keras does not know the graph.
    """
    functional = getattr(discriminator, "_functional", discriminator)
    last: dict[tuple[int, int], Tensor] = {}
    if not getattr(discriminator, "inputs", None):
        return []
    from_image, weighted = {id(discriminator.inputs[0])}, set[int]()
    for depth in sorted(getattr(functional, "_nodes_by_depth", {}), reverse=True):
        for node in functional._nodes_by_depth[depth]:
            given = {id(tensor) for tensor in node.input_tensors}
            if not given & from_image:
                continue
            from_image |= {id(tensor) for tensor in node.outputs}
            if given & weighted or getattr(node.operation, "weights", None):
                weighted |= {id(tensor) for tensor in node.outputs}
                last |= {tuple(one.shape[1:3]): one for one in node.outputs if len(one.shape) == 4}
    return list(last.values())
