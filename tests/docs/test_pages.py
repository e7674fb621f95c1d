"""The code in the pages runs: every ```python block, in order, in one namespace for each page, at a small size."""

from __future__ import annotations

import warnings

import pytest
from pages import STORIES, blocks, name
from workplace import server, shortened, small  # noqa: F401  fixtures

from keras_gan.errors import KerasGANWarning

WITHOUT_CODE = {"guides/command_line", "guides/deploying", "guides/explorer", "guides/index", "guides/serving"}
WITHOUT_CODE |= {"how_it_works/index"}
SLOW = {"docs/guides/export.md"}  # quantises


def pages_with_code():
    for page in STORIES:
        if blocks(page, "python"):
            yield pytest.param(page, id=name(page), marks=[pytest.mark.slow] if name(page) in SLOW else [])


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("page", pages_with_code())
def test_the_code_of_a_page_runs(page, request):
    address = request.getfixturevalue("server") if name(page) == "docs/guides/client.md" else ""
    namespace = {"__name__": "page"}
    with warnings.catch_warnings():
        if name(page) == "docs/guides/training_health.md":
            warnings.simplefilter("ignore", KerasGANWarning)  # one step is no good training
        for number, block in enumerate(blocks(page, "python"), 1):
            code = shortened(block).replace("http://127.0.0.1:8501", address)
            exec(compile(code, f"{name(page)}, block {number}", "exec"), namespace)


def test_pages_without_code_are_known():
    found = {name(page) for page in STORIES if not blocks(page, "python")}
    assert found == {f"docs/{page}.md" for page in WITHOUT_CODE}


@pytest.mark.slow
def test_the_script_of_the_readme_runs_as_printed(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    exec(blocks(STORIES[0], "python")[0], {"__name__": "page"})
    assert (tmp_path / "samples" / "epoch-0020.png").exists()
    assert (tmp_path / "exported" / "gan" / "1" / "model.tflite").exists()
