"""The same seed gives the same image from the model and from each signature of each artifact."""

from __future__ import annotations

import export_models as models
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import keras_gan
from keras_gan import latent
from keras_gan.artifacts.engines import open_engine
from keras_gan.export import ExportError, ExportReport, Manifest, export_generator, load
from keras_gan.export.sources.generator import GeneratorSource

FILES = {"saved_model": "saved_model.pb", "tflite": "model.tflite", "onnx": "model_generate.onnx"}
# The least PSNR in dB. In 8 bits an image may depend on the last bit of z.
LOWER = {"onnx_float16": 60, "onnx_int8": 30}
TOLERANCE = 1e-5
SEEDS = st.integers(0, 2**31 - 1)


@pytest.fixture(scope="module")
def gan() -> keras_gan.GAN:
    """A GAN with the generator of `exported_targets`."""
    generator = models.conditional().generator
    discriminator = keras_gan.networks.mlp.discriminator((8, 8, 1), models.CLASSES, units=4)
    return keras_gan.GAN(generator, discriminator, latent_dim=models.LATENT, num_classes=models.CLASSES)


@pytest.fixture(scope="module")
def report(exported_targets) -> ExportReport:
    return ExportReport(exported_targets, Manifest.load(exported_targets))


@pytest.fixture(scope="module")
def engines(report):
    opened = {form: open_engine(report.path / file) for form, file in FILES.items()}
    return {form: engine.signature("generate") or engine for form, engine in opened.items()}


def labels_of(n: int) -> np.ndarray:
    return (np.arange(n) % models.CLASSES).astype(np.int32)


@pytest.mark.parametrize("form", FILES)
@pytest.mark.parametrize("n", [1, 4, 11])
def test_the_same_seed_gives_the_same_images(gan, report, engines, form, n):
    expected = gan.generate(n, seed=7)
    np.testing.assert_allclose(load(report.path, format=form).generate(n, seed=7), expected, atol=TOLERANCE)
    generated = engines[form].run({**latent.seed_rows(n, seed=7), "labels": labels_of(n)})["image"]
    assert generated.dtype == np.float32
    np.testing.assert_allclose(generated, expected, atol=TOLERANCE)
    np.testing.assert_allclose(gan.generate(11, seed=7)[:n], expected, atol=TOLERANCE)


@pytest.mark.parametrize("form", LOWER)
@pytest.mark.parametrize("truncation", [1.0, 0.5])
def test_files_of_reduced_precision_sample_z_themselves(gan, report, form, truncation):
    artifact = load(report.path, format=form, signature="generate")
    assert artifact.path.name == f"model_{form.removeprefix('onnx_')}_generate.onnx"
    error = artifact.generate(11, seed=7, truncation=truncation) - gan.generate(11, seed=7, truncation=truncation)
    assert 10 * np.log10(4 / np.mean(error**2)) > LOWER[form]
    assert np.abs(artifact.generate(11, seed=8) - artifact.generate(11, seed=7)).max() > 0.1


@pytest.mark.parametrize("form", FILES)
@settings(max_examples=15)
@given(st.lists(st.tuples(SEEDS, SEEDS, st.floats(0, 2, width=32)), min_size=1, max_size=9))
def test_a_row_is_a_function_of_its_own_numbers(gan, engines, form, rows):
    """A server may put any rows into one batch."""
    seed, index, truncation = (np.array(column) for column in zip(*rows, strict=True))
    labels = labels_of(len(rows))
    inputs = {"seed": seed, "index": index, "truncation": truncation, "labels": labels}
    z = latent.normal(seed, index, models.LATENT) * truncation.astype(np.float32)[:, None]
    np.testing.assert_allclose(engines[form].run(inputs)["image"], gan.generate_from_latent(z, labels), atol=TOLERANCE)


@pytest.mark.parametrize("form", FILES)
def test_truncation_agrees(gan, report, engines, form):
    expected = gan.generate(4, seed=2**31 - 1, truncation=0.5)
    assert np.abs(expected - gan.generate(4, seed=2**31 - 1)).max() > 0.01
    artifact = load(report.path, format=form)
    np.testing.assert_allclose(artifact.generate(4, seed=2**31 - 1, truncation=0.5), expected, atol=TOLERANCE)
    generated = engines[form].run({**latent.seed_rows(4, 2**31 - 1, 0.5), "labels": labels_of(4)})["image"]
    np.testing.assert_allclose(generated, expected, atol=TOLERANCE)
    none = artifact.generate(3, labels=[1, 1, 1], seed=5, truncation=0)
    np.testing.assert_allclose(none, none[[0, 0, 0]], atol=TOLERANCE)


