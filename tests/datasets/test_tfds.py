"""Tests of TensorFlow Datasets, with a small set that is prepared, mocked sets, and unreachable hosts."""

import socket
import sys
import time

import numpy as np
import pytest

import keras_gan.datasets
from keras_gan.datasets.decoding import images
from keras_gan.datasets.tfds import builders, prepare_process, records

tensorflow_datasets = pytest.importorskip("tensorflow_datasets")
features = tensorflow_datasets.features


def closed_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


class KerasGanSquares(tensorflow_datasets.core.GeneratorBasedBuilder):
    """Squares of one grey each, in the classes "dark" and "bright"."""

    VERSION = tensorflow_datasets.core.Version("1.0.0")

    def _info(self):
        return tensorflow_datasets.core.DatasetInfo(
            builder=self,
            description="Squares.",
            features=features.FeaturesDict(
                {"image": features.Image(shape=(6, 4, 3)), "label": features.ClassLabel(names=["dark", "bright"])}
            ),
            homepage="https://example.org",
            license="CC0",
        )

    def _split_generators(self, dl_manager):
        return {"train": self._generate_examples(range(40)), "test": self._generate_examples(range(40, 44))}

    def _generate_examples(self, greys):
        for grey in greys:
            yield grey, {"image": np.full((6, 4, 3), grey, np.uint8), "label": int(grey >= 20)}


class KerasGanWords(tensorflow_datasets.core.GeneratorBasedBuilder):
    """A set without images."""

    VERSION = tensorflow_datasets.core.Version("1.0.0")

    def _info(self):
        return tensorflow_datasets.core.DatasetInfo(
            builder=self, features=features.FeaturesDict({"word": features.Text()})
        )

    def _split_generators(self, dl_manager):
        return {}

    def _generate_examples(self):
        yield from ()


class KerasGanUnreachable(KerasGanSquares):
    """A set whose host refuses connections, which TensorFlow Datasets tries again for minutes."""

    def _split_generators(self, dl_manager):
        dl_manager.download(f"http://127.0.0.1:{closed_port()}/archive.zip")


class KerasGanBreaks(KerasGanSquares):
    """A set whose preparation fails."""

    def _split_generators(self, dl_manager):
        raise AssertionError("put the archive into downloads/manual")


class KerasGanScans(KerasGanSquares):
    """Grey scans of 16 bits that use a part of the range: one row for each level from 200 to 1,475."""

    dtype, levels = np.uint16, np.arange(200, 1476, 5).reshape(16, 16, 1)

    def _info(self):
        image = features.Image(shape=(16, 16, 1), dtype=self.dtype, encoding_format="png")
        label = features.ClassLabel(names=["dark", "bright"])
        return tensorflow_datasets.core.DatasetInfo(
            builder=self, features=features.FeaturesDict({"image": image, "label": label})
        )

    def _generate_examples(self, greys):
        for grey in greys:  # the images of "test" use half of the range of "train"
            part = self.levels if grey < 40 else self.levels // 2
            yield grey, {"image": part.astype(self.dtype), "label": int(grey >= 20)}


class KerasGanHeights(KerasGanScans):
    """Floats from -2 to 3."""

    dtype, levels = np.float32, np.linspace(-2, 3, 256).reshape(16, 16, 1)


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tfds")
    keras_gan.datasets.load("keras_gan_squares", data_dir=folder, batch_size=4)  # a child process prepares it
    return folder


def load(data_dir, **options):
    return keras_gan.datasets.load("keras_gan_squares", **{"data_dir": data_dir, "batch_size": 4, **options})


def greys(dataset):
    return [int(value) for x in dataset for value in np.rint((x.numpy()[:, 0, 0, 0] + 1) * 127.5)]


@pytest.mark.slow
def test_a_prepared_set_is_read_without_a_child(data_dir, monkeypatch):
    monkeypatch.setattr(builders.subprocess, "run", lambda *_, **__: pytest.fail("prepared twice"))
    dataset = load(data_dir, labels=True)
    image_spec, label_spec = dataset.element_spec
    assert (image_spec.shape, label_spec.shape, len(dataset)) == ((4, 6, 4, 3), (4,), 10)
    pixels, labels = (np.concatenate(part) for part in zip(*dataset.as_numpy_iterator(), strict=True))
    values = np.rint((pixels[:, 0, 0, 0] + 1) * 127.5)
    assert sorted(values) == list(range(40))
    np.testing.assert_array_equal(labels, values >= 20)


