"""Augmentations against the papers' transforms in NumPy float64, SciPy's resampling and finite differences."""

import json

import keras
import numpy as np
import pytest
import scipy.ndimage
import scipy.spatial
import scipy.stats
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from keras_gan import augmentations
from keras_gan.augmentations import ada_pipeline, diffaugment, sampling

MODES = {"eager": lambda f: f, "graph": tf.function, "xla": lambda f: tf.function(f, jit_compile=True)}
NEUTRAL = {"xflip": 1, "rotate90": 0, "scale": 0, "rotate_before": 0, "aniso": 0, "rotate_after": 0, "brightness": 0}
NEUTRAL |= {"contrast": 1, "lumaflip": 1, "hue": 0, "saturation": 1, "xint": (0, 0), "xfrac": (0, 0)}


def random_images(n=2, height=6, width=6, channels=3, seed=0):
    return np.random.default_rng(seed).uniform(-1, 1, (n, height, width, channels))


def seed_of(*numbers):
    return tf.constant(numbers, tf.int64)


def sampled(n=1, **given):
    """Parameters as `sample_transforms` returns them, in float64, with the given values."""
    values = {name: np.reshape(given.get(name, neutral), (1, -1)) for name, neutral in NEUTRAL.items()}
    return {name: tf.constant(np.repeat(value, n, axis=0), tf.float64) for name, value in values.items()}


def random_drawn(n, seed=0):
    """Some of everything."""
    rng = np.random.default_rng(seed)
    exponents = {name: rng.normal(0, 0.4, (n, 1)) for name in ("scale", "aniso")}
    factors = {name: rng.uniform(0.5, 2, (n, 1)) for name in ("contrast", "saturation")}
    angles = {name: rng.uniform(-3, 3, (n, 1)) for name in ("rotate_before", "rotate_after", "hue")}
    signs = {name: rng.choice([-1.0, 1.0], (n, 1)) for name in ("xflip", "lumaflip")}
    moves = {"xint": rng.integers(-3, 4, (n, 2)), "xfrac": rng.normal(0, 2, (n, 2))}
    rest = {"rotate90": rng.integers(0, 4, (n, 1)), "brightness": rng.normal(0, 0.3, (n, 1))}
    return {name: value.astype(float) for name, value in (exponents | factors | angles | signs | moves | rest).items()}


# ---------------------------------------------------------------- sampling


@pytest.mark.parametrize("shape", [(7, 7), (5, 9), (8, 3), (1, 4)])
def test_affine_sampling_is_scipys(shape):
    """SciPy's "mirror" is the reflection that does not repeat the edge."""
    rng = np.random.default_rng(0)
    images = random_images(6, *shape)
    linear, offset = rng.normal(0, 1.2, (6, 2, 2)), rng.normal(0, 6, (6, 2, 1))
    result = sampling.affine(tf.constant(images), tf.constant(np.concatenate([linear, offset], axis=2))).numpy()
    centre = (np.array(shape) - 1) / 2
    for image, got, matrix, move in zip(images, result, linear[:, ::-1, ::-1], offset[:, ::-1, 0], strict=True):
        for c in range(3):
            expected = scipy.ndimage.affine_transform(
                image[..., c], matrix, centre - matrix @ centre + move, order=1, mode="mirror"
            )
            np.testing.assert_allclose(got[..., c], expected, atol=1e-10)


@pytest.mark.parametrize("offset", [(0, 0), (2, -1), (-3, 2), (5, 0), (0, -9)])
def test_shift_moves_whole_pixels_over_zeros(offset):
    images = random_images(1, 5, 4)
    padded = np.pad(images[0], ((9, 9), (9, 9), (0, 0)))
    expected = padded[9 - offset[0] : 14 - offset[0], 9 - offset[1] : 13 - offset[1]]
    np.testing.assert_array_equal(sampling.shift(tf.constant(images), tf.constant([offset]))[0], expected)


# ---------------------------------------------------------------- DiffAugment


