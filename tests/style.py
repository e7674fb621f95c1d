"""Checks of the words in docstrings, messages, help texts, comments and pages.

    python tests/style.py keras_gan/models docs README.md

prints a line for each sentence that breaks a rule. The rules are those of CONTRIBUTING.md.
"""

from __future__ import annotations

import ast
import io
import re
import sys
import tokenize
from collections.abc import Iterator
from pathlib import Path

LONGEST = 25  # words in a sentence

# Words that hide who acts, are old-fashioned, or stand for a term that the field has another word for.
BANNED = {
    r"lest": "so that ... not",
    r"shall": "must, or the present tense",
    r"anew": "again",
    r"amid": "during",
    r"besides": "in addition, also",
    r"of (?:one's|its|their|his|your) own accord": "by itself",
    r"such as it is": "",
    r"mend(?:s|ed|ing)?": "fix, correct",
    r"dear(?:er|est)?": "slow, expensive",
    r"so many": "this number of",
    r"players?": "network, or optimizer",
    r"told of": "reported, logged",
    r"(?:is|are|was|be) told": "name who reports what",
    r"tells? of": "reports, lists",
    r"by heart": "memorise",
    r"recipes?": "preset, config, or training",
    r"draw(?:s|n|ing|ings)?|drew": "generate, sample; plot, or render",
    r"figures?(?! \d)": "metric, number, or picture",
    r"as it were|likewise|thereof|whereof|hither|thus far": "",
    r"naught|aught|nought": "nothing, zero",
}
BANNED_RE = {re.compile(rf"(?<![\w`.-])(?:{words})(?![\w`(-])", re.IGNORECASE): hint for words, hint in BANNED.items()}

# A summary is an imperative or a noun phrase; an argument starts with its noun or its type.
NOT_FIRST = {
    "what",
    "how",
    "whether",
    "where",
    "why",
    "when",
    "which",
    "those",
    "another",
    "likewise",
    "of",
    "it",
    "by",
}
NOT_FIRST_OF_ARGUMENT = NOT_FIRST | {"as", "if", "for", "to", "in", "from", "with", "this", "that", "these", "such"}

ARGUMENT = re.compile(r"^    (?:\*{0,2}\w+(?:, \*{0,2}\w+)*): (.+)$")
SECTION = re.compile(
    r"^(Args|Attributes|Returns|Yields|Raises|Example|Examples|Reference|References|Note|Call arguments):"
)


def sentences(text: str) -> Iterator[str]:
    """The sentences of prose, without code and tables."""
    text = re.sub(r"```.*?```", " . ", text, flags=re.DOTALL)
    text = re.sub(r"^(?: {4,}|\t).*$", " . ", text, flags=re.MULTILINE)
    text = re.sub(r"^\s*\|.*\|\s*$", " . ", text, flags=re.MULTILINE)
    text = re.sub(r"^\s*(?:[-*]|\d+\.)\s+", " . ", text, flags=re.MULTILINE)
    text = re.sub(r"^\s*#.*$", " . ", text, flags=re.MULTILINE)
    text = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", text)
    text = re.sub(r"\n\s*\n", " . ", text)
    text = re.sub(r"`[^`]*`", "`code`", text)
    for sentence in re.split(r"(?<=[.!?:])[\"')]*\s+", " ".join(text.split())):
        if re.search(r"\w", sentence):
            yield sentence


def problems_of_prose(text: str) -> Iterator[str]:
    """A complaint for each banned word and each long sentence."""
    for sentence in sentences(text):
        words = re.findall(r"[\w`'-]+", sentence)
        if len(words) > LONGEST:
            yield f"{len(words)} words: {sentence}"
        if sentence.count(";") > 1:
            yield f"chain of semicolons: {sentence}"
    plain = re.sub(r"```.*?```", " ", text, flags=re.DOTALL)
    plain = re.sub(r"\]\([^)]*\)", "] ", re.sub(r"`[^`]*`", "``", plain))
    for banned, hint in BANNED_RE.items():
        for match in banned.finditer(plain):
            around = " ".join(plain[max(0, match.start() - 40) : match.end() + 30].split())
            yield f"{match.group(0)!r}{f' ({hint})' if hint else ''}: ... {around} ..."


