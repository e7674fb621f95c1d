"""Configuration of the documentation. `make docs` builds it into build/docs, without network."""

import os
import sys
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(Path(__file__).parent)]
import keras  # noqa: E402,F401  keras_gan registers its classes once Keras is whole

project = "keras_gan"
author = "The authors of keras_gan"
extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx_copybutton",
    "markdown_docstrings",
]
html_theme = "furo"
html_title = "keras_gan"
html_static_path: list[str] = []
html_show_sphinx = False
html_show_copyright = False
html_copy_source = False
default_role = "code"
myst_heading_anchors = 3
autodoc_typehints = "signature"
autodoc_member_order = "bysource"
autodoc_inherit_docstrings = False
autodoc_default_options = {"members": True, "show-inheritance": True}
napoleon_numpy_docstring = False
napoleon_google_docstring = True
copybutton_prompt_text = "$ "
suppress_warnings = ["ref.python"]  # two classes have an attribute `rows`