def test_the_onnx_file_that_samples_z_is_an_artifact(gan, report, tmp_path):
    artifact = load(report.path / "model_generate.onnx")
    assert (artifact.latent_dim, artifact.image_shape, artifact.conditional) == (models.LATENT, (8, 8, 1), True)
    np.testing.assert_allclose(artifact.generate(9, seed=7, batch_size=4), gan.generate(9, seed=7), atol=TOLERANCE)
    assert artifact.generate(0).shape == (0, 8, 8, 1)
    assert np.abs(artifact.generate(1, seed=None) - artifact.generate(1, seed=None)).max() > 0
    with pytest.raises(ValueError, match=r"model_generate.onnx` takes seeds only: call `generate\(\)`. Received: z"):
        artifact(latent.sample(1, models.LATENT))
    with pytest.raises(
        ValueError, match=r"`seed` must be an integer from 0 to 2\*\*31 - 1, or None. Received: seed=-1"
    ):
        artifact.generate(1, seed=-1)
    lone = tmp_path / "lone.onnx"
    lone.write_bytes((report.path / "model_generate.onnx").read_bytes())
    assert load(lone).latent_dim == 0
    np.testing.assert_allclose(load(lone).generate(2, [0, 1], seed=7), gan.generate(2, seed=7), atol=TOLERANCE)


def test_built_in_operations_alone(report):
    import onnx
    from ai_edge_litert.tools import flatbuffer_utils

    model = flatbuffer_utils.read_model(str(report.path / "model.tflite"))
    assert all(code.customCode is None for code in model.operatorCodes)
    for file in ("model_generate.onnx", "model_float16_generate.onnx", "model_int8_generate.onnx"):
        graph = onnx.load(report.path / file)
        onnx.checker.check_model(graph, full_check=True)
        assert {node.domain for node in graph.graph.node} <= {"", "ai.onnx"}


@pytest.mark.parametrize("ignored", ["seed", "index", "truncation"])
def test_a_signature_that_samples_another_z_is_not_published(tmp_path, monkeypatch, ignored):
    real = GeneratorSource.graph_of_seeds

    def graph(self, seed, index, truncation, *labels):
        given = {"seed": seed, "index": index, "truncation": truncation}
        given[ignored] = given[ignored] * 0 + 1
        return real(self, *given.values(), *labels)

    monkeypatch.setattr(GeneratorSource, "graph_of_seeds", graph)
    with pytest.raises(ExportError) as caught:
        export_generator(models.mlp(), tmp_path, formats=["tflite"], batch_sizes=[8])
    (problem,) = caught.value.problems
    assert problem.startswith("tflite generate: batch 8: a pixel is")
    assert list(tmp_path.iterdir()) == []


def test_a_changed_file_of_seeds_is_refused(report, tmp_path):
    for file in ("manifest.json", "model.onnx", "model_generate.onnx"):
        (tmp_path / file).write_bytes((report.path / file).read_bytes())
    damaged = bytearray((tmp_path / "model_generate.onnx").read_bytes())
    damaged[len(damaged) // 2] ^= 1
    (tmp_path / "model_generate.onnx").write_bytes(damaged)
    assert load(tmp_path / "model.onnx").manifest == Manifest.load(tmp_path)
    with pytest.raises(ValueError, match=r"model_generate.onnx` has changed since its export"):
        load(tmp_path / "model_generate.onnx")


@pytest.mark.slow
@pytest.mark.parametrize("form", FILES)
@pytest.mark.parametrize("n", [1, 3, 8])
def test_ten_thousand_seeds(gan, engines, form, n):
    seeds = np.random.default_rng(n).choice(2**31, 10_000 // n * n, replace=False).astype(np.int32).reshape(-1, n)
    one = {"index": np.zeros(n, np.int32), "truncation": np.ones(n, np.float32), "labels": labels_of(n)}
    generated = np.concatenate([engines[form].run({**one, "seed": seed})["image"] for seed in seeds])
    z = latent.normal(seeds.ravel(), np.zeros(seeds.size, np.int32), models.LATENT)
    np.testing.assert_allclose(
        generated, gan.generate_from_latent(z, np.tile(labels_of(n), len(seeds)), 1000), rtol=0, atol=TOLERANCE
    )
