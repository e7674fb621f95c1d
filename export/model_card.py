"""The model card of an export."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

from rich.filesize import decimal

from keras_gan.artifacts.about import NOT_STATED
from keras_gan.artifacts.artifact_entry import ArtifactEntry
from keras_gan.artifacts.manifest import Manifest
from keras_gan.export.usage import PREVIEW, calls, examples, meanings

FILENAME = "model_card.md"
_COMMAND = "keras-gan verify"
_COLOURS = {1: "grey", 3: "colour", 4: "RGBA"}
# Identifiers that model hubs know, of licences that fit models or images.
_LICENCES = frozenset(
    ("apache-2.0", "mit", "bsd-2-clause", "bsd-3-clause", "gpl-3.0", "openrail", "unlicense", "cc0-1.0")
) | {f"cc-{kind}-4.0" for kind in ("by", "by-sa", "by-nc", "by-nd", "by-nc-sa", "by-nc-nd")}
_SHOWN = ("model", "generator", "discriminator", "loss", "d_updates", "g_updates", "seed")


def model_card(manifest: Manifest) -> str:
    """Writes the model card of an export as Markdown. It begins with the metadata that model hubs read.

    Args:
        manifest: Manifest of the export.

    Returns:
        Markdown.

    Reference:
        [Mitchell et al., 2019, Model Cards for Model Reporting](https://arxiv.org/abs/1810.03993).
    """
    sections = {
        "Model": _model(manifest),
        "Use": _use(manifest),
        "Intended use": [_text(manifest.about.intended_use)[:1].upper() + _text(manifest.about.intended_use)[1:]],
        "Limits": _list(manifest.about.limits),
        "Training data": _data(manifest),
        "Quality": _quality(manifest),
        "Known failures": _list(manifest.about.known_failures) or ["None reported. There may be others."],
        "Artifacts": _artifacts(manifest),
    }
    body = "\n\n".join("\n".join([f"## {title}", "", *lines]) for title, lines in sections.items())
    title = f"# {_text(manifest.name)}, version {manifest.version}"
    preview = "Images from the model" if manifest.kind == "generator" else "Images and their translations"
    return f"{_front_matter(manifest)}\n{title}\n\n![{preview}]({PREVIEW})\n\n{body}\n"


def _front_matter(manifest: Manifest) -> str:
    """Returns the metadata as YAML, which includes JSON's strings."""
    lines = ["---", "library_name: keras-gan", *_licence(manifest.about.licence)]
    if manifest.kind == "translator":
        lines.append("pipeline_tag: image-to-image")
    elif manifest.num_classes is None and len(manifest.image_shape) == 3:  # hubs have no tag for models with classes
        lines.append("pipeline_tag: unconditional-image-generation")
    lines += ["tags:", "- gan", *(["- class-conditional-image-generation"] if manifest.num_classes else [])]
    lines += (
        ["datasets:", *(f"- {json.dumps(data.name)}" for data in manifest.about.data)] if manifest.about.data else []
    )
    return "\n".join([*lines, "---", ""])


def _licence(licence: str) -> list[str]:
    """Returns the metadata of a licence. Hubs know licences by their identifiers, and others by a name."""
    if licence == NOT_STATED:
        return []
    identifier = licence.lower().replace(" ", "-")
    if identifier in _LICENCES:
        return [f"license: {identifier}"]
    return ["license: other", f"license_name: {json.dumps(licence)}"]


def _use(manifest: Manifest) -> list[str]:
    """Returns how to call each file."""
    lines = [
        *_table(["file", "signature", "inputs", "output"], calls(manifest)),
        "",
        *(f"- {m}" for m in meanings(manifest)),
    ]
    code = examples(manifest)
    return [*lines, "", *code] if code else lines


def _model(manifest: Manifest) -> list[str]:
    images = _images(manifest)
    if manifest.translation is not None:
        what = f"It translates images to {images}. It is the generator `{_code(manifest.translation.generator)}`."
    else:
        classes = "" if manifest.num_classes is None else f", of {manifest.num_classes} classes"
        if manifest.num_attributes is not None:
            classes = f", of {manifest.num_attributes} attributes"
        what = f"It generates {images}{classes}, from {manifest.latent_dim} random numbers or from a seed."
    training = ", ".join(f"{key.replace('_', ' ')} {value}" for key, value in _training(manifest).items())
    packages = ", ".join(f"{name} {version}" for name, version in manifest.packages.items())
    return [
        f"{what} A trained network makes all of them.",
        *_labels(manifest),
        *_codes(manifest),
        "",
        f"- Licence: {_text(manifest.about.licence)}",
        f"- Training: {_text(training) or NOT_STATED}; the whole record is in `manifest.json`",
        f"- Exported on {manifest.created:%Y-%m-%d} with {_text(packages)}",
    ]


def _images(manifest: Manifest) -> str:
    """Returns a description of the images, sequences or vectors."""
    *sizes, channels = manifest.image_shape
    if not sizes:
        return f"vectors of {channels} floats"
    if len(sizes) == 1:
        return f"sequences of {sizes[0]} steps with {channels} float{'s'[: channels != 1]} each"
    low, high = manifest.image_range
    size = "any size" if None in sizes else f"{sizes[0]} x {sizes[1]} pixels"
    colour = _COLOURS.get(channels or 0, f"{channels}-channel")
    return f"{colour} images of {size}, floats from {low:g} to {high:g}"


def _codes(manifest: Manifest) -> list[str]:
    """Returns the place of the codes in z, and how to set them."""
    if manifest.codes is None:
        return []
    start, rows = 0, []
    for code, values in enumerate(manifest.codes.categorical):
        rows.append([f"z[{start}] to z[{start + values - 1}]", f"categorical code {code}: the place of the largest"])
        start += values
    for code in range(manifest.codes.continuous):
        rows.append([f"z[{start + code}]", f"continuous code {code}, standard normal"])
    return ["", "z begins with codes that the model discovered:", "", *_table(["part of z", "code"], rows)]


def _labels(manifest: Manifest) -> list[str]:
    """Returns the range of the labels, and the name of each."""
    if manifest.num_attributes is not None:
        rows = ([str(number), _text(name)] for number, name in enumerate(manifest.attribute_names))
        line = f"A label is a vector of {manifest.num_attributes} attributes, which are floats."
        return ["", line, *(["", *_table(["number", "attribute"], rows)] if manifest.attribute_names else [])]
    if manifest.num_classes is None:
        return []
    lines = [
        "",
        f"A label is an integer from 0 to {manifest.num_classes - 1}. The files do not check it: with another number "
        "a TFLite or an ONNX file generates a meaningless image. `keras_gan.export.load` and the server refuse it.",
    ]
    rows = ([str(number), _text(name)] for number, name in enumerate(manifest.class_names))
    return [*lines, "", *_table(["label", "class"], rows)] if manifest.class_names else lines


def _training(manifest: Manifest) -> dict[str, str]:
    """Returns the most important settings of the training. For an object, such as a loss, it is the class name."""
    found = {key: manifest.training[key] for key in _SHOWN if manifest.training.get(key) is not None}
    named = {key: value.get("class_name") if isinstance(value, dict) else value for key, value in found.items()}
    return {key: str(value) for key, value in named.items() if isinstance(value, int | str)}


def _data(manifest: Manifest) -> list[str]:
    if not manifest.about.data:
        return ["Not stated, nor is the licence."]
    rows = [
        [_text(data.name), data.domain.upper(), _text(data.licence), _text(data.homepage)]
        for data in manifest.about.data
    ]
    return _table(["images", "domain", "licence", "more"], rows)


def _quality(manifest: Manifest) -> list[str]:
    if not manifest.about.metrics:
        return ["Not measured."]
    rows = [
        [
            _text(metric.name),
            str(metric),
            "higher" if metric.higher_is_better else "lower",
            _text(", ".join(f"{name} {value}" for name, value in metric.protocol.items() if value not in (None, ""))),
        ]
        for metric in manifest.about.metrics
    ]
    return [
        "Values of different protocols are not comparable.",
        "",
        *_table(["metric", "value", "better", "protocol"], rows),
    ]


def _artifacts(manifest: Manifest) -> list[str]:
    rows = [
        [_text(artifact.format), _text(artifact.signature), f"`{_code(artifact.filename)}`", *_measurements(artifact)]
        for artifact in manifest.artifacts
    ]
    lines = [
        f"Each was compared with the Keras generator in its own runtime. `{_COMMAND}` repeats this on any machine.",
        "",
        *_table(["format", "signature", "file", "size", "max abs error", "PSNR", "latency"], rows),
    ]
    notes = {artifact.format: artifact.note for artifact in manifest.artifacts if artifact.note}
    if notes:
        lines += ["", *_list(f"{name}: {note}" for name, note in notes.items())]
    return [*lines, "", f"Latencies are medians on {_text(manifest.machine)}."] if manifest.machine else lines


def _measurements(artifact: ArtifactEntry) -> list[str]:
    error = max((row.max_abs_error for row in artifact.parity), default=None)
    largest = "" if error is None else f"{error:.1e}" if artifact.dtype == "float32" else f"{error:.0f} of 255"
    least = min((row.psnr for row in artifact.parity if row.psnr is not None), default=None)
    psnr = f"{least:.1f} dB" if least is not None else "identical" if artifact.parity else ""
    latency = ", ".join(f"{row.median_ms:.3g} ms at batch {row.batch}" for row in artifact.latency)
    return [decimal(artifact.size), largest, psnr, latency]


def _table(headings: list[str], rows: Iterable[list[str]]) -> list[str]:
    return [f"| {' | '.join(cells)} |" for cells in (headings, ["---"] * len(headings), *rows)]


def _list(items: Iterable[str]) -> list[str]:
    return [f"- {_text(item)}" for item in items]


def _text(text: str) -> str:
    """Escapes a text for Markdown, on one line."""
    return re.sub(r"([\\`*_{}\[\]<>#|~])", r"\\\1", " ".join(text.split()))


def _code(text: str) -> str:
    return text.replace("`", "'").replace("|", "/")
