"""Links between pages, and pictures."""

from __future__ import annotations

import re

import pytest
from pages import PAGES, ROOT, name


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_what_a_page_links_to_exists(page):
    for target in re.findall(r"\]\((?!http)([^)#]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
        assert page.parent.joinpath(target).exists(), target


def test_the_readme_is_short():
    assert len((ROOT / "README.md").read_text(encoding="utf-8").split()) < 700
