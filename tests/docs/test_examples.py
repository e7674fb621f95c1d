"""The examples run, at a small size."""

from __future__ import annotations

import json
import re
import runpy
import warnings
from pathlib import Path

import pytest
from pages import ROOT
from workplace import shortened, small  # noqa: F401  fixtures

from keras_gan.errors import KerasGANWarning

NOTEBOOKS = sorted((ROOT / "examples").glob("*.ipynb"))


def cells(notebook, kind):
    read = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    return [cell for cell in read if cell["cell_type"] == kind]


def notebooks():
    for notebook in NOTEBOOKS:
        # One quantises, and the other's code is that of docs/guides/translation.md.
        slow = notebook.stem in ("export_to_phone", "translation")
        yield pytest.param(notebook, id=notebook.name, marks=[pytest.mark.slow] if slow else [])


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("notebook", notebooks())
def test_a_notebook_runs(notebook):
    namespace = {"__name__": "__main__"}
    installing, *code = ("".join(cell["source"]) for cell in cells(notebook, "code"))
    assert "%pip install" in installing
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", KerasGANWarning)  # one step is no good training
        for number, source in enumerate(code, 1):
            exec(compile(shortened(source), f"{notebook.name}, cell {number}", "exec"), namespace)


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda notebook: notebook.name)
def test_a_notebook_holds_no_results(notebook):
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in cells(notebook, "code"))


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda notebook: notebook.name)
def test_a_notebook_installs_extras_that_exist(notebook):
    installing = "".join(cells(notebook, "code")[0]["source"])
    extras = re.search(r"\{source\}\[([a-z,]+)\]", installing)[1].split(",")
    setup = (ROOT / "setup.py").read_text(encoding="utf-8")
    assert [extra for extra in extras if f'"{extra}": [' not in setup] == []


@pytest.mark.usefixtures("small")
def test_the_script_in_the_form_of_the_keras_guides_runs():
    runpy.run_path(str(ROOT / "examples" / "keras_guide.py"))["main"](epochs=1)
    assert Path("guide_samples", "epoch-0001.png").exists()
