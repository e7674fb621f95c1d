"""`import keras_gan` is quick and imports no TensorFlow; the public names are those of the committed list."""

import ast
import graphlib
import subprocess
import sys
import textwrap
from pathlib import Path

import fork_server
import pytest

import keras_gan

ROOT = Path(__file__).parent.parent
PUBLIC = {
    "CycleGAN",
    "GAN",
    "Pix2Pix",
    "animation",
    "augmentations",
    "callbacks",
    "credentials",
    "datasets",
    "discriminator_features",
    "export",
    "images",
    "invert",
    "latent",
    "layers",
    "losses",
    "metrics",
    "networks",
    "penalties",
    "plots",
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
    """)
    assert child.returncode == 0, child.stderr


def test_the_types_import_none_of_the_rooms():
    child = run("""
        import sys
        import keras_gan
        before = set(sys.modules)
        import keras_gan.typing
        roots = {"keras_gan", "keras", "tensorflow"}
        imported = {name for name in set(sys.modules) - before if name.split(".")[0] in roots}
        assert imported == {"keras_gan.typing"}, imported
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
    assert "[tensorflow]'" in child.stderr.splitlines()[-1]


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
    assert "[serving]'" in child.stderr.replace("\n", " ")


FIRST = """
    import importlib, sys
    assert "keras_gan" not in sys.modules
    import keras_gan
    importlib.import_module(sys.argv[1])
    import keras
    print(keras.saving.get_registered_object("keras_gan>CycleGAN") is keras_gan.CycleGAN)
"""


@pytest.mark.parametrize("first", ["keras_gan", "models.translation_model", "layers", "schedules"])
def test_any_module_may_come_first(first):
    assert fork_server.run(FIRST, first if first == "keras_gan" else f"keras_gan.{first}") == "True\n"


# Which rooms a room may import. A room that is not named imports none of the others.
ARROWS = {
    "artifacts": {"images", "latent", "utils"},
    "augmentations": {"utils"},
    "config": {"utils"},
    "callbacks": {"errors", "images", "losses", "metrics", "models", "plots", "schedules", "utils"},
    "credentials": {"utils"},
    "datasets": {"errors", "utils"},
    "export": {"artifacts", "images", "latent", "layers", "metrics", "plots", "utils"},
    "animation": {"utils"},
    "images": {"utils"},
    "losses": {"utils"},
    "metrics": {"errors", "images", "latent", "utils"},
    "models": {
        "augmentations",
        "errors",
        "export",
        "images",
        "latent",
        "layers",
        "losses",
        "networks",
        "penalties",
        "pretrained",
        "schedules",
        "utils",
    },
    "networks": {"latent", "layers", "utils"},
    "penalties": {"utils"},
    "pretrained": {"utils"},
    "plots": {"utils"},
    "presets": {"config", "models", "networks", "schedules", "utils"},
    "report": {"config", "utils"},
    "schedules": {"utils"},
    "serving": {"artifacts", "images", "latent", "utils"},
}
# The command line uses all rooms, and `import keras_gan` registers our classes with Keras.
ENTRANCES = {"cli", "__init__", "__main__"}
NO_TENSORFLOW = ("artifacts", "config", "latent", "presets", "pretrained", "report", "serving")


def sources():
    """Each source file with the room that it stands in."""
    for file in sorted((ROOT / "keras_gan").rglob("*.py")):
        room = file.relative_to(ROOT / "keras_gan").parts[0].removesuffix(".py")
        if room not in {"export", "serving"}:  # links; some versions of Python follow them
            yield room, file
    for room in ("export", "serving"):
        for file in sorted((ROOT / room).rglob("*.py")):
            yield room, file


def imports(nodes):
    for node in nodes:
        if isinstance(node, ast.ImportFrom) and node.module == "keras_gan":
            yield from (f"keras_gan.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def arrows():
    """The rooms that each room imports, wherever in a file it does so."""
    found = {}
    for room, file in sources():
        names = imports(ast.walk(ast.parse(file.read_text())))
        rooms = {name.split(".")[1] for name in names if name.startswith("keras_gan.")}
        found.setdefault(room, set()).update(rooms - {room, "typing"})
    del found["typing"]  # imports nothing when it runs
    return found


def test_rooms_import_only_what_their_arrows_allow():
    found = arrows()
    assert len(found) > len(ARROWS)
    wrong = {room: rooms - ARROWS.get(room, set()) for room, rooms in found.items() if room not in ENTRANCES}
    assert not {room: rooms for room, rooms in wrong.items() if rooms}


def test_no_arrow_is_allowed_that_is_not_there():
    found = arrows()
    assert {room: rooms - found[room] for room, rooms in ARROWS.items() if rooms - found[room]} == {}


def test_models_import_the_exporter_only_in_their_export_method():
    places = [
        (file.name, function.name)
        for room, file in sources()
        if room == "models"
        for function in [node for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.FunctionDef)]
        if "keras_gan.export" in imports(ast.walk(function))
    ]
    assert places == [("exportable_model.py", "export")]


def test_rooms_have_no_cycle():
    graphlib.TopologicalSorter(arrows()).prepare()


@pytest.mark.parametrize("room", NO_TENSORFLOW)
def test_a_room_without_tensorflow_imports_none_at_its_top(room):
    lazy = ROOT / "keras_gan" / "artifacts" / "engines" / "saved_model.py"  # the registry imports it for SavedModels
    files = [file for found, file in sources() if found == room and file != lazy]
    assert files
    wrong = [
        (file.name, name)
        for file in files
        for name in imports(ast.parse(file.read_text()).body)
        if name.split(".")[0] in {"tensorflow", "keras"}
    ]
    assert not wrong
