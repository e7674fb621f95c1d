"""Warnings in a terminal: each once, and without a line of code."""

import io
import warnings

from rich.console import Console

from keras_gan.cli.printed_warnings import printed_warnings
from keras_gan.errors import KerasGANWarning


def test_a_warning_is_printed_once():
    console = Console(file=io.StringIO(), width=80)
    with printed_warnings(console):
        warnings.simplefilter("always")
        for text in ("Skipped [one]", "Skipped [one]", "Skipped two"):
            warnings.warn(text, KerasGANWarning, stacklevel=1)
    assert console.file.getvalue() == "Warning: Skipped [one]\nWarning: Skipped two\n"
