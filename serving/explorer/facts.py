"""What the page must know of a model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from keras_gan.serving.engines.specs import TensorSpec

Signatures = Mapping[str, tuple[tuple[TensorSpec, ...], tuple[TensorSpec, ...]]]


def facts(name: str, version: int, signatures: Signatures, manifest: Mapping[str, Any]) -> dict[str, Any] | None:
    """Tell what the page can do with a model.

    Args:
        name: What it is served as.
        version: Its version.
        signatures: The inputs and outputs of each signature that is served.
        manifest: The export's manifest as JSON holds it; empty if there is none, in which case images are taken to be
            in [-1, 1], and sizes and classes to be unknown.

    Returns:
        What JSON can hold; `None` if it is neither a generator nor a translator.
    """
    inputs, outputs = ({spec.name: spec for spec in side} for side in signatures.get("serving_default", ((), ())))
    if "image" not in outputs or not {"z", "source"} & set(inputs):
        return None
    common = {
        "name": name,
        "version": version,
        "image_shape": outputs["image"].shape[1:],
        "image_range": manifest.get("image_range", (-1.0, 1.0)),
    }
    if "source" in inputs:
        translation = manifest.get("translation") or {}
        return common | {
            "kind": "translator",
            "source_channels": inputs["source"].shape[-1],
            "uint8": "uint8" in signatures,
            "size_multiple": translation.get("size_multiple", 1),
            "image_sizes": translation.get("image_sizes", ()),
        }
    return common | {
        "kind": "generator",
        "latent_dim": inputs["z"].shape[1],
        "takes_labels": "labels" in inputs,
        "num_classes": manifest.get("num_classes"),
        "from_seeds": "generate" in signatures,
    }
