"""Commands in the pages: they exist, and take these options."""

from __future__ import annotations

import re
import shlex

import pytest
import typer.main
from pages import PAGES, ROOT, commands, name

from keras_gan import config as configs
from keras_gan.cli.app import app
from keras_gan.cli.training.config_flags import FLAGS, changes_of, starting_config

GROUP = typer.main.get_command(app)
COMMANDS = {name: GROUP.get_command(None, name) for name in GROUP.list_commands(None)}
FOUND = [(page, command) for page in PAGES for command in commands(page)]


@pytest.mark.parametrize(
    ("page", "command"),
    [pytest.param(*found, id=f"{name(found[0])}: {found[1]}") for found in FOUND if found[1].startswith("keras-gan ")],
)
def test_the_command_line_accepts_it(page, command, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    subcommand, *arguments = shlex.split(command)[1:]
    given = COMMANDS[subcommand].make_context(subcommand, arguments).params  # raises a usage error, and runs nothing
    if subcommand == "train" and given["config"] is None:
        config = starting_config(None, given["preset"])
        flags = {flag: given[flag] or None for flag in FLAGS}
        configs.with_changes(config, changes_of(config, flags, given["overrides"] or ()))


def test_make_has_the_targets():
    makefile = (ROOT / "Makefile").read_text()
    targets = {target for _, command in FOUND if command.startswith("make ") for target in command.split()[1:2]}
    for page in PAGES:
        targets |= set(re.findall(r"`make ([a-z-]+)`", page.read_text()))
    assert "quickstart" in targets
    assert [target for target in sorted(targets) if f"\n{target}:" not in makefile] == []


def test_commands_in_the_text_exist():
    named = {
        (name(page), command) for page in PAGES for command in re.findall(r"`keras-gan ([a-z]+)", page.read_text())
    }
    assert len(named) > 20
    assert [(page, command) for page, command in sorted(named) if command not in COMMANDS] == []


def test_every_command_is_in_the_overview():
    overview = (ROOT / "docs" / "guides" / "command_line.md").read_text()
    assert [command for command in COMMANDS if f"| `keras-gan {command}` |" not in overview] == []


def test_scripts_exist():
    for page in PAGES:
        for script in re.findall(r"(?:experiments|benchmarks|examples)/[\w/.]+\.(?:py|ipynb)", page.read_text()):
            assert (ROOT / script).exists(), f"{name(page)}: {script}"
