"""The examples of CONTRIBUTING.md: each diff applies to a copy of the repository, and the tests that it adds pass."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys

import fork_server
import pytest
from pages import ROOT, blocks

DIFFS = blocks(ROOT / "CONTRIBUTING.md", "diff")


def changed_files(diff):
    return re.findall(r"^\+\+\+ b/(\S+)$", diff, re.MULTILINE)


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """A copy of the repository with all diffs applied."""
    folder = tmp_path_factory.mktemp("contributed") / "copy"
    hidden = shutil.ignore_patterns(".*", "build", "dist", "quickstart", "__pycache__", "images", "measurements")
    shutil.copytree(ROOT, folder, symlinks=True, ignore=hidden)
    for number, diff in enumerate(DIFFS, 1):
        done = subprocess.run(
            ["git", "apply", "--verbose", "-"], input=diff, cwd=folder, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"diff {number}: {done.stderr}"
    return folder


def run(copy, *command):
    return subprocess.run([sys.executable, *command], cwd=copy, capture_output=True, text=True, check=False)


def test_there_are_three_examples():
    assert len(DIFFS) == 3
    assert all(any(file.startswith("tests/") for file in changed_files(diff)) for diff in DIFFS)


PYTEST = """
    import os, sys, pytest
    copy, root, *arguments = sys.argv[1:]
    os.chdir(copy)
    sys.path[:] = [copy, *(folder for folder in sys.path if not folder.startswith(root + "/tests") and folder != root)]
    print("exit code", int(pytest.main(arguments)))
"""


def test_the_tests_that_they_add_pass(copy):
    tests = [file for diff in DIFFS for file in changed_files(diff) if file.startswith("tests/")]
    tests.append("tests/presets/test_presets.py")  # each of its tests runs for each preset
    selected = ["-k", "squared_hinge or linear or weight_decay"]
    printed = fork_server.run(PYTEST, copy, ROOT, "-q", "-p", "no:cacheprovider", *tests, *selected)
    assert printed.endswith("exit code 0\n"), printed[-3000:]


def test_the_linter_accepts_them(copy):
    files = [file for diff in DIFFS for file in changed_files(diff) if file.endswith(".py")]
    shutil.copy(ROOT / "pyproject.toml", copy)
    for command in (["-m", "ruff", "check"], ["-m", "ruff", "format", "--check"]):
        done = run(copy, *command, *files)
        assert done.returncode == 0, done.stdout + done.stderr


def test_their_words_are_plain(copy):
    files = [file for diff in DIFFS for file in changed_files(diff) if file.endswith(".py")]
    done = run(copy, "tests/style.py", *files)
    assert done.returncode == 0, done.stdout
