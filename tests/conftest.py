"""Settings and fixtures that the tests share: small networks, fixed seeds, small images, exports."""

from __future__ import annotations

import contextlib
import gc
import os
import warnings
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")  # as for users, who import keras_gan before TensorFlow
# Two processes of tests share the cores. More threads only wait for each other, a tenth of the processor time.
os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "1")

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import HealthCheck, settings

import keras_gan

pytest_plugins = ["cpu_time"]

# A slow or busy machine must not fail a test.
settings.register_profile(
    "keras_gan", deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=25, derandomize=True
)
settings.load_profile("keras_gan")


def pytest_addoption(parser):
    parser.addoption("--no-skips", action="store_true", help="A skipped test fails.")


def pytest_collection_finish():
    """Keep the half million objects of the imports out of garbage collection, a tenth of the processor time."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item):
    return _without_skip((yield), item.config)


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector):
    return _without_skip((yield), collector.config)


def _without_skip(report, config):
    """The report of a test or a module, failed where --no-skips was given and it was skipped."""
    if report.skipped and not hasattr(report, "wasxfail") and config.getoption("--no-skips"):
        report.outcome = "failed"
        report.longrepr = f"skipped under --no-skips: {report.longrepr[2]}"
    return report


@pytest.fixture(autouse=True, scope="session")
def _own_cache(tmp_path_factory):
    os.environ["KERAS_GAN_CACHE"] = str(tmp_path_factory.mktemp("cache"))


@pytest.fixture(autouse=True, scope="session")
def _this_processor_alone():
    """Exports of the tests are not checked in a second process, which takes seconds. `other_processors` undoes it."""
    from keras_gan.export.parity import other_processors

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(other_processors, "problems", lambda *_: [])
        yield


@pytest.fixture(autouse=True, scope="session")
def _collector_left_alone():
    """Exports to ONNX do not free the copies of their small graphs early, which unfreezes all objects."""
    from keras_gan.export.formats import onnx

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(onnx, "_garbage_collected_often", contextlib.nullcontext)
        yield


@pytest.fixture(autouse=True)
def _seeded():
    keras.utils.set_random_seed(0)


@pytest.fixture(autouse=True, scope="session")
def _short_timings():
    """Exports time each artifact for a moment only."""
    from keras_gan.export.parity import latency

    latency._SECONDS = 0.0


@pytest.fixture
def images():
    """64 images of 8x8x1 in [-1, 1], of both signs."""
    return np.random.default_rng(0).uniform(-1, 1, (64, 8, 8, 1)).astype(np.float32)


@pytest.fixture
def labels():
    return np.arange(64, dtype=np.int32) % 4


def _once(tmp_path_factory: pytest.TempPathFactory, name: str, export: Callable[[Path], object]) -> Path:
    """The folder of an export that the first process of the tests makes, and that no test changes."""
    import fcntl

    root = tmp_path_factory.getbasetemp()
    root = root.parent if "PYTEST_XDIST_WORKER" in os.environ else root
    with (root / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (root / name).exists():
            export(root / name)
    return root / name


@pytest.fixture(scope="session")
def exported_conditional(tmp_path_factory):
    """Version 1 of "digits": `export_models.conditional()` in the three formats."""
    import export_models

    def export(folder):
        keras_gan.export.export_generator(export_models.conditional(), folder, name="digits")

    return _once(tmp_path_factory, "conditional", export) / "digits" / "1"


@pytest.fixture(scope="session")
def exported_targets(tmp_path_factory):
    """Version 1 of "digits": `export_models.conditional()` in the formats of all targets."""
    import export_models

    def export(folder):
        targets = tuple(keras_gan.export.TARGETS)
        options = {"name": "digits", "batch_sizes": (1, 4), "max_kid": None}
        keras_gan.export.export_generator(export_models.conditional(), folder, targets=targets, **options)

    return _once(tmp_path_factory, "targets", export) / "digits" / "1"


@pytest.fixture(scope="session")
def exported_resnets(tmp_path_factory):
    """Version 4 of "horses-g": `export_models.resnets()` in the three formats, compared at two sizes."""
    import export_models

    def export(folder):
        given = {"image_sizes": ((32, 32), (24, 40)), "examples": export_models.pictures(3, 50, 30)}
        keras_gan.export.export_generator(export_models.resnets(), folder, version=4, **given)

    return _once(tmp_path_factory, "resnets", export) / "horses-g" / "4"


@pytest.fixture
def without_seeds(monkeypatch):
    """Exports of a generator without the signatures `generate` and `png`, which take most of the time."""
    from keras_gan.export.sources.generator import GeneratorSource

    for name in ("variants", "uint8_variants"):
        every = getattr(GeneratorSource, name).fget
        monkeypatch.setattr(GeneratorSource, name, property(lambda self, every=every: every(self)[:1]))


@pytest.fixture
def shifted_reference(monkeypatch):
    """Keras's images are 0.005 brighter than those of each artifact, on any processor and in any batch."""
    from keras_gan.export.sources.source import Source

    generate = Source.generate
    monkeypatch.setattr(Source, "generate", lambda self, inputs: generate(self, inputs) + np.float32(0.005))


@contextlib.contextmanager
def eagerly():
    """Training steps without a graph, whose tracing takes seconds."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Even though the `tf.config.experimental_run_functions_eagerly`")
        tf.config.run_functions_eagerly(True)
        try:
            yield
        finally:
            tf.config.run_functions_eagerly(False)


@pytest.fixture
def eager_steps():
    """Training steps of a test without a graph; see `eagerly`."""
    with eagerly():
        yield


def small_gan(num_classes=None, units=16, seed=3, **compile_arguments):
    """An MLP GAN of 8x8x1 images, with dropout in its discriminator."""
    gan = keras_gan.GAN(
        keras_gan.networks.mlp.generator((8, 8, 1), 6, num_classes, units=units),
        keras_gan.networks.mlp.discriminator((8, 8, 1), num_classes, units=units, pieces=2),
        latent_dim=6,
        num_classes=num_classes,
        seed=seed,
    )
    gan.compile(**compile_arguments)
    return gan
