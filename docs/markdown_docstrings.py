"""Sphinx extension for the API reference.

It turns the Markdown in docstrings (code, links, formulas) into reStructuredText, before napoleon reads the sections
`Args`, `Returns` and the like. It shows classes with the arguments of `__init__`. Keras's classes define `__new__`, and
Sphinx would show its signature.
"""

from __future__ import annotations

import re
from typing import Any

from sphinx.util import inspect

_FENCE = re.compile(r"^( *)```(\w*)\s*$")
_LINK = re.compile(r"\[([^\]\[]+)\]\((https?://[^)\s]+(?:\([^)\s]*\)[^)\s]*)*)\)")
# Outside of `code`: what reStructuredText would take for a substitution, a target or emphasis.
_SPECIAL = re.compile(r"(`[^`]*`)([^\W_])?|(?<!\\)([|*]|(?<=[^\W_])_(?=\W|$))")


def to_rst(lines: list[str]) -> list[str]:
    """Returns the docstring in reStructuredText. Code blocks keep their lines."""
    found: list[str] = []
    prose: list[str] = []
    fence: str | None = None
    for line in lines:
        marker = _FENCE.match(line)
        if fence is None and marker:
            found += _prose(prose)
            prose = []
            fence = marker[1]
            found += ["", f"{fence}.. code-block:: {marker[2] or 'text'}", ""]
        elif marker:
            fence = None
            found.append("")
        elif fence is not None:
            found.append(f"   {line}" if line.strip() else "")
        else:
            prose.append(line)
    return found + _prose(prose)


def _prose(lines: list[str]) -> list[str]:
    text = _LINK.sub(lambda m: f"`{' '.join(m[1].split())} <{m[2]}>`__", "\n".join(lines))
    return [_escaped(line) for line in _apart(text.split("\n"))]


def _apart(lines: list[str]) -> list[str]:
    """Returns the lines with an empty line before and after each list, which Markdown does not need."""
    found: list[str] = []
    bullet: int | None = None  # indentation of the list that the line before belongs to
    for line in lines:
        indent = len(line) - len(line.lstrip())
        is_bullet = line.lstrip().startswith("- ")
        begins = is_bullet and bullet is None
        ends = bullet is not None and not is_bullet and indent <= bullet
        if line.strip() and (begins or ends) and found and found[-1].strip():
            found.append("")
        bullet = indent if is_bullet else None if ends or not line.strip() else bullet
        found.append(line)
    return found


def _escaped(line: str) -> str:
    if re.match(r" *\*{1,2}\w+( \(.*\))?:", line):  # napoleon reads *args: and **kwargs:
        return line
    # A letter may follow code at once: `Score`s.
    return _SPECIAL.sub(lambda m: f"\\{m[3]}" if m[3] else m[1] + (f"\\ {m[2]}" if m[2] else ""), line)


def _process_docstring(_app: Any, what: str, _name: str, _obj: Any, _options: Any, lines: list[str]) -> None:
    lines[:] = to_rst(lines)
    if what in ("attribute", "data"):
        lines.insert(0, "")  # napoleon would take the words before a colon for a type


def _process_signature(
    _app: Any, what: str, _name: str, obj: Any, _options: Any, signature: str | None, _returned: str | None
) -> tuple[str, None] | None:
    if what != "class" or signature != "(*args, **kwargs)":
        return None
    of_init = inspect.signature(obj.__init__, bound_method=True)
    return inspect.stringify_signature(of_init, show_return_annotation=False, unqualified_typehints=True), None


def setup(app: Any) -> dict[str, Any]:
    """Sphinx calls this."""
    app.connect("autodoc-process-docstring", _process_docstring, priority=400)  # napoleon has 500
    app.connect("autodoc-process-signature", _process_signature)
    return {"parallel_read_safe": True}
