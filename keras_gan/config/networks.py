"""Options of the networks, read from their source: importing it would import TensorFlow."""

from __future__ import annotations

import ast
import dataclasses
import functools
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pydantic

from keras_gan.config.suggestions import not_a_field

FOLDER = Path(__file__).parent.parent / "networks"
# Arguments that other fields of a config decide.
DECIDED = ("image_shape", "latent_dim", "num_classes", "num_attributes", "name")
TYPES: Mapping[str, Any] = {"int": int, "float": float, "str": str, "bool": bool}


@dataclasses.dataclass(frozen=True)
class Option:
    """Argument of a network's function.

    Args:
        annotation: Type as the source has it, such as `str | None`.
        default: Default value. `None` also where there is none.
    """

    annotation: str
    default: Any


@functools.cache
def arguments(network: str, part: str) -> dict[str, Option]:
    """Returns the arguments of a network's function, in order; empty if there is no such function.

    Args:
        network: Name of a module of `keras_gan.networks`.
        part: Name of the function: `generator` or `discriminator`.
    """
    file = FOLDER / f"{network}.py"
    if not network.isidentifier() or not file.is_file():
        return {}
    for node in ast.parse(file.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef) and node.name == part:
            given = [*node.args.posonlyargs, *node.args.args]
            defaults = [None] * (len(given) - len(node.args.defaults)) + list(node.args.defaults)
            pairs = [*zip(given, defaults, strict=True), *zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)]
            return {arg.arg: _option(arg, default) for arg, default in pairs}
    return {}


def options(network: str, part: str) -> dict[str, Option]:
    """Returns the arguments of a network's function that a config may set."""
    return {name: option for name, option in arguments(network, part).items() if name not in DECIDED}


def available(from_z: bool) -> list[str]:
    """Returns the names of the networks.

    Args:
        from_z: `True` for generators from z, `False` for generators that translate images.
    """
    names = sorted(file.stem for file in FOLDER.glob("*.py"))
    return [name for name in names if _is_network(name) and ("latent_dim" in arguments(name, "generator")) == from_z]


def check_network(network: str, from_z: bool) -> None:
    """Raises `ValueError` if there is no such network."""
    if not _is_network(network) or ("latent_dim" in arguments(network, "generator")) != from_z:
        raise ValueError(f"network must be one of {', '.join(available(from_z))}. Received: {network}")


def check_options(network: str, part: str, given: Mapping[str, Any]) -> None:
    """Raises `ValueError` if the network's function has no such argument, or the value has another type."""
    known = options(network, part) if given else {}
    for name, value in given.items():
        if name not in known:
            elsewhere = [
                f"{other}.{key}" for other in ("generator", "discriminator") for key in options(network, other)
            ]
            raise ValueError(not_a_field(f"{part}.{name}", elsewhere, f" of the network {network}"))
        expected = _type(ast.parse(known[name].annotation, mode="eval").body)
        try:
            pydantic.TypeAdapter(expected).validate_python(value)
        except pydantic.ValidationError:
            raise ValueError(f"{part}.{name} must be {known[name].annotation}. Received: {value!r}") from None


def _is_network(name: str) -> bool:
    return bool(arguments(name, "generator")) and bool(arguments(name, "discriminator"))


def _option(argument: ast.arg, default: ast.expr | None) -> Option:
    annotation = "" if argument.annotation is None else ast.unparse(argument.annotation)
    try:
        return Option(annotation, None if default is None else ast.literal_eval(default))
    except ValueError:  # a constant of the module
        return Option(annotation, None)


def _type(node: ast.expr) -> Any:
    """Returns the type that simple annotations mean, and `Any` for others."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        left, right = _type(node.left), _type(node.right)
        return Any if Any in (left, right) else left | right
    if isinstance(node, ast.Constant) and node.value is None:
        return type(None)
    return TYPES.get(node.id, Any) if isinstance(node, ast.Name) else Any
