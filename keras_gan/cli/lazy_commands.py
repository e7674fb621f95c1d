"""Subcommands that are imported when they are used, so that each one starts fast."""

from __future__ import annotations

import ast
import importlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

# Subcommands in the order of the help: the module in `keras_gan.cli` with a function of this name, and the name of its
# command class, if it has one.
COMMANDS: Mapping[str, tuple[str, str | None]] = {
    "train": ("train", "ConfigCommand"),
    "resume": ("train", None),
    "evaluate": ("evaluate", None),
    "report": ("report", None),
    "sample": ("sample", None),
    "walk": ("walk", None),
    "invert": ("invert", None),
    "translate": ("translate", None),
    "export": ("export", None),
    "verify": ("verify", None),
    "deploy": ("deploy", None),
    "datasets": ("datasets", None),
    "presets": ("presets", None),
    "serve": ("serve", "TfServingCommand"),
}


class LazyCommands(Mapping[str, Any]):
    """Mapping from names to commands, which imports a command when it is looked up."""

    def __init__(self) -> None:
        self._loaded: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._loaded:
            place, command_class = COMMANDS[name]
            module = importlib.import_module(f"keras_gan.cli.{place}")
            single = typer.Typer(add_completion=False, rich_markup_mode="rich")
            options = {} if command_class is None else {"cls": getattr(module, command_class)}
            single.command(name, **options)(getattr(module, name))
            self._loaded[name] = typer.main.get_command(single)
        return self._loaded[name]

    def __iter__(self) -> Iterator[str]:
        return iter(COMMANDS)

    def __len__(self) -> int:
        return len(COMMANDS)


class LazyGroup(TyperGroup):
    """Group of the subcommands in `COMMANDS`."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.commands = LazyCommands()  # type: ignore[assignment]

    def list_commands(self, ctx: Any) -> list[str]:
        """Returns the names of the subcommands, without importing them."""
        return list(COMMANDS)

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Prints the help. It reads the docstrings of the subcommands without importing them."""
        described = {name: TyperCommand(name, help=_docstring(name)) for name in COMMANDS}
        self.commands = described  # type: ignore[assignment]
        super().format_help(ctx, formatter)
        self.commands = LazyCommands()  # type: ignore[assignment]


def _docstring(name: str) -> str:
    """Returns the docstring of a subcommand's function, from its source."""
    place, _ = COMMANDS[name]
    source = Path(__file__).with_name(f"{place}.py").read_text(encoding="utf-8")
    functions = {node.name: node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)}
    return ast.get_docstring(functions[name]) or ""