@pytest.mark.parametrize(("name", "scans"), [("scans", KerasGanScans), ("heights", KerasGanHeights)])
@pytest.mark.parametrize("in_memory", [True, False])
def test_more_than_8_bits_are_scaled_over_the_range_of_the_set(tmp_path, monkeypatch, caplog, name, scans, in_memory):
    if not in_memory:
        monkeypatch.setattr(images, "IN_MEMORY", 1)
    options = {"data_dir": tmp_path, "batch_size": 4}
    scans(data_dir=tmp_path).download_and_prepare()
    batch = next(iter(keras_gan.datasets.load(f"keras_gan_{name}", shuffle=False, **options))).numpy()
    low, high = scans.levels.min(), scans.levels.max()
    expected = 2 * (scans.levels - low) / (high - low) - 1
    np.testing.assert_allclose(batch, np.broadcast_to(expected, batch.shape), atol=1e-5)
    assert len(np.unique(batch)) == 256
    assert f"values from {low:g} (black) to {high:g} (white)" in caplog.text
    held_out = next(iter(keras_gan.datasets.load(f"keras_gan_{name}:test", shuffle=False, **options))).numpy()
    halved = scans.levels.astype(scans.dtype) // 2 if name == "scans" else (scans.levels // 2)
    scaled = np.clip(2 * (halved.astype(np.float64) - low) / (high - low) - 1, -1, 1)
    np.testing.assert_allclose(held_out[0], scaled, atol=1e-5)
    stated = keras_gan.datasets.load(f"keras_gan_{name}", shuffle=False, value_range=(0, 2 * high), **options)
    expected = np.clip(scans.levels / high - 1, -1, 1)
    np.testing.assert_allclose(next(iter(stated)).numpy()[0], expected, atol=1e-5)


def test_info_of_a_prepared_and_an_unprepared_set(data_dir, tmp_path):
    about = keras_gan.datasets.info("keras_gan_squares", data_dir=data_dir)
    assert (about.num_images, about.image_shape, about.class_names) == (40, (6, 4, 3), ("dark", "bright"))
    assert (about.name, about.available, about.licence) == ("keras_gan_squares", True, "CC0")
    about = keras_gan.datasets.info("tfds:keras_gan_squares", data_dir=tmp_path)
    assert (about.num_images, about.available) == (None, False)
    assert about.install.startswith("tfds build keras_gan_squares")


def test_splits_slices_limits_and_sizes(data_dir):
    assert sorted(greys(load(data_dir, split="test"))) == [40, 41, 42, 43]
    assert len(load(data_dir, split="train[:50%]")) == 5
    assert len(load(data_dir, limit=9)) == 2
    assert load(data_dir, image_size=5, channels=1).element_spec.shape == (4, 5, 5, 1)
    with pytest.raises(ValueError, match=r"\['test', 'train'\].*split='valid'"):
        load(data_dir, split="valid")


def test_a_set_too_large_for_memory_is_streamed_and_resumes(data_dir, monkeypatch):
    monkeypatch.setattr(images, "IN_MEMORY", 0)
    monkeypatch.setattr(records, "WINDOW", 10 * 6 * 4 * 3)
    whole = load(data_dir, seed=2)
    epochs = [greys(whole) for _ in range(3)]
    assert [sorted(epoch) for epoch in epochs] == [list(range(40))] * 3
    assert epochs[0] != epochs[1]
    resumed = load(data_dir, seed=2, start_epoch=1)
    assert [greys(resumed), greys(resumed)] == epochs[1:]
    in_order = load(data_dir, shuffle=False)
    assert greys(in_order) == greys(in_order)
    assert len(whole) == 10


@pytest.fixture
def mocked(monkeypatch, tmp_path):
    """Sets of TensorFlow Datasets that count as prepared, with eight random records a split."""

    def builder(name, data_dir):
        found = tensorflow_datasets.builder(name, data_dir=data_dir)
        template = tensorflow_datasets.core.ShardedFileTemplate(
            dataset_name=found.name, data_dir=tmp_path, filetype_suffix="tfrecord"
        )
        splits = [
            tensorflow_datasets.core.SplitInfo(name=split, shard_lengths=[8], num_bytes=0, filename_template=template)
            for split in ("train", "trainA", "trainB")
        ]
        found.info.set_splits(tensorflow_datasets.core.splits.SplitDict(splits))
        return found

    monkeypatch.setattr(tensorflow_datasets.core.DatasetBuilder, "is_prepared", lambda self: True)
    monkeypatch.setattr(builders, "builder", builder)
    with tensorflow_datasets.testing.mock_data(num_examples=8, data_dir=tmp_path):
        yield


