"""Tiles cover an image of any size, and blending does not change a function of single pixels."""

import math
import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from keras_gan.utils.tiling import Tiling

sides = st.integers(1, 90)
tilings = st.builds(
    Tiling,
    tile=st.integers(1, 40),
    overlap=st.integers(0, 60),
    size_multiple=st.sampled_from([1, 2, 3, 4, 8, 16]),
    least_size=st.sampled_from([1, 8]),
)
fixed = st.builds(
    Tiling,
    tile=st.just(7),
    overlap=st.integers(0, 60),
    image_sizes=st.lists(st.tuples(st.integers(1, 40), st.integers(1, 40)), min_size=1, max_size=3),
)


def picture(height, width, channels=3, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (height, width, channels), np.uint8)


def strict(tiling, network=lambda images: images):
    """A network that takes only the sizes of the tiling's arguments."""

    def checked(images):
        size = images.shape[1:3]
        assert len(images) == 1
        if tiling.image_sizes is None:
            assert not any(side % tiling.size_multiple for side in size)
            assert min(size) >= tiling.least_size
        else:
            assert size in tiling.image_sizes
        return network(images)

    return checked


@given(st.one_of(tilings, fixed), sides, sides, st.integers(1, 3))
def test_the_identity_gives_the_very_image(tiling, height, width, channels):
    image = picture(height, width, channels)
    result = tiling.translate(image, strict(tiling))
    assert result.dtype == np.uint8
    np.testing.assert_array_equal(result, image)
    floats = image.astype(np.float64) / 127.5 - 1
    result = tiling.translate(floats, strict(tiling))
    assert result.dtype == np.float32
    np.testing.assert_allclose(result, floats, atol=1e-6)


@given(st.one_of(tilings, fixed), sides, sides, st.floats(-1, 1, width=32))
def test_a_function_of_single_pixels_is_exact(tiling, height, width, offset):
    image = picture(height, width).astype(np.float32) / 255
    result = tiling.translate(image, strict(tiling, lambda images: images[..., :1] * 2 + offset))
    np.testing.assert_allclose(result, image[..., :1] * 2 + offset, atol=1e-5)


