"""The words of code and pages follow the rules of CONTRIBUTING.md, as far as `style.py` can check them."""

from pathlib import Path

import pytest
import style

ROOT = Path(__file__).parent.parent
LINKS = {"keras_gan/export", "keras_gan/serving"}  # the folders beside keras_gan, which are checked themselves
CODE = ("keras_gan", "export", "serving", "tests", "benchmarks", "experiments", "examples", "docs")
PAGES = ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md")


@pytest.mark.parametrize("place", [*CODE, *PAGES])
def test_words_are_plain(place):
    files = [file for file in style.files(ROOT / place) if not is_linked(file)]
    assert files
    assert [problem for file in files for problem in style.problems(file)] == []


def is_linked(file):
    return any(file.is_relative_to(ROOT / link) for link in LINKS)


@pytest.mark.parametrize(
    "source",
    [
        '"""What a network does."""',
        '"""Tell which player shall draw."""',
        'raise ValueError("the recipe is told of")',
        "# It is drawn anew.",
        'def f(x):\n    """Return x.\n\n    Args:\n        x: Whether it is so.\n    """',
        f'"""{"word " * 26}."""',
    ],
)
def test_each_rule_can_fail(source):
    assert list(style.problems_of_python(source + "\n"))


def test_plain_words_pass():
    assert list(style.problems_of_python('"""Return the mean loss of the batch."""\n')) == []
