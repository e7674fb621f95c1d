"""The JSON schema of manifest.json: `python experiments/manifest_schema.py` writes it to docs/manifest.schema.json."""

from __future__ import annotations

import json
from pathlib import Path

from keras_gan.export import Manifest

FILE = Path(__file__).parent.parent / "docs" / "manifest.schema.json"


def schema() -> str:
    """The schema, as the file holds it."""
    return (
        json.dumps({"$schema": "https://json-schema.org/draft/2020-12/schema"} | Manifest.model_json_schema(), indent=2)
        + "\n"
    )


if __name__ == "__main__":
    FILE.write_text(schema(), encoding="utf-8")
