"""MS-SSIM of pairs of images, and the diversity of generated images by MS-SSIM."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from keras_gan.metrics.feature_checks import check_count

POWERS = np.array([0.0448, 0.2856, 0.3001, 0.2363, 0.1333])  # exponents of the scales, from fine to coarse
WINDOW, SIGMA = 11, 1.5
BLOCK = 32  # pairs that are compared at once


class Diversity(NamedTuple):
    """Mean MS-SSIM of random pairs of images, and its standard error."""

    mean: float
    error: float


def ms_ssim(a: np.ndarray, b: np.ndarray, image_range: tuple[float, float] = (-1.0, 1.0)) -> np.ndarray:
    """Computes the multi-scale structural similarity (MS-SSIM) of each pair of images.

    Five scales need 176 pixels. Smaller images are compared at fewer scales, whose exponents are divided by their sum.
    So the values of images of different sizes are not comparable.

    Args:
        a: Images, (n, height, width, channels), at least 11 pixels high and wide, uint8 or floats in `image_range`.
        b: Other images, in the same order, with the same shape and type.
        image_range: Values of black and of white in float images. Defaults to (-1.0, 1.0).

    Returns:
        The similarity of each pair, float64 (n,), from 0 to 1. It is 1 for equal images.

    Raises:
        ValueError: If the images differ in type or shape, are too small or not finite, or white is not larger than
            black.

    Example:
    ```python
    keras_gan.metrics.ms_ssim(original, reconstructed).mean()
    ```

    Reference:
        [Wang et al., 2003, Multi-scale structural similarity for image quality
        assessment](https://ece.uwaterloo.ca/~z70wang/publications/msssim.pdf).
    """
    a, b = np.asarray(a), np.asarray(b)
    if a.shape != b.shape or a.ndim != 4 or 0 in a.shape or min(a.shape[1:3]) < WINDOW:
        raise ValueError(
            f"Expected `a` and `b` of the same shape (n, height, width, channels), with sides of at least {WINDOW}. "
            f"Received: shapes {a.shape} and {b.shape}"
        )
    if (a.dtype == np.uint8) != (b.dtype == np.uint8):
        raise ValueError(f"Expected `a` and `b` to be both uint8 or both floats. Received: {a.dtype} and {b.dtype}")
    black, white = (0.0, 255.0) if a.dtype == np.uint8 else image_range
    if not white > black:
        raise ValueError(
            f"`image_range` must be (black, white) with black below white. Received: image_range={image_range}"
        )
    pairs = range(0, len(a), BLOCK)
    similarity = np.concatenate(
        [_similarity(a[i : i + BLOCK] - black, b[i : i + BLOCK] - black, white - black) for i in pairs]
    )
    if not np.isfinite(similarity).all():
        raise ValueError(
            f"Expected finite images. Received: NaN or infinity in pair {np.isfinite(similarity).argmin()}"
        )
    return similarity


def ms_ssim_diversity(
    images: np.ndarray, pairs: int = 1000, image_range: tuple[float, float] = (-1.0, 1.0), seed: int = 0
) -> Diversity:
    """Computes the mean MS-SSIM of random pairs of images. A low value means diverse images.

    Compare it with the value of the same number of real images. A higher value of the generated images is a sign of
    mode collapse. If there are classes, compare images of one class at a time.

    Args:
        images: Images, (n, height, width, channels), n at least 2, uint8 or floats in `image_range`.
        pairs: Number of random pairs. Defaults to 1000.
        image_range: Values of black and of white in float images. Defaults to (-1.0, 1.0).
        seed: Seed of the pairs. Defaults to 0.

    Returns:
        The mean, from 0 to 1, and its standard error. The mean is 1 if all images are equal.

    Raises:
        ValueError: If there are fewer than two images, or `ms_ssim` does not accept them.

    Example:
    ```python
    generated = keras_gan.metrics.ms_ssim_diversity(gan.generate(1000))
    real = keras_gan.metrics.ms_ssim_diversity(photographs)
    ```

    Reference:
        [Odena et al., 2017, Conditional Image Synthesis With Auxiliary Classifier
        GANs](https://arxiv.org/abs/1610.09585), section 4.2.
    """
    images, pairs = np.asarray(images), check_count(pairs, "pairs")
    if len(images) < 2:
        raise ValueError(f"Expected at least 2 `images`. Received: {len(images)}")
    random = np.random.RandomState(check_count(seed, "seed", 0))  # its numbers never change between versions of NumPy
    first = random.randint(len(images), size=pairs)
    second = (first + random.randint(1, len(images), size=pairs)) % len(images)
    similarity = ms_ssim(images[first], images[second], image_range)
    return Diversity(float(similarity.mean()), float(similarity.std() / np.sqrt(pairs)))


def _similarity(a: np.ndarray, b: np.ndarray, max_value: float) -> np.ndarray:
    scales = min(len(POWERS), int(np.log2(min(a.shape[1:3]) / WINDOW)) + 1)
    powers = POWERS[:scales] / POWERS[:scales].sum()
    a, b = a.astype(np.float64), b.astype(np.float64)
    product = np.ones((len(a), a.shape[-1]))
    for scale, power in enumerate(powers):
        if scale:
            a, b = _half(a), _half(b)
        luminance, structure = _terms(a, b, max_value)
        term = luminance * structure if scale == scales - 1 else structure
        product *= np.maximum(term.mean(axis=(1, 2)), 0) ** power
    return product.mean(axis=1)


def _terms(a: np.ndarray, b: np.ndarray, max_value: float) -> tuple[np.ndarray, np.ndarray]:
    """Returns the two factors of SSIM at each position: luminance, and contrast times structure."""
    c1, c2 = (0.01 * max_value) ** 2, (0.03 * max_value) ** 2
    mean_a, mean_b = _blurred(a), _blurred(b)
    product, squares = mean_a * mean_b, mean_a**2 + mean_b**2
    luminance = (2 * product + c1) / (squares + c1)
    structure = (2 * (_blurred(a * b) - product) + c2) / (_blurred(a**2 + b**2) - squares + c2)
    return luminance, structure


def _blurred(images: np.ndarray) -> np.ndarray:
    """Returns the means under a Gaussian window, at the positions where the whole window fits."""
    window = np.exp(-((np.arange(WINDOW) - WINDOW // 2) ** 2) / (2 * SIGMA**2))
    window /= window.sum()
    for axis in (1, 2):
        images = np.lib.stride_tricks.sliding_window_view(images, WINDOW, axis=axis) @ window
    return images


def _half(images: np.ndarray) -> np.ndarray:
    """Returns the means of two by two pixels. An odd edge is mirrored."""
    odd = [(0, 0), (0, images.shape[1] % 2), (0, images.shape[2] % 2), (0, 0)]
    x = np.pad(images, odd, mode="symmetric")
    return (x[:, ::2, ::2] + x[:, 1::2, ::2] + x[:, ::2, 1::2] + x[:, 1::2, 1::2]) / 4
