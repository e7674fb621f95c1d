"""Pages that list names list all of them."""

from __future__ import annotations

import re

import pytest
from pages import DOCS

import keras_gan
from keras_gan.penalties import GeneratorPenalty


def in_table(row):
    """The names in backticks in a row of the table of parts."""
    page = (DOCS / "guides" / "objectives.md").read_text(encoding="utf-8")
    return set(re.findall(r"`(\w+)`", re.search(rf"^\| {row} \|(.*)$", page, re.MULTILINE)[1]))


OF_GENERATOR = {
    name for name in keras_gan.penalties.names() if isinstance(keras_gan.penalties.get(name), GeneratorPenalty)
}


@pytest.mark.parametrize(
    ("row", "names"),
    [
        ("losses", set(keras_gan.losses.names())),
        ("penalties of the discriminator", set(keras_gan.penalties.names()) - OF_GENERATOR),
        ("penalties of the generator", OF_GENERATOR),
        ("augmentations", set(keras_gan.augmentations.names())),
    ],
)
def test_the_guide_lists_every_name(row, names):
    assert in_table(row) - {"weight", "interval", "limit"} == names, "change the table in docs/guides/objectives.md"


def test_the_api_page_has_every_network():
    page = (DOCS / "api" / "networks.md").read_text(encoding="utf-8")
    described = set(re.findall(r"automodule:: keras_gan\.networks\.(\w+)", page))
    assert described == set(keras_gan.networks.names()), "change docs/api/networks.md"
