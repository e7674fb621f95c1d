"""The command that installs an optional dependency."""

from __future__ import annotations

import functools
import re
from pathlib import Path

_UNKNOWN = "'keras-gan[{}]'"
_CLONE = Path(__file__).parent.parent.parent


def install_hint(*extras: str) -> str:
    """Returns the command that adds extras to this installation.

    The command names the clone or the wheel that keras-gan came from, because no package index has it. If neither is
    there any more, the command names the packages of the extras.

    Args:
        *extras: Names of extras of setup.py.

    Returns:
        A command for a shell.

    Example:
    ```python
    install_hint("export", "mobile")  # "pip install -e '/home/me/keras-gan[export,mobile]'"
    ```
    """
    place = _installed_from()
    requirements = _requirements(extras) if place == _UNKNOWN else ()
    return f"pip install {' '.join(requirements) or place.format(','.join(extras))}"


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
    return _UNKNOWN


def _requirements(extras: tuple[str, ...]) -> tuple[str, ...]:
    """Returns the packages of extras, for an installation whose clone or wheel is gone."""
    from importlib import metadata

    try:
        required = getattr(metadata.distribution("keras-gan"), "requires", None) or ()
    except metadata.PackageNotFoundError:
        return ()
    split = [(requirement.partition(";")[0].strip(), requirement.partition(";")[2]) for requirement in required]
    named = {extra: re.compile(rf"extra\s*==\s*['\"]{re.escape(extra)}['\"]") for extra in extras}
    found = (package for package, marker in split for pattern in named.values() if pattern.search(marker))
    return tuple(f"'{package}'" for package in dict.fromkeys(found))
