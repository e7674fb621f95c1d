"""Keras's InceptionV3: features that others use too, where its weights can be had."""

from __future__ import annotations

import functools
import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from keras_gan.metrics.extractor import protocol_of
from keras_gan.metrics.feature_checks import checked_count
from keras_gan.metrics.pixels import RESIZE, checked_images, square_rgb
from keras_gan.utils.extras import install_hint

if TYPE_CHECKING:
    import keras

URL = (
    "https://storage.googleapis.com/tensorflow/keras-applications/inception_v3/"
    "inception_v3_weights_tf_dim_ordering_tf_kernels_notop.h5"
)


class InceptionV3:
    """The 2,048 pooled features of `keras.applications.InceptionV3`.

    It is not the network of FID, which TensorFlow trained in 2015 and whose weights differ: figures are called
    FID-KerasInception and compare with such alone.

    Args:
        weights: The file of weights without the classifier, or "imagenet", which Keras downloads once. Defaults to
            "imagenet".
        input_size: The height and width that images are resized to, at least 75. Defaults to 299.
        batch_size: Images in the network at a time. Defaults to 16.

    Raises:
        ValueError: If an argument is out of range.
        FileNotFoundError: If the file of weights is missing.
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
        self.input_size = checked_count(input_size, "input_size", 75)
        self.batch_size = checked_count(batch_size, "batch_size")
        if weights != "imagenet" and not Path(weights).is_file():
            raise FileNotFoundError(f"`weights` must be 'imagenet' or a file. Received: weights={os.fspath(weights)!r}")

    @property
    def name(self) -> str:
        """What a figure's name ends with."""
        return "KerasInception" if self.input_size == 299 else f"KerasInception@{self.input_size}"

    @functools.cached_property
    def version(self) -> str:
        """The hash of the file of weights."""
        return "SHA-256 " + hashlib.sha256(self._file.read_bytes()).hexdigest()[:16]

    def protocol(self) -> dict[str, Any]:
        """What a figure depends on beside the images."""
        return protocol_of(self)

    def features(self, images: np.ndarray, image_range: tuple[float, float] = (-1.0, 1.0)) -> np.ndarray:
        """Describe each image by the last feature maps, averaged over the positions.

        Args:
            images: (n, height, width, 1 or 3): floats in `image_range`, or uint8.
            image_range: The values of black and of white, for floats. Defaults to (-1.0, 1.0).

        Returns:
            A float32 array (n, 2048).

        Raises:
            ValueError: If the images have another shape or values outside of `image_range`.
        """
        images = checked_images(images, image_range)
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
                f"InceptionV3's weights could not be downloaded from {URL}: {error}. Put the file on this machine and "
                "give its path as `weights`, or use EfficientNetLite0, which needs no download"
            ) from error

    @functools.cached_property
    def _network(self) -> keras.Model:
        file = self._file
        import keras

        shape = (self.input_size, self.input_size, 3)
        network = keras.applications.InceptionV3(include_top=False, weights=None, pooling="avg", input_shape=shape)
        network.load_weights(file)
        return network
