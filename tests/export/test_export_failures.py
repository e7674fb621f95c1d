from __future__ import annotations

import errno
import pickle
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import export_models as models
import numpy as np
import pytest

import keras_gan.export
from keras_gan.artifacts import publish as publish_module
from keras_gan.artifacts.engines import ArtifactError
from keras_gan.artifacts.formats import FormatInfo
from keras_gan.export import ExportError, Format, VersionExistsError, export_generator, load
from keras_gan.export import exporter as exporter_module
from keras_gan.export.parity import check as parity_module
from keras_gan.export.parity.compare import compare
from keras_gan.export.parity.reference import Reference
from keras_gan.export.sources.generator import GeneratorSource

pytestmark = pytest.mark.usefixtures("without_seeds")


@pytest.fixture(scope="module")
def dcgan() -> models.StandIn:
    return models.dcgan()


def everything_in(folder: Path) -> list[str]:
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*"))


# ------------------------------------------------------------------ arguments

ARGUMENTS = {
    "name above": ({"name": "../x"}, "`name` becomes the name of a folder.*'../x'"),
    "name nested": ({"name": "a/b"}, "'a/b'"),
    "name hidden": ({"name": ".a"}, "'.a'"),
    "name empty": ({"name": ""}, "name=''"),
    "name with newline": ({"name": "a\n"}, "name="),
    "name long": ({"name": "a" * 101}, "up to 100"),
    "version zero": (
        {"version": 0},
        "`version` must be a positive integer, at most 9223372036854775807, or None. Received: version=0",
    ),
    "version text": ({"version": "1"}, "version='1'"),
    "version bool": ({"version": True}, "version=True"),
    "format": ({"formats": ["onnx", "h5"]}, "`formats` must name one or more of"),
    "no format": ({"formats": []}, r"formats=\[\]"),
    "format as text": ({"formats": "onnx"}, "formats='onnx'"),
    "tolerance negative": ({"tolerance": -1e-9}, "`tolerance` must be a finite number >= 0"),
    "tolerance nan": ({"tolerance": float("nan")}, "tolerance=nan"),
    "no batch": ({"batch_sizes": ()}, "`batch_sizes` must be positive integers"),
    "batch zero": ({"batch_sizes": (0, 1)}, "Received: batch_sizes"),
    "batch fraction": ({"batch_sizes": (1.5,)}, "Received: batch_sizes"),
    "opset old": ({"opset": 12}, "`opset` must be an integer from 13 to 21. Received: opset=12"),
    "training": ({"training": {"f": print}}, "`training` must hold JSON values only"),
    "training nan": ({"training": {"loss": float("nan")}}, "`training` must hold JSON values only"),
}


@pytest.mark.parametrize("case", ARGUMENTS)
def test_bad_arguments_are_refused_before_any_work(dcgan, tmp_path, case):
    arguments, message = ARGUMENTS[case]
    with pytest.raises(ValueError, match=message):
        export_generator(dcgan, tmp_path / "new", **arguments)
    assert everything_in(tmp_path) == []


@pytest.mark.parametrize(
    ("format", "module", "remedy"),
    [
        ("onnx", "tf2onnx", r"needs tf2onnx: pip install .*\[export\]'"),
        ("tflite", "ai_edge_litert", r"needs ai_edge_litert: pip install .*\[export\]'"),
        ("saved_model", "tensorflow", r"needs tensorflow: pip install .*\[tensorflow\]'"),
    ],
)
def test_missing_package_is_named_before_any_work(tmp_path, monkeypatch, format, module, remedy):
    gan = models.mlp()
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(ImportError, match=remedy):
        export_generator(gan, tmp_path / "new", formats=[format])
    assert everything_in(tmp_path) == []


def test_existing_version_is_never_overwritten(dcgan, tmp_path):
    taken = tmp_path / "gan" / "3"
    taken.mkdir(parents=True)
    (taken / "kept").write_text("mine")
    with pytest.raises(VersionExistsError, match=r"never overwritten.*version=3, and .* exists"):
        export_generator(dcgan, tmp_path, formats=["onnx"], version=3)
    assert everything_in(tmp_path) == ["gan", "gan/3", "gan/3/kept"]


