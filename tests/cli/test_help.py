"""The help of each command can be read in a terminal of 80 columns."""

import pytest
import typer.rich_utils
from typer.testing import CliRunner

from keras_gan.cli.app import app
from keras_gan.cli.lazy_commands import COMMANDS, LazyCommands


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_80_columns_shows_every_option_and_example_whole(monkeypatch, command):
    monkeypatch.setattr(typer.rich_utils, "MAX_WIDTH", 80)
    shown = CliRunner().invoke(app, [command, "--help"], env={"COLUMNS": "80", "NO_COLOR": "1"}, terminal_width=80)
    assert shown.exit_code == 0
    assert max(map(len, shown.output.splitlines())) <= 80
    assert "…" not in shown.output
    words = shown.output.replace(",", " ").split()
    options = [name for one in LazyCommands()[command].params for name in one.opts if not getattr(one, "hidden", False)]
    assert not [name for name in options if name.startswith("--") and name not in words]