def test_diffaugment_color_is_the_papers():
    images = random_images(3)
    rng = np.random.default_rng(1)
    brightness, saturation, contrast = rng.uniform(0, 1, (3, 3, 1, 1, 1))
    given = {"brightness": brightness, "saturation": saturation, "contrast": contrast}
    result = diffaugment.apply("color", tf.constant(images), given)
    for i, brighter in enumerate(images + brightness):
        grey = brighter.mean(axis=2, keepdims=True)
        image = grey + saturation[i] * (brighter - grey)
        np.testing.assert_allclose(result[i], image.mean() + contrast[i] * (image - image.mean()), atol=1e-12)


def test_diffaugment_saturation_leaves_grey_images():
    images = random_images(2, channels=1)
    given = {"brightness": 0.0, "saturation": 1.7, "contrast": 1.0}
    np.testing.assert_allclose(diffaugment.apply("color", tf.constant(images), given), images, atol=1e-12)


@pytest.mark.parametrize("corner", [(0, 0), (-2, 1), (4, 5), (2, -1)])
def test_diffaugment_cutout_blanks_half_of_either_side(corner):
    image = random_images(1, 6, 8)
    expected = image[0].copy()
    expected[max(corner[0], 0) : corner[0] + 3, max(corner[1], 0) : corner[1] + 4] = 0
    result = diffaugment.apply("cutout", tf.constant(image), {"cutout": tf.constant([corner])})
    np.testing.assert_array_equal(result[0], expected)


def test_diffaugment_samples_from_the_ranges_of_the_paper():
    result = {
        name: value.numpy() for name, value in diffaugment.sample_parameters(20_000, 32, 21, seed_of(3, 4)).items()
    }
    for name, low, width in (("brightness", -0.5, 1), ("saturation", 0, 2), ("contrast", 0.5, 1)):
        assert scipy.stats.kstest(result[name].ravel(), "uniform", (low, width)).pvalue > 1e-3
    # Shifts are up to an eighth of 32 and 21. The centre of an even rectangle is at one of 33 places between pixels,
    # that of an odd one at a pixel.
    for name, lows, counts in (("translation", (-4, -2), (9, 5)), ("cutout", (-8, -5), (33, 22))):
        for axis in range(2):
            values, times = np.unique(result[name][:, axis], return_counts=True)
            np.testing.assert_array_equal(values, lows[axis] + np.arange(counts[axis]))
            assert scipy.stats.chisquare(times).pvalue > 1e-3


def test_diffaugment_of_an_odd_half_keeps_the_middle_inside():
    """The rectangle covers 11 of 22 pixels, and its centre is one of the 22."""
    corners = diffaugment.sample_parameters(5_000, 22, 22, seed_of(0, 0))["cutout"].numpy()
    assert corners.min() == -5
    assert corners.max() == 16


def test_diffaugment_applies_its_policy_in_order():
    images = tf.constant(random_images(8, 16, 16), tf.float32)
    given = diffaugment.sample_parameters(8, 16, 16, seed_of(1, 2))
    for policy in ("cutout,color", ("translation", "color"), ["translation"]):
        expected = images
        names = policy.split(",") if isinstance(policy, str) else policy
        for name in names:
            expected = diffaugment.apply(name, expected, given)
        result = augmentations.DiffAugment(policy).augment(images, seed_of(1, 2))
        np.testing.assert_array_equal(result, expected)


# ---------------------------------------------------------------- ADA's pipeline


def paper_geometry(given, i):
    """The product of the transforms in the paper's order, forwards, as homogeneous matrices on (x, y)."""

    def rotation(angle):
        return np.array([[np.cos(angle), -np.sin(angle), 0], [np.sin(angle), np.cos(angle), 0], [0, 0, 1]])

    def translation(x, y):
        return np.array([[1, 0, x], [0, 1, y], [0, 0, 1.0]])

    of = {name: value[i] for name, value in given.items()}
    scale, aniso = 2 ** of["scale"][0], 2 ** of["aniso"][0]
    steps = [
        np.diag([of["xflip"][0], 1, 1]),
        rotation(of["rotate90"][0] * np.pi / 2),
        translation(*of["xint"]),
        np.diag([scale, scale, 1]),
        rotation(of["rotate_before"][0]),
        np.diag([aniso, 1 / aniso, 1]),
        rotation(of["rotate_after"][0]),
        translation(*of["xfrac"]),
    ]
    product = np.eye(3)
    for step in steps:
        product = step @ product
    return product


