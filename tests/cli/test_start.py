"""Commands start quickly: they import only what they need. Counts modules, as a time would depend on the machine."""

import json
import subprocess
import sys
import textwrap

import pytest

from keras_gan.cli.lazy_commands import COMMANDS, LazyCommands, _docstring

SLOW = {"tensorflow", "keras", "onnx", "onnxruntime", "tf2onnx", "tensorflow_datasets", "sklearn", "skimage", "mlxtend"}
QUICK = ["--help", "--version", "trane", "serve --help", "verify --help", "presets", "report --help"]


@pytest.fixture(scope="module")
def imported():
    """The modules that the process had imported after each command, one after the other in one process."""
    script = """
        import io, json, sys
        from contextlib import redirect_stderr, redirect_stdout
        from keras_gan.cli.app import app
        found = {}
        for command in json.loads(sys.argv[1]):
            with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
                try:
                    app(command.split())
                except SystemExit as end:
                    status = end.code
            found[command] = [status, sorted(name for name in sys.modules)]
        print(json.dumps(found))
    """
    commands = list(dict.fromkeys([*QUICK, *(f"{name} --help" for name in COMMANDS)]))
    child = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script), json.dumps(commands)],
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(child.stdout)


@pytest.mark.parametrize("command", dict.fromkeys([*QUICK, *(f"{name} --help" for name in COMMANDS)]))
def test_a_command_that_needs_no_tensorflow_imports_none(imported, command):
    status, modules = imported[command]
    assert status == (2 if command == "trane" else 0)
    assert not {name.split(".")[0] for name in modules} & SLOW


@pytest.mark.parametrize("command", QUICK[:5])
def test_a_command_without_data_imports_no_numpy_and_no_config(imported, command):
    _, modules = imported[command]
    assert not {"numpy", "keras_gan.datasets", "keras_gan.config"} & set(modules)


@pytest.mark.parametrize("name", COMMANDS)
def test_the_list_of_commands_shows_their_own_help(name):
    assert LazyCommands()[name].help.split("\n\n")[0] == _docstring(name).split("\n\n")[0]
