"""Classes whose names are numbers."""

import pytest

from keras_gan.cli.models.generator import label_of
from keras_gan.utils.class_names import class_title, number_hint

NAMES = ("1", "2", "10")


class Classes:
    num_attributes, num_classes, class_names = None, 3, NAMES


def test_a_title_of_a_name_that_is_another_number_has_both():
    assert [class_title(i, NAMES) for i in (0, 2, 3)] == ['class 0 ("1")', 'class 2 ("10")', "class 3"]
    assert class_title(1, ("0", "1")) == "1"
    assert class_title(0, ("cats",)) == "cats"


def test_digits_are_the_number_of_a_class_and_the_error_states_the_class_of_that_name():
    assert label_of(Classes, "1") == 1
    with pytest.raises(ValueError, match=r"Received: 10, the name of class 2$"):
        label_of(Classes, "10")
    assert number_hint(7, NAMES) == ""