def test_geometry_is_the_inverse_of_the_papers_transforms():
    given = random_drawn(12)
    result = ada_pipeline.geometry({name: tf.constant(value) for name, value in given.items()}).numpy()
    for i in range(12):
        np.testing.assert_allclose(result[i], np.linalg.inv(paper_geometry(given, i))[:2], atol=1e-12)


def paper_colours(image, of):
    """The paper's homogeneous 4x4 matrices on (r, g, b, 1), one after the other."""
    v = np.array([1, 1, 1, 0]) / np.sqrt(3)
    eye, luma = np.eye(4), np.outer(v, v)
    brighter = np.eye(4)
    brighter[:3, 3] = of["brightness"]
    turn = np.eye(4)
    turn[:3, :3] = scipy.spatial.transform.Rotation.from_rotvec(of["hue"] * v[:3]).as_matrix()
    product = brighter
    product = np.diag([*[of["contrast"][0]] * 3, 1]) @ product
    product = (eye - (1 - of["lumaflip"]) * luma) @ product
    product = turn @ product
    product = (luma + (eye - luma) * of["saturation"]) @ product
    return image @ product[:3, :3].T + product[:3, 3]


def test_colours_are_the_product_of_the_papers_matrices():
    images, given = random_images(12), random_drawn(12)
    result = ada_pipeline.colours(tf.constant(images), {name: tf.constant(value) for name, value in given.items()})
    for i, image in enumerate(images):
        of = {name: value[i] for name, value in given.items()}
        np.testing.assert_allclose(result[i], paper_colours(image, of), atol=1e-12)


def test_colours_of_grey_images_leave_hue_and_saturation_out():
    images, given = random_images(12, channels=1), random_drawn(12)
    result = ada_pipeline.colours(tf.constant(images), {name: tf.constant(value) for name, value in given.items()})
    brightness, contrast, flip = (given[name][:, :, None, None] for name in ("brightness", "contrast", "lumaflip"))
    np.testing.assert_allclose(result, flip * contrast * (images + brightness), atol=1e-12)


@pytest.mark.parametrize("shape", [(5, 5), (6, 6), (4, 7)])
def test_flips_and_moves_by_whole_pixels_are_exact(shape):
    images = random_images(1, *shape)

    def moved(**given):
        return sampling.affine(tf.constant(images), ada_pipeline.geometry(sampled(**given)))[0].numpy()

    np.testing.assert_array_equal(moved(), images[0])
    np.testing.assert_array_equal(moved(xflip=-1), images[0, :, ::-1])
    np.testing.assert_array_equal(moved(rotate90=2), images[0, ::-1, ::-1])
    if shape[0] == shape[1]:
        for k in (1, 3):
            np.testing.assert_array_equal(moved(rotate90=k), np.rot90(images[0], -k))
    padded = np.pad(images[0], ((3, 3), (3, 3), (0, 0)), mode="reflect")
    for x, y in ((1, 0), (-2, 3), (3, -1)):
        expected = padded[3 - y : 3 - y + shape[0], 3 - x : 3 - x + shape[1]]
        np.testing.assert_array_equal(moved(xint=(x, y)), expected)
        np.testing.assert_array_equal(moved(xfrac=(x, y)), expected)


def test_a_larger_scale_shows_less_of_the_image():
    """A ramp scaled by 2 about its middle has half the slope."""
    ramp = np.broadcast_to(np.linspace(-1, 1, 9)[None, None, :, None], (1, 9, 9, 1))
    result = sampling.affine(tf.constant(ramp), ada_pipeline.geometry(sampled(scale=1)))
    np.testing.assert_allclose(result, ramp / 2, atol=1e-12)


