"""Check of Keras's image data format."""

from __future__ import annotations

import keras


def check_data_format() -> None:
    """Raises `ValueError` if Keras is set to images with channels first, which no network and no model supports."""
    if keras.config.image_data_format() != "channels_last":
        raise ValueError(
            "Images must have channels last, (height, width, channels): call "
            "keras.config.set_image_data_format('channels_last'), or change image_data_format in ~/.keras/keras.json. "
            f"Received: the image data format {keras.config.image_data_format()!r}"
        )
