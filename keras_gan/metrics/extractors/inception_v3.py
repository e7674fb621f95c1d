"""InceptionV3 of `keras.applications`, whose weights must be downloaded once."""

from __future__ import annotations

import functools
import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from keras_gan.metrics.extractors.feature_extractor import protocol_of
from keras_gan.metrics.extractors.preprocessing import RESIZE, check_images, square_rgb
from keras_gan.metrics.feature_checks import check_count
from keras_gan.utils.extras import install_hint

if TYPE_CHECKING:
    import keras

URL = (
    "https://storage.googleapis.com/tensorflow/keras-applications/inception_v3/"
    "inception_v3_weights_tf_dim_ordering_tf_kernels_notop.h5"
)


class InceptionV3:
    """Extractor of the 2,048 pooled features of `keras.applications.InceptionV3`.

    It is not the Inception network of FID, which has other weights. Metrics that are computed with it have the suffix
    KerasInception and are comparable only with each other.

    Args:
        weights: Path of the weights without the classifier, or "imagenet", which Keras downloads once. Defaults to
            "imagenet".
        input_size: Height and width that images are resized to, at least 75. Defaults to 299.
        batch_size: Number of images in a batch of the network. Defaults to 16.

    Raises:
        ValueError: If an argument is out of range.
        FileNotFoundError: If the file with the weights is missing.
        RuntimeError: At the first use, if the weights cannot be downloaded.
        ImportError: At the first use, if TensorFlow is missing.

    Example:
    ```python
    extractor = keras_gan.metrics.InceptionV3()
    features = extractor.features(gan.generate(2000))
    ```

    Reference:
        [Szegedy et al., 2015, Rethinking the Inception Architecture for Computer
        Vision](https://arxiv.org/abs/1512.00567).
    """

    resize = RESIZE

    def __init__(
        self, weights: str | os.PathLike[str] = "imagenet", input_size: int = 299, batch_size: int = 16
    ) -> None:
        self.weights = weights
        self.input_size = check_count(input_size, "input_size", 75)
        self.batch_size = check_count(batch_size, "batch_size")
        if weights != "imagenet" and not Path(weights).is_file():
            raise FileNotFoundError(f"`weights` must be 'imagenet' or a file. Received: weights={os.fspath(weights)!r}")

    @property
    def name(self) -> str:
        """Suffix of the names of metrics."""
        return "KerasInception" if self.input_size == 299 else f"KerasInception@{self.input_size}"

    @functools.cached_property
    def version(self) -> str:
        """First digits of the SHA-256 of the file with the weights."""
        return "SHA-256 " + hashlib.sha256(self._file.read_bytes()).hexdigest()[:16]

    def protocol(self) -> dict[str, Any]:
        """Returns everything that a metric depends on except the images."""
        return protocol_of(self)

    def features(self, images: np.ndarray, image_range: tuple[float, float] = (-1.0, 1.0)) -> np.ndarray:
        """Computes the last feature maps of each image, averaged over the positions.

        Args:
            images: Images, (n, height, width, 1 or 3), uint8 or floats in `image_range`.
            image_range: Values of black and of white in float images. Defaults to (-1.0, 1.0).

        Returns:
            A float32 array (n, 2048).

        Raises:
            ValueError: If the images have another shape, or values outside `image_range`.
        """
        images = check_images(images, image_range)
        batches = (images[i : i + self.batch_size] for i in range(0, len(images), self.batch_size))
        pixels = (square_rgb(batch, self.input_size, image_range) / 127.5 - 1 for batch in batches)
        return np.concatenate([self._network.predict_on_batch(batch) for batch in pixels])

    @functools.cached_property
    def _file(self) -> Path:
        if self.weights != "imagenet":
            return Path(self.weights)
        try:
            import keras

            return Path(keras.utils.get_file(URL.rpartition("/")[2], URL, cache_subdir="models"))
        except ModuleNotFoundError as error:
            raise ImportError(f"InceptionV3 needs TensorFlow: {install_hint('tensorflow')}") from error
        except Exception as error:  # what a failed download raises depends on how it fails
            raise RuntimeError(
                f"InceptionV3's weights could not be downloaded from {URL}: {error}. Copy the file to this machine and "
                "pass its path as `weights`, or use EfficientNetLite0, which needs no download"
            ) from error

    @functools.cached_property
    def _network(self) -> keras.Model:
        file = self._file
        import keras

        shape = (self.input_size, self.input_size, 3)
        network = keras.applications.InceptionV3(include_top=False, weights=None, pooling="avg", input_shape=shape)
        network.load_weights(file)
        return network
