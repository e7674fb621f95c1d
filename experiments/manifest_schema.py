"""Writes the JSON schema of manifest.json to docs/manifest.schema.json: `python experiments/manifest_schema.py`."""

from __future__ import annotations

import json
from pathlib import Path

from keras_gan.export import Manifest

FILE = Path(__file__).parent.parent / "docs" / "manifest.schema.json"


def schema() -> str:
    """Returns the text of the file."""
    return (
        json.dumps({"$schema": "https://json-schema.org/draft/2020-12/schema"} | Manifest.model_json_schema(), indent=2)
        + "\n"
    )


if __name__ == "__main__":
    FILE.write_text(schema(), encoding="utf-8")
