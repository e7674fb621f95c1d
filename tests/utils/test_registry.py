"""Objects are found by the names of their files."""

import sys
import textwrap

import pytest

from keras_gan.utils.registry import Registry, modules_of, parse, unknown_name


class Shape:
    strength = "sides"

    def __init__(self, sides=0):
        self.sides = sides


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A package of two shapes and one helper."""
    folder = tmp_path / "shapes_of_a_test"
    folder.mkdir()
    (folder / "__init__.py").touch()
    (folder / "helper.py").write_text("from test_registry import Shape\nNUMBER = 3\n")
    for name, class_name in (("polygon", "Polygon"), ("disc", "Disc")):
        source = f"""
            from test_registry import Shape

            class {class_name}(Shape):
                strength = {"None" if name == "disc" else "'sides'"}
        """
        (folder / f"{name}.py").write_text(textwrap.dedent(source))
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setitem(sys.modules, "test_registry", sys.modules[__name__])
    yield folder.name
    for name in [name for name in sys.modules if name.startswith(folder.name)]:
        del sys.modules[name]


@pytest.fixture
def registry(package):
    return Registry(package, Shape, "shape")


def test_a_class_has_the_name_of_its_file(registry):
    assert registry.names() == ("disc", "polygon")
    polygon = registry.create("polygon", sides=5)
    assert type(polygon).__name__ == "Polygon"
    assert polygon.sides == 5


def test_the_error_for_an_unknown_name_lists_all_names_and_the_nearest(registry):
    message = r"`shape` must be one of \['disc', 'polygon'\]. Received: 'poligon'. Did you mean 'polygon'\?"
    for find in (registry.create, lambda name: parse(registry, name), lambda name: parse(registry, f"{name}:3")):
        with pytest.raises(ValueError, match=message):
            find("poligon")
    assert unknown_name("shape", 3, ["disc"], " or None") == "`shape` must be one of ['disc'] or None. Received: 3"


def test_a_number_sets_the_strength(registry):
    assert parse(registry, "polygon").sides == 0
    sides = parse(registry, "polygon:6").sides
    assert (sides, type(sides)) == (6, int)
    assert parse(registry, "polygon:2.5").sides == 2.5


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("polygon:many", "`shape` must be NAME or NAME:SIDES. Received: 'polygon:many'"),
        ("polygon:", "`shape` must be NAME or NAME:SIDES"),
        ("disc:3", "`disc` takes no number. Received: shape='disc:3'"),
    ],
)
def test_what_is_not_a_strength_is_an_error(registry, text, says):
    with pytest.raises(ValueError, match=says):
        parse(registry, text)


def test_modules_of_a_package(package):
    assert sorted(modules_of(package)) == ["disc", "helper", "polygon"]
