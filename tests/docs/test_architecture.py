"""The table of rooms in ARCHITECTURE.md has the arrows that tests/test_import.py checks."""

from __future__ import annotations

import ast
import re

from pages import ROOT


def allowed():
    for node in ast.parse((ROOT / "tests" / "test_import.py").read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "ARROWS":
            return ast.literal_eval(node.value)
    raise AssertionError("tests/test_import.py has no ARROWS")


def rooms():
    """Room and what its row says that it imports."""
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    for folder, imports in re.findall(r"^\| `(?:keras_gan/)?([\w.]+)/?` \| [^|]+ \| ([^|]*) \|$", text, re.MULTILINE):
        if imports != "everything":
            yield folder.removesuffix(".py"), set(imports.split(", ")) - {""}


def test_each_room_imports_what_its_row_says():
    assert dict(rooms()) == {room: allowed().get(room, set()) for room, _ in rooms()}


def test_each_room_with_an_arrow_has_a_row():
    assert set(allowed()) - {room for room, _ in rooms()} == set()


def test_each_folder_of_the_package_has_a_row():
    folders = {path.name for path in (ROOT / "keras_gan").iterdir() if (path / "__init__.py").exists()}
    assert folders - {room for room, _ in rooms()} - {"cli"} == set()