def test_ada_samples_from_the_distributions_of_the_paper():
    everything = ada_pipeline.sample_transforms(20_000, 64, 40, 1.0, ada_pipeline.TRANSFORMS, seed_of(3, 4))
    result = {name: value.numpy() for name, value in everything.items()}
    continuous = {
        "scale": (np.asarray, "norm", (0, 0.2)),
        "rotate_before": (np.asarray, "uniform", (-np.pi, 2 * np.pi)),
        "rotate_after": (np.asarray, "uniform", (-np.pi, 2 * np.pi)),
        "aniso": (np.asarray, "norm", (0, 0.2)),
        "xfrac": (lambda pixels: pixels / (64, 40)[::-1], "norm", (0, 0.125)),
        "brightness": (np.asarray, "norm", (0, 0.2)),
        "contrast": (np.log2, "norm", (0, 0.5)),
        "hue": (np.asarray, "uniform", (-np.pi, 2 * np.pi)),
        "saturation": (np.log2, "norm", (0, 1)),
    }
    for name, (function, distribution, arguments) in continuous.items():
        for column in function(result[name]).T:
            assert scipy.stats.kstest(column, distribution, arguments).pvalue > 1e-3, name
    for name, values in (("xflip", [-1, 1]), ("lumaflip", [-1, 1]), ("rotate90", [0, 1, 2, 3])):
        found, times = np.unique(result[name], return_counts=True)
        np.testing.assert_array_equal(found, values)
        assert scipy.stats.chisquare(times).pvalue > 1e-3
    for axis, reach in ((0, 5), (1, 8)):  # an eighth of the width, 40, and of the height, 64
        found, times = np.unique(result["xint"][:, axis], return_counts=True)
        np.testing.assert_array_equal(found, np.arange(-reach, reach + 1))
        shares = np.array([0.5, *[1] * (2 * reach - 1), 0.5]) / (2 * reach)
        assert scipy.stats.chisquare(times, 20_000 * shares).pvalue > 1e-3


def test_ada_applies_each_transform_independently_with_probability_p():
    p = 0.3
    result = ada_pipeline.sample_transforms(20_000, 64, 64, p, ada_pipeline.TRANSFORMS, seed_of(5, 6))
    comes = {name: np.any(value.numpy() != NEUTRAL[name], axis=1) for name, value in result.items()}
    comes["rotate"] = comes.pop("rotate_before") | comes.pop("rotate_after")
    # An applied flip changes nothing in one of two cases, an applied quarter turn in one of four.
    chances = {"xflip": p / 2, "lumaflip": p / 2, "rotate90": p * 3 / 4, "xint": p * (1 - 1 / 16**2)}
    for name, come in comes.items():
        assert come.mean() == pytest.approx(chances.get(name, p), abs=0.015), name
    correlations = np.corrcoef(np.stack(list(comes.values())))
    assert np.abs(correlations - np.eye(len(comes))).max() < 0.03


def test_ada_leaves_out_what_was_not_chosen():
    everything = ada_pipeline.sample_transforms(50, 16, 16, 1.0, ada_pipeline.TRANSFORMS, seed_of(0, 0))
    some = ada_pipeline.sample_transforms(50, 16, 16, 1.0, ("rotate", "hue"), seed_of(0, 0))
    for name, value in some.items():
        if name in {"rotate_before", "rotate_after", "hue"}:
            np.testing.assert_array_equal(value, everything[name])
        else:
            np.testing.assert_array_equal(value, np.broadcast_to(NEUTRAL[name], value.shape))
    images = tf.constant(random_images(4), tf.float32)
    colour = augmentations.ADA(initial_p=1.0, transforms="color").augment(images, seed_of(0, 0))
    geometry = augmentations.ADA(initial_p=1.0, transforms=["blit", "geom"]).augment(images, seed_of(0, 0))
    both = augmentations.ADA(initial_p=1.0).augment(images, seed_of(0, 0))
    given = ada_pipeline.sample_transforms(4, 6, 6, 1.0, ada_pipeline.TRANSFORMS, seed_of(0, 0))
    np.testing.assert_allclose(colour, ada_pipeline.colours(images, given), atol=1e-6)
    np.testing.assert_allclose(geometry, sampling.affine(images, ada_pipeline.geometry(given)), atol=1e-6)
    np.testing.assert_allclose(both, ada_pipeline.colours(geometry, given), atol=1e-6)


@pytest.mark.parametrize(("mode", "shape"), [("eager", (8, 5, 3)), ("graph", (8, 5, 3)), ("graph", (5, 12, 1))])
def test_ada_without_probability_changes_nothing(mode, shape):
    images = tf.constant(random_images(16, *shape), tf.float32)
    augment = MODES[mode](augmentations.ADA().augment)
    for step in range(3):
        np.testing.assert_array_equal(augment(images, seed_of(7, step)), images)


# ---------------------------------------------------------------- both

