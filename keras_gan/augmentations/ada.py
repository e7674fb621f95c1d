"""Adaptive discriminator augmentation (ADA)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import keras
import tensorflow as tf

from keras_gan.augmentations import ada_pipeline, sampling
from keras_gan.augmentations.augmentation import Augmentation
from keras_gan.augmentations.names import checked_names
from keras_gan.typing import Tensor


@keras.saving.register_keras_serializable("keras_gan")
class ADA(Augmentation):
    """Adaptive discriminator augmentation: random transforms whose probability p follows the overfitting of D.

    The more D overfits, the surer it is of the training images. The measure is r_t, the mean of sign(D(x)) over the
    real images of the last `interval` updates of D. It is 0 if D cannot separate real from generated images. It is 1
    when D has memorised the training images. If r_t is above `target`, p rises, otherwise it falls. Each change is the
    number of images seen divided by `adjustment_images`, and p stays in [0, 1]. As long as p is below about 0.8,
    augmentations do not leak into generated images.

    D's logit must be positive for images that it classifies as real. This does not hold for `LeastSquares`, whose
    boundary is 0.5, nor for the Wasserstein and relativistic losses, which have no boundary. `compile` warns about
    these.

    The groups of transforms, in order, with the paper's strengths:

    - `"blit"` contains `"xflip"`, `"rotate90"` and `"xint"`. `"xint"` shifts by whole pixels, U[-1/8, 1/8] of width and
      height.
    - `"geom"` contains `"scale"`, `"rotate"`, `"aniso"` and `"xfrac"`. `"scale"` is 2^N(0, 0.2²), `"rotate"` is by any
      angle. `"aniso"` scales the width by 2^N(0, 0.2²) and the height by its inverse. `"xfrac"` shifts by N(0, (1/8)²)
      of width and height.
    - `"color"` contains `"brightness"`, `"contrast"`, `"lumaflip"`, `"hue"` and `"saturation"`. Brightness is N(0,
      0.2²), contrast 2^N(0, 0.5²), hue any angle, and saturation 2^N(0, 1).

    This is the "bgc" set, which the paper recommends. All geometric transforms are one affine map with one bilinear
    sampling. Beyond its edge an image is mirrored. The paper's wavelet filters around the sampling, which reduce
    aliasing and blur, are left out, so results are slightly softer. Hue and saturation do not apply to grey images.

    Args:
        target: Value of r_t to keep, between -1 and 1. Defaults to 0.6.
        adjustment_images: Number of real images in which p can go from 0 to 1. Small data sets that are trained for a
            short time need fewer. Defaults to 500_000.
        interval: Number of updates of D between adjustments of p. Defaults to 4.
        initial_p: Value of p at the start. Defaults to 0.
        transforms: Names of groups and transforms: a sequence, or a string such as `"blit,color"`. Leave out transforms
            that change what the image shows: a flipped digit may not be a digit. Defaults to the three groups.
        **kwargs: Arguments of `keras.layers.Layer`.

    Attributes:
        p: Probability of the transforms, a weight that is saved with the model.
        r_t: Last value of the measure, a weight. It is 0 before the first adjustment.

    Raises:
        ValueError: If an argument is out of its range.

    Example:
    ```python
    augmentation = keras_gan.augmentations.ADA(adjustment_images=100_000)
    images = augmentation.augment(images, seed=tf.constant([0, 1], tf.int64))
    augmentation.update(discriminator(images))
    print(augmentation.statistics())
    ```

    Reference:
        [Karras et al., 2020, Training Generative Adversarial Networks with Limited
        Data](https://arxiv.org/abs/2006.06676), section 3, equation 1, and appendix B.
    """

    strength: ClassVar[str | None] = "adjustment_images"

    def __init__(
        self,
        target: float = 0.6,
        adjustment_images: int = 500_000,
        interval: int = 4,
        initial_p: float = 0.0,
        transforms: str | Sequence[str] = ("blit", "geom", "color"),
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if not -1 < target < 1:
            raise ValueError(f"`target` must be between -1 and 1. Received: target={target}")
        for name, value in (("adjustment_images", adjustment_images), ("interval", interval)):
            if not isinstance(value, int) or value < 1:
                raise ValueError(f"`{name}` must be an integer, at least 1. Received: {name}={value}")
        if not 0 <= initial_p <= 1:
            raise ValueError(f"`initial_p` must be from 0 to 1. Received: initial_p={initial_p}")
        self.target = target
        self.adjustment_images = adjustment_images
        self.interval = interval
        self.initial_p = initial_p
        known = (*ada_pipeline.GROUPS, *ada_pipeline.TRANSFORMS)
        self.transforms = checked_names("transforms", transforms, known)
        self.p = self._state("p", initial_p)
        self.r_t = self._state("r_t", 0.0)
        self.sign_sum = self._state("sign_sum", 0.0)
        self.images_seen = self._state("images_seen", 0.0)
        self.updates_seen = self._state("updates_seen", 0.0)

    def augment(self, images: Tensor, seed: Tensor) -> Tensor:
        """Returns the images, each changed at random. While p is 0 they do not change.

        Args:
            images: Float tensor (batch, height, width, channels) in [-1, 1]. Only the batch size may be unknown.
            seed: Seed of the random numbers, an int64 tensor (2,).

        Returns:
            A float32 tensor of the same shape, not clipped.

        Raises:
            ValueError: If the images have neither 1 nor 3 channels, and `transforms` changes colours.
        """
        chosen = {name for given in self.transforms for name in ada_pipeline.GROUPS.get(given, (given,))}
        images = tf.cast(images, tf.float32)
        _, height, width, channels = images.shape
        if channels not in {1, 3} and chosen & ada_pipeline.COLOUR:
            raise ValueError(
                f"`images` must have 1 or 3 channels to change their colours. Received: shape {images.shape}. "
                "Pass transforms=('blit', 'geom') for other images."
            )
        p = tf.convert_to_tensor(self.p)
        sampled = ada_pipeline.sample_transforms(tf.shape(images)[0], height, width, p, chosen, seed)
        if chosen & ada_pipeline.GEOMETRIC:
            images = sampling.affine(images, ada_pipeline.geometry(sampled))
        return ada_pipeline.colours(images, sampled) if chosen & ada_pipeline.COLOUR else images

    def update(self, real_logits: Tensor) -> None:
        """Collects the signs of the logits, and adjusts p after each `interval` calls.

        Args:
            real_logits: Logits of D for the augmented real images, (batch, ...). A map of logits counts as the mean of
                its signs.
        """
        signs = tf.sign(tf.cast(real_logits, tf.float32))
        images = tf.cast(tf.shape(signs)[0], tf.float32)
        seen = tf.stack([tf.reduce_mean(signs) * images, images])
        replica = tf.distribute.get_replica_context()
        if replica is not None and replica.num_replicas_in_sync > 1:
            seen = replica.all_reduce(tf.distribute.ReduceOp.SUM, seen)
        sign_sum, images = self.sign_sum + seen[0], self.images_seen + seen[1]
        updates = self.updates_seen + 1
        # `tf.where`, because a mirrored variable cannot be assigned in `tf.cond`.
        due = updates >= self.interval
        r_t = tf.where(due, sign_sum / images, self.r_t)
        step = tf.where(due, tf.sign(r_t - self.target) * images / self.adjustment_images, 0.0)
        self.p.assign(tf.clip_by_value(self.p + step, 0.0, 1.0))
        self.r_t.assign(r_t)
        self.sign_sum.assign(tf.where(due, 0.0, sign_sum))
        self.images_seen.assign(tf.where(due, 0.0, images))
        self.updates_seen.assign(tf.where(due, 0.0, updates))

    def statistics(self) -> dict[str, Tensor]:
        """Returns `p` and `r_t`, as `ada_p` and `ada_r_t`."""
        return {"ada_p": tf.convert_to_tensor(self.p), "ada_r_t": tf.convert_to_tensor(self.r_t)}

    def get_config(self) -> dict[str, Any]:
        """Returns the arguments of `__init__`."""
        names = ("target", "adjustment_images", "interval", "initial_p", "transforms")
        return super().get_config() | {name: getattr(self, name) for name in names}

    def _state(self, name: str, value: float) -> Any:
        # All replicas assign the same value, so one of them is enough.
        return self.add_weight(
            shape=(),
            initializer=keras.initializers.Constant(value),
            dtype="float32",
            trainable=False,
            autocast=False,
            aggregation="only_first_replica",
            name=name,
        )
