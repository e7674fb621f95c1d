"""`keras-gan translate`, as a person types it."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
from keras import layers
from PIL import Image
from typer.testing import CliRunner

import keras_gan
from keras_gan.cli.app import app
from keras_gan.cli.image_files import find_images
from keras_gan.cli.models import translator as cli_translator
from keras_gan.cli.models.translator import OpenTranslator, open_translator
from keras_gan.utils.tiling import Tiling

ROOT = Path(__file__).parent.parent.parent


def run(*arguments):
    return CliRunner(env={"COLUMNS": "200", "NO_COLOR": "1"}).invoke(app, ["translate", *map(str, arguments)])


def done(*arguments):
    result = run(*arguments)
    assert result.exit_code == 0, result.output + str(result.exception)
    return result.output


def refused(*arguments):
    result = run(*arguments)
    assert result.exit_code == 1
    return str(result.exception)


def strided(name, seed, channels=3, out=3):
    """A network that takes sizes divisible by 4, and looks around each pixel."""
    x = inputs = keras.Input((None, None, channels))
    for layer in (layers.Conv2D, layers.Conv2D, layers.Conv2DTranspose, layers.Conv2DTranspose):
        seed += 1
        weights = keras.initializers.RandomNormal(0.0, 0.3, seed=seed)
        x = layer(4, 3, strides=2, padding="same", activation="relu", kernel_initializer=weights)(x)
    weights = keras.initializers.RandomNormal(0.0, 0.3, seed=seed)
    x = layers.Conv2D(out, 3, padding="same", activation="tanh", kernel_initializer=weights)(x)
    return keras.Model(inputs, x, name=name)


def logits(channels):
    return keras.Sequential([keras.Input((None, None, channels)), layers.Conv2D(1, 3)])


def photo(height, width, channels=3, seed=0):
    """Waves and some noise: neither flat nor as hard to compress as noise alone."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:height, :width]
    waves = [100 * np.sin(y / rng.uniform(3, 30) + x / rng.uniform(3, 30)) for _ in range(channels)]
    return (128 + np.stack(waves, -1) + rng.integers(-25, 25, (height, width, channels))).astype(np.uint8)


def pixels(path):
    return np.asarray(Image.open(path))


def assert_same_levels(image, expected):
    """Equal, but for pixels so near the middle between two levels that another computation rounds the other way."""
    assert image.shape == expected.shape
    different = image.astype(int) - expected
    assert np.abs(different).max() <= 1
    assert (different != 0).mean() < 0.01


@pytest.fixture(scope="module")
def model():
    generators = strided("g", 1), strided("f", 9)
    cyclegan = keras_gan.CycleGAN(*generators, logits(3), logits(3), seed=0, name="tiny")
    cyclegan.compile()
    return cyclegan


@pytest.fixture(scope="module")
def trained(model, tmp_path_factory):
    folder = tmp_path_factory.mktemp("translate") / "run"
    folder.mkdir()
    model.save(folder / "gan.keras")
    return folder


@pytest.fixture(scope="module")
def exported(model, tmp_path_factory):
    folder = tmp_path_factory.mktemp("translate-exported")
    keras_gan.export.export_generator(model, folder, image_sizes=((64, 64),))
    return folder


@pytest.fixture
def no_model(monkeypatch):
    """Stand in for the model: darken each pixel, never to a half of a level, and take the sizes that a test names."""

    def use(channels=3, size_multiple=4, **options):
        opened = OpenTranslator(lambda images: images * np.float32(0.4), channels, size_multiple, **options)
        monkeypatch.setattr("keras_gan.cli.translate.open_translator", lambda *_: opened)

    use()
    return use


# ---------------------------------------------------------------------- the images


