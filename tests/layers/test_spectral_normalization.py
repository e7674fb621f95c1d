"""Spectral normalisation, against algorithm 1 and equation 12 of the paper in NumPy float64, and PyTorch."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st
from keras import layers

import keras_gan
from keras_gan.layers import GroupedConv2D, SpectralNormalization, fold_spectral_normalization

# A layer, the shape of its input, and its kernel as the paper's matrix (output channels, all the rest).
CASES = {
    "dense": (lambda **o: layers.Dense(4, **o), (3, 5), lambda w: w.T),
    "conv": (
        lambda **o: layers.Conv2D(4, 3, strides=2, padding="same", **o),
        (2, 6, 6, 3),
        lambda w: w.reshape(-1, 4).T,
    ),
    "grouped": (lambda **o: GroupedConv2D(4, 3, groups=2, **o), (2, 6, 6, 6), lambda w: w.reshape(-1, 4).T),
    "transposed": (
        lambda **o: layers.Conv2DTranspose(4, 3, strides=2, **o),
        (2, 4, 4, 3),
        lambda w: w.transpose(2, 0, 1, 3).reshape(4, -1),
    ),
    "depthwise": (
        lambda **o: layers.DepthwiseConv2D(3, depth_multiplier=2, **o),
        (2, 6, 6, 3),
        lambda w: w.reshape(9, 6).T,
    ),
}
RUNS = {"eager": lambda f: f, "graph": tf.function, "xla": lambda f: tf.function(f, jit_compile=True)}
PLAIN = {
    "dense": lambda x, w: x @ w,
    "conv": lambda x, w: tf.nn.conv2d(x, w, 2, "SAME"),
    "transposed": lambda x, w: tf.nn.conv2d_transpose(x, w, (2, 9, 9, 4), 2, "VALID"),
}


@pytest.fixture(params=CASES)
def case(request):
    make, shape, matrix = CASES[request.param]
    layer = SpectralNormalization(make(dtype="float64"))
    layer.build(shape)
    rng = np.random.default_rng(0)
    layer.kernel.assign(rng.normal(size=layer.kernel.shape))
    return layer, rng.normal(size=shape), matrix


def unit(x):
    return x / np.sqrt(np.sum(x**2))


def algorithm_1(matrix, u, steps=1):
    for _ in range(steps):
        v = unit(matrix.T @ u)
        u = unit(matrix @ v)
    return u, v, u @ matrix @ v


def plain_twin(layer, x, sigma):
    """Output of the wrapped layer with the kernel divided by sigma."""
    twin = type(layer.layer).from_config(layer.layer.get_config())
    twin.build(x.shape)
    kernel, *bias = layer.layer.get_weights()
    twin.set_weights([kernel / sigma, *bias])
    return twin(x)


def test_one_call_is_algorithm_1(case):
    layer, x, matrix = case
    kernel, u = layer.kernel.numpy(), layer.u.numpy()
    u, _, sigma = algorithm_1(matrix(kernel), u)
    np.testing.assert_allclose(layer(x, training=True), plain_twin(layer, x, sigma), rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(layer.u, u, rtol=1e-10)
    np.testing.assert_array_equal(layer.kernel, kernel)


def test_sigma_becomes_the_largest_singular_value(case):
    layer, _, matrix = case
    kernel = layer.kernel.numpy()
    step = tf.function(lambda: layer.normalized_kernel(training=True))
    for _ in range(300):
        normalized = step()
    largest = np.linalg.svd(matrix(kernel), compute_uv=False)[0]
    np.testing.assert_allclose(normalized, kernel / largest, rtol=1e-6)


def test_inference_writes_nothing_and_takes_the_u_that_is_stored(case):
    layer, x, matrix = case
    layer(x, training=True)
    before = layer.get_weights()
    sigma = np.sqrt(np.sum((matrix(layer.kernel.numpy()).T @ layer.u.numpy()) ** 2))
    for y in (layer(x), layer(x, training=False)):
        np.testing.assert_allclose(y, plain_twin(layer, x, sigma), rtol=1e-10, atol=1e-12)
    for one, two in zip(layer.get_weights(), before, strict=True):
        np.testing.assert_array_equal(one, two)


@pytest.mark.parametrize("run", RUNS)
def test_each_call_in_one_graph_takes_u_on(run):
    layer = SpectralNormalization(layers.Dense(6, dtype="float64"), power_iterations=2)
    x = np.random.default_rng(0).normal(size=(3, 5))
    layer.build(x.shape)
    u, matrix = layer.u.numpy(), layer.kernel.numpy().T
    results = RUNS[run](lambda: [layer(x, training=True) for _ in range(3)])()
    for y in results:
        u, _, sigma = algorithm_1(matrix, u, steps=2)
        np.testing.assert_allclose(y, x @ matrix.T / sigma, rtol=1e-10)
    np.testing.assert_allclose(layer.u, u, rtol=1e-10)
    assert [v.path.split("/")[-1] for v in layer.non_trainable_variables] == ["u"]


@pytest.mark.parametrize("run", RUNS)
@pytest.mark.parametrize("kind", PLAIN)
def test_the_gradient_is_equation_12(kind, run):
    """Against finite differences of the output by W / u^T W v, u and v held."""
    make, shape, matrix = CASES[kind]
    layer = SpectralNormalization(make(dtype="float64"))
    layer.build(shape)
    rng = np.random.default_rng(1)
    x, kernel = rng.normal(size=shape), layer.kernel.numpy()
    u, v, _ = algorithm_1(matrix(kernel), layer.u.numpy())

    def gradient():
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(tf.sin(layer(x, training=True)))
        return tape.gradient(loss, layer.kernel.value)

    def loss_at(w):
        return tf.reduce_sum(tf.sin(PLAIN[kind](x, w / (u @ matrix(w) @ v))))

    found = RUNS[run](gradient)()
    for _ in range(3):
        direction = rng.normal(size=kernel.shape)
        expected = (loss_at(kernel + 1e-5 * direction) - loss_at(kernel - 1e-5 * direction)) / 2e-5
        assert np.sum(found * direction) == pytest.approx(float(expected), rel=1e-6, abs=1e-8)


@pytest.mark.parametrize("run", RUNS)
def test_a_gradient_penalty_of_it_has_the_right_gradient(run):
    """R1 of a network of two such layers, against finite differences of R1, u and v held."""
    first = SpectralNormalization(layers.Conv2D(4, 3, use_bias=False, dtype="float64"))
    last = SpectralNormalization(layers.Dense(1, use_bias=False, dtype="float64"))
    rng = np.random.default_rng(2)
    x = tf.constant(rng.normal(size=(2, 5, 5, 3)))
    first.build(x.shape)
    last.build((2, 36))
    matrices = CASES["conv"][2], CASES["dense"][2]
    held = [algorithm_1(m(p.kernel.numpy()), p.u.numpy())[:2] for m, p in zip(matrices, (first, last), strict=True)]

    def penalty(judge):
        with tf.GradientTape() as tape:
            tape.watch(x)
            logits = judge(x)
        return tf.reduce_sum(tape.gradient(logits, x) ** 2)

    def gradient():
        with tf.GradientTape() as tape:
            r1 = penalty(lambda x: last(tf.reshape(tf.tanh(first(x, training=True)), (2, 36)), training=True))
        return r1, tape.gradient(r1, [first.kernel.value, last.kernel.value])

    def penalty_at(kernels):
        w1, w2 = (w / (u @ m(w) @ v) for w, m, (u, v) in zip(kernels, matrices, held, strict=True))
        return penalty(lambda x: tf.reshape(tf.tanh(tf.nn.conv2d(x, w1, 1, "VALID")), (2, 36)) @ w2)

    kernels = [first.kernel.numpy(), last.kernel.numpy()]
    r1, found = RUNS[run](gradient)()
    assert float(r1) == pytest.approx(float(penalty_at(kernels)), rel=1e-9)
    directions = [rng.normal(size=w.shape) for w in kernels]
    ahead, behind = ([w + s * d for w, d in zip(kernels, directions, strict=True)] for s in (1e-5, -1e-5))
    expected = (penalty_at(ahead) - penalty_at(behind)) / 2e-5
    along = sum(np.sum(g * d) for g, d in zip(found, directions, strict=True))
    assert along == pytest.approx(float(expected), rel=1e-6)


@given(st.floats(1e-3, 1e3))
def test_the_kernels_scale_does_not_matter(scale):
    layer = SpectralNormalization(layers.Dense(3, dtype="float64"))
    layer.build((None, 4))
    kernel, before = layer.kernel.numpy(), layer.normalized_kernel()
    layer.kernel.assign(kernel * scale)
    np.testing.assert_allclose(layer.normalized_kernel(), before, rtol=1e-9)


def test_a_kernel_of_zeros_stays_finite():
    layer = SpectralNormalization(layers.Dense(3, kernel_initializer="zeros"))
    x = tf.ones((2, 4))
    np.testing.assert_array_equal(layer(x, training=True), np.zeros((2, 3)))
    assert np.all(np.isfinite(layer.u))


@pytest.mark.parametrize(("dtype", "tolerance"), [("float16", 2e-3), ("bfloat16", 2e-2)])
def test_half_precision_finds_sigma_in_float32(dtype, tolerance):
    """The sum of 900 squares of 100 is 9,000,000; float16's largest number is 65504."""
    layer = SpectralNormalization(layers.Conv2D(4, 30, dtype=f"mixed_{dtype}"))
    images = keras.Input((30, 30, 1))
    model = keras.Model(images, layer(images))
    assert model.outputs[0].dtype == dtype
    rng = np.random.default_rng(0)
    layer.kernel.assign(100 * np.sign(rng.normal(size=layer.kernel.shape)))
    x = rng.normal(size=(2, 30, 30, 1)).astype(np.float32)
    _, _, sigma = algorithm_1(CASES["conv"][2](layer.kernel.numpy().astype(np.float64)), layer.u.numpy())
    y = model(x, training=True)
    assert y.dtype == dtype
    assert layer.u.dtype == layer.kernel.dtype == "float32"
    np.testing.assert_allclose(tf.cast(y, "float32"), plain_twin(layer, x, sigma), atol=tolerance)


