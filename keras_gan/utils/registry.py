"""Finding objects by the name of the file that defines them."""

from __future__ import annotations

import difflib
import importlib
import inspect
import pkgutil
from collections.abc import Iterable
from types import ModuleType
from typing import Any, ClassVar, Generic, Protocol, TypeVar


class Strong(Protocol):
    """Class whose `strength` names the argument that `NAME:NUMBER` sets; `None` if there is no such argument."""

    strength: ClassVar[str | None]


T = TypeVar("T")
S = TypeVar("S", bound=Strong)


class Registry(Generic[T]):
    """Classes by name. A class is registered by being in a file: the class in `hinge.py` is called `"hinge"`.

    Args:
        package: Name of the package whose files define the classes, one a file.
        base: Class that they extend, or several. Other files of the package are ignored.
        argument: Name of the argument in error messages, such as `"loss"`.

    Example:
    ```python
    registry = Registry("keras_gan.losses", AdversarialLoss, "loss")
    registry.create("hinge")
    ```
    """

    def __init__(self, package: str, base: type[T] | tuple[type, ...], argument: str) -> None:
        self.argument = argument
        self.classes: dict[str, type[T]] = {}
        for name, module in modules_of(package).items():
            for member in vars(module).values():
                is_defined_here = inspect.isclass(member) and member.__module__ == module.__name__
                if is_defined_here and issubclass(member, base) and not inspect.isabstract(member):
                    self.classes[name] = member

    def names(self) -> tuple[str, ...]:
        """Returns all names, sorted."""
        return tuple(sorted(self.classes))

    def create(self, name: str, **options: Any) -> T:
        """Creates an object by name.

        Args:
            name: One of `names()`.
            **options: Arguments of the class.

        Raises:
            ValueError: If there is no such name.
        """
        if name not in self.classes:
            raise ValueError(unknown_name(self.argument, name, self.names()))
        return self.classes[name](**options)


def parse(registry: Registry[S], text: str) -> S:
    """Creates an object from `NAME` or `NAME:NUMBER`, the form that the command line takes.

    Args:
        registry: Registry of classes that have a `strength`.
        text: Name, or name and value of the argument that `strength` names, such as `"r1:0.5"`.

    Raises:
        ValueError: If there is no such name, the class has no strength, or the value is not a number.
    """
    name, colon, number = text.partition(":")
    if not colon:
        return registry.create(name)
    strength = registry.classes[name].strength if name in registry.classes else None
    if name in registry.classes and strength is None:
        raise ValueError(f"`{name}` takes no number. Received: {registry.argument}={text!r}")
    try:
        value = int(number) if number.isdecimal() else float(number)
    except ValueError:
        expected = f"NAME or NAME:{(strength or 'NUMBER').upper()}"
        raise ValueError(f"`{registry.argument}` must be {expected}. Received: {text!r}") from None
    return registry.create(name, **{strength or "": value})


def classes_of(room: str) -> dict[str, type]:
    """Returns the classes of a room by their names, such as those of "losses"."""
    classes: dict[str, type] = importlib.import_module(f"keras_gan.{room}.lookup")._REGISTRY.classes
    return classes


def modules_of(package: str) -> dict[str, ModuleType]:
    """Imports all modules of a package, and returns them by name."""
    path = importlib.import_module(package).__path__
    return {found.name: importlib.import_module(f"{package}.{found.name}") for found in pkgutil.iter_modules(path)}


def unknown_name(argument: str, received: object, names: Iterable[str], other: str = "") -> str:
    """Returns the error message for a name that does not exist: all names, and the most similar one.

    Args:
        argument: Name of the argument.
        received: Value of the argument.
        names: All names.
        other: Text on other accepted values, such as `" or a keras_gan.penalties.Penalty"`.
    """
    names = sorted(names)
    similar = difflib.get_close_matches(str(received), names, n=1)
    hint = f". Did you mean {similar[0]!r}?" if similar else ""
    return f"`{argument}` must be one of {names}{other}. Received: {received!r}{hint}"