@pytest.fixture
def photos(tmp_path):
    """Images of each kind, and files that are none."""
    folder = tmp_path / "photos [1]"
    (folder / "sub").mkdir(parents=True)
    (folder / ".hidden").mkdir()
    Image.fromarray(photo(33, 21)).save(folder / "colour.png")
    Image.fromarray(photo(40, 52)).save(folder / "jpeg.JPG")
    Image.fromarray(photo(30, 64)).save(folder / "sub" / "webp.webp")
    Image.fromarray(photo(5, 9)).save(folder / "sub" / "bitmap.bmp")
    Image.fromarray(photo(20, 20)).quantize(16).save(folder / "palette.gif")
    Image.fromarray(photo(20, 20, 4)).save(folder / "transparent.png")
    Image.fromarray(photo(20, 31, 1)[..., 0].astype(np.uint16) * 257).save(folder / "deep.png")
    Image.fromarray(photo(1, 1)).save(folder / "dot.png")
    Image.fromarray(photo(40, 52)).save(folder / ".hidden" / "no.png")
    turned = Image.Exif()
    turned[0x0112] = 6
    Image.fromarray(photo(24, 48)).save(folder / "turned.jpg", exif=turned)
    (folder / "broken.jpg").write_bytes((folder / "jpeg.JPG").read_bytes()[:900])
    (folder / "fake.png").write_text("no image")
    (folder / "notes.txt").write_text("no image")
    return folder


def test_every_kind_of_image_at_its_own_size(trained, model, photos, tmp_path):
    out = tmp_path / "out"
    text = done(trained, "--input", photos, "--output", out)
    sizes = {p.relative_to(out).as_posix(): Image.open(p).size for p in out.rglob("*.png")}
    assert sizes == {
        "colour.png": (21, 33),
        "jpeg.png": (52, 40),
        "sub/webp.png": (64, 30),
        "sub/bitmap.png": (9, 5),
        "palette.png": (20, 20),
        "transparent.png": (20, 20),
        "deep.png": (31, 20),
        "dot.png": (1, 1),
        "turned.png": (24, 48),
    }
    assert {p.suffix for p in out.rglob("*") if p.is_file()} == {".png"}
    assert re.search(r"9 images translated in [\d.e-]+ s each: ", text)
    assert str(out) in text
    assert "Skipped broken.jpg (" in text
    assert "Skipped fake.png (not an image)" in text
    assert "2 images could not be read" in text
    assert "not images: notes.txt" in text
    image = photo(33, 21)
    padded = np.pad(image, ((0, 3), (0, 11), (0, 0)), mode="reflect")
    assert_same_levels(pixels(out / "colour.png"), model.translate(padded[None])[0, :33, :21])


def test_the_other_generator_and_one_file(trained, model, tmp_path):
    image = photo(64, 64)
    Image.fromarray(image).save(tmp_path / "painting.png")
    for generator in ("g", "f"):
        text = done(
            trained / "gan.keras", "--generator", generator, "--input", tmp_path / "painting.png",
            "--output", tmp_path / "made" / f"{generator}.png",
        )  # fmt: skip
        assert re.search(r"1 image translated in [\d.e-]+ s: .*\.png", text)
        expected = model.translate(image[None], generator)[0]
        assert_same_levels(pixels(tmp_path / "made" / f"{generator}.png"), expected)
    assert (pixels(tmp_path / "made" / "g.png") != pixels(tmp_path / "made" / "f.png")).any()
    done(trained, "--input", tmp_path / "painting.png", "--output", tmp_path / "folder")
    assert [p.name for p in (tmp_path / "folder").iterdir()] == ["painting.png"]


