"""Blocks of the documentation's pages."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
# Pages whose code runs in tests, in the order of the site.
STORIES = (
    ROOT / "README.md",
    DOCS / "getting_started.md",
    *sorted((DOCS / "guides").glob("*.md")),
    *sorted((DOCS / "how_it_works").glob("*.md")),
)
PAGES = (
    ROOT / "README.md",
    ROOT / "ARCHITECTURE.md",
    ROOT / "CONTRIBUTING.md",
    *sorted(DOCS.rglob("*.md")),
)


def name(page: Path) -> str:
    """The page as tests and messages name it."""
    return str(page.relative_to(ROOT))


def blocks(page: Path, language: str) -> list[str]:
    """The fenced blocks of a language, in order."""
    return re.findall(rf"^```{language}\n(.*?)^```", page.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)


def commands(page: Path) -> list[str]:
    """The commands of console blocks, and of indented blocks that start with a command."""
    lines = []
    for block in blocks(page, "console"):
        lines += re.sub(r"\\\n\s*", " ", block).splitlines()
    lines += [f"$ {line}" for line in re.findall(r"^    ((?:keras-gan|make|pip) .*)$", page.read_text(), re.MULTILINE)]
    return [line[2:].partition("  #")[0].strip() for line in lines if line.startswith("$ ")]
