from __future__ import annotations

import json
import re
from importlib import metadata
from pathlib import Path

import pytest

from keras_gan.utils import extras
from keras_gan.utils.extras import install_hint

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def installed(monkeypatch):
    """A function that replaces pip's record of the installation."""

    def install(record, requirements=()):
        class Distribution:
            requires = requirements

            def read_text(self, _):
                return None if record is None else json.dumps(record)

        monkeypatch.setattr(metadata, "distribution", lambda _: Distribution())
        extras._installed_from.cache_clear()

    yield install
    extras._installed_from.cache_clear()


def test_a_clone_is_named(installed, tmp_path):
    installed({"url": tmp_path.as_uri(), "dir_info": {"editable": True}})
    assert install_hint("export", "mobile") == f"pip install -e '{tmp_path}[export,mobile]'"
    installed({"url": tmp_path.as_uri(), "dir_info": {}})
    assert install_hint("export") == f"pip install '{tmp_path}[export]'"


def test_a_wheel_is_named_even_with_a_space_in_its_path(installed, tmp_path):
    wheel = tmp_path / "my wheels" / "keras_gan-0.1.0-py3-none-any.whl"
    wheel.parent.mkdir()
    wheel.touch()
    installed({"url": wheel.as_uri(), "archive_info": {}})
    assert install_hint("serving") == f"pip install '{wheel}[serving]'"


def test_a_repository_is_named(installed):
    installed({"url": "https://example.org/gan.git", "vcs_info": {"vcs": "git", "commit_id": "0"}})
    assert install_hint("data") == "pip install 'keras-gan[data] @ git+https://example.org/gan.git'"


def test_a_place_that_is_gone_is_not_named(installed, tmp_path, monkeypatch):
    monkeypatch.setattr(extras, "_CLONE", tmp_path)
    installed({"url": (tmp_path / "gone.whl").as_uri(), "archive_info": {}})
    assert install_hint("data") == "pip install 'keras-gan[data]'"


def test_the_packages_are_named_if_the_wheel_is_gone(installed, tmp_path, monkeypatch):
    monkeypatch.setattr(extras, "_CLONE", tmp_path)
    required = [
        "numpy>=1",
        'tensorflow-datasets>=4.9; extra == "data"',
        "mlxtend; extra == 'data'",
        'x; extra == "all"',
    ]
    installed({"url": (tmp_path / "gone.whl").as_uri(), "archive_info": {}}, required)
    assert install_hint("data") == "pip install 'tensorflow-datasets>=4.9' 'mlxtend'"


def test_an_installation_without_a_record_is_of_an_index_or_a_clone(installed, tmp_path, monkeypatch):
    installed(None)
    assert install_hint("data") == f"pip install -e '{ROOT}[data]'"
    monkeypatch.setattr(extras, "_CLONE", tmp_path)
    installed(None)
    assert install_hint("data") == "pip install 'keras-gan[data]'"


def test_each_extra_that_is_named_exists():
    known = set(re.findall(r'^    "([\w-]+)": \[', (ROOT / "setup.py").read_text(), re.MULTILINE))
    named = set()
    for folder in ("keras_gan", "export", "serving"):
        for file in (ROOT / folder).rglob("*.py"):
            for call in re.findall(r"\binstall_hint\(([^)]*)\)", file.read_text()):
                named |= set(re.findall(r'"([\w-]+)"|\'([\w-]+)\'', call))
    named = {name for pair in named for name in pair if name}
    assert named
    assert named <= known