@pytest.mark.parametrize(("channels", "out"), [(1, 3), (3, 1), (1, 1)])
def test_grey_and_colour(tmp_path, channels, out):
    model = keras_gan.Pix2Pix(strided("g", 1, channels, out), logits(channels + out))
    model.compile()
    model.save(tmp_path / "pix2pix.keras")
    for name, image in (("grey", photo(36, 44, 1)[..., 0]), ("colour", photo(36, 44))):
        Image.fromarray(image).save(tmp_path / f"{name}.png")
        done(tmp_path / "pix2pix.keras", "--input", tmp_path / f"{name}.png", "--output", tmp_path / "out")
        with Image.open(tmp_path / "out" / f"{name}.png") as made:
            assert (made.mode, made.size) == ("L" if out == 1 else "RGB", (44, 36))
        source = np.asarray(Image.fromarray(image).convert("L" if channels == 1 else "RGB")).reshape(36, 44, channels)
        expected = model.translate(source[None])[0].squeeze()
        assert_same_levels(pixels(tmp_path / "out" / f"{name}.png"), expected)


def test_tiled_and_whole_are_the_same_for_a_pixelwise_model(no_model, tmp_path):
    Image.fromarray(photo(301, 467)).save(tmp_path / "big.png")
    made = []
    for tile in (0, 64, 512):
        done("model", "--input", tmp_path / "big.png", "--output", tmp_path / f"{tile}.png", "--tile", tile)
        made.append(pixels(tmp_path / f"{tile}.png"))
    np.testing.assert_array_equal(made[0], np.rint(photo(301, 467) * 0.4))
    np.testing.assert_array_equal(made[1], made[0])
    np.testing.assert_array_equal(made[2], made[0])


def test_tiles_of_a_model_that_looks_around_agree_where_borders_are_far(trained, model, tmp_path):
    image = photo(130, 150)
    Image.fromarray(image).save(tmp_path / "big.png")
    for tile in (64, 0):
        done(
            trained,
            "--input",
            tmp_path / "big.png",
            "--output",
            tmp_path / f"{tile}.png",
            "--tile",
            tile,
            "--overlap",
            32,
        )
    whole, tiled = (pixels(tmp_path / f"{tile}.png").astype(int) for tile in (0, 64))
    assert tiled.shape == whole.shape == (130, 150, 3)
    assert np.abs(tiled - whole).mean() < 1
    assert_same_levels(tiled[:16, :16], whole[:16, :16])


def test_a_model_of_fixed_sizes(no_model, tmp_path):
    no_model(size_multiple=1, image_sizes=((64, 64),))
    for name, size in (("small", (10, 20)), ("big", (150, 64))):
        Image.fromarray(photo(*size)).save(tmp_path / f"{name}.png")
        done("model", "--input", tmp_path / f"{name}.png", "--output", tmp_path / "out")
        np.testing.assert_array_equal(pixels(tmp_path / "out" / f"{name}.png"), np.rint(photo(*size) * 0.4))
    says = refused("model", "--input", tmp_path / "big.png", "--output", tmp_path / "no.png", "--tile", 0)
    assert "big.png could not be translated" in says
    assert "64 x 64" in says
    assert not (tmp_path / "no.png").exists()


# ---------------------------------------------------------------------- names and places


def names(root, *files, output="out"):
    for file in files:
        (root / file).parent.mkdir(parents=True, exist_ok=True)
        (root / file).touch()
    found = find_images(root, root.parent / output)
    return {image.name: image.destination.relative_to(root.parent / output).as_posix() for image in found.images}


def test_two_images_of_one_stem_keep_their_suffixes(tmp_path):
    assert names(tmp_path / "in", "a.jpg", "a.png", "sub/a.gif", "b.jpg", "a.txt", "B.webp", "c.d.bmp") == {
        "a.jpg": "a.jpg.png",
        "a.png": "a.png.png",
        "sub/a.gif": "sub/a.png",
        "b.jpg": "b.jpg.png",
        "B.webp": "B.webp.png",
        "c.d.bmp": "c.d.png",
    }
    assert names(tmp_path / "more", "a.jpg", "a.webp", "a.jpg.gif", "a.jpg.png.bmp") == {
        "a.jpg": "a.jpg.png",
        "a.webp": "a.webp.png",
        "a.jpg.gif": "a.jpg.gif.png",
        "a.jpg.png.bmp": "a.jpg.png.png",
    }


