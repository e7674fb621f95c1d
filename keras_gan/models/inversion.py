"""Inversion: the latent vector whose image is most similar to a given image."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

import keras
import numpy as np
import tensorflow as tf

from keras_gan import latent
from keras_gan.models.class_labels import labels_of
from keras_gan.models.discriminator_features import feature_maps
from keras_gan.models.second_output import takes_labels
from keras_gan.typing import ArrayLike, Labels, Tensor

if TYPE_CHECKING:
    from keras_gan.models.gan import GAN

CANDIDATES = 256  # random z for each image, of which the best are optimised
SPACES = ("z", "w")


@dataclasses.dataclass(frozen=True)
class Inversion:
    """Latent vectors of given images, and the images that the generator makes of them.

    Args:
        z: Latent vectors, float32 (n, latent_dim). In the space w they are those that the search began with.
        w: Outputs of the mapping network, float32 (n, latent_dim), or `None` in the space z.
        images: Reconstructions, float32 (n, height, width, channels).
        errors: Mean squared difference of the pixels of each image, float64 (n,).
        labels: Class of each image, int32 (n,), or `None` for a model without classes.
    """

    z: np.ndarray
    w: np.ndarray | None
    images: np.ndarray
    errors: np.ndarray
    labels: np.ndarray | None


def invert(
    gan: GAN,
    images: ArrayLike,
    labels: Labels = None,
    space: Literal["z", "w"] = "z",
    steps: int = 300,
    starts: int = 4,
    learning_rate: float = 0.05,
    feature_weight: float = 1.0,
    prior_weight: float = 0.01,
    seed: int = 0,
    progress: Callable[[int, float], None] | None = None,
) -> Inversion:
    """Finds latent vectors whose images are most similar to given images.

    Adam minimises, for each image,

        mean (G(z) - x)^2 + feature_weight * distance(D(G(z)), D(x)) + prior_weight * mean z^2

    The distance compares the feature maps of the discriminator as `keras_gan.metrics.feature_distance` does. It is left
    out for a discriminator without feature maps, such as that of an MLP. The search starts from the best of random z.
    Of several starts the best result is returned.

    Args:
        gan: A `keras_gan.GAN`.
        images: Images, float32 (n, height, width, channels), in the range that `gan` was trained in.
        labels: Class of each image, integers or names (n,), or one for all images. For a model with classes only.
            Defaults to `None`: all classes are tried for each image.
        space: `"z"`, or `"w"` for the output of the mapping network of a StyleGAN2 generator. Images are closer in w,
            but a w that no z has may be less typical. Defaults to `"z"`.
        steps: Number of steps of Adam. Defaults to 300.
        starts: Number of starts for each image. Defaults to 4.
        learning_rate: Learning rate of Adam. It falls to 0 along a cosine. Defaults to 0.05.
        feature_weight: Weight of the distance of the features. With 0 only pixels are compared. Defaults to 1.0.
        prior_weight: Weight of the length of z, or in w of the distance to the average w. Defaults to 0.01.
        seed: Seed of the random z. Defaults to 0.
        progress: Function that is called after each step with its number, from 1, and the mean loss. Defaults to
            `None`.

    Returns:
        An `Inversion`.

    Raises:
        ValueError: If the images have another shape, an argument is out of range, the generator has no w, or `gan` has
            attributes.

    Example:
    ```python
    found = keras_gan.invert(gan, images[:2])
    nearby = gan.generate_from_latent(keras_gan.latent.walk_dimension(found.z[0], dimension=3))
    ```

    Reference:
        - [Zhu et al., 2016, Generative Visual Manipulation on the Natural Image
          Manifold](https://arxiv.org/abs/1609.03552), section 3.1.
        - Features of the discriminator: [Pan et al., 2020, Exploiting Deep Generative
          Prior](https://arxiv.org/abs/2003.13659), section 3.2.
        - w: [Abdal et al., 2019, Image2StyleGAN](https://arxiv.org/abs/1904.03189).
    """
    for name, value in (("steps", steps), ("starts", starts)):
        if value < 1:
            raise ValueError(f"`{name}` must be at least 1. Received: {name}={value}")
    if gan.num_attributes is not None:
        raise ValueError(f"`invert` takes no GAN with attributes. Received: num_attributes={gan.num_attributes}")
    if space not in SPACES:
        raise ValueError(f'`space` must be "z" or "w". Received: space={space!r}')
    targets = np.asarray(images, np.float32)
    if targets.shape[1:] != tuple(gan.image_shape) or len(targets) == 0:
        raise ValueError(
            f"`images` must be of shape (n >= 1, {', '.join(map(str, gan.image_shape))}). "
            f"Received: shape {targets.shape}"
        )
    search = _Search(gan, space, feature_weight, prior_weight)
    z, classes, rows = _starting_points(search, targets, labels, starts, seed)
    points = tf.Variable(search.points_of(z, classes))
    optimizer = keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(learning_rate, steps))
    expected, features = tf.constant(targets[rows]), search.features(tf.constant(targets[rows]), classes)

    @tf.function(autograph=False)
    def step() -> Tensor:
        with tf.GradientTape() as tape:
            losses = search.losses(points, classes, expected, features)
            total = tf.reduce_sum(losses)  # the images do not depend on each other
        optimizer.apply([tape.gradient(total, points)], [points])
        return tf.reduce_mean(losses)

    optimizer.build([points])
    for number in range(1, steps + 1):
        loss = step()
        if progress is not None:
            progress(number, float(loss))
    return search.best(points, z, classes, expected, features, len(targets))


class _Search:
    """The generator from a latent space, and the loss of a point in it.

    Args:
        gan: A `keras_gan.GAN`.
        space: "z" or "w".
        feature_weight: Weight of the distance of the features.
        prior_weight: Weight of the distance to the centre of the space.
    """

    def __init__(self, gan: GAN, space: str, feature_weight: float, prior_weight: float) -> None:
        self.gan = gan
        self.generator = gan.inference_network("generator")
        self.feature_weight = feature_weight
        self.prior_weight = prior_weight
        self.in_w = space == "w"
        self.centre: Tensor = 0.0
        parts = {layer.name: layer for layer in self.generator.layers}
        if self.in_w:
            if not {"mapping", "truncation", "synthesis"} <= set(parts):
                raise ValueError(
                    '`space="w"` needs a generator with a mapping network, such as `keras_gan.networks.stylegan2`. '
                    f"Received: {self.generator.name!r}"
                )
            self.mapping, self.synthesis = parts["mapping"], parts["synthesis"]
            self.centre = tf.convert_to_tensor(parts["truncation"].average)
        maps = feature_maps(gan.discriminator) if feature_weight else []
        self.maps = keras.Model(gan.discriminator.inputs, maps) if maps else None

    def points_of(self, z: Tensor, classes: Tensor | None) -> Tensor:
        """Returns points of the space from z."""
        return self.mapping(_with_classes(z, classes), training=False) if self.in_w else tf.convert_to_tensor(z)

    def images(self, points: Tensor, classes: Tensor | None) -> Tensor:
        """Returns the images of points."""
        if not self.in_w:
            return self.generator(_with_classes(points, classes), training=False)
        styles = tf.repeat(points[:, None], self.synthesis.input_shape[1], axis=1)
        return self.synthesis(styles, training=False)

    def features(self, images: Tensor, classes: Tensor | None) -> list[Tensor]:
        """Returns feature maps of the discriminator, each position of length 1."""
        if self.maps is None:
            return []
        seen = classes if takes_labels(self.gan.discriminator, self.gan.has_labels) else None
        found = self.maps(_with_classes(images, seen), training=False)
        return [
            tf.math.l2_normalize(tf.cast(one, tf.float32), axis=-1)
            for one in (found if isinstance(found, list) else [found])
        ]

    def losses(self, points: Tensor, classes: Tensor | None, expected: Tensor, features: list[Tensor]) -> Tensor:
        """Returns the loss of each point, (n,)."""
        images = tf.cast(self.images(points, classes), tf.float32)
        losses = tf.reduce_mean(tf.square(images - expected), axis=(1, 2, 3))
        losses += self.prior_weight * tf.reduce_mean(tf.square(points - self.centre), axis=1)
        if features:
            distances = [
                tf.reduce_mean(tf.reduce_sum(tf.square(a - b), axis=-1), axis=(1, 2))
                for a, b in zip(self.features(images, classes), features, strict=True)
            ]
            losses += self.feature_weight * tf.reduce_mean(tf.stack(distances), axis=0)
        return losses

    def best(
        self, points: Tensor, z: np.ndarray, classes: Tensor | None, expected: Tensor, features: list[Tensor], n: int
    ) -> Inversion:
        """Returns the best start of each of `n` images."""
        losses = np.reshape(self.losses(points, classes, expected, features), (n, -1))
        rows = np.arange(n) * losses.shape[1] + losses.argmin(1)
        found = np.asarray(points)[rows]
        labels = None if classes is None else np.asarray(classes)[rows]
        images = np.asarray(self.images(tf.constant(found), None if labels is None else tf.constant(labels)))
        errors = np.square(images.astype(np.float64) - np.asarray(expected)[rows]).mean(axis=(1, 2, 3))
        return Inversion(
            z[rows] if self.in_w else found, found if self.in_w else None, images.astype(np.float32), errors, labels
        )


def _with_classes(inputs: Tensor, classes: Tensor | None) -> Tensor | list[Tensor]:
    return inputs if classes is None else [inputs, classes]


def _starting_points(
    search: _Search, targets: np.ndarray, labels: Labels, starts: int, seed: int
) -> tuple[np.ndarray, Tensor | None, np.ndarray]:
    """Returns `starts` z for each image, their classes, and the row of the image of each.

    They are those of the random z whose pixels are most similar to the image.
    """
    gan = search.gan
    candidates = max(CANDIDATES, starts)
    z = latent.sample(candidates, gan.latent_dim, seed)
    given = None if labels is None else labels_of(len(targets), labels, gan.num_classes, gan.class_names)
    if gan.num_classes is None:
        classes = np.zeros(candidates, np.int32)
    elif given is None:
        classes = (np.arange(candidates) % gan.num_classes).astype(np.int32)
    chosen_z, chosen_classes = [], []
    made: dict[int | None, np.ndarray] = {}
    for i, target in enumerate(targets):
        label = None if given is None else int(given[i])
        if label is not None:
            classes = np.full(candidates, label, np.int32)
        if label not in made:
            made[label] = gan.generate_from_latent(z, None if gan.num_classes is None else classes)
        order = np.square(made[label] - target).mean(axis=(1, 2, 3)).argsort()[:starts]
        chosen_z.append(z[order])
        chosen_classes.append(classes[order])
    rows = np.repeat(np.arange(len(targets)), starts)
    known = None if gan.num_classes is None else tf.constant(np.concatenate(chosen_classes))
    return np.concatenate(chosen_z), known, rows