def test_version_taken_while_exporting(dcgan, tmp_path, monkeypatch):
    def take(number: int) -> None:
        (tmp_path / "gan" / str(number)).mkdir(parents=True)
        (tmp_path / "gan" / str(number) / "theirs").touch()

    real, calls = publish_module._sync, []

    def sync(folder: Path) -> None:
        real(folder)
        if not calls:
            take(1)
        calls.append(folder)

    monkeypatch.setattr(publish_module, "_sync", sync)
    report = export_generator(dcgan, tmp_path, formats=["onnx"], batch_sizes=[1])
    assert (report.path.name, report.manifest.version, len(calls)) == ("2", 2, 2)
    calls.clear()
    monkeypatch.setattr(publish_module, "_sync", lambda folder: take(9))
    with pytest.raises(VersionExistsError, match="version=9"):
        export_generator(dcgan, tmp_path, formats=["onnx"], batch_sizes=[1], version=9)
    assert sorted(p.name for p in (tmp_path / "gan").iterdir()) == ["1", "2", "9"]
    assert [p.name for p in tmp_path.iterdir()] == ["gan"]


# ------------------------------------------------------------------ generators that cannot be exported


def failure(gan: models.StandIn, tmp_path: Path, **options) -> tuple[str, ...]:
    """Exports, which must fail and leave no file or folder; returns the problems."""
    with pytest.raises(ExportError) as caught:
        export_generator(gan, tmp_path / "made" / "by export", **options)
    assert everything_in(tmp_path) == []
    for problem in caught.value.problems:
        assert problem in str(caught.value)
    assert str(tmp_path) in str(caught.value)
    return caught.value.problems


def test_operation_that_no_format_has_is_named_for_both(tmp_path):
    tflite, onnx = failure(models.through(models.Digamma()), tmp_path)
    assert tflite == "tflite: TFLite has no built-in operation for Digamma"
    assert onnx == "onnx: ONNX has no operator for Digamma"


def test_operation_of_tensorflows_is_not_borrowed(tmp_path):
    (problem,) = failure(models.through(models.Cholesky()), tmp_path, formats=["tflite"])
    assert problem == "tflite: TFLite has no built-in operation for Cholesky"


@pytest.mark.usefixtures("shifted_reference")
def test_what_differs_is_listed_for_each_format_and_batch(dcgan, tmp_path):
    problems = failure(dcgan, tmp_path, formats=["tflite", "onnx"])
    assert {(p.split(": ")[0], p.split(": ")[1]) for p in problems} >= {
        (f, b) for f in ("tflite", "onnx") for b in ("batch 1", "batch 8")
    }
    assert all("a pixel is 0.005 from Keras's, more than the tolerance 0.0001" in p for p in problems)


def test_failed_export_leaves_earlier_versions_alone(dcgan, tmp_path, request):
    export_generator(dcgan, tmp_path, formats=["onnx"])
    request.getfixturevalue("shifted_reference")
    before = {p: p.stat().st_mtime_ns for p in tmp_path.rglob("*")}
    with pytest.raises(ExportError):
        export_generator(dcgan, tmp_path, formats=["onnx"])
    assert {p: p.stat().st_mtime_ns for p in tmp_path.rglob("*") if p != tmp_path} == before


def test_nan_weights_are_named(tmp_path):
    gan = models.dcgan()
    kernel = gan.generator.layers[-1].kernel
    kernel.assign(np.full(kernel.shape, np.nan))
    (problem,) = failure(gan, tmp_path, formats=["saved_model", "onnx"])
    assert "hold NaN or infinity" in problem
    assert kernel.path in problem


def test_nan_images_are_noticed(tmp_path):
    gan = models.mlp()
    for layer in gan.generator.layers[:1]:
        layer.kernel.assign(np.full(layer.kernel.shape, 3e38))
    gan.generator.layers[1].kernel.assign(np.linspace(-1, 1, 32 * 64).reshape(32, 64))
    assert failure(gan, tmp_path, formats=["saved_model", "onnx"]) == (
        "keras: the generator's images hold NaN or infinity",
    )


def test_images_that_depend_on_their_batch_are_noticed(tmp_path):
    (problem,) = failure(models.through(models.BatchMoments()), tmp_path, formats=["onnx"])
    assert "changes by" in problem
    assert "batch's statistics" in problem


def test_wrong_image_shape_is_noticed(tmp_path):
    class Liar(models.StandIn):
        image_shape = (5, 5, 3)

    problem, *_ = failure(Liar(models.dcgan().generator), tmp_path, formats=["onnx"])
    assert "expected images of (5, 5, 3). Received: (16, 16, 3)" in problem


def test_half_precision_that_cannot_be_rebuilt(tmp_path):
    class Unregistered(models.layers.Layer):
        def call(self, x):
            return x

    gan = models.through(Unregistered(dtype="mixed_float16"))
    with pytest.raises(ValueError, match="each of its layers must be registered"):
        export_generator(gan, tmp_path / "new")
    assert everything_in(tmp_path) == []


