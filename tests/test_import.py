"""`import keras_gan` is quick and imports no TensorFlow; the public names are those of the committed list."""

import ast
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

import keras_gan

ROOT = Path(__file__).parent.parent
PUBLIC = {
    "CycleGAN",
    "GAN",
    "Pix2Pix",
    "augmentations",
    "callbacks",
    "credentials",
    "datasets",
    "export",
    "images",
    "latent",
    "layers",
    "losses",
    "metrics",
    "networks",
    "penalties",
    "presets",
    "schedules",
    "serving",
}


def run(script):
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)], cwd=ROOT, capture_output=True, text=True, check=False
    )


def test_import_leaves_tensorflow_out():
    child = run("""
        import sys
        import keras_gan, keras_gan.latent, keras_gan.export, keras_gan.serving, keras_gan.datasets
        import keras_gan.presets, keras_gan.cli
        heavy = {"tensorflow", "keras", "onnx", "tf2onnx", "tensorflow_datasets"} & set(sys.modules)
        assert not heavy, heavy
        keras_gan.GAN
        assert "tensorflow" in sys.modules
    """)
    assert child.returncode == 0, child.stderr


def test_import_loads_few_modules():
    """A proxy for the time it takes that does not depend on the machine."""
    child = run("import sys; before = set(sys.modules); import keras_gan; print(len(set(sys.modules) - before))")
    assert int(child.stdout) < 60


def test_public_names():
    assert set(dir(keras_gan)) >= PUBLIC
    assert set(keras_gan.__all__) == PUBLIC | {"__version__"}
    for name in PUBLIC:
        assert getattr(keras_gan, name).__doc__


def test_without_tensorflow_the_error_names_the_extra():
    child = run("""
        import sys
        sys.modules["tensorflow"] = sys.modules["keras"] = None
        import keras_gan
        keras_gan.GAN
    """)
    assert "pip install 'keras-gan[tensorflow]'" in child.stderr.splitlines()[-1]


def test_without_the_extra_the_exporter_can_be_imported_to_say_so():
    child = run("""
        import sys
        for name in ("tensorflow", "keras", "ai_edge_litert", "flatbuffers", "onnx", "onnxruntime"):
            sys.modules[name] = None
        import keras_gan.export
        keras_gan.export.export_generator
    """)
    assert child.returncode == 0, child.stderr[-1000:]


def test_without_the_extra_the_command_to_serve_names_it():
    child = run("""
        import sys
        sys.modules["google.protobuf"] = sys.modules["uvicorn"] = None
        from keras_gan.cli import main
        sys.argv = ["keras-gan", "serve", "."]
        main()
    """)
    assert child.returncode == 1
    assert "pip install 'keras-gan[serving]'" in child.stderr.replace("\n", " ")


@pytest.mark.parametrize(
    "first", ["keras_gan.adversarial_model", "keras_gan.translation_model", "keras_gan.layers", "keras_gan.networks"]
)
def test_any_module_may_come_first(first):
    child = run(f"""
        import {first}
        import keras
        assert keras.saving.get_registered_object("keras_gan>CycleGAN") is keras_gan.CycleGAN
    """)
    assert child.returncode == 0, child.stderr[-1000:]


def imports(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom):
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


MODELS = ("keras_gan.gan", "keras_gan.cyclegan", "keras_gan.pix2pix", "keras_gan.adversarial_model")
NO_TRAINING = (*MODELS, "keras_gan.callbacks", "keras_gan.datasets", "keras_gan.cli")
ARROWS = [
    ("keras_gan/layers", ("keras_gan.networks", "keras_gan.losses", *NO_TRAINING)),
    ("keras_gan/schedules", ("keras_gan.networks", "keras_gan.losses", *NO_TRAINING)),
    ("keras_gan/metrics", ("keras_gan.networks", "keras_gan.losses", *NO_TRAINING)),
    ("keras_gan/networks", ("keras_gan.losses", *NO_TRAINING)),
    ("keras_gan/losses", ("keras_gan.networks", *NO_TRAINING)),
    ("keras_gan/penalties", ("keras_gan.networks", "keras_gan.losses", *NO_TRAINING)),
    ("keras_gan/augmentations", ("keras_gan.networks", "keras_gan.losses", *NO_TRAINING)),
    ("keras_gan/report", ("tensorflow", "keras", "keras_gan.metrics", *NO_TRAINING)),
    ("keras_gan/latent", ("tensorflow", "keras", *NO_TRAINING)),
    ("keras_gan/callbacks", ("keras_gan.datasets", "keras_gan.cli", "keras_gan.networks")),
    ("keras_gan/datasets", (*MODELS, "keras_gan.networks", "keras_gan.cli", "keras_gan.export")),
    ("export", ("keras_gan.datasets", "keras_gan.cli", "keras_gan.callbacks")),
    ("serving", (*MODELS, "keras_gan.networks", "keras_gan.losses", "keras_gan.datasets", "keras_gan.cli")),
]


@pytest.mark.parametrize(("folder", "banned"), ARROWS)
def test_arrows_between_folders(folder, banned):
    files = sorted((ROOT / folder).rglob("*.py"))
    assert files
    wrong = [
        (f.name, name)
        for f in files
        for name in imports(f)
        for ban in banned
        if name == ban or name.startswith(ban + ".")
    ]
    assert not wrong


def test_only_the_command_line_imports_export_and_serving():
    files = [f for f in (ROOT / "keras_gan").rglob("*.py") if not {"cli", "export", "serving"} & set(f.parts)]
    wrong = [
        (f.name, name)
        for f in files
        for name in imports(f)
        if name.startswith(("keras_gan.export", "keras_gan.serving"))
    ]
    assert not wrong
