"""The command that installs an optional dependency."""

from __future__ import annotations

import functools
import json
from importlib import metadata
from pathlib import Path

_CLONE = Path(__file__).parent.parent.parent


def install_hint(*extras: str) -> str:
    """Returns the command that adds extras to this installation.

    It names the place that keras-gan came from, a clone or a wheel, as no package index has it.

    Args:
        *extras: Names of extras of setup.py.

    Returns:
        A command for a shell.

    Example:
    ```python
    install_hint("export", "mobile")  # "pip install -e '/home/me/keras-gan[export,mobile]'"
    ```
    """
    return f"pip install {_installed_from().format(','.join(extras))}"


@functools.cache
def _installed_from() -> str:
    """The arguments of pip, with `{}` in place of the extras."""
    from urllib.parse import urlsplit
    from urllib.request import url2pathname

    try:
        # PEP 610: pip records the address of what it did not take from an index.
        record = json.loads(metadata.distribution("keras-gan").read_text("direct_url.json") or "{}")
    except metadata.PackageNotFoundError:
        record = {}
    url = record.get("url", "")
    if "vcs_info" in record:
        return f"'keras-gan[{{}}] @ {record['vcs_info']['vcs']}+{url}'"
    path = Path(url2pathname(urlsplit(url).path)) if url.startswith("file:") else None
    if path is not None and path.exists():
        editable = "-e " if record.get("dir_info", {}).get("editable") else ""
        return f"{editable}'{path}[{{}}]'"
    if (_CLONE / "setup.py").is_file():
        return f"-e '{_CLONE}[{{}}]'"
    return "'keras-gan[{}]'"
