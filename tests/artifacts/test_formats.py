"""Each fact about a format has one source."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from keras_gan.artifacts.engines import RUNTIMES
from keras_gan.artifacts.formats import DEFAULT_FORMATS, FILES, FORMAT_INFOS, MIN_PSNR, TARGETS
from keras_gan.cli.app import app
from keras_gan.export import FORMATS

ROOT = Path(__file__).parent.parent.parent


def test_each_format_has_one_entry_and_one_class():
    assert list(FORMATS) == list(FORMAT_INFOS)
    for name, form in FORMATS.items():
        assert form.info is FORMAT_INFOS[name]
        assert (form.name, form.filename("serving_default")) == (name, form.info.filename)
    assert len(set(FILES.values())) == len(FORMATS)


def test_formats_are_preferred_in_float32_and_by_their_runtime():
    assert list(FILES)[:3] == ["onnx", "tflite", "saved_model"]
    assert set(FILES) == set(FORMATS)
    assert set(DEFAULT_FORMATS) == set(list(FILES)[:3])


def test_each_format_is_in_one_target():
    names = [name for formats in TARGETS.values() for name in formats]
    assert sorted(names) == sorted(FORMATS)
    assert list(TARGETS) == ["tf_serving", "mobile", "onnx"]


def test_each_format_has_a_runtime_and_a_limit():
    for info in FORMAT_INFOS.values():
        assert info.runtime is RUNTIMES[Path(info.filename).suffix]
        assert info.runtime.module in info.needs
        assert (info.min_psnr is None) == (info.precision == "float32")
    assert {info.precision for info in FORMAT_INFOS.values()} == {"float32", *MIN_PSNR}


def test_the_table_in_the_documentation_is_current(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "experiments")
    import format_table

    page = format_table.PAGE.read_text(encoding="utf-8")
    assert format_table.with_table(page) == page, "run python experiments/format_table.py"
    assert all(f"`{info.filename}`" in page for info in FORMAT_INFOS.values())


@pytest.mark.parametrize("command", ["export", "sample", "verify"])
def test_the_command_line_lists_all_formats(command):
    text = CliRunner().invoke(app, [command, "--help"], env={"COLUMNS": "400", "NO_COLOR": "1"}).output
    text = re.sub(r"\s+", " ", text)
    assert all(name in text for name in FORMATS)
