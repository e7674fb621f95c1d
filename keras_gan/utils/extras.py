"""The command that installs an optional dependency."""

from __future__ import annotations

import functools
from pathlib import Path

_CLONE = Path(__file__).parent.parent.parent


def install_hint(*extras: str) -> str:
    """Returns the command that adds extras to this installation.

    The command names the clone or the wheel that keras-gan came from, because no package index has it.

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
    """Returns the arguments of pip, with `{}` in place of the extras."""
    # Not at the top: `import keras_gan` imports this module, and these take a while.
    import json
    from importlib import metadata
    from urllib.parse import urlsplit
    from urllib.request import url2pathname

    try:
        # PEP 610: pip records the address of a package that comes from no index.
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