@pytest.mark.parametrize(
    ("name", "options", "shape"),
    [
        ("cifar10", {"labels": True}, (32, 32, 3)),
        ("celeb_a", {"image_size": 16}, (16, 16, 3)),
        ("cycle_gan/horse2zebra", {"image_size": 16, "split": "trainA"}, (16, 16, 3)),
        ("mnist", {}, (28, 28, 1)),
    ],
)
def test_sets_of_the_collection(mocked, name, options, shape):
    dataset = keras_gan.datasets.load(name, batch_size=4, **options)
    spec = dataset.element_spec[0] if options.get("labels") else dataset.element_spec
    assert (spec.shape, len(dataset)) == ((4, *shape), 2)
    assert len(list(dataset)) == 2


def test_different_sizes_ask_for_image_size(mocked):
    with pytest.raises(ValueError, match="Received: image_size=None"):
        keras_gan.datasets.load("cycle_gan/horse2zebra", split="trainA")


def batches(dataset):
    return [(x.numpy(), y.numpy()) for x, y in dataset]


def test_horses_and_zebras(mocked):
    horses, zebras = "cycle_gan/horse2zebra:trainA", "tfds:cycle_gan/horse2zebra:trainB"
    dataset = keras_gan.datasets.load_unpaired(horses, zebras, image_size=16, batch_size=3)
    assert [spec.shape for spec in dataset.element_spec] == [(3, 16, 16, 3)] * 2
    assert len(batches(dataset)) == 2
    assert len(keras_gan.datasets.load_unpaired(horses + "[:4]", zebras + "[4:]", image_size=16)) == 4
    assert len(keras_gan.datasets.load(horses, image_size=16, batch_size=4)) == 2
    with pytest.raises(ValueError, match=r"cycle_gan/horse2zebra:trainA differ in size: expected `image_size`"):
        keras_gan.datasets.load_unpaired(horses, zebras)
    with pytest.raises(ValueError, match=r"\['train', 'trainA', 'trainB'\].*Received: split='testA'"):
        keras_gan.datasets.load_unpaired("cycle_gan/horse2zebra:testA", zebras, image_size=16)


def test_records_too_large_for_memory_are_held_encoded(mocked, monkeypatch):
    def load():
        names = "cycle_gan/horse2zebra:trainA", "cycle_gan/horse2zebra:trainB"
        return keras_gan.datasets.load_unpaired(*names, image_size=256, batch_size=4)

    in_memory = batches(load())
    monkeypatch.setattr(images, "IN_MEMORY", 8 * 286 * 286 * 3 - 1)
    np.testing.assert_array_equal(batches(load()), in_memory)
    monkeypatch.setattr(images, "IN_MEMORY", 100)
    with pytest.raises(ValueError, match="expected `limit`"):
        load()


def test_labels_of_a_set_without_labels(mocked):
    with pytest.raises(ValueError, match="to have labels"):
        keras_gan.datasets.load("celeb_a", labels=True, image_size=8)


def test_a_set_without_images():
    with pytest.raises(ValueError, match=r"Expected a set of images\. Received: 'keras_gan_words' of \['word'\]"):
        keras_gan.datasets.load("keras_gan_words")


def test_a_name_with_the_prefix_that_nobody_knows():
    with pytest.raises(ValueError, match="Did you mean 'cifar10'"):
        keras_gan.datasets.load("tfds:cifar1O")


def test_without_tensorflow_datasets(monkeypatch):
    monkeypatch.setitem(sys.modules, "tensorflow_datasets", None)
    with pytest.raises(ImportError, match=r"\[data\]"):
        keras_gan.datasets.load("tfds:cifar10")
    with pytest.raises(ValueError, match=r"\[data\]"):
        keras_gan.datasets.load("cifar10")


def test_a_host_that_cannot_be_reached_ends_in_bounded_time(tmp_path):
    start = time.monotonic()
    with pytest.raises(RuntimeError, match=r"no progress for 2 seconds\n.*tfds build.*data_dir"):
        keras_gan.datasets.load("keras_gan_unreachable", data_dir=tmp_path, timeout=2.0)
    assert time.monotonic() - start < 120
    assert not list(tmp_path.glob("keras_gan_unreachable/*"))


