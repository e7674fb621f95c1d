"""Loads unpaired images of two domains, as CycleGAN trains on."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from keras_gan.datasets.argument_checks import channels_of_both, check_at_least, check_image_size, ranges_of_both
from keras_gan.datasets.batching import tf_datasets
from keras_gan.datasets.batching.domain_batches import DomainBatches
from keras_gan.datasets.batching.jitter import Jitter, final_size
from keras_gan.datasets.sources import lookup

if TYPE_CHECKING:
    import tensorflow as tf


def load_unpaired(
    x: str | os.PathLike[str],
    y: str | os.PathLike[str],
    *,
    image_size: int | tuple[int, int] | None = None,
    channels: int | tuple[int | None, int | None] | None = 3,
    value_range: Any = None,
    batch_size: int = 1,
    jitter: bool = True,
    flip: bool = True,
    shift: bool = False,
    split: str = "train",
    shuffle: bool = True,
    seed: int = 0,
    start_epoch: int = 0,
    limit: int | None = None,
    data_dir: str | os.PathLike[str] | None = None,
    timeout: float = 60.0,
) -> tf.data.Dataset:
    """Loads the images of two domains as batches to train an unpaired translation on.

    An epoch visits each image of the larger domain once, except the last ones if they do not fill a batch. It visits
    the images of the smaller domain several times, in a new order each time. Orders, crops and flips depend only on
    `seed` and the number of the epoch. Each iteration is the next epoch, as in `load`.

    Args:
        x: Packaged set such as "emoji/google", folder of images, or name of TensorFlow Datasets. The name may end with
            a split: "cycle_gan/horse2zebra:trainA".
        y: Other domain, a name or a folder as `x`.
        image_size: Height and width, or one number for squares, divisible by 4. The images are cropped to the largest
            central part of this aspect ratio, and resized. Defaults to `None`, the size of the images, which must all
            have the same size.
        channels: 1 for grey, 3 for colour, `None` for grey if most images are grey, or a pair of these for x and y.
            Transparent parts become white. Defaults to 3.
        value_range: The values of black and of white in images of more than 8 bits; see `load`. For different ranges a
            pair of ranges, for x and y. Defaults to `None`: the least and the greatest value of each domain.
        batch_size: Number of images of each domain in a batch. Defaults to 1.
        jitter: Boolean. If true, images are resized to 286/256 of their size and cropped at random. Defaults to `True`.
        flip: Boolean. If true, images are mirrored left to right with probability 1/2. Defaults to `True`.
        shift: Boolean. If true, images are shifted by up to a sixth of their size over white instead of cropped.
            Use it for single objects on white, such as emoji or products. Otherwise a discriminator can tell
            the domains apart by the distance between the object and the border. Defaults to `False`.
        split: Name of the split, for sets whose name does not include one. Defaults to "train".
        shuffle: Boolean. If true, each epoch has another random order. Defaults to `True`.
        seed: Non-negative integer, the seed of orders, crops and flips. Defaults to 0.
        start_epoch: Epoch of the first iteration. Defaults to 0.
        limit: Largest number of images of each domain; see `load`. Defaults to `None`, all images.
        data_dir: Folder of TensorFlow Datasets. Defaults to `None`, the default of TensorFlow Datasets.
        timeout: Number of seconds without progress after which a download is given up. Defaults to 60.0.

    Returns:
        A `tf.data.Dataset` of pairs (x_images, y_images), float32 in [-1, 1], each of shape (batch_size, height, width,
        channels). Its `len` is the number of batches in an epoch.

    Raises:
        ValueError: If an argument is out of range, no data set has a name, or no image of a domain can be read. Also
            if the images differ in size and `image_size` is `None`, or there are fewer images than one batch.
        ImportError: If a set needs a package that is not installed.
        RuntimeError: If a set of TensorFlow Datasets cannot be prepared.

    Example:
    ```python
    train = keras_gan.datasets.load_unpaired("emoji/google", "emoji/twitter", batch_size=4)
    horses, zebras = "cycle_gan/horse2zebra:trainA", "cycle_gan/horse2zebra:trainB"
    train = keras_gan.datasets.load_unpaired(horses, zebras, image_size=256)
    test = keras_gan.datasets.load_unpaired("photos", "monets", image_size=256, jitter=False, flip=False, shuffle=False)
    ```
    """
    asked, ranges = channels_of_both(channels), ranges_of_both(value_range)
    image_size = check_image_size(image_size)
    check_at_least(1, batch_size=batch_size, limit=limit)
    check_at_least(0, seed=seed, start_epoch=start_epoch)
    found = [lookup.find_and_open(domain, split, limit, data_dir, timeout) for domain in (x, y)]
    moves = Jitter(final_size(image_size, [(each.name, each.image_shape) for each in found]), jitter, flip, shift)
    depths = [depth or min(source.image_shape[-1], 3) for depth, source in zip(asked, found, strict=True)]
    domains = [
        source.images(moves.load_size, depth, values)[0]
        for source, depth, values in zip(found, depths, ranges, strict=True)
    ]
    epochs = DomainBatches(domains, batch_size=batch_size, jitter=moves, shuffle=shuffle, seed=seed)
    if not epochs.steps:
        received = " and ".join(f"{number} in {each.name}" for each, number in zip(found, epochs.numbers, strict=True))
        raise ValueError(f"Expected at least one batch of {batch_size} images. Received: {received}")
    x_depth, y_depth = depths
    shapes = (batch_size, *moves.size, x_depth), (batch_size, *moves.size, y_depth)
    return tf_datasets.pair_batches(
        epochs.batch, steps=epochs.steps, start_epoch=start_epoch, shapes=shapes, dtypes=[one.dtype for one in domains]
    )