AUGMENTATIONS = [("diffaugment", augmentations.DiffAugment), ("ada", lambda: augmentations.ADA(initial_p=0.9))]
BOTH = pytest.mark.parametrize("make", [make for _, make in AUGMENTATIONS], ids=[name for name, _ in AUGMENTATIONS])


@pytest.mark.parametrize("mode", ["eager", "graph"])
@BOTH
def test_the_seed_fixes_what_happens(make, mode):
    images = tf.constant(random_images(8, 8, 8), tf.float32)
    augment = MODES[mode](make().augment)
    first = augment(images, seed_of(1, 2)).numpy()
    np.testing.assert_array_equal(augment(images, seed_of(1, 2)), first)
    for other in ((1, 3), (2, 2)):
        assert np.abs(augment(images, seed_of(*other)) - first).max() > 0.1
    same = tf.repeat(images[:1], 8, axis=0)
    assert len(np.unique(augment(same, seed_of(1, 2)).numpy().reshape(8, -1), axis=0)) == 8


@BOTH
@settings(max_examples=25)
@given(
    shape=st.tuples(st.integers(1, 4), st.integers(1, 9), st.integers(1, 9), st.sampled_from([1, 3])),
    seed=st.tuples(st.integers(-(2**63), 2**63 - 1), st.integers(0, 2**31)),
    dtype=st.sampled_from(["float32", "float16"]),
)
def test_shape_stays_and_all_is_finite(make, shape, seed, dtype):
    result = make().augment(tf.constant(random_images(*shape), dtype), seed_of(*seed))
    assert result.shape == shape
    assert result.dtype == tf.float32
    assert np.isfinite(result).all()


@BOTH
def test_an_unknown_batch_size_keeps_the_static_shape(make):
    images = tf.TensorSpec((None, 6, 4, 3), tf.float32)
    traced = tf.function(make().augment).get_concrete_function(images, tf.TensorSpec((2,), tf.int64))
    assert traced.structured_outputs.shape.as_list() == [None, 6, 4, 3]


@pytest.mark.parametrize("mode", ["eager", "graph", pytest.param("xla", marks=pytest.mark.slow)])
@BOTH
def test_gradients_and_gradients_of_gradients_are_right(make, mode):
    """R1's way through the augmentation: d/dθ of the mean squared norm of d D(T(x))/dx.

    T(x) = A x + b for each image, so A's columns are differences of T itself. The rest is float64 in NumPy: with
    D(u) = Σ tanh(θ w u), the gradient is Aᵀ(θ w / cosh²(θ w T(x))), and θ's derivative a central difference.
    """
    images = random_images(2, 4, 5, 3).astype(np.float32)
    augmentation, w, seed = make(), np.random.default_rng(1).normal(0, 1, (4, 5, 3)), seed_of(4, 2)

    @MODES[mode]
    def run(x, theta):
        with tf.GradientTape() as outer:
            outer.watch(theta)
            with tf.GradientTape() as inner:
                inner.watch(x)
                augmented = augmentation.augment(x, seed)
                score = tf.reduce_sum(tf.tanh(theta * tf.cast(w, tf.float32) * augmented))
            gradient = inner.gradient(score, x)
            penalty = tf.reduce_mean(tf.reduce_sum(tf.square(gradient), axis=(1, 2, 3)))
        derivative = outer.gradient(penalty, theta)
        return tf.reshape(augmented, [2, -1]), tf.reshape(gradient, [2, -1]), derivative

    theta = 1.3
    result, gradient, derivative = (np.float64(value) for value in run(tf.constant(images), tf.constant(theta)))
    units = np.eye(60, dtype=np.float32).reshape(60, 4, 5, 3)
    augment = MODES["graph" if mode == "eager" else mode](augmentation.augment)  # XLA has other random numbers
    columns = [augment(tf.constant(images + unit), seed).numpy().reshape(2, -1) - result for unit in units]
    jacobian = np.stack(columns, axis=2)  # (image, of the result, of the image)
    assert np.abs(jacobian - np.eye(60)).max() > 0.1

    def expected(theta):
        slope = theta * w.ravel() / np.cosh(theta * w.ravel() * result) ** 2
        return np.einsum("ioj,io->ij", jacobian, slope)

    def penalty(theta):
        return np.mean(np.sum(expected(theta) ** 2, axis=1))

    np.testing.assert_allclose(gradient, expected(theta), atol=2e-5)
    assert derivative == pytest.approx((penalty(theta + 1e-4) - penalty(theta - 1e-4)) / 2e-4, rel=1e-4)


