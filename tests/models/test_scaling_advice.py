"""The advice for images outside the range of a model fits what the values look like."""

import numpy as np
import pytest
from conftest import small_gan

from keras_gan.models.image_check import ImageCheck

GRID = np.random.default_rng(0).random((8, 8, 8, 1))


@pytest.mark.parametrize(
    ("images", "says", "not_said"),
    [
        ((GRID - GRID.mean()) / GRID.std(), r"standardised \(mean .*, deviation 1\)", "255"),
        ((np.rint(GRID**4 * 255) / 255 - 0.1307) / 0.3081, "standardised", "127.5"),
        (GRID * 255, "images / 127.5 - 1", "standardised"),
        (np.rint(GRID * 60), "images / 127.5 - 1", "standardised"),
        (np.rint(GRID * 65535), "images / 32767.5 - 1", "127.5"),
        (np.rint(GRID * 1400), "16 bits", "127.5"),
        (np.rint(GRID * 255) - 128, "from -128 to 127", "standardised"),
        (GRID * 4000 - 1000, r"\(images - low\) / \(high - low\) \* 2 - 1", "255"),
        (GRID * 12, r"\(images - low\)", "127.5"),
    ],
)
def test_values(images, says, not_said):
    check = ImageCheck((8, 8, 1), (-1.0, 1.0))
    with pytest.raises(ValueError, match=says) as raised:
        check.check_arrays(images.astype(np.float32))
    assert not_said not in str(raised.value)


@pytest.mark.parametrize(
    ("images", "says"),
    [
        (GRID * 2 - 1, r"\(images \+ 1\) / 2"),
        (GRID * 255, "images / 255.0"),
        (np.rint(GRID * 65535), "images / 65535.0"),
        ((GRID - GRID.mean()) / GRID.std(), "standardised"),
    ],
)
def test_values_for_a_generator_with_a_sigmoid(images, says):
    with pytest.raises(ValueError, match=says):
        ImageCheck((8, 8, 1), (0.0, 1.0)).check_arrays(images.astype(np.float32))


@pytest.mark.parametrize(
    ("dtype", "says"),
    [(np.uint8, "images / 127.5 - 1"), (np.uint16, "images / 32767.5 - 1"), (np.bool_, r"images \* 2.0 - 1")],
)
def test_dtypes(dtype, says):
    with pytest.raises(ValueError, match=says):
        small_gan().fit((GRID * 1.9).astype(dtype), verbose=0)
