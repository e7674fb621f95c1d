"""Query of an image by its seed, for an `<img>` on a page."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

import numpy as np
from starlette.datastructures import QueryParams

from keras_gan.serving.errors import ServingError, invalid
from keras_gan.serving.models.image_signatures import SOURCE
from keras_gan.serving.models.servable import Servable
from keras_gan.serving.rest.query import check_query
from keras_gan.utils.attributes import attribute_rows, parse_attributes
from keras_gan.utils.class_names import describe_classes, number_hint, parse_label

_INT32 = 2**31 - 1


@dataclass(frozen=True)
class ImageRequest:
    """Query of `GET /v1/models/M:image.png?seed=7&index=0&label=3&truncation=0.7&version=1`.

    Args:
        seed: Integer from 0 to 2**31 - 1. Defaults to 0.
        index: Number of the image among those of the seed. Defaults to 0.
        label: Number or name of the class of the image, or attributes such as `smile=1,age=0.3` or `1,0.3`. Defaults
            to None, each class or attribute in turn as in `generate`.
        truncation: Factor of z. Defaults to 1.0.
        version: Version of the model. Defaults to None, the newest.
    """

    seed: int = 0
    index: int = 0
    label: int | str | None = None
    truncation: float = 1.0
    version: int | None = None

    @classmethod
    def parse(cls, query: QueryParams) -> ImageRequest:
        """Reads a query.

        Raises:
            ServingError: If there is another parameter, or a value is not a number or out of range.
        """
        check_query(query, tuple(cls.__dataclass_fields__))
        return cls(
            seed=_integer(query, "seed", _INT32) or 0,
            index=_integer(query, "index", _INT32) or 0,
            label=_label(query),
            truncation=_truncation(query.get("truncation", "1")),
            version=_integer(query, "version", 2**63 - 1),
        )

    def inputs(self, servable: Servable) -> dict[str, np.ndarray]:
        """Returns the inputs of the signature `png`.

        Raises:
            ServingError: If the model has no such signature, or the label is missing or not supported.
        """
        signature = servable.signatures.get("png")
        name = f"{servable.name} version {servable.version}"
        if signature is None:
            generate = servable.signatures.get("generate")
            shape = () if generate is None else generate.outputs[0].shape
            if len(shape) in (2, 3):
                kind = "vectors" if len(shape) == 2 else "sequences"
                raise invalid(f"{name} generates {kind}, which have no PNG file. POST to `:predict` for numbers")
            raise ServingError("NOT_FOUND", f"{name} does not generate PNG files from seeds")
        if takes_files(servable):
            raise invalid(f"{name} translates images. POST a PNG, JPEG or WebP file to this path instead of a GET")
        arrays = {
            "seed": np.array([self.seed], np.int32),
            "index": np.array([self.index], np.int32),
            "truncation": np.array([self.truncation], np.float32),
        }
        spec = next((spec for spec in signature.inputs if spec.name == "labels"), None)
        if spec is not None and len(spec.shape) == 2:
            arrays["labels"] = self._attributes(servable, spec.shape[1] or 0)
        elif spec is not None:
            classes = None if servable.manifest is None else servable.manifest.num_classes
            if self.label is None and classes is None:
                raise invalid("`label` must be given, because the model has classes and no manifest")
            names = () if servable.manifest is None else servable.manifest.class_names
            label = self.index % (classes or 1) if self.label is None else _number(self.label, names)
            if classes is not None and label >= classes:
                named = f": {describe_classes(names)}" if names else ""
                received = f"{self.label}{number_hint(label, names)}"
                raise invalid(f"`label` must be from 0 to {classes - 1}{named}. Received: {received}")
            arrays["labels"] = np.array([label], np.int32)
        elif self.label is not None:
            raise invalid(f"`label` is not supported, because {servable.name} has no classes. Received: {self.label}")
        return arrays

    def _attributes(self, servable: Servable, number: int) -> np.ndarray:
        """Returns the attributes, float32 (1, number)."""
        names = () if servable.manifest is None else servable.manifest.attribute_names
        if self.label is None:
            return attribute_rows(self.index % number + 1, None, number)[-1:]
        try:
            return attribute_rows(1, parse_attributes(str(self.label), number, names), number, names)
        except ValueError as error:
            raise invalid(f"`label`: {error}") from None

    def headers(self, servable: Servable, is_pinned: bool) -> dict[str, str]:
        """Returns the headers of the answer. If the request names the version, browsers keep the image."""
        # `signed` is part of it: a weak ETag must not match the image from before signing.
        content = f"{servable.fingerprint}/{self.seed}/{self.index}/{self.label}/{self.truncation!r}/{servable.signed}"
        name = f"{servable.name}-{servable.version}-seed{self.seed}-{self.index}.png"
        return {
            # Weak if signed: the image is the same, the bytes are not.
            "etag": f'{"W/" if servable.signed else ""}"{hashlib.sha256(content.encode()).hexdigest()[:32]}"',
            "cache-control": "public, max-age=31536000, immutable" if is_pinned else "no-cache",
            # RFC 6266: this form allows names that are not Latin-1.
            "content-disposition": f"inline; filename*=UTF-8''{quote(name, safe='')}",
        }


def takes_files(servable: Servable) -> bool:
    """Returns True if the signature `png` translates image files."""
    png = servable.signatures.get("png")
    return png is not None and [spec.name for spec in png.inputs] == [SOURCE]


def _integer(query: Mapping[str, str], name: str, most: int) -> int | None:
    text = query.get(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) <= 19 and int(text) <= most):
        raise invalid(f"`{name}` must be an integer from 0 to {most}. Received: {text[:40]!r}")
    return int(text)


def _label(query: Mapping[str, str]) -> int | str | None:
    text = query.get("label")
    if text is None or not text or text.isdecimal() or text.removeprefix("-").isdecimal():
        return _integer(query, "label", _INT32)
    return text[:200]


def _number(label: int | str, class_names: Sequence[str]) -> int:
    if isinstance(label, int):
        return label
    try:
        return parse_label(label, class_names)
    except ValueError:
        named = f", or a name: {describe_classes(class_names)}" if class_names else ""
        raise invalid(f"`label` must be an integer from 0 to {_INT32}{named}. Received: {label[:40]!r}") from None


def _truncation(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not (math.isfinite(value) and 0 <= value <= 1e6):
        raise invalid(f"`truncation` must be a number from 0 to 1e6. Received: {text[:40]!r}")
    return value