def test_the_output_is_the_layers_own_in_dtype_and_shape_under_a_mixed_policy():
    keras.config.set_dtype_policy("mixed_float16")
    try:
        inputs = keras.Input((8, 8, 3))
        x = SpectralNormalization(layers.Conv2D(4, 3))(inputs)
        logits = SpectralNormalization(layers.Dense(1, dtype="float32"))(layers.Flatten()(x))
        model = keras.Model(inputs, logits)
    finally:
        keras.config.set_dtype_policy("float32")
    assert (x.dtype, x.shape) == ("float16", (None, 6, 6, 4))
    assert logits.dtype == model(np.ones((2, 8, 8, 3), np.float32)).dtype == "float32"


# ------------------------------------------------------------------ saving, copying, folding


def network():
    """One of each kind, in a model in a model, one layer used twice."""
    inner_inputs = keras.Input((6, 6, 3), name="pictures")
    x = SpectralNormalization(layers.Conv2D(4, 3, padding="same", activation="relu"), name="one")(inner_inputs)
    shared = SpectralNormalization(layers.Conv2D(4, 3, padding="same"), power_iterations=2)
    inner = keras.Model(inner_inputs, shared(layers.BatchNormalization()(shared(x))), name="inner")
    inputs = keras.Input((6, 6, 3))
    x = SpectralNormalization(layers.Conv2DTranspose(5, 4, strides=2))(inner(inputs))
    x = SpectralNormalization(layers.DepthwiseConv2D(3))(x)
    x = keras.ops.max(x, axis=1)
    model = keras.Model(inputs, SpectralNormalization(layers.Dense(2), name="logits")(layers.Flatten()(x)))
    for _ in range(3):
        model(pictures(), training=True)
    return model


