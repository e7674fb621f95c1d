"""Sizes of images in a config, and which of them a network supports."""

from __future__ import annotations

import ast
import functools
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, TypeAlias

import pydantic

from keras_gan.config.networks import FOLDER, available
from keras_gan.utils.image_stages import START, nearest_doubled, nearest_multiples


def parse_size(value: Any) -> Any:
    """Returns a size such as "48x96" as [48, 96], "64" and [64, 64] as 64, and other values unchanged."""
    if isinstance(value, str):
        sides = value.lower().split("x")
        if 1 <= len(sides) <= 2 and all(side.strip().isdecimal() for side in sides):
            value = [int(side) for side in sides]
    if isinstance(value, list | tuple) and 1 <= len(value) <= 2 and len(set(value)) == 1:
        return value[0]
    return list(value) if isinstance(value, tuple) else value


def _check(value: Any) -> Any:
    sides = value if isinstance(value, list) else [value]
    if value is not None and (len(sides) > 2 or any(side < 1 for side in sides)):
        raise ValueError(f"image_size must be SIZE or HEIGHTxWIDTH, such as 64 or 48x96. Received: {value}")
    return value


def _parse(value: Any) -> Any:
    parsed = parse_size(value)
    good = parsed is None or (isinstance(parsed, int) and not isinstance(parsed, bool))
    if not good and not (isinstance(parsed, list) and all(isinstance(side, int) for side in parsed)):
        raise ValueError(f"image_size must be SIZE or HEIGHTxWIDTH, such as 64 or 48x96. Received: {value}")
    return parsed


def check_image_size(value: Any) -> int | list[int]:
    """Returns a size such as "64" or "48x96" as one number or two.

    Raises:
        ValueError: If it is something else.
    """
    size: int | list[int] = _check(_parse(value))
    return size


ImageSize: TypeAlias = Annotated[
    int | list[int] | None, pydantic.BeforeValidator(_parse), pydantic.AfterValidator(_check)
]


def height_and_width(size: int | Sequence[int] | None) -> tuple[int, int] | None:
    """Returns a size of a config as (height, width)."""
    if size is None:
        return None
    return (size, size) if isinstance(size, int) else (size[0], size[1])


def size_argument(size: int | Sequence[int] | None) -> int | tuple[int, int] | None:
    """Returns a size of a config as `keras_gan.datasets.load` takes it."""
    return size if size is None or isinstance(size, int) else (size[0], size[1])


@functools.cache
def capabilities(network: str) -> Mapping[str, Any]:
    """Returns the arguments of a network's `CAPABILITIES`, read from its source: importing it imports TensorFlow."""
    for node in ast.parse((FOLDER / f"{network}.py").read_text(encoding="utf-8")).body:
        if (
            isinstance(node, ast.Assign)
            and isinstance(node.value, ast.Call)
            and getattr(node.targets[0], "id", "") == "CAPABILITIES"
        ):
            return {str(word.arg): ast.literal_eval(word.value) for word in node.value.keywords}
    return {}


def ranks_of(network: str) -> tuple[int, ...]:
    """Returns the numbers of axes of the images that a network generates: 3 for images, 2 sequences, 1 vectors."""
    found: tuple[int, ...] = capabilities(network).get("ranks", (3,))
    return found


def check_size(
    network: str, size: tuple[int, int], generator: Mapping[str, Any], discriminator: Mapping[str, Any]
) -> None:
    """Checks that a network supports a size of images.

    Args:
        network: Name of a module of `keras_gan.networks`.
        size: Height and width.
        generator: Options of the network's `generator`.
        discriminator: Options of the network's `discriminator`.

    Raises:
        ValueError: If it does not. The message names the nearest sizes.
    """
    known = capabilities(network)
    if 3 not in ranks_of(network):
        return  # the size is a length, which the network checks
    if limits := known.get("doublings"):
        nearest = nearest_doubled(limits, *size)
        if size in nearest:
            return
        rule = (
            f"height and width must be numbers from {START[0]} to {START[1]} that are doubled equally often, "
            f"{limits[0]} to {limits[1]} times"
        )
    else:
        multiple = 2 ** generator["halvings"] if generator.get("halvings") else known.get("multiple", 1)
        least = known.get("least", 1) if not discriminator.get("receptive_field") else 1
        if all(side % multiple == 0 and side >= least for side in size):
            return
        nearest = nearest_multiples(size, multiple, least)
        rule = f"height and width must be divisible by {multiple}" + (
            f" and at least {least + -least % multiple}" if min(size) < least else ""
        )
    raise ValueError(
        f"--image-size does not fit the network {network}: {rule}. Received: {_text(size)}. "
        f"Nearest: {' or '.join(map(_text, nearest))}"
    )


def supported_sizes() -> str:
    """Returns a sentence with the sizes that the networks from z support."""
    kinds = {name: capabilities(name).get("doublings") for name in available(True)}
    doubled, free = [name for name, limits in kinds.items() if limits], [name for name in kinds if not kinds[name]]
    return (
        f"{', '.join(doubled)}: each side {START[0]} to {START[1]} doubled equally often, such as 28, 32, 48x96 or 64; "
        f"{', '.join(free)}: any size."
    )


def _text(size: tuple[int, int]) -> str:
    return str(size[0]) if size[0] == size[1] else f"{size[0]}x{size[1]}"