# ------------------------------------------------------------------ artifacts that are not the model


def write_onnx(path: Path, nodes, inputs=(("z", models.LATENT),), output="image", shape=("batch", 4, 4, 1)) -> Path:
    """Writes an ONNX model with given nodes."""
    import onnx
    from onnx import TensorProto, helper

    graph = helper.make_graph(
        nodes,
        "by_hand",
        [helper.make_tensor_value_info(n, TensorProto.FLOAT, ["batch", width]) for n, width in inputs],
        [helper.make_tensor_value_info(output, TensorProto.FLOAT, list(shape))],
        [helper.make_tensor("shape", TensorProto.INT64, [4], [-1, 4, 4, 1])],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(model, path)
    return path


@pytest.fixture
def reference() -> Reference:
    gan = models.through(models.layers.ReLU())
    return Reference.generate(GeneratorSource.of(gan, (1, 8)))


def zeros(output: str = "image"):
    from onnx import helper

    return [
        helper.make_node("Concat", ["z", "z"], ["long"], axis=1),
        helper.make_node("Slice", ["long", "from", "to", "axis"], ["cut"]),
        helper.make_node("Reshape", ["cut", "shape"], [output]),
    ]


def constants(pixels=16):
    from onnx import TensorProto, helper

    return [
        helper.make_node("Constant", [], [name], value=helper.make_tensor(name, TensorProto.INT64, [1], [value]))
        for name, value in (("from", 0), ("to", pixels), ("axis", 1))
    ]


def test_compare_notices_other_images(tmp_path, reference):
    found = compare(write_onnx(tmp_path / "m.onnx", [*constants(), *zeros()]), reference, 1e-4)
    assert [row.batch for row in found.rows] == [1, 8]
    assert all("more than the tolerance 0.0001" in p for p in found.problems)
    assert len(found.problems) == 2


def test_compare_notices_nan(tmp_path, reference):
    from onnx import helper

    nodes = [*constants(), *zeros("some"), helper.make_node("Sub", ["some", "some"], ["zero"])]
    nodes.append(helper.make_node("Div", ["zero", "zero"], ["image"]))
    found = compare(write_onnx(tmp_path / "m.onnx", nodes), reference, 1e-4)
    assert found.problems == [
        "batch 1: 1024 of 1024 values are NaN or infinity",
        "batch 8: 1024 of 1024 values are NaN or infinity",
    ]


def test_compare_notices_other_names_and_shapes(tmp_path, reference):
    named = compare(write_onnx(tmp_path / "m.onnx", [*constants(), *zeros("y")], output="y"), reference, 1e-4)
    assert named.problems == ["expected output image: float32 (None, 4, 4, 1). Received: y: float32 (None, 4, 4, 1)"]
    wide = write_onnx(tmp_path / "w.onnx", [*constants(), *zeros()], inputs=(("z", models.LATENT + 1),))
    (problem,) = compare(wide, reference, 1e-4).problems
    assert problem == "expected inputs z: float32 (None, 12). Received: z: float32 (None, 13)"


def test_compare_notices_a_shape_that_is_not_the_declared_one(tmp_path, reference):
    from onnx import helper

    nodes = [*constants(), *zeros("some"), helper.make_node("Concat", ["some", "some"], ["image"], axis=0)]
    problems = compare(write_onnx(tmp_path / "m.onnx", nodes), reference, 1e-4).problems
    assert problems[0] == "batch 1: expected images float32 (64, 4, 4, 1). Received: float32 (128, 4, 4, 1)"


def test_compare_says_why_an_artifact_does_not_run(tmp_path, reference):
    (tmp_path / "m.onnx").write_bytes(b"nonsense")
    (problem,) = compare(tmp_path / "m.onnx", reference, 1e-4).problems
    assert "does not load" in problem
    too_few_pixels = [*constants(pixels=15), *zeros()]
    problems = compare(write_onnx(tmp_path / "m.onnx", too_few_pixels), reference, 1e-4).problems
    assert [p.split(": ")[1] for p in problems] == ["it does not run"] * 2


def test_artifact_that_is_no_generator_is_refused(tmp_path):
    path = write_onnx(tmp_path / "m.onnx", [*constants(), *zeros("y")], output="y")
    with pytest.raises(ValueError, match=r"Expected a generator.*Received: .*m.onnx.*y: float32"):
        load(path)


class OwnFormat(Format):
    """A user's format, whose file holds another model."""

    info = FormatInfo("own", "own_serving_default.onnx", "float32", "onnx", {}, place="here", contents="zeros")

    def variants(self, source):
        return source.variants_in(("serving_default",))

    def filename(self, signature):
        return f"own_{signature}.onnx"

    def write(self, source, folder):
        write_onnx(folder / "own_serving_default.onnx", [*constants(), *zeros()])


def test_a_format_of_a_user_is_checked_too(tmp_path, monkeypatch):
    monkeypatch.setitem(keras_gan.export.FORMATS, "own", OwnFormat())
    gan = models.through(models.layers.ReLU())
    assert all(p.startswith("own: batch") for p in failure(gan, tmp_path, formats=["own", "onnx"]))
    report = export_generator(gan, tmp_path, formats=["own"], tolerance=100)
    assert [(r.format, r.file) for r in report.rows] == [("own", "own_serving_default.onnx")] * 2


def test_silent_converter_error_is_a_failure(tmp_path, monkeypatch):
    import logging

    import tf2onnx

    real = tf2onnx.convert.from_function

    def from_function(*args, **kwargs):
        logging.getLogger("tf2onnx.tfonnx").error("something odd")
        return real(*args, **kwargs)

    monkeypatch.setattr(tf2onnx.convert, "from_function", from_function)
    assert failure(models.mlp(), tmp_path, formats=["onnx"]) == ("onnx: something odd",)


def test_operator_of_another_domain_is_a_failure(tmp_path, monkeypatch):
    import tf2onnx

    real = tf2onnx.convert.from_function

    def from_function(*args, **kwargs):
        model, storage = real(*args, **kwargs)
        model.graph.node[0].domain = "com.example"
        return model, storage

    monkeypatch.setattr(tf2onnx.convert, "from_function", from_function)
    (problem,) = failure(models.mlp(), tmp_path, formats=["onnx"])
    assert problem.startswith("onnx: ONNX's default domain has no operator for com.example.")


# ------------------------------------------------------------------ disks


def test_disk_full_while_an_artifact_is_written(dcgan, tmp_path, monkeypatch):
    real = Path.write_bytes

    def write_bytes(self, data):
        if self.name == "model.onnx":
            real(self, data[:100])
            raise OSError(errno.ENOSPC, "No space left on device", str(self))
        return real(self, data)

    monkeypatch.setattr(Path, "write_bytes", write_bytes)
    (problem,) = failure(dcgan, tmp_path, formats=["onnx"])
    assert "No space left on device" in problem


@pytest.mark.parametrize(("module", "where"), [(parity_module, "save_picture"), (exporter_module, "publish")])
def test_disk_full_at_the_end(dcgan, tmp_path, monkeypatch, module, where):
    def full(*args, **kwargs):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(module, where, full)
    (problem,) = failure(dcgan, tmp_path, formats=["onnx"])
    assert "No space left on device" in problem


def test_rename_that_is_refused_leaves_no_empty_folder(dcgan, tmp_path, monkeypatch):
    def refuse(self, target):
        raise PermissionError(errno.EACCES, "Permission denied", str(target))

    monkeypatch.setattr(Path, "rename", refuse)
    (problem,) = failure(dcgan, tmp_path, formats=["onnx"])
    assert "Permission denied" in problem


def test_interrupt_leaves_nothing(dcgan, tmp_path):
    def interrupt(text):
        if text == "checking onnx":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        export_generator(dcgan, tmp_path / "new", formats=["onnx"], progress=interrupt)
    assert everything_in(tmp_path) == []


def test_directory_that_is_a_file(dcgan, tmp_path):
    (tmp_path / "file").write_text("mine")
    for directory in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(ExportError, match="writing failed"):
            export_generator(dcgan, directory, formats=["onnx"])
    (tmp_path / "gan").write_text("mine")
    with pytest.raises(ExportError, match="writing failed"):
        export_generator(dcgan, tmp_path, formats=["onnx"])
    assert everything_in(tmp_path) == ["file", "gan"]


@pytest.mark.skipif(sys.platform == "win32", reason="needs RLIMIT_FSIZE")
def test_writes_that_the_system_refuses(dcgan, tmp_path):
    import resource

    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, limits[1]))
    try:
        with pytest.raises(ExportError, match="File too large"):
            export_generator(dcgan, tmp_path / "new", formats=["saved_model"])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert everything_in(tmp_path) == []


