"""List of the fields of a config, for documentation, suggestions and comparisons."""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Iterator
from typing import Annotated, Any, Literal, Union

import annotated_types
import pydantic
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from keras_gan.config.section import Section

WORDS = {
    annotated_types.Ge: ("ge", "at least"),
    annotated_types.Gt: ("gt", "above"),
    annotated_types.Le: ("le", "at most"),
    annotated_types.Lt: ("lt", "below"),
}


@dataclasses.dataclass(frozen=True)
class Described:
    """Field of a config.

    Args:
        path: Dotted name, such as `d_optimizer.learning_rate`.
        kind: Type and range, such as `float, at least 0`.
        default: Default value, or `None`.
        description: Sentences for a reader.
        resumable: `True` if the field may change when a training resumes.
        is_group: `True` if other fields follow below it.
        is_required: `True` if there is no default.
    """

    path: str
    kind: str
    default: Any
    description: str
    resumable: bool
    is_group: bool
    is_required: bool


def fields(config: type[Section], prefix: str = "") -> Iterator[Described]:
    """Yields every field of a config class, groups before their own fields.

    Args:
        config: Subclass of `Section`.
        prefix: Text before each path. Defaults to "".
    """
    for name, field in config.model_fields.items():
        group = section_of(field.annotation)
        extra = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
        default = None if field.default is PydanticUndefined else field.default
        yield Described(
            f"{prefix}{name}",
            kind_of(field),
            default,
            field.description or "",
            bool(extra.get("resumable")),
            group is not None,
            field.is_required(),
        )
        if group is not None:
            yield from fields(group, f"{prefix}{name}.")


def section_of(annotation: Any) -> type[Section] | None:
    """Returns the `Section` that a type is, alone or with `None`; else `None`."""
    for one in typing.get_args(annotation) or (annotation,):
        if isinstance(one, type) and issubclass(one, Section):
            return one
    return None


def kind_of(field: FieldInfo) -> str:
    """Returns type and range of a field as text."""
    limits = []
    for constraint in field.metadata:
        for kind, (attribute, words) in WORDS.items():
            if isinstance(constraint, kind):
                limits.append(f"{words} {getattr(constraint, attribute)}")
    return ", ".join([_type_text(field.annotation), *limits])


def _type_text(annotation: Any) -> str:
    origin = typing.get_origin(annotation)
    if origin is Literal:
        return " or ".join(str(value) for value in typing.get_args(annotation))
    if origin in (Union, types.UnionType):
        return " or ".join(_type_text(one) for one in typing.get_args(annotation))
    if origin in (Annotated, list):
        return f"{'list of ' if origin is list else ''}{_type_text(typing.get_args(annotation)[0])}"
    if annotation is type(None):
        return "null"
    if origin is dict or (isinstance(annotation, type) and issubclass(annotation, pydantic.BaseModel)):
        return "mapping"
    return str(getattr(annotation, "__name__", annotation))
