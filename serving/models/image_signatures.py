"""Signatures that a model gets when a version is loaded, if its file does not have them.

`generate` makes images of seeds, for files that take z. `png` makes PNG files: of seeds for a generator, of image files
for a translator. `:image.png` runs `png`.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from keras_gan import latent
from keras_gan.artifacts.pixels import as_float
from keras_gan.artifacts.tensor_spec import SEEDS, TensorSpec
from keras_gan.images import to_uint8
from keras_gan.serving.errors import invalid
from keras_gan.serving.models.image_file import read_image
from keras_gan.serving.models.png import COLOUR_TYPES, png
from keras_gan.serving.models.signature import Arrays, Signature, check_finite

SOURCE = "source_bytes"


def generate_signature(default: Signature) -> Signature | None:
    """Returns a signature that generates images from seeds, for a file that takes z. Returns None if it does not."""
    specs = {spec.name: spec for spec in default.inputs}
    z, labels = specs.get("z"), specs.get("labels")
    is_generator = set(specs) <= {"z", "labels"} and any(spec.name == "image" for spec in default.outputs)
    if z is None or not is_generator or len(z.shape) != 2 or z.shape[1] is None:
        return None
    latent_dim = z.shape[1]

    def run(inputs: Arrays) -> dict[str, np.ndarray]:
        z = latent.normal(inputs["seed"], inputs["index"], latent_dim) * inputs["truncation"][:, None]
        given = {} if labels is None else {"labels": inputs["labels"]}
        return default.run({"z": z, **given})

    return Signature((*SEEDS, *(() if labels is None else (labels,))), default.outputs, run)


def has_pictures(generate: Signature) -> bool:
    """Returns `True` if a signature takes seeds, and its images can be written as PNG files."""
    return {spec.name for spec in generate.inputs} >= {spec.name for spec in SEEDS} and any(
        spec.name == "image" and len(spec.shape) == 4 and spec.shape[-1] in (None, *COLOUR_TYPES)
        for spec in generate.outputs
    )


def png_signature(
    generate: Signature, image_range: tuple[float, float], sign: Callable[[bytes], bytes] | None
) -> Signature:
    """Returns the signature `png`: the images of `generate` as PNG files, signed if `sign` is given."""

    def run(inputs: Arrays) -> dict[str, np.ndarray]:
        outputs = generate.run(inputs)
        check_finite(outputs)
        images = to_uint8(outputs["image"], image_range)
        files = np.empty(len(images), object)
        files[:] = [png(image) if sign is None else sign(png(image)) for image in images]
        return {"image_bytes": files}

    return Signature(generate.inputs, (TensorSpec(name="image_bytes", dtype="string", shape=(None,)),), run)


def translates(default: Signature) -> bool:
    """Returns `True` if a signature makes grey or colour images of grey or colour images."""
    shapes = [spec.shape for spec in (*default.inputs, *default.outputs)]
    names = [spec.name for spec in (*default.inputs, *default.outputs)]
    return names == ["source", "image"] and all(len(shape) == 4 and shape[3] in (1, 3) for shape in shapes)


def translation_signature(
    run: Signature, image_range: tuple[float, float], size_multiple: int, sign: Callable[[bytes], bytes] | None
) -> Signature:
    """Returns the signature `png` of a translator: PNG files of PNG, JPEG or WebP files.

    `run` is the signature from `source` to `image`, of uint8 or floats. `size_multiple` must divide height and width.
    """
    source = run.inputs[0]

    def translate(file: bytes) -> bytes:
        pixels = read_image(file, source.shape[3] or 0)
        height, width = pixels.shape[:2]
        if height % size_multiple or width % size_multiple:
            raise invalid(f"Height and width must be divisible by {size_multiple}. Received: {height} x {width} pixels")
        if not source.fits((1, *pixels.shape)):
            raise invalid(f"The image must fit {source}. Received: {height} x {width} pixels")
        images = pixels[None] if source.dtype == "uint8" else as_float(pixels[None], image_range)
        outputs = run.run({"source": images})
        check_finite(outputs)
        image = png(to_uint8(outputs["image"][0], image_range))
        return image if sign is None else sign(image)

    def run_all(inputs: Arrays) -> dict[str, np.ndarray]:
        files = np.empty(len(inputs[SOURCE]), object)
        files[:] = [translate(file) for file in inputs[SOURCE]]
        return {"image_bytes": files}

    given, returned = (TensorSpec(name=name, dtype="string", shape=(None,)) for name in (SOURCE, "image_bytes"))
    return Signature((given,), (returned,), run_all)