def test_a_preparation_that_fails_says_why(tmp_path):
    with pytest.raises(RuntimeError, match="put the archive into downloads/manual"):
        keras_gan.datasets.load("keras_gan_breaks", data_dir=tmp_path)


def test_a_child_that_is_killed(monkeypatch, tmp_path):
    ended = builders.subprocess.CompletedProcess([], -9, stdout="")
    monkeypatch.setattr(builders.subprocess, "run", lambda *_, **__: ended)
    with pytest.raises(RuntimeError, match="'keras_gan_squares': its process was killed"):
        load(tmp_path)


class Clock:
    """Replaces `time`: only `sleep` advances it. `work` is the load of the processor. Each sleep calls `tick`."""

    def __init__(self, work=lambda now: 0.0, tick=lambda now: None):
        self.now, self.worked, self.work, self.tick = 0.0, 0.0, work, tick

    def monotonic(self):
        return self.now

    def process_time(self):
        return self.worked

    def sleep(self, seconds):
        self.now += seconds
        self.worked += seconds * self.work(self.now)
        self.tick(self.now)


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(prepare_process, "time", clock)
    monkeypatch.setattr(prepare_process.urllib.request, "getproxies", dict)
    monkeypatch.setattr(prepare_process.threading, "Thread", RunsAtOnce)
    return clock


class RunsAtOnce:
    def __init__(self, target, daemon):
        self.start = target


def test_hosts_that_refuse_end_the_wait_early(clock, tmp_path):
    watcher = prepare_process.Watch(tmp_path, {("127.0.0.1", closed_port())}, 60.0)
    assert watcher.wait() == "cannot reach 127.0.0.1"
    assert clock.now < 6


def test_one_host_that_answers_leaves_it_to_the_timeout(clock, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as server:
        hosts = {("127.0.0.1", closed_port()), server.getsockname()}
        assert prepare_process.Watch(tmp_path, hosts, 60.0).wait() == "no progress for 60 seconds"
    assert 60 <= clock.now < 62


def test_work_that_goes_on_needs_no_host(clock, tmp_path):
    watcher = prepare_process.Watch(tmp_path, {("127.0.0.1", closed_port())}, 60.0)
    clock.work = lambda now: 0.5 if 10 < now < 300 else 0.01
    clock.tick = lambda now: watcher.unreachable.set() if now > 11 else None
    watcher.hosts = []  # so that only the clock decides
    assert watcher.wait() == "cannot reach "
    assert clock.now > 300


def test_behind_a_proxy_hosts_are_not_tried(clock, monkeypatch, tmp_path):
    monkeypatch.setattr(prepare_process.urllib.request, "getproxies", lambda: {"https": "http://proxy.example"})
    watcher = prepare_process.Watch(tmp_path, {("127.0.0.1", closed_port())}, 60.0)
    assert watcher.wait() == "no progress for 60 seconds"


@pytest.mark.parametrize("place", ["x.tmp.1", "some_set/x.tmp.1"])
def test_a_slow_download_is_left_alone(clock, tmp_path, place):
    file = tmp_path / place / "archive.zip"
    file.parent.mkdir(parents=True)
    clock.tick = lambda now: file.write_bytes(b"x" * int(min(now, 150) / 50))  # one byte every 50 seconds, up to three
    assert prepare_process.Watch(tmp_path, set(), 60.0).wait() == "no progress for 60 seconds"
    assert 209 < clock.now < 212


def test_work_without_a_download_is_progress(clock, tmp_path):
    clock.work = lambda now: 0.5 if now < 300 else 0.01
    assert prepare_process.Watch(tmp_path, set(), 60.0).wait() == "no progress for 60 seconds"
    assert 359 < clock.now < 362


def test_a_file_renamed_meanwhile_is_progress(monkeypatch, tmp_path):
    (tmp_path / "x.tmp.1").mkdir()
    (tmp_path / "x.tmp.1" / "gone").symlink_to(tmp_path / "nowhere")
    assert prepare_process.Watch(tmp_path, set(), 1.0).downloaded() == 1


def test_hosts_of_addresses():
    urls = ["https://a.org/x", "http://b.org:8080/y", "ftp://c.org/z", "gs://bucket/w", "manual"]
    assert prepare_process.hosts_of(urls) == {("a.org", 443), ("b.org", 8080), ("c.org", 21)}
