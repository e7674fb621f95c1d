"""Facts about a model that the page needs."""

from __future__ import annotations

from typing import Any

from keras_gan.serving.models.servable import DEFAULT, Servable


def facts(servable: Servable) -> dict[str, Any] | None:
    """Returns the facts about a model as JSON values, or None if it is neither a generator nor a translator.

    Without a manifest, images are assumed to be in [-1, 1], and sizes and classes are unknown.
    """
    default, manifest = servable.signatures.get(DEFAULT), servable.manifest
    if default is None:
        return None
    inputs, outputs = ({spec.name: spec for spec in side} for side in (default.inputs, default.outputs))
    ranks = {name: len(spec.shape) for name, spec in (inputs | outputs).items()}
    if ranks.get("image") != 4 or (ranks.get("z"), ranks.get("source")) not in ((2, None), (None, 4)):
        return None
    if manifest is not None and manifest.num_attributes is not None:
        return None
    common = {
        "name": servable.name,
        "version": servable.version,
        "image_shape": outputs["image"].shape[1:],
        "image_range": (-1.0, 1.0) if manifest is None else manifest.image_range,
    }
    if "source" in inputs:
        translation = None if manifest is None else manifest.translation
        return common | {
            "kind": "translator",
            "size_multiple": 1 if translation is None else translation.size_multiple,
            "image_sizes": () if translation is None else translation.image_sizes,
        }
    return common | {
        "kind": "generator",
        "latent_dim": inputs["z"].shape[1],
        "takes_labels": "labels" in inputs,
        "num_classes": None if manifest is None else manifest.num_classes,
        **({"class_names": manifest.class_names} if manifest is not None and manifest.class_names else {}),
        "from_seeds": "generate" in servable.signatures,
    }
