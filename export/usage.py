"""Instructions for calling each file of an export, for people who have only the files."""

from __future__ import annotations

from collections.abc import Iterator

from keras_gan.artifacts.artifact_entry import ArtifactEntry
from keras_gan.artifacts.manifest import Manifest
from keras_gan.artifacts.tensor_spec import TensorSpec

PREVIEW = "preview.png"
_GPU = "tflite_gpu"


def calls(manifest: Manifest) -> Iterator[list[str]]:
    """Yields the cells of a table: file, names of the signatures in it, inputs and output."""
    for entry in manifest.artifacts:
        names = entry.signatures or (entry.signature,)
        called = "no signatures" if entry.filename.endswith(".onnx") else ", ".join(f"`{name}`" for name in names)
        batch = "1" if entry.format == _GPU else "n"
        inputs = ", ".join(_tensor(spec, batch) for spec in entry.inputs)
        outputs = ", ".join(_tensor(spec, batch) for spec in entry.outputs)
        yield [f"`{entry.filename}`", called, inputs, outputs]


def meanings(manifest: Manifest) -> list[str]:
    """Returns a sentence or two about each input and about the output."""
    low, high = manifest.image_range
    lines = ["`n` is the number of images. In `..._b8` it is 8, and so on."] if _has_batches(manifest) else []
    inputs = {spec.name for entry in manifest.artifacts for spec in entry.inputs}
    dtypes = {spec.dtype for entry in manifest.artifacts for spec in entry.outputs}
    if "seed" in inputs:
        lines += [
            "`seed`: from 0 to 2147483647. `index`: number of the image of this seed, from 0. The same seed and index "
            "give the same image in every file.",
            "`truncation`: 1 as in training. Lower values give more typical and less varied images.",
        ]
    if "labels" in inputs and manifest.num_classes is not None:
        lines.append(f"`labels`: class of each image, from 0 to {manifest.num_classes - 1}.")
    if "labels" in inputs and manifest.num_attributes is not None:
        names = ", ".join(manifest.attribute_names)
        lines.append(f"`labels`: {manifest.num_attributes} attributes of each image{f': {names}' if names else ''}.")
    if "z" in inputs:
        lines.append(
            "`z`: independent random numbers of the normal distribution with mean 0 and standard deviation 1. Those of "
            f"a seed are `keras_gan.latent.sample(n, {manifest.latent_dim}, seed)` in Python."
        )
        if any(entry.format == _GPU for entry in manifest.artifacts):
            lines.append("`model_gpu.tflite` takes z only, and no seed: sample z in your application.")
    if manifest.translation is not None:
        multiple = manifest.translation.size_multiple
        rule = "" if multiple == 1 else f" Height and width must be divisible by {multiple}."
        sizes = ", ".join(f"{height} x {width}" for height, width in manifest.translation.image_sizes)
        lines.append(f"`source`: the image to translate, in the range of the output.{rule}")
        lines.append(f"TFLite files take images of {sizes} pixels, height first.")
    if len(manifest.image_shape) != 3:
        return [*lines, f"`image`: {'vectors' if len(manifest.image_shape) == 1 else 'sequences'}, as in the training."]
    if "float32" in dtypes:
        lines.append(
            f"`image` of float32 is from {low:g} to {high:g}: the byte of a pixel is "
            f"{_byte(low, high)}, rounded and limited to 0..255."
        )
    if "uint8" in dtypes:
        lines.append("`image` of uint8 is from 0 to 255, ready to show.")
    if "string" in dtypes:
        lines.append("`image_bytes` are PNG files.")
    return [*lines, f"Rows of an image are from the top, and channels are last: {_channels(manifest)}."]