def pictures():
    return np.random.default_rng(0).normal(size=(2, 6, 6, 3)).astype(np.float32)


def test_a_saved_model_comes_back_with_its_u(tmp_path):
    model = network()
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    names = [w.path.split("/")[-1] for w in model.weights]
    assert names.count("u") == 5
    for one, two in zip(model.get_weights(), loaded.get_weights(), strict=True):
        np.testing.assert_array_equal(one, two)
    np.testing.assert_array_equal(loaded(pictures()), model(pictures()))


def test_a_clone_is_alike_and_shares_nothing():
    model = network()
    twin = keras.models.clone_model(model)
    twin.set_weights(model.get_weights())
    np.testing.assert_array_equal(twin(pictures()), model(pictures()))
    assert not {id(w) for w in twin.weights} & {id(w) for w in model.weights}


def test_the_arguments_are_attributes_and_come_back_from_the_config():
    layer = SpectralNormalization(layers.Dense(3, dtype="mixed_float16"), 2, 1e-6, name="s", trainable=False)
    twin = SpectralNormalization.from_config(layer.get_config())
    assert twin.get_config() == layer.get_config()
    assert (twin.power_iterations, twin.epsilon, twin.layer.units, twin.trainable) == (2, 1e-6, 3, False)


def test_folding_gives_plain_layers_and_the_same_values():
    model = network()
    before = model.get_weights()
    folded = fold_spectral_normalization(model)
    np.testing.assert_allclose(folded(pictures()), model(pictures()), atol=1e-6)
    kinds = [type(layer) for layer in folded._flatten_layers()]
    assert kinds.count(layers.Conv2D) == 2
    for kind in (layers.Conv2DTranspose, layers.DepthwiseConv2D, layers.Dense, layers.BatchNormalization):
        assert kinds.count(kind) == 1
    assert SpectralNormalization not in kinds
    assert folded.get_layer("logits").units == 2
    assert [layer.name for layer in folded.layers[1:]] == [layer.name for layer in model.layers[1:]]
    folded.set_weights([0 * w for w in folded.get_weights()])
    for one, two in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(one, two)
    assert sum(isinstance(layer, SpectralNormalization) for layer in model._flatten_layers()) == 5


