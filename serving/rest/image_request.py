"""An image by its seed, for an `<img>`: the query, and what a browser may keep."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

import numpy as np

from keras_gan.serving.errors import ServingError, invalid
from keras_gan.serving.models.servable import Servable

_INT32 = 2**31 - 1


@dataclass(frozen=True)
class ImageRequest:
    """What `GET /v1/models/M:image.png?seed=7&index=0&label=3&truncation=0.7&version=1` asks for.

    Args:
        seed: From 0 to 2**31 - 1. Defaults to 0.
        index: Which of the seed's images. Defaults to 0.
        label: The class. Defaults to None, which is that of `generate`: each class in turn.
        truncation: What z is multiplied by. Defaults to 1.0.
        version: The model's. Defaults to None, the newest.
    """

    seed: int = 0
    index: int = 0
    label: int | None = None
    truncation: float = 1.0
    version: int | None = None

    @classmethod
    def of(cls, query: Mapping[str, str]) -> ImageRequest:
        """Read a query; what it has besides is ignored.

        Raises:
            ServingError: If a number is none, or out of range.
        """
        return cls(
            seed=_integer(query, "seed", _INT32) or 0,
            index=_integer(query, "index", _INT32) or 0,
            label=_integer(query, "label", _INT32),
            truncation=_truncation(query.get("truncation", "1")),
            version=_integer(query, "version", 2**63 - 1),
        )

    def inputs(self, servable: Servable) -> dict[str, np.ndarray]:
        """What the signature `png` takes.

        Raises:
            ServingError: If the model makes no PNG files from seeds, or has classes and no label is given.
        """
        signature = servable.signatures.get("png")
        if signature is None:
            raise ServingError("NOT_FOUND", f"{servable.name} version {servable.version} makes no PNG files from seeds")
        arrays = {
            "seed": np.array([self.seed], np.int32),
            "index": np.array([self.index], np.int32),
            "truncation": np.array([self.truncation], np.float32),
        }
        if any(spec.name == "labels" for spec in signature.inputs):
            classes = None if servable.manifest is None else servable.manifest.num_classes
            if self.label is None and classes is None:
                raise invalid("`label` is needed: the model has classes, and no manifest tells how many")
            label = self.index % (classes or 1) if self.label is None else self.label
            arrays["labels"] = np.array([label], np.int32)
        elif self.label is not None:
            raise invalid(f"{servable.name} has no classes. Received: label={self.label}")
        return arrays

    def headers(self, servable: Servable, fixed: bool) -> dict[str, str]:
        """What a browser may keep: for good if the version is given, else after asking again."""
        # A cache that compares weakly must not take an image of before signing for a signed one.
        asked = f"{servable.fingerprint}/{self.seed}/{self.index}/{self.label}/{self.truncation!r}/{servable.signed}"
        name = f"{servable.name}-{servable.version}-seed{self.seed}-{self.index}.png"
        return {
            # Of an image, if the bytes are others each time that it is signed.
            "etag": f'{"W/" if servable.signed else ""}"{hashlib.sha256(asked.encode()).hexdigest()[:32]}"',
            "cache-control": "public, max-age=31536000, immutable" if fixed else "no-cache",
            # A header is Latin-1; RFC 6266 has this for what is not.
            "content-disposition": f"inline; filename*=UTF-8''{quote(name, safe='')}",
        }


def _integer(query: Mapping[str, str], name: str, most: int) -> int | None:
    text = query.get(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) <= 19 and int(text) <= most):
        raise invalid(f"`{name}` must be an integer from 0 to {most}. Received: {text[:40]!r}")
    return int(text)


def _truncation(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not (math.isfinite(value) and 0 <= value <= 1e6):
        raise invalid(f"`truncation` must be a number from 0 to 1e6. Received: {text[:40]!r}")
    return value
