import pytest

from keras_gan.utils.private_paths import without_paths


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("/home/me/photos", "photos"),
        ("~/photos", "photos"),
        ("../photos", "photos"),
        ("C:\\Users\\me\\photos", "photos"),
        ("emoji/google:test", "emoji/google:test"),
        ("digits", "digits"),
        ("cycle_gan/horse2zebra:trainA", "cycle_gan/horse2zebra:trainA"),
        ("see https://example.com/a/b/c", "see https://example.com/a/b/c"),
        ("cannot read '/home/me/photos/1.png', which is cut", "cannot read '1.png', which is cut"),
        ("1/2 and 3/4 of it, and/or", "1/2 and 3/4 of it, and/or"),
        ({"a": ["/x/y/z", 1, None, True, 0.5]}, {"a": ["z", 1, None, True, 0.5]}),
    ],
)
def test_folders_are_removed(value, expected):
    assert without_paths(value) == expected