# ---------------------------------------------------------------- ADA's heuristic


def paper_p(batches, p=0.0, target=0.6, adjustment_images=1000, interval=4):
    """Section 3's loop over minibatches of logits, in float64; the last p and r_t."""
    r_t = 0.0
    for start in range(0, len(batches) - interval + 1, interval):
        part = [batch.reshape(len(batch), -1) for batch in batches[start : start + interval]]
        r_t = np.mean(np.concatenate([np.sign(batch).mean(axis=1) for batch in part]))
        p = np.clip(p + np.sign(r_t - target) * sum(map(len, part)) / adjustment_images, 0, 1)
    return p, r_t


@pytest.mark.parametrize("mode", MODES)
def test_p_rises_by_the_images_seen_over_the_adjustment_images(mode):
    ada = augmentations.ADA(adjustment_images=1000)
    update = MODES[mode](ada.update)
    for n in range(1, 13):
        update(tf.fill((10, 1), 0.5))
        assert float(ada.statistics()["ada_p"]) == pytest.approx(n // 4 * 40 / 1000)
        assert float(ada.statistics()["ada_r_t"]) == (n >= 4)


@pytest.mark.parametrize("shape", [(1,), (2, 3, 1)])
def test_p_follows_the_papers_loop(shape):
    """Also with batches of several sizes and a map of logits, p being clipped at 0 now and then."""
    rng = np.random.default_rng(0)
    batches = [rng.normal(rng.choice([-1, 2.0]), 1, (rng.integers(1, 60), *shape)) for _ in range(122)]
    ada = augmentations.ADA(target=0.3, adjustment_images=1000, interval=3, initial_p=0.2)
    seen = []
    for n, batch in enumerate(batches):
        ada.update(tf.constant(batch, tf.float32))
        seen.append(float(ada.p))
        p, r_t = paper_p(batches[: n + 1], 0.2, 0.3, 1000, 3)
        assert seen[-1] == pytest.approx(p, abs=1e-5)
        assert float(ada.r_t) == pytest.approx(r_t, abs=1e-5)
    assert min(seen) == 0
    assert max(seen) > 0.25


def test_p_falls_below_the_target_and_stays_within_0_and_1():
    ada = augmentations.ADA(adjustment_images=10, interval=1, initial_p=0.9)
    path = []
    for sign in (1, 1, -1, -1, -1):
        ada.update(tf.fill((4, 1), sign * 3.0))
        path.append(float(ada.p))
    assert path == pytest.approx([1, 1, 0.6, 0.2, 0])


def test_p_stays_where_r_t_is_the_target():
    ada = augmentations.ADA(target=0.5, adjustment_images=10, interval=1, initial_p=0.5)
    ada.update(tf.constant([[1.0], [2.0], [3.0], [-1.0]]))
    assert float(ada.r_t) == 0.5
    assert float(ada.p) == 0.5


def test_float16_logits_count_as_well():
    ada = augmentations.ADA(adjustment_images=10_000, interval=1)
    ada.update(tf.ones((3000, 1), tf.float16))
    assert float(ada.p) == pytest.approx(0.3)


@keras.saving.register_keras_serializable("test_augmentations")
class Holder(keras.Model):
    """A model with an augmentation."""

    def __init__(self, augmentation, **kwargs):
        super().__init__(**kwargs)
        self.augmentation = augmentations.get(augmentation)
        self.built = True

    def call(self, inputs):
        return inputs

    def get_config(self):
        return {"augmentation": keras.saving.serialize_keras_object(self.augmentation)}


@pytest.mark.parametrize("policy", ["float32", "mixed_float16"])
def test_a_model_saves_and_resumes_where_ada_was(tmp_path, policy):
    keras.config.set_dtype_policy(policy)
    try:
        model = Holder(augmentations.ADA(adjustment_images=1000, interval=3))
        for n in range(5):
            model.augmentation.update(tf.fill((8 + n, 1), 1.0))
        model.save(tmp_path / "model.keras")
        model.save_weights(tmp_path / "model.weights.h5")
        loaded, other = (
            keras.models.load_model(tmp_path / "model.keras"),
            Holder("ada"),
        )
        other.load_weights(tmp_path / "model.weights.h5")
    finally:
        keras.config.set_dtype_policy("float32")
    assert all(weight.dtype == "float32" for weight in model.weights)
    assert not model.trainable_weights
    for resumed in (loaded, other):
        for weight, saved in zip(resumed.weights, model.weights, strict=True):
            assert float(weight) == float(saved), weight.name
    for holder in (model, loaded):
        holder.augmentation.update(tf.fill((2, 1), -1.0))
    assert float(loaded.augmentation.p) == float(model.augmentation.p) == pytest.approx((27 + 25) / 1000)


# ---------------------------------------------------------------- what users write


def test_get_takes_names_objects_their_serialised_form_and_none():
    assert augmentations.get(None) is None
    assert type(augmentations.get("ada")) is augmentations.ADA
    assert type(augmentations.get("diffaugment")) is augmentations.DiffAugment
    mine = augmentations.ADA(0.5, 1000, 2, 0.25, "blit,hue")
    assert augmentations.get(mine) is mine
    again = augmentations.get(json.loads(json.dumps(keras.saving.serialize_keras_object(mine))))
    assert again.get_config() == mine.get_config()
    assert (again.target, again.adjustment_images, again.interval, again.initial_p) == (0.5, 1000, 2, 0.25)
    assert again.transforms == ("blit", "hue")
    assert float(again.p) == 0.25
    policy = augmentations.DiffAugment(["cutout", "color"])
    again = augmentations.get(json.loads(json.dumps(keras.saving.serialize_keras_object(policy))))
    assert again.policy == policy.policy == ("cutout", "color")


@pytest.mark.parametrize("wrong", ["diff_augment", 3, keras.saving.serialize_keras_object(keras.layers.ReLU())])
def test_get_raises_for_anything_else(wrong):
    with pytest.raises(ValueError, match=r"must be one of \['ada', 'diffaugment'\], .*Received: "):
        augmentations.get(wrong)


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (
            lambda: augmentations.DiffAugment("color,contrast"),
            "color, translation, cutout, each once. Received: policy=",
        ),
        (lambda: augmentations.DiffAugment(()), "`policy` must be one or more"),
        (lambda: augmentations.DiffAugment(""), "`policy` must be one or more"),
        (lambda: augmentations.DiffAugment(["color", "color"]), "each once"),
        (
            lambda: augmentations.ADA(transforms=["noise"]),
            "blit, geom, color, xflip, .*saturation, each once. Received:",
        ),
        (lambda: augmentations.ADA(target=1.0), "`target` must be between -1 and 1. Received: target=1.0"),
        (lambda: augmentations.ADA(target=float("nan")), "`target`"),
        (lambda: augmentations.ADA(adjustment_images=0), "`adjustment_images` must be an integer, at least 1"),
        (lambda: augmentations.ADA(adjustment_images=1e5), "Received: adjustment_images=100000.0"),
        (lambda: augmentations.ADA(interval=0), "`interval` must be an integer, at least 1. Received: interval=0"),
        (lambda: augmentations.ADA(initial_p=1.1), "`initial_p` must be from 0 to 1. Received: initial_p=1.1"),
    ],
)
def test_wrong_arguments_are_named(make, says):
    with pytest.raises(ValueError, match=says):
        make()


def test_ada_changes_the_colours_of_grey_and_rgb_images_alone():
    images = tf.constant(random_images(2, channels=4), tf.float32)
    with pytest.raises(ValueError, match=r"1 or 3 channels.*\(2, 6, 6, 4\)"):
        augmentations.ADA().augment(images, seed_of(0, 0))
    assert (
        augmentations.ADA(initial_p=1.0, transforms=("blit", "geom")).augment(images, seed_of(0, 0)).shape
        == images.shape
    )


def test_an_augmentation_of_ones_own_needs_but_augment():
    class Negative(augmentations.Augmentation):
        def augment(self, images, seed):
            return -images

    mine = augmentations.get(Negative())
    assert mine.update(tf.ones((2, 1))) is None
    assert mine.statistics() == {}
    with pytest.raises(TypeError, match="augment"):
        augmentations.Augmentation()
