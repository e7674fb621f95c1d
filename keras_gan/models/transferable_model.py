"""Base class for models that start from the weights of a trained model."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import keras

from keras_gan import pretrained
from keras_gan.models.freezing import first_layers
from keras_gan.models.transfer import Transfer, transfer_weights

if TYPE_CHECKING:
    from typing_extensions import Self

    from keras_gan.models.gan import GAN


class TransferableModel(keras.Model):
    """Base class for a GAN that is loaded by name, takes weights from another one, and freezes layers.

    Attributes:
        freeze_d: Number of layers of the discriminator that keep their weights; see `GAN.compile`.
    """

    generator: keras.Model
    discriminator: keras.Model
    averages: dict[str, keras.Model]
    freeze_d: int = 0
    _frozen: str = ""

    @classmethod
    def from_preset(cls, name_or_path: str | os.PathLike[str]) -> Self:
        """Loads a trained GAN.

        Args:
            name_or_path: Name of a GAN that comes with the package: `"digits"` or `"fashion_mnist"`. Or the
                folder of a run, or a `.keras` file. A folder or file with such a name takes precedence.

        Returns:
            A compiled GAN. Those of the package have weights of 16 bits, and new optimizers.

        Raises:
            ValueError: If there is no such GAN.

        Example:
        ```python
        images = keras_gan.GAN.from_preset("digits").generate(16)
        ```
        """
        found = pretrained.load(name_or_path)
        if not isinstance(found, cls):
            raise ValueError(
                f"Expected a {cls.__name__}. Received: {os.fspath(name_or_path)}, a {type(found).__name__}. "
                "`keras.models.load_model` loads other models"
            )
        return found

    def transfer_weights(self, source: GAN) -> dict[str, Transfer]:
        """Copies the weights of another GAN to the layers that fit: same order, class and shapes.

        The other GAN may have other classes or another image size. The averaged generator of `source` is used, if there
        is one. Call it before the first `fit()`.

        Args:
            source: A trained GAN, such as `GAN.from_preset("digits")`.

        Returns:
            A `Transfer` for "generator" and for "discriminator". It lists the layers that got weights and those that
            kept their own.

        Raises:
            ValueError: If no layer fits.

        Example:
        ```python
        for name, transfer in gan.transfer_weights(keras_gan.GAN.from_preset("digits")).items():
            print(name, transfer)
        ```

        Reference:
            [Wang et al., 2018, Transferring GANs](https://arxiv.org/abs/1805.01677).
        """
        found = {
            "generator": transfer_weights(source.inference_network("generator"), self.generator),
            "discriminator": transfer_weights(source.discriminator, self.discriminator, from_image=True),
        }
        if not any(transfer.taken for transfer in found.values()):
            raise ValueError(
                "The networks must have a layer in common with the trained GAN: the same network with other classes or "
                f"another image size. Received: {self.generator.name!r}, for weights of {source.generator.name!r}"
            )
        self._copy_to_averages()
        return found

    def _copy_to_averages(self) -> None:
        for name, average in self.averages.items():
            average.set_weights(getattr(self, name).get_weights())

    def freeze_discriminator(self, count: int) -> None:
        """Freezes the first layers of the discriminator, and unfreezes those that an earlier call froze.

        Args:
            count: Number of layers, counted from the image. 0 freezes none.

        Raises:
            ValueError: If `count` is negative or too large.
        """
        if not isinstance(count, int) or isinstance(count, bool) or count < 0:
            raise ValueError(f"`freeze_d` must be an integer, at least 0. Received: freeze_d={count}")
        chosen = first_layers(self.discriminator, count) if count else []
        frozen = self._frozen.split("\n")
        for layer in self.discriminator.layers:
            if layer.name in frozen:
                layer.trainable = True
        for layer in chosen:
            layer.trainable = False
        # Keras would save a list of layers as part of the model.
        self._frozen = "\n".join(layer.name for layer in chosen)
        self.freeze_d = count