@given(tilings, sides, sides)
def test_tiles_cover_the_image_and_overlap_enough(tiling, height, width):
    tiles = tiling.tiles(height, width)
    for side, length, starts in zip((height, width), tiles.size, (tiles.tops, tiles.lefts), strict=True):
        assert starts[0] == 0
        assert starts[-1] < side <= starts[-1] + length
        if len(starts) > 1:
            shared = length - np.diff(starts)
            assert (np.diff(starts) > 0).all()
            assert (shared >= min(tiling.overlap, length // 2)).all()
            multiple, overlap = tiling.size_multiple, min(tiling.overlap, length // 2)
            aligned = multiple <= overlap and up(overlap, multiple) <= length // 2
            unit = multiple if aligned else 1
            assert not any(start % unit for start in starts)
            # As few tiles as the overlap allows.
            assert len(starts) == 1 + math.ceil((up(side, unit) - length) / (length - up(overlap, unit)))


def up(number, multiple):
    return math.ceil(number / multiple) * multiple


@pytest.mark.parametrize(
    ("size", "options", "tile", "count"),
    [
        ((512, 512), {}, (512, 512), 1),
        ((512, 513), {}, (512, 512), 2),
        ((960, 960), {}, (512, 512), 4),
        ((961, 960), {}, (512, 512), 6),
        ((3000, 4000), {}, (512, 512), 7 * 9),
        ((3000, 4000), {"size_multiple": 4}, (512, 512), 7 * 9),
        ((3000, 4000), {"size_multiple": 256}, (512, 512), 7 * 9),
        ((100, 4000), {"size_multiple": 16}, (112, 512), 9),
        ((3000, 4000), {"tile": None, "size_multiple": 64}, (3008, 4032), 1),
        ((1, 1), {"size_multiple": 4, "least_size": 32}, (32, 32), 1),
        ((300, 300), {"tile": 300, "size_multiple": 256}, (512, 512), 1),
        ((60, 60), {"image_sizes": ((256, 256), (64, 64))}, (64, 64), 1),
        ((60, 100), {"image_sizes": ((64, 64), (256, 256))}, (256, 256), 1),
        ((60, 1000), {"image_sizes": ((64, 64), (64, 256))}, (64, 256), 5),
        ((1000, 60), {"image_sizes": ((64, 64),)}, (64, 64), 31),
    ],
)
def test_how_many_tiles(size, options, tile, count):
    tiles = Tiling(**options).tiles(*size)
    assert tiles.size == tile
    assert len(tiles) == count


def test_an_image_in_one_tile_is_the_networks_own():
    def network(images):
        return np.tanh(np.cumsum(images, axis=1) + images.mean())

    image = np.random.default_rng(0).uniform(-1, 1, (64, 128, 3)).astype(np.float32)
    for tile in (128, None):
        result = Tiling(tile=tile, size_multiple=32).translate(image, network)
        np.testing.assert_array_equal(result, network(image[None])[0])
    padded = np.pad(image[:60, :127], ((0, 4), (0, 1), (0, 0)), mode="reflect")
    result = Tiling(size_multiple=32).translate(image[:60, :127], network)
    np.testing.assert_array_equal(result, network(padded[None])[0, :60, :127])


def test_neighbours_that_disagree_are_joined_by_a_ramp():
    seen = []

    def network(images):
        seen.append(images.shape)
        return np.full_like(images, 100.0 * len(seen))

    result = Tiling(tile=10, overlap=4).translate(np.zeros((1, 16, 1), np.float32), network)
    assert seen == [(1, 1, 10, 1)] * 2
    np.testing.assert_allclose(result[0, :, 0], [100] * 6 + [120, 140, 160, 180] + [200] * 6, rtol=1e-6)


def test_floats_from_0_to_255_for_bytes_are_rounded_once_and_clipped():
    image = np.full((20, 20, 1), 7, np.uint8)
    for tile in (8, 32):
        results = [
            Tiling(tile=tile).translate(image, lambda images, value=value: np.full(images.shape, value, np.float32))
            for value in (-3.0, 99.6, 300.0)
        ]
        assert [int(result.max()) for result in results] == [0, 100, 255]
        assert {(result.dtype.name, int(np.ptp(result))) for result in results} == {("uint8", 0)}


def test_memory_is_a_band_beside_the_result():
    image = np.zeros((3000, 2000, 3), np.uint8)
    tiling = Tiling(tile=100, overlap=20)
    tracemalloc.start()
    try:
        result = tiling.translate(image, lambda images: images.astype(np.float32))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    band = 100 * 2000 * 3 * 4
    assert peak - result.nbytes < 3 * band  # the band and its rounded copy
    assert 6 * band < image.nbytes * 4  # an image of floats would need much more


def test_progress():
    calls = []
    Tiling(tile=10, overlap=0).translate(picture(30, 20), lambda images: images, lambda *done: calls.append(done))
    assert calls == [(i, 6) for i in range(1, 7)]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"tile": 0}, "tile=0"),
        ({"overlap": -1}, "overlap=-1"),
        ({"size_multiple": 0}, "size_multiple=0"),
        ({"image_sizes": ()}, "image_sizes=()"),
        ({"image_sizes": ((0, 8),)}, "Received"),
    ],
)
def test_arguments_out_of_range_are_refused(options, message):
    with pytest.raises(ValueError, match=message.replace("(", r"\(").replace(")", r"\)")):
        Tiling(**options)


@pytest.mark.parametrize(
    ("image", "network", "options", "message"),
    [
        (picture(4, 4)[..., 0], None, {}, "height, width, channels"),
        (picture(4, 4).astype(np.int32), None, {}, "int32"),
        (np.zeros((0, 4, 3), np.uint8), None, {}, r"\(0, 4, 3\)"),
        (picture(5, 5), lambda images: images[:, 1:], {}, "keep the size"),
        (picture(9, 9), None, {"tile": None, "image_sizes": ((8, 8), (4, 16))}, "8 x 8 or 4 x 16.*9 x 9"),
    ],
)
def test_wrong_images_are_refused(image, network, options, message):
    with pytest.raises(ValueError, match=message):
        Tiling(**options).translate(image, network or (lambda images: images))