def problems_of_docstring(text: str) -> Iterator[str]:
    """A complaint for each rule that a docstring breaks."""
    lines = text.strip("\n").split("\n")
    indent = min((len(line) - len(line.lstrip()) for line in lines[1:] if line.strip()), default=0)
    lines = [lines[0].strip(), *(line[indent:] for line in lines[1:])]
    if first_word(lines[0]) in NOT_FIRST:
        yield f"first word of the summary: {lines[0]}"
    prose, section = [], ""
    for line in lines:
        if found := SECTION.match(line):
            section = found.group(1)
            prose.append("")
        elif section.startswith(("Args", "Attributes", "Call")) and (argument := ARGUMENT.match(line)):
            if first_word(argument.group(1)) in NOT_FIRST_OF_ARGUMENT:
                yield f"first word of an argument: {line.strip()}"
            prose += ["", argument.group(1)]
        else:
            prose.append(line.strip() if section and not section.startswith("Example") else line)
    yield from problems_of_prose("\n".join(prose))


def first_word(text: str) -> str:
    found = re.match(r"[A-Za-z]+", text)
    return found.group(0).lower() if found else ""


def literal(node: ast.AST) -> str:
    """The text of a string, an f-string or a sum of them; what is filled in becomes `code`."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    if isinstance(node, ast.JoinedStr):
        return "".join(v.value if isinstance(v, ast.Constant) else "`code`" for v in node.values)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return literal(node.left) + literal(node.right)
    if isinstance(node, ast.IfExp):
        return literal(node.body) + ". " + literal(node.orelse)
    return ""


def messages(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """The texts that the program prints: errors, warnings, logs, help texts."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
            yield from ((arg.lineno, literal(arg)) for arg in node.exc.args)
        elif isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name in {"warn", "warning", "info", "error", "print", "invalid", "echo", "ServingError", "Field"}:
                yield from ((arg.lineno, literal(arg)) for arg in node.args)
            for keyword in node.keywords:
                if keyword.arg in {"help", "description", "summary", "title", "caption", "epilog", "short_help"}:
                    yield keyword.value.lineno, literal(keyword.value)


def problems_of_python(source: str) -> Iterator[tuple[int, str]]:
    """The line and the complaint for each broken rule of a Python file."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            text = ast.get_docstring(node, clean=False)
            if text:
                line = node.body[0].lineno
                yield from ((line, problem) for problem in problems_of_docstring(text))
    for line, text in messages(tree):
        yield from ((line, problem) for problem in problems_of_prose(text))
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT and not re.match(r"#\s*(?:noqa|type:|ruff|fmt)", token.string):
            yield from (
                (token.start[0], problem) for problem in problems_of_prose(token.string.lstrip("# ").split("# noqa")[0])
            )


def problems(path: Path) -> list[str]:
    """The complaints about a file, each with its place."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        return [f"{path}:{line}: {problem}" for line, problem in problems_of_python(text)]
    return [f"{path}: {problem}" for problem in problems_of_prose(text)]


def files(place: Path) -> list[Path]:
    """The Python files and pages in a folder, or a file itself."""
    if place.is_file():
        return [place]
    found = [file for suffix in ("*.py", "*.md") for file in place.rglob(suffix)]
    # What programs write: messages of protoc, and model cards of exports.
    return sorted(file for file in found if not file.name.endswith(("_pb2.py", "model_card.md")))


if __name__ == "__main__":
    found = [problem for place in sys.argv[1:] for file in files(Path(place)) for problem in problems(file)]
    print("\n".join(found))
    print(f"{len(found)} problems", file=sys.stderr)
    sys.exit(bool(found))