CONCURRENT = """
import sys, time
sys.path.insert(0, sys.argv[2])
import export_models
import keras_gan.export
gan = export_models.mlp()
print("ready", flush=True)
sys.stdin.readline()
print(keras_gan.export.export_generator(gan, sys.argv[1], formats=["onnx"]).path.name)
"""


@pytest.mark.slow
def test_concurrent_processes(tmp_path):
    command = [sys.executable, "-c", CONCURRENT, tmp_path / "new", Path(__file__).parent.parent]
    workers = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    for worker in workers:
        assert worker.stdout.readline() == "ready\n"
    for worker in workers:
        worker.stdin.write("go\n")
        worker.stdin.flush()
    versions = [worker.communicate(timeout=600)[0].strip() for worker in workers]
    assert sorted(versions) == ["1", "2", "3"]
    assert sorted(p.name for p in (tmp_path / "new" / "gan").iterdir()) == ["1", "2", "3"]


def test_directory_that_vanishes_is_made_again(tmp_path, monkeypatch):
    """An export that fails at the same time may remove the directory just after this one has found it."""
    real, calls = publish_module.tempfile.mkdtemp, []

    def mkdtemp(prefix, dir):
        calls.append(dir)
        if len(calls) == 1:
            dir.rmdir()
        return real(prefix=prefix, dir=dir)

    monkeypatch.setattr(publish_module.tempfile, "mkdtemp", mkdtemp)
    with publish_module.staging(tmp_path / "new") as folder:
        assert folder.is_dir()
    assert len(calls) == 2
    assert everything_in(tmp_path) == []