def test_what_is_within_the_input_and_not_to_be_read(tmp_path):
    root = tmp_path / "in"
    (root / "made").mkdir(parents=True)
    (root / "made" / "old.png").touch()
    (root / "loop").symlink_to(root, target_is_directory=True)
    assert names(root, "a.jpg", ".b.jpg", ".c/d.jpg", output="in/made") == {"a.jpg": "a.png"}


def test_what_is_there_is_left_unless_asked_for(no_model, tmp_path):
    for name in ("a", "b"):
        Image.fromarray(photo(8, 8)).save(tmp_path / f"{name}.bmp")
    out = tmp_path / "out"
    done("model", "--input", tmp_path / "a.bmp", "--output", out)
    (out / "a.png").write_bytes(b"mine")
    text = done("model", "--input", tmp_path, "--output", out)
    assert "1 image translated" in text
    assert "1 image existed already" in text
    assert "--overwrite" in text
    assert (out / "a.png").read_bytes() == b"mine"
    assert "2 images existed already" in done("model", "--input", tmp_path, "--output", out)
    assert "2 images translated" in done("model", "--input", tmp_path, "--output", out, "--overwrite")
    np.testing.assert_array_equal(pixels(out / "a.png"), np.rint(photo(8, 8) * 0.4))


def test_nothing_translated_is_an_error(no_model, tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.png").write_text("no image")
    result = run("model", "--input", tmp_path / "in", "--output", tmp_path / "out")
    assert result.exit_code == 1
    assert "Skipped a.png" in result.output
    assert not (tmp_path / "out").exists()


def test_places_that_make_no_sense_are_refused(no_model, tmp_path):
    folder = tmp_path / "in"
    (folder / "sub").mkdir(parents=True)
    (tmp_path / "empty").mkdir()
    (folder / "notes.txt").touch()
    Image.fromarray(photo(8, 8)).save(folder / "a.png")
    link = tmp_path / "link"
    link.symlink_to(folder, target_is_directory=True)
    (tmp_path / "link2").mkdir()
    for source, output, message in [
        (folder, folder, "must not be the folder of --input"),
        (folder, folder / "sub" / "..", "must not be the folder of --input"),
        (folder, link, "must not be the folder of --input"),
        (folder / "a.png", folder, "must not replace an image"),
        (folder / "a.png", folder / "a.png", "must not replace an image"),
        (folder / "a.png", tmp_path / "b.jpg", "ends in .png"),
        (folder, tmp_path / "b.png", "must be a folder"),
        (folder, folder / "notes.txt", "which is a file"),
        (tmp_path / "nowhere", tmp_path / "out", "does not exist"),
        (tmp_path / "empty", tmp_path / "out", "with images in it"),
    ]:
        assert message in refused("model", "--input", source, "--output", output)
    (folder / "in").mkdir()
    Image.fromarray(photo(8, 8)).save(folder / "in" / "a.png")
    assert "must not replace an image" in refused("model", "--input", folder, "--output", tmp_path)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["empty", "in", "link", "link2"]


# ---------------------------------------------------------------------- the models


def test_three_formats_make_the_same_pictures(trained, exported, tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    for i, size in enumerate([(64, 64), (64, 64), (65, 30), (100, 128), (3, 70)]):
        Image.fromarray(photo(*size, seed=i)).save(folder / f"{i}.png")
    done(trained, "--input", folder, "--output", tmp_path / "keras", "--tile", 64)
    model = exported / "tiny-g"
    for name, arguments in {
        "onnx": [model, "--format", "onnx"],
        "saved_model": [model / "1", "--format", "saved_model"],
        "tflite": [model, "--format", "tflite"],
        "default": [model],
        "file.onnx": [model / "1" / "model.onnx"],
        "file.tflite": [model / "1" / "model.tflite"],
        "bytes.onnx": [model / "1" / "model_uint8.onnx"],
        "bytes.tflite": [model / "1" / "model_uint8.tflite"],
    }.items():
        assert "5 images" in done(*arguments, "--input", folder, "--output", tmp_path / name, "--tile", 64)
        for i in range(5):
            made, expected = (pixels(tmp_path / place / f"{i}.png").astype(int) for place in (name, "keras"))
            assert made.shape == expected.shape
            # Where tiles overlap, files of bytes blend what they have rounded.
            assert np.abs(made - expected).max() <= 1, (name, i)


def test_files_without_a_manifest(model, exported, tmp_path):
    """The sizes that a file takes are found by trying."""
    image = photo(37, 90)
    Image.fromarray(image).save(tmp_path / "a.png")
    expected = Tiling(size_multiple=4, least_size=32).translate(image, model.translate)
    version = exported / "tiny-g" / "1"
    for file in ("model.onnx", "model.tflite"):
        (tmp_path / file).write_bytes((version / file).read_bytes())
        assert open_translator(tmp_path / file).size_multiple == 4
        done(tmp_path / file, "--input", tmp_path / "a.png", "--output", tmp_path / f"{file}.png")
        assert np.abs(pixels(tmp_path / f"{file}.png").astype(int) - expected).max() <= 1


def test_onnx_and_tflite_need_no_tensorflow(exported, tmp_path):
    Image.fromarray(photo(40, 40)).save(tmp_path / "a.png")
    for format in ("onnx", "tflite"):
        arguments = ["translate", exported / "tiny-g", "--format", format]
        arguments += ["--input", tmp_path / "a.png", "--output", tmp_path / f"{format}.png"]
        script = f"""
import sys
sys.modules["tensorflow"] = sys.modules["keras"] = None
sys.argv = ["keras-gan", *{[str(argument) for argument in arguments]}]
from keras_gan.cli import main
main()
"""
        child = subprocess.run(
            [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False, timeout=600
        )
        assert child.returncode == 0, child.stderr
        assert Image.open(tmp_path / f"{format}.png").size == (40, 40)


@pytest.mark.usefixtures("without_seeds")
def test_models_of_another_kind_and_arguments_for_another_kind_are_refused(trained, exported, tmp_path):
    Image.fromarray(photo(8, 8)).save(tmp_path / "a.png")
    places = ["--input", tmp_path / "a.png", "--output", tmp_path / "out"]
    gan = keras_gan.GAN(
        keras_gan.networks.mlp.generator((8, 8, 1), 4, units=8),
        keras_gan.networks.mlp.discriminator((8, 8, 1), units=8),
        latent_dim=4,
    )
    gan.compile()
    gan.save(tmp_path / "gan.keras")
    keras_gan.export.export_generator(gan, tmp_path / "models", formats=("onnx",), name="digits")
    unfinished = tmp_path / "run"
    unfinished.mkdir()
    for arguments, message in [
        ([tmp_path / "gan.keras"], "generates images from z. Use `keras-gan sample`"),
        ([tmp_path / "models" / "digits"], "an exported generator of images from z"),
        ([trained, "--format", "onnx"], "--format must be used with an exported model"),
        ([trained, "--generator", "h"], "one of g, f"),
        ([exported / "tiny-g", "--generator", "f"], "monet-g and monet-f"),
        ([exported, "--format", "onnx"], "tiny-g"),
        ([exported / "tiny-g", "--format", "onxx"], "onnx, tflite"),
        ([unfinished], "no gan.keras"),
        ([tmp_path / "nowhere"], "nowhere, which does not exist"),
        ([tmp_path / "a.png"], "a.png"),
    ]:
        assert message in refused(*arguments, *places)
    assert not (tmp_path / "out").exists()


def test_commands_that_generate_from_z_refuse_a_translator(trained, tmp_path):
    for command in ("sample", "walk"):
        result = CliRunner().invoke(app, [command, str(trained), "--output", str(tmp_path / "a.png")])
        assert result.exit_code == 1
        assert "generates images from z" in str(result.exception)
        assert "`keras-gan translate`" in str(result.exception)


def test_a_network_of_one_size(tmp_path):
    inputs = keras.Input((32, 48, 3))
    generator = keras.Model(inputs, layers.Conv2D(3, 3, padding="same", activation="tanh")(inputs))
    model = keras_gan.Pix2Pix(generator, logits(6))
    model.compile()
    model.save(tmp_path / "one-size.keras")
    assert open_translator(tmp_path / "one-size.keras").image_sizes == ((32, 48),)
    Image.fromarray(photo(70, 30)).save(tmp_path / "a.png")
    done(tmp_path / "one-size.keras", "--input", tmp_path / "a.png", "--output", tmp_path / "b.png")
    assert Image.open(tmp_path / "b.png").size == (30, 70)


# ---------------------------------------------------------------------- ending early, and the help


def test_a_network_that_fails_is_named_and_leaves_what_was_made(monkeypatch, tmp_path):
    def network(images):
        if images.shape[1] > 32:
            raise ArithmeticError("out of something")
        return images

    monkeypatch.setattr("keras_gan.cli.translate.open_translator", lambda *_: OpenTranslator(network, 3, 1))
    for name, size in (("a", 32), ("b", 40)):
        Image.fromarray(photo(size, size)).save(tmp_path / f"{name}.png")
    says = refused("model", "--input", tmp_path, "--output", tmp_path / "out")
    assert says == "b.png could not be translated: out of something"
    assert [p.name for p in (tmp_path / "out").iterdir()] == ["a.png"]


# The command, with a network that says when it has its third image, and is at it until a signal comes.
INTERRUPTED = """
import sys, time
from keras_gan.cli import app, translate
from keras_gan.cli.models.translator import OpenTranslator

seen = []

def network(images):
    seen.append(images)
    if len(seen) == 3:
        print("at the third", flush=True)
        time.sleep(600)
    return images.astype("float32")

translate.open_translator = lambda *_: OpenTranslator(network, 3, 1)
sys.argv[0] = "keras-gan"
app.main()
"""


def test_an_interruption_leaves_whole_files_and_the_same_command_goes_on(trained, tmp_path):
    folder, out = tmp_path / "in", tmp_path / "out"
    folder.mkdir()
    for i in range(4):
        Image.fromarray(photo(70, 90, seed=i)).save(folder / f"{i}.bmp")
    command = [sys.executable, "-c", INTERRUPTED, "translate", trained, "--input", folder, "--output", out]
    child = subprocess.Popen(
        list(map(str, command)),
        cwd=ROOT,
        env={**os.environ, "COLUMNS": "200", "NO_COLOR": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert child.stdout is not None
    assert "at the third\n" in iter(child.stdout.readline, ""), "it ended before"
    child.send_signal(signal.SIGINT)
    output, _ = child.communicate(timeout=600)
    assert child.returncode == 130, output
    assert "Interrupted after 2 images. The same command continues." in output
    assert sorted(path.name for path in out.iterdir()) == ["0.png", "1.png"]
    for i in range(2):
        np.testing.assert_array_equal(pixels(out / f"{i}.png"), photo(70, 90, seed=i))
    text = done(trained, "--input", folder, "--output", out)
    assert "2 images translated" in text
    assert "2 images existed already" in text
    assert sorted(path.name for path in out.iterdir()) == ["0.png", "1.png", "2.png", "3.png"]


def test_help_teaches():
    text = run("--help").output
    assert "keras-gan translate run --input photos --output paintings" in text
    for option in ("--generator", "--format", "--tile", "--overlap", "--overwrite"):
        assert option in text
    assert run("model").exit_code == 2
    assert run("model", "--input", "a", "--output", "b", "--overlap", "-1").exit_code == 2


def test_a_multiple_that_cannot_be_found_is_one():
    class Never:
        image_sizes = None
        channels = 3

        def __call__(self, images):
            raise RuntimeError

    assert cli_translator._find_multiple(Never()) == 1