def test_folding_takes_sequential_models_and_models_without_any():
    model = keras.Sequential([keras.Input((4,)), SpectralNormalization(layers.Dense(3)), layers.Dropout(0.5)])
    x = np.ones((2, 4), np.float32)
    np.testing.assert_allclose(fold_spectral_normalization(model)(x), model(x), atol=1e-6)
    plain = keras.Sequential([keras.Input((4,)), layers.Dense(3)])
    np.testing.assert_array_equal(fold_spectral_normalization(plain)(x), plain(x))


def test_folding_refuses_what_it_cannot_reach():
    inputs = keras.Input((3, 4))
    hidden = layers.TimeDistributed(SpectralNormalization(layers.Dense(2)), name="each")
    with pytest.raises(ValueError, match="Received: one inside of 'each', a TimeDistributed"):
        fold_spectral_normalization(keras.Model(inputs, hidden(inputs)))


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: SpectralNormalization(layers.Dense(2), 0), "`power_iterations` must be.*Received: power_iterations=0"),
        (lambda: SpectralNormalization(layers.Dense(2), 1.5), "Received: power_iterations=1.5"),
        (lambda: SpectralNormalization(layers.Dense(2), epsilon=0.0), "`epsilon` must be.*Received: epsilon=0.0"),
        (lambda: SpectralNormalization(layers.ReLU(name="r")).build((1, 4)), "`kernel`.*Received: layer='r', a ReLU"),
    ],
)
def test_arguments_are_checked(make, says):
    with pytest.raises(ValueError, match=says):
        make()


# ------------------------------------------------------------------ others


@pytest.mark.reference
@pytest.mark.parametrize("kind", ["dense", "conv", "transposed"])
def test_pytorch_gives_the_same_values_and_gradients(kind):
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(0)
    if kind == "dense":
        theirs, order, shape = torch.nn.Linear(5, 4, bias=False), (1, 0), (3, 5)
    elif kind == "conv":
        theirs, order, shape = torch.nn.Conv2d(3, 4, 3, stride=2, bias=False), (2, 3, 1, 0), (2, 7, 7, 3)
    else:
        theirs, order, shape = torch.nn.ConvTranspose2d(3, 4, 3, stride=2, bias=False), (2, 3, 1, 0), (2, 4, 4, 3)
    theirs = torch.nn.utils.spectral_norm(theirs.double())
    make = {"dense": layers.Dense(4, use_bias=False, dtype="float64")}.get(kind) or (
        layers.Conv2D if kind == "conv" else layers.Conv2DTranspose
    )(4, 3, strides=2, use_bias=False, dtype="float64")
    ours = SpectralNormalization(make)
    ours.build(shape)
    ours.kernel.assign(theirs.weight_orig.detach().numpy().transpose(order))
    ours.u.assign(theirs.weight_u.numpy())
    x = rng.normal(size=shape)
    for _ in range(3):
        y = theirs(torch.tensor(x if kind == "dense" else x.transpose(0, 3, 1, 2)))
        with tf.GradientTape() as tape:
            z = ours(x, training=True)
            loss = tf.reduce_sum(z**3)
        expected = y.detach().numpy()
        np.testing.assert_allclose(z, expected if kind == "dense" else expected.transpose(0, 2, 3, 1), rtol=1e-9)
        np.testing.assert_allclose(ours.u, theirs.weight_u, rtol=1e-9)
        theirs.zero_grad()
        (y**3).sum().backward()
        gradient = theirs.weight_orig.grad.numpy().transpose(order)
        np.testing.assert_allclose(tape.gradient(loss, ours.kernel.value), gradient, rtol=1e-8, atol=1e-8)


def test_a_gan_trains_with_it():
    """Each D update judges real and generated images: u goes on by two steps, and the generator's update by one."""
    networks = keras_gan.networks.mlp
    discriminator = networks.discriminator((4, 4, 1), units=4, dropout=0.0, normalization="spectral")
    gan = keras_gan.GAN(networks.generator((4, 4, 1), 5, units=8), discriminator, latent_dim=5, seed=0)
    gan.compile(*(keras.optimizers.SGD(0.0) for _ in range(2)))
    wrapped = next(layer for layer in discriminator.layers if isinstance(layer, SpectralNormalization))
    u, matrix = wrapped.u.numpy().astype(np.float64), wrapped.kernel.numpy().T.astype(np.float64)
    gan.fit(np.random.default_rng(0).uniform(-1, 1, (8, 4, 4, 1)).astype(np.float32), batch_size=8, verbose=0)
    np.testing.assert_allclose(wrapped.u, algorithm_1(matrix, u, 3)[0], atol=1e-5)
    np.testing.assert_array_equal(wrapped.kernel.numpy().T, matrix.astype(np.float32))
