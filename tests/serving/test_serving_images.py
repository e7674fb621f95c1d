"""`:image.png` of translators, and parameters of URLs that are misspelt."""

import gzip
import io
import struct
import zlib
from datetime import datetime, timezone

import httpx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hypothesis_numpy
from PIL import Image
from serving_models import CLASSES, Z, write_generator, write_negative
from test_serving_rest import error, serving

from keras_gan.artifacts.artifact_entry import ArtifactEntry
from keras_gan.artifacts.file_entry import FileEntry
from keras_gan.artifacts.manifest import Manifest, Translation
from keras_gan.artifacts.tensor_spec import TensorSpec
from keras_gan.serving import Client, ServerError
from keras_gan.serving.models.image_file import MOST_PIXELS
from keras_gan.serving.models.png import png

RNG = np.random.default_rng(0)
COLOUR = RNG.integers(0, 256, (8, 12, 3), np.uint8)
URL = "/v1/models/negative:image.png"


def write_manifest(folder, **facts):
    batch = (None, None, None, 3)
    shape = {"latent_dim": None, "image_shape": batch[1:], "image_range": (-1.0, 1.0), **facts}
    Manifest(
        name=folder.parent.name,
        version=1,
        created=datetime(2026, 1, 2, tzinfo=timezone.utc),
        packages={},
        training={},
        inputs=(TensorSpec(name="source", dtype="float32", shape=batch),),
        outputs=(TensorSpec(name="image", dtype="float32", shape=batch),),
        artifacts=(
            ArtifactEntry(
                format="onnx",
                filename="model.onnx",
                files=(FileEntry.of(folder, folder / "model.onnx"),),
                parity=(),
            ),
        ),
        **shape,
    ).dump(folder)


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    root = tmp_path_factory.mktemp("models")
    for name, options in (("negative", {}), ("grey", {"channels": 1}), ("fixed", {"size": 8})):
        write_negative(root / name / "1", **options)
    write_manifest(
        root / "negative" / "1",
        kind="translator",
        translation=Translation(generator="g", size_multiple=4, image_sizes=((8, 12),), examples="given"),
    )
    write_generator(root / "generator" / "1", labels=True)
    write_manifest(root / "generator" / "1", latent_dim=Z, image_shape=(6, 6, 3), num_classes=CLASSES)
    with serving(root, grpc_port=0, max_body_bytes=10**6) as client:
        yield client


def file_of(pixels, form="PNG", mode=None, **options):
    file = io.BytesIO()
    picture = Image.fromarray(pixels)
    (picture if mode is None else picture.convert(mode)).save(file, form, **options)
    return file.getvalue()


def translated(client, file, url=URL, **options):
    answer = client.post(url, content=file, **options)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "image/png"
    return np.asarray(Image.open(io.BytesIO(answer.content), formats=["PNG"])).astype(int)


@pytest.mark.parametrize(
    ("file", "seen", "tolerance"),
    [
        (file_of(COLOUR), COLOUR, 0),
        (file_of(COLOUR, "WEBP", lossless=True), COLOUR, 0),
        (file_of(np.full_like(COLOUR, 100), "JPEG", quality=95), np.full_like(COLOUR, 100), 2),
        (file_of(COLOUR[..., 0]), COLOUR[..., :1].repeat(3, -1), 0),
        (file_of(COLOUR[..., 0].astype(np.uint16) * 257), COLOUR[..., :1].repeat(3, -1), 0),
        (file_of(np.dstack([COLOUR, np.zeros((8, 12), np.uint8)])), np.full_like(COLOUR, 255), 0),
    ],
    ids=["png", "webp", "jpeg", "grey", "16 bits", "transparent"],
)
def test_an_image_is_translated(client, file, seen, tolerance):
    np.testing.assert_allclose(translated(client, file), 255 - seen.astype(int), atol=1 + tolerance)


def test_an_image_is_turned_upright(client):
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned: show it a quarter turn clockwise
    for form, options in (("JPEG", {"quality": 100, "subsampling": 0}), ("PNG", {}), ("WEBP", {"lossless": True})):
        smooth = np.linspace(0, 255, 8 * 12).reshape(8, 12, 1).repeat(3, -1).astype(np.uint8)
        found = translated(client, file_of(smooth, form, exif=exif, **options))
        np.testing.assert_allclose(found, 255 - np.rot90(smooth, -1).astype(int), atol=4)


def test_grey_and_packed_and_by_version(client):
    assert translated(client, file_of(COLOUR), "/v1/models/grey:image.png").shape == (8, 12)
    packed = gzip.compress(file_of(COLOUR))
    once = translated(client, packed, headers={"content-encoding": "gzip"})
    for url in ("/v1/models/negative/versions/1:image.png", f"{URL}?version=1"):
        np.testing.assert_array_equal(translated(client, file_of(COLOUR), url), once)


def header(width, height):
    """The beginning of a PNG file of any size, without pixels."""
    chunk = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = b"IDAT" + zlib.compress(b"")
    chunks = [struct.pack(">I", len(one) - 4) + one + struct.pack(">I", zlib.crc32(one)) for one in (chunk, data)]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


