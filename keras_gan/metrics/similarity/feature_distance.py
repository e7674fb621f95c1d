"""Perceptual distance between two images by the feature maps of a network: LPIPS without calibration."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

BLOCK = 16  # pairs that are converted to float64 at once


def feature_distance(a: Sequence[np.ndarray], b: Sequence[np.ndarray]) -> np.ndarray:
    """Computes the perceptual distance between the two images of each pair.

    At each position of each map the channels are scaled to length 1. The squared distance between the two images is
    averaged over the positions, then over the layers. LPIPS uses other networks and weights the channels by human
    judgements. So the values are not comparable with LPIPS, but the order of pairs mostly agrees.

    Args:
        a: Feature maps of each layer, (n, height, width, channels), as from `EfficientNetLite0.feature_maps`.
        b: Feature maps of the other images, in the same order.

    Returns:
        The distance of each pair, float64 (n,), from 0 for equal images to 4.

    Raises:
        ValueError: If the layers or their shapes differ, or values are not finite.

    Example:
    ```python
    distances = keras_gan.metrics.feature_distance(extractor.feature_maps(translated), extractor.feature_maps(true))
    print(distances.mean(), distances.argmax())
    ```

    Reference:
        [Zhang et al., 2018, The Unreasonable Effectiveness of Deep Features as a Perceptual
        Metric](https://arxiv.org/abs/1801.03924), equation 1 with all weights 1.
    """
    shapes = [[np.shape(layer) for layer in layers] for layers in (a, b)]
    if not shapes[0] or shapes[0] != shapes[1] or any(len(shape) != 4 or 0 in shape for shape in shapes[0]):
        raise ValueError(
            "Expected `a` and `b` as lists of feature maps (n, height, width, channels), with the same shapes in both. "
            f"Received: shapes {shapes[0]} and {shapes[1]}"
        )
    if len({shape[0] for shape in shapes[0]}) != 1:
        raise ValueError(f"Expected the same number of images in each layer. Received: shapes {shapes[0]}")
    distances = np.mean([_layer(np.asarray(x), np.asarray(y)) for x, y in zip(a, b, strict=True)], axis=0)
    if not np.isfinite(distances).all():
        raise ValueError(
            f"Expected finite feature maps. Received: NaN or infinity in pair {np.argmin(np.isfinite(distances))}"
        )
    return distances


def _layer(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    distances = np.empty(len(x))
    for start in range(0, len(x), BLOCK):
        block = slice(start, start + BLOCK)
        distances[block] = np.sum((_unit(x[block]) - _unit(y[block])) ** 2, axis=-1).mean(axis=(1, 2))
    return distances


def _unit(maps: np.ndarray) -> np.ndarray:
    maps = maps.astype(np.float64)
    return maps / (np.linalg.norm(maps, axis=-1, keepdims=True) + 1e-10)