def examples(manifest: Manifest) -> list[str]:
    """Returns Markdown with code that runs a file without keras-gan, if there is an ONNX or a TFLite file."""
    entry = _example_entry(manifest)
    if entry is None:
        return []
    labels = {} if manifest.num_classes is None else {"labels": "np.array([0], np.int32)"}
    if manifest.num_attributes is not None:
        labels = {"labels": f"np.zeros((1, {manifest.num_attributes}), np.float32)"}
    if manifest.kind == "generator":
        given = {"seed": "np.array([7], np.int32)", "index": "np.array([0], np.int32)"}
        given |= {"truncation": "np.ones(1, np.float32)"} | labels
    else:
        height, width = manifest.translation.image_sizes[0] if manifest.translation else (256, 256)
        mode = "RGB" if manifest.image_shape[-1] == 3 else "L"
        resized = f'Image.open("photo.jpg").convert("{mode}").resize(({width}, {height}))'
        array = f"np.asarray({resized})" + ("[None]" if mode == "RGB" else "[None, ..., None]")
        given = {"source": array}
    passed = ", ".join(f'"{name}": {value}' for name, value in given.items())
    lines = ["import numpy as np", "from PIL import Image", ""]
    if entry.filename.endswith(".onnx"):
        lines.insert(1, "import onnxruntime")
        lines += [f'session = onnxruntime.InferenceSession("{entry.filename}")']
        lines += [f"(image,) = session.run(None, {{{passed}}})"]
    else:
        keywords = ", ".join(f"{name}={value}" for name, value in given.items())
        lines.insert(1, "from ai_edge_litert.interpreter import Interpreter")
        lines += [f'interpreter = Interpreter("{entry.filename}")']
        lines += [f'image = interpreter.get_signature_runner("{_first(entry)}")({keywords})["image"]']
    if len(manifest.image_shape) != 3:
        lines.remove("from PIL import Image")
        lines += ["print(image[0])"]
    elif entry.dtype == "float32":
        low, high = manifest.image_range
        lines += [f"image = np.clip(np.rint({_byte(low, high, 'image')}), 0, 255).astype(np.uint8)"]
    if len(manifest.image_shape) == 3:
        lines += ['Image.fromarray(image[0].squeeze()).save("image.png")']
    package = "onnxruntime" if entry.filename.endswith(".onnx") else "ai-edge-litert"
    package += " pillow" if len(manifest.image_shape) == 3 else ""
    return [f"In Python, with `pip install {package}` and without keras-gan:", "", "```python", *lines, "```"]


def _example_entry(manifest: Manifest) -> ArtifactEntry | None:
    """Returns the entry that is the easiest to run: seeds or bytes, in ONNX before TFLite."""
    wanted = "generate" if manifest.kind == "generator" else "uint8"
    found = [entry for entry in manifest.artifacts if entry.signature == wanted]
    for suffix in (".onnx", ".tflite"):
        for entry in found:
            if entry.filename.endswith(suffix):
                return entry
    return None


def _first(entry: ArtifactEntry) -> str:
    return entry.signatures[0] if entry.signatures else entry.signature


def _has_batches(manifest: Manifest) -> bool:
    return any(name.endswith("_b1") for entry in manifest.artifacts for name in entry.signatures)


def _tensor(spec: TensorSpec, batch: str) -> str:
    rest = [str(size) if size is not None else side for size, side in zip(spec.shape[1:], ("h", "w"), strict=False)]
    rest += [str(size) for size in spec.shape[3:]]
    return f"`{spec.name}` {spec.dtype} ({', '.join([batch, *rest])})"


def _byte(low: float, high: float, value: str = "value") -> str:
    if (low, high) == (-1.0, 1.0):
        return f"({value} + 1) * 127.5"
    return f"{value} * 255" if (low, high) == (0.0, 1.0) else f"({value} - {low:g}) * 255 / {high - low:g}"


def _channels(manifest: Manifest) -> str:
    channels = manifest.image_shape[-1] or 0
    known = {1: "one grey channel", 3: "red, green, blue", 4: "red, green, blue, opacity"}
    return known.get(channels, f"{channels} channels")