@pytest.mark.parametrize(
    ("url", "file", "status", "message"),
    [
        (URL, b"no image", 400, "Expected an image as PNG, JPEG or WebP. Received: 8 bytes"),
        (URL, b"", 400, "Expected an image as PNG, JPEG or WebP. Received: 0 bytes"),
        (URL, file_of(COLOUR)[:-200], 400, "Expected an image as PNG, JPEG or WebP"),
        (URL, file_of(COLOUR, "GIF", "P"), 400, "Expected an image as PNG, JPEG or WebP"),
        (URL, header(4096, 4096), 400, f"An image may have at most {MOST_PIXELS} pixels. Received: 4096 x 4096"),
        (URL, header(2**31 - 1, 2**31 - 1), 400, "pixels"),
        (URL, file_of(COLOUR[:, :11]), 400, "Height and width must be divisible by 4. Received: 8 x 11 pixels"),
        (
            "/v1/models/fixed:image.png",
            file_of(COLOUR),
            400,
            "must fit source: float32 (None, 8, 8, 3)",
        ),
        (URL, b" " * (10**6 + 1), None, "at most 1000000 bytes"),
        (f"{URL}?seed=1", file_of(COLOUR), 400, "Expected the parameters version. Received: 'seed'"),
        (f"{URL}?version=2", file_of(COLOUR), 404, "is not available"),
        ("/v1/models/none:image.png", file_of(COLOUR), 404, "is not available"),
        ("/v1/models/generator:image.png", file_of(COLOUR), 400, "does not translate images"),
    ],
)
def test_what_is_not_translated(client, url, file, status, message):
    found, text = error(client.post(url, content=file))
    assert message in text
    assert found in ((413, 429) if status is None else (status,))


def test_a_translator_has_no_seeds(client):
    assert error(client.get(URL)) == (
        400,
        "negative version 1 translates images. POST a PNG, JPEG or WebP file to this path instead of a GET",
    )


@pytest.mark.parametrize("transport", ["http", "grpc"])
def test_the_client_translates(client, transport):
    port = client.server.rest_port if transport == "http" else client.server.grpc_port
    with Client(f"{transport}://127.0.0.1:{port}", "negative") as own:
        for pixels in (COLOUR, COLOUR[:4]):
            (file,) = own.translate([file_of(pixels)])
            np.testing.assert_allclose(np.asarray(Image.open(io.BytesIO(file))), 255 - pixels.astype(int), atol=1)
        assert own.translate([]) == []
        with pytest.raises(ServerError, match="divisible by 4"):
            own.translate([file_of(COLOUR[:3])])
    with (
        Client(f"{transport}://127.0.0.1:{port}", "generator") as own,
        pytest.raises(ValueError, match=r"does not translate images: its `png` takes \['index', 'labels'"),
    ):
        own.translate([file_of(COLOUR)])


@pytest.mark.parametrize(
    ("path", "nearest"),
    [
        ("/v1/models/generator:image.png?labels=3", "label"),
        ("/v1/models/generator:image.png?seed=1&sed=1", "seed"),
        ("/v1/models/generator:image.png?Seed=1", "seed"),
        ("/v1/models/generator:image.png?class=3", "label"),
        ("/v1/models/generator:image.png?size=256", "seed"),
        ("/explorer/z.json?seeds=1&latentdim=4", "latent_dim"),
        ("/explorer/z.json?seed=1&latent_dim=4", "seeds"),
    ],
)
def test_an_unknown_parameter_is_refused_with_the_nearest(client, path, nearest):
    status, message = error(client.get(path))
    assert status == 400
    assert message.endswith(f"Did you mean '{nearest}'?")


@pytest.mark.parametrize(
    "path",
    [
        "/v1/models/generator:manifest",
        "/v1/models/generator/metadata",
        "/models.json",
        "/openapi.json",
        "/explorer/models.json",
        "/explorer/models/generator/1.json",
    ],
)
def test_an_unknown_parameter_where_there_is_none_is_refused(client, path):
    assert client.get(path).status_code == 200
    assert error(client.get(f"{path}?seed=1")) == (400, "This URL has no parameters. Received: 'seed'")


def test_a_parameter_given_twice_and_labels_out_of_range(client):
    url = "/v1/models/generator:image.png"
    assert error(client.get(f"{url}?seed=1&seed=2")) == (400, "`seed` must be given once. Received: ['1', '2']")
    cached = {"if-none-match": "*"}
    for headers in ({}, cached):
        refused = client.get(f"{url}?label={CLASSES}", headers=headers)
        assert error(refused) == (400, f"`label` must be from 0 to {CLASSES - 1}. Received: {CLASSES}")
    assert client.get(f"{url}?label={CLASSES - 1}").status_code == 200
    assert httpx.head(f"{client.base_url}{url}?label=0").status_code == 200


@settings(max_examples=100, deadline=None)
@given(hypothesis_numpy.arrays(np.uint8, st.tuples(*[st.integers(1, 9)] * 2, st.integers(1, 4))))
def test_a_png_file_has_the_pixels(image):
    with Image.open(io.BytesIO(png(image)), formats=["PNG"]) as picture:
        picture.load()
        assert picture.mode == {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}[image.shape[2]]
        np.testing.assert_array_equal(np.asarray(picture).reshape(image.shape), image)


def test_a_png_file_is_about_as_small_as_pillows():
    small = np.random.default_rng(0).integers(0, 256, (8, 8, 3), np.uint8)
    smooth = np.asarray(Image.fromarray(small).resize((64, 64), Image.Resampling.BICUBIC))
    assert len(png(smooth)) < 1.1 * len(file_of(smooth))
