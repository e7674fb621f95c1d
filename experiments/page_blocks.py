"""Blocks of a page that a script rewrites."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path


def rewrite(page: Path, blocks: Mapping[str, str]) -> None:
    """Replaces the text between `<!-- name -->` and `<!-- end of name -->` of a page.

    Args:
        page: Markdown file.
        blocks: New text of each block, by its name.

    Raises:
        ValueError: If the page has no such block.
    """
    text = page.read_text(encoding="utf-8")
    for name, block in blocks.items():
        begin, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
        new = f"{begin}\n{block}\n{end}"
        text, found = re.subn(f"{begin}.*{end}", lambda _, new=new: new, text, flags=re.DOTALL)
        if not found:
            raise ValueError(f"{page} must have a block between {begin} and {end}")
    page.write_text(text, encoding="utf-8")
