"""Vectors of attributes: from arrays, mappings and text."""

import numpy as np
import pytest

from keras_gan.utils.attributes import attribute_rows, check_attribute_names, parse_attributes

NAMES = ("age", "smile", "hat")


def test_attributes_of_images():
    np.testing.assert_array_equal(attribute_rows(4, None, 3), [[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 0, 0]])
    np.testing.assert_array_equal(attribute_rows(2, [0.5, 1, 0], 3), [[0.5, 1, 0]] * 2)
    np.testing.assert_array_equal(attribute_rows(2, {"smile": 2}, 3, NAMES), [[0, 2, 0]] * 2)
    rows = attribute_rows(2, np.ones((2, 3), np.float64), 3)
    assert rows.dtype == np.float32
    assert rows.shape == (2, 3)


@pytest.mark.parametrize("labels", [[1, 2], np.ones((3, 3)), [np.nan, 0, 0], "smile", 3])
def test_wrong_attributes(labels):
    with pytest.raises(ValueError, match=r"must be finite floats of shape \(2, 3\) or \(3,\): age, smile, hat. Rec"):
        attribute_rows(2, labels, 3, NAMES)


def test_attributes_as_text():
    assert parse_attributes("0.5, 1,0", 3) == [0.5, 1, 0]
    assert parse_attributes("smile=1,age=-0.5", 3, NAMES) == [-0.5, 1, 0]
    with pytest.raises(
        ValueError, match=r"Attributes must be 3 numbers .* NAME=VALUE of age, smile, hat. Received: 1,2"
    ):
        parse_attributes("1,2", 3, NAMES)
    with pytest.raises(
        ValueError, match=r"name of the model: age, smile, hat. Received: 'smiley'. Did you mean 'smile'"
    ):
        parse_attributes("smiley=1", 3, NAMES)
    with pytest.raises(ValueError, match=r"name of the model: none, as this model states no names. Received: 'a'"):
        parse_attributes("a=1", 3)


def test_names_of_attributes():
    assert check_attribute_names(None, 3) == ()
    assert check_attribute_names(list(NAMES), 3) == NAMES
    with pytest.raises(ValueError, match="`attribute_names` must be num_attributes=2 different names"):
        check_attribute_names(NAMES, 2)
