"""The model card of an export: what its manifest holds, for people to read."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

from rich.filesize import decimal

from keras_gan.artifacts.about import NOT_STATED
from keras_gan.artifacts.manifest import ArtifactEntry, Manifest

FILENAME = "model_card.md"
_COMMAND = "keras-gan verify"
_TELLING = ("model", "generator", "discriminator", "loss", "d_updates", "g_updates", "seed")


def model_card(manifest: Manifest) -> str:
    """Write the card of a manifest, in the sections of Mitchell et al., "Model Cards for Model Reporting", 2019.

    It begins with the lines that model hubs read.

    Args:
        manifest: Of the export.

    Returns:
        Markdown.
    """
    sections = {
        "Model": _model(manifest),
        "Intended use": [_text(manifest.about.intended_use)[:1].upper() + _text(manifest.about.intended_use)[1:]],
        "What it must not be used for": _list(manifest.about.limits),
        "Training data": _data(manifest),
        "Quality": _quality(manifest),
        "Known failures": _list(manifest.about.known_failures)
        or ["None was reported. That is not to say that there are none."],
        "Artifacts": _artifacts(manifest),
    }
    body = "\n\n".join("\n".join([f"## {title}", "", *lines]) for title, lines in sections.items())
    return f"{_front_matter(manifest)}\n# {_text(manifest.name)}, version {manifest.version}\n\n{body}\n"


def _front_matter(manifest: Manifest) -> str:
    """YAML, of which JSON's strings are a part."""
    pipeline = "unconditional-image-generation" if manifest.kind == "generator" else "image-to-image"
    lines = ["---", "library_name: keras-gan", f"pipeline_tag: {pipeline}", "tags:", "- gan"]
    lines += (
        ["datasets:", *(f"- {json.dumps(data.name)}" for data in manifest.about.data)] if manifest.about.data else []
    )
    return "\n".join([*lines, "---", ""])


def _model(manifest: Manifest) -> list[str]:
    height, width, channels = manifest.image_shape
    size = "any size" if height is None or width is None else f"{height} x {width} pixels"
    low, high = manifest.image_range
    makes = f"{'colour' if channels == 3 else 'grey' if channels == 1 else f'{channels}-channel'} images of {size}"
    makes += f", floats from {low:g} to {high:g}"
    if manifest.translation is not None:
        what = f"It makes {makes}, of other images. It is the generator `{_code(manifest.translation.generator)}`."
    else:
        classes = "" if manifest.num_classes is None else f", of {manifest.num_classes} classes"
        what = f"It draws {makes}{classes}, from {manifest.latent_dim} random numbers or from a seed."
    told = ", ".join(f"{key.replace('_', ' ')} {value}" for key, value in _recipe(manifest).items())
    packages = ", ".join(f"{name} {version}" for name, version in manifest.packages.items())
    return [
        f"{what} They are made by a trained algorithm.",
        "",
        f"- Recipe: {_text(told) or NOT_STATED}; all of it is in `manifest.json`",
        f"- Exported on {manifest.created:%Y-%m-%d} with {_text(packages)}",
    ]


def _recipe(manifest: Manifest) -> dict[str, str]:
    """What tells most of a recipe; of a loss, an object, its name."""
    found = {key: manifest.recipe[key] for key in _TELLING if manifest.recipe.get(key) is not None}
    named = {key: value.get("class_name") if isinstance(value, dict) else value for key, value in found.items()}
    return {key: str(value) for key, value in named.items() if isinstance(value, int | str)}


def _data(manifest: Manifest) -> list[str]:
    if not manifest.about.data:
        return ["Not stated, and neither is its licence."]
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
        "Figures of different protocols are not comparable.",
        "",
        *_table(["metric", "value", "better", "protocol"], rows),
    ]


def _artifacts(manifest: Manifest) -> list[str]:
    rows = [
        [_text(artifact.format), _text(artifact.signature), f"`{_code(artifact.filename)}`", *_figures(artifact)]
        for artifact in manifest.artifacts
    ]
    lines = [
        f"Each was run in its own runtime beside the Keras generator; `{_COMMAND}` does so again, on any machine.",
        "",
        *_table(["format", "signature", "file", "size", "max abs error", "PSNR", "latency"], rows),
    ]
    notes = {artifact.format: artifact.note for artifact in manifest.artifacts if artifact.note}
    if notes:
        lines += ["", *_list(f"{name}: {note}" for name, note in notes.items())]
    return [*lines, "", f"Latencies are medians on {_text(manifest.machine)}."] if manifest.machine else lines


def _figures(artifact: ArtifactEntry) -> list[str]:
    error = max((row.max_abs_error for row in artifact.parity), default=None)
    told = "" if error is None else f"{error:.1e}" if artifact.dtype == "float32" else f"{error:.0f} of 255"
    least = min((row.psnr for row in artifact.parity if row.psnr is not None), default=None)
    psnr = f"{least:.1f} dB" if least is not None else "identical" if artifact.parity else ""
    latency = ", ".join(f"{row.median_ms:.3g} ms at batch {row.batch}" for row in artifact.latency)
    return [decimal(artifact.size), told, psnr, latency]


def _table(headings: list[str], rows: Iterable[list[str]]) -> list[str]:
    return [f"| {' | '.join(cells)} |" for cells in (headings, ["---"] * len(headings), *rows)]


def _list(items: Iterable[str]) -> list[str]:
    return [f"- {_text(item)}" for item in items]


def _text(text: str) -> str:
    """Someone's words as Markdown that says just them, on one line."""
    return re.sub(r"([\\`*_{}\[\]<>#|~])", r"\\\1", " ".join(text.split()))


def _code(text: str) -> str:
    return text.replace("`", "'").replace("|", "/")