def test_failing_beside_a_good_export(dcgan, tmp_path):
    """A failing export removes its own folders only."""
    failures: list[ExportError] = []
    failing = models.through(models.BatchMoments())

    def fail() -> None:
        for _ in range(3):
            with pytest.raises(ExportError) as caught:
                export_generator(failing, tmp_path / "new", formats=["onnx"], batch_sizes=[1])
            failures.append(caught.value)

    thread = threading.Thread(target=fail)
    thread.start()
    for _ in range(3):
        export_generator(dcgan, tmp_path / "new", formats=["onnx"], batch_sizes=[1])
    thread.join()
    assert len(failures) == 3
    assert sorted(p.name for p in (tmp_path / "new").rglob("*") if p.is_dir()) == ["1", "2", "3", "gan"]


def test_the_error_survives_a_pool_of_processes():
    error = pickle.loads(pickle.dumps(ExportError("here", ["a", "b"])))
    assert (error.directory, error.problems, str(error)) == (
        "here",
        ("a", "b"),
        "Nothing was exported to `here`:\n- a\n- b",
    )


# ------------------------------------------------------------------ artifacts that were damaged on the way


def drop_weights(file: Path) -> None:
    shutil.rmtree(file.parent / "variables")


def cut_off(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def borrow_an_operation(file: Path) -> None:
    """Replaces an operation by one of TensorFlow, as in a TFLite file with Flex."""
    import onnx

    model = onnx.load(file)
    node = next(node for node in model.graph.node if node.op_type in ("MatMul", "Gemm"))
    node.op_type, node.domain = "FlexMatMul", "ai.onnx.contrib"
    model.opset_import.append(onnx.helper.make_opsetid("ai.onnx.contrib", 1))
    onnx.save(model, file)


DAMAGE = {
    "saved_model": (drop_weights, "Expected a SavedModel. Received: .* which does not load: .*variables"),
    "onnx": (borrow_an_operation, "Expected an ONNX model. Received: .* which does not load: .*FlexMatMul"),
    "tflite": (cut_off, "Expected a TFLite model. Received: .* which does not load"),
}


@pytest.mark.parametrize("format", DAMAGE)
def test_a_damaged_artifact_is_refused_with_its_reason(tmp_path, monkeypatch, format):
    damage, reason = DAMAGE[format]
    form = keras_gan.export.FORMATS[format]
    gan = models.mlp()
    good = export_generator(gan, tmp_path / "good", formats=[format], batch_sizes=[1]).path / form.filename(
        "serving_default"
    )
    damage(good)
    with pytest.raises(ArtifactError, match="Expected the files that"):
        load(good)
    (good.parent / "manifest.json").unlink()
    with pytest.raises(ArtifactError, match=f"(?s){reason}"):
        load(good)

    def write(source, folder):
        type(form).write(form, source, folder)
        damage(folder / form.filename("serving_default"))

    monkeypatch.setattr(form, "write", write)
    with pytest.raises(ExportError, match=f"(?s){format}: {reason}"):
        export_generator(gan, tmp_path / "bad", formats=[format], batch_sizes=[1])
    assert not (tmp_path / "bad").exists()
