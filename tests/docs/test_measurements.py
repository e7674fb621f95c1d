"""Scripts of measurements rewrite blocks that their pages have."""

from __future__ import annotations

import importlib
import re

import pytest
from pages import DOCS, ROOT

BLOCKS = {
    "diversity": {"generators"},
    "limited_data": {"results"},
    "objectives": {"grid", "protocol", "ring"},
    "stacked_digits": {"results"},
    "training_health": {"findings", "rollback"},
}


@pytest.fixture
def rewrite(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "experiments")
    return importlib.import_module("page_blocks").rewrite


@pytest.mark.parametrize("name", BLOCKS)
def test_a_page_has_the_blocks_that_its_script_rewrites(name):
    page = (DOCS / "measurements" / f"{name}.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^<!-- end of (\w+) -->$", page, re.MULTILINE)) == BLOCKS[name]
    assert set(re.findall(r"^<!-- (\w+) -->$", page, re.MULTILINE)) == BLOCKS[name]
    script = (ROOT / "experiments" / f"{name}.py").read_text(encoding="utf-8")
    assert f'PAGE = DOCS / "measurements" / "{name}.md"' in script
    assert [block for block in BLOCKS[name] if f'"{block}"' not in script] == []


def test_one_block_is_replaced_and_the_rest_stays(rewrite, tmp_path):
    page = tmp_path / "page.md"
    page.write_text("a\n<!-- one -->\nold\n<!-- end of one -->\nb\n<!-- two -->\n2\n<!-- end of two -->\n")
    rewrite(page, {"one": r"new \1"})
    expected = "a\n<!-- one -->\nnew \\1\n<!-- end of one -->\nb\n<!-- two -->\n2\n<!-- end of two -->\n"
    assert page.read_text() == expected


def test_a_missing_block_is_an_error(rewrite, tmp_path):
    page = tmp_path / "page.md"
    page.write_text("nothing")
    with pytest.raises(ValueError, match="must have a block"):
        rewrite(page, {"one": "new"})


def test_the_protocol_of_the_objectives_is_what_the_script_writes():
    page = (DOCS / "measurements" / "objectives.md").read_text(encoding="utf-8")
    written = re.search(r"<!-- protocol -->\n(.*?)\n<!-- end", page, re.DOTALL)[1]
    script = (ROOT / "experiments" / "objectives.py").read_text(encoding="utf-8")
    template = re.search(r'PROTOCOL = f"""(.*?)"""', script, re.DOTALL)[1]
    pattern = ".+?".join(re.escape(part) for part in re.split(r"\{[^}]+\}", template))
    assert re.fullmatch(pattern, written)
