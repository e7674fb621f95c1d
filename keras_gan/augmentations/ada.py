"""ADA: augmentation as strong as the discriminator's overfitting asks for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from keras_gan.augmentations import ada_pipeline, sampling
from keras_gan.augmentations.augmentation import Augmentation
from keras_gan.augmentations.names import checked_names


@keras.saving.register_keras_serializable("keras_gan")
class ADA(Augmentation):
    """Adaptive discriminator augmentation: a long pipeline, each step taken with a probability p that follows D.

    The more D overfits, the surer it is of the training images. The heuristic r_t is the mean of sign(D(x)) over the
    real images of the last `interval` updates of D: 0 says that D cannot tell, 1 that it has learnt them by heart.
    Where r_t is above `target`, p rises, else it falls, by the images seen over `adjustment_images`, within [0, 1].
    As long as p is below about 0.8, an augmentation that comes with p does not leak into what G draws.

    D's logit has to be positive for what it takes for real. `LeastSquares`, with its boundary at 0.5, and the
    Wasserstein and relativistic losses, which have none, do not give that; `compile` warns of them.

    The groups of transforms, in order, with the paper's strengths:

    - `"blit"`: `"xflip"`; `"rotate90"`; `"xint"`, a move by whole pixels, U[-1/8, 1/8] of width and height;
    - `"geom"`: `"scale"`, 2^N(0, 0.2²); `"rotate"`, any angle; `"aniso"`, the width by 2^N(0, 0.2²) and the height by
      its inverse; `"xfrac"`, a move by N(0, (1/8)²) of width and height;
    - `"color"`: `"brightness"`, N(0, 0.2²); `"contrast"`, 2^N(0, 0.5²); `"lumaflip"`; `"hue"`, any angle;
      `"saturation"`, 2^N(0, 1).

    These are the paper's "bgc" set, which it recommends. The geometric ones are one affine map with one bilinear
    sampling, and mirror the image where they look past its edge. The paper's wavelet filters around the sampling,
    which keep fine detail from aliasing and blurring, are left out, so results are a little softer. Of grey images
    hue and saturation are left out.

    Args:
        target: The r_t to keep, between -1 and 1. Defaults to 0.6.
        adjustment_images: The real images in which p goes from 0 to 1 at its fastest. Defaults to 500 000; small data
            sets trained for a short time need fewer.
        interval: Updates of D from one adjustment to the next. Defaults to 4.
        initial_p: The p to start from. Defaults to 0.
        transforms: Groups and names of these; a sequence, or a string such as `"blit,color"`. Leave out what
            makes another thing of an image: a flipped digit may be none. Defaults to the three groups.
        **kwargs: As `keras.layers.Layer`.

    Attributes:
        p: The probability, a weight, saved and resumed with the model.
        r_t: The heuristic's last value, a weight; 0 before there is one.

    Raises:
        ValueError: If an argument is out of its range.

    Example:
    ```python
    augmentation = keras_gan.augmentations.ADA(adjustment_images=100_000)
    images = augmentation.augment(images, seed=tf.constant([0, 1], tf.int64))
    augmentation.update(discriminator(images))
    print(augmentation.figures())
    ```

    Reference:
        [Karras et al., 2020, Training Generative Adversarial Networks with Limited
        Data](https://arxiv.org/abs/2006.06676), section 3, equation 1, and appendix B.
    """

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

    def augment(self, images: Any, seed: Any) -> Any:
        """The images, each changed in a way of its own; exactly as they are while p is 0.

        Args:
            images: Float (batch, height, width, channels) in [-1, 1]; all but the batch known.
            seed: An int64 tensor (2,).

        Returns:
            A float32 tensor of the same shape, not clipped.

        Raises:
            ValueError: If the images are neither grey nor RGB, and their colours would be changed.
        """
        chosen = {name for given in self.transforms for name in ada_pipeline.GROUPS.get(given, (given,))}
        images = tf.cast(images, tf.float32)
        _, height, width, channels = images.shape
        if channels not in {1, 3} and chosen & ada_pipeline.COLOUR:
            raise ValueError(
                f"`images` must have 1 or 3 channels for their colours to be changed. Received: shape {images.shape}; "
                "pass transforms=('blit', 'geom') for others"
            )
        p = tf.convert_to_tensor(self.p)
        drawn = ada_pipeline.draw(tf.shape(images)[0], height, width, p, chosen, seed)
        if chosen & ada_pipeline.GEOMETRIC:
            images = sampling.affine(images, ada_pipeline.geometry(drawn))
        return ada_pipeline.colours(images, drawn) if chosen & ada_pipeline.COLOUR else images

    def update(self, real_logits: Any) -> None:
        """Count the signs; each `interval` times adjust p.

        Args:
            real_logits: D's logits for the augmented real images, (batch, ...), a map of them counting by its mean.
        """
        signs = tf.sign(tf.cast(real_logits, tf.float32))
        images = tf.cast(tf.shape(signs)[0], tf.float32)
        seen = tf.stack([tf.reduce_mean(signs) * images, images])
        replica = tf.distribute.get_replica_context()
        if replica is not None and replica.num_replicas_in_sync > 1:
            seen = replica.all_reduce(tf.distribute.ReduceOp.SUM, seen)
        sign_sum, images = self.sign_sum + seen[0], self.images_seen + seen[1]
        updates = self.updates_seen + 1
        # No `tf.cond`: a mirrored variable cannot be assigned in one.
        due = updates >= self.interval
        r_t = tf.where(due, sign_sum / images, self.r_t)
        step = tf.where(due, tf.sign(r_t - self.target) * images / self.adjustment_images, 0.0)
        self.p.assign(tf.clip_by_value(self.p + step, 0.0, 1.0))
        self.r_t.assign(r_t)
        self.sign_sum.assign(tf.where(due, 0.0, sign_sum))
        self.images_seen.assign(tf.where(due, 0.0, images))
        self.updates_seen.assign(tf.where(due, 0.0, updates))

    def figures(self) -> dict[str, Any]:
        """`p` and `r_t`, as `ada_p` and `ada_r_t`."""
        return {"ada_p": tf.convert_to_tensor(self.p), "ada_r_t": tf.convert_to_tensor(self.r_t)}

    def get_config(self) -> dict[str, Any]:
        """The arguments of `__init__`."""
        names = ("target", "adjustment_images", "interval", "initial_p", "transforms")
        return super().get_config() | {name: getattr(self, name) for name in names}

    def _state(self, name: str, value: float) -> Any:
        # All replicas assign the same value.
        return self.add_weight(
            shape=(),
            initializer=keras.initializers.Constant(value),
            dtype="float32",
            trainable=False,
            autocast=False,
            aggregation="only_first_replica",
            name=name,
        )
