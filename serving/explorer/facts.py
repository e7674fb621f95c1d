"""What the page must know of a model."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from keras_gan.serving.engines.specs import TensorSpec

if TYPE_CHECKING:
    from keras_gan.export.manifest import Manifest


class Signature(Protocol):
    """What a signature takes and gives."""

    @property
    def inputs(self) -> tuple[TensorSpec, ...]: ...  # noqa: D102

    @property
    def outputs(self) -> tuple[TensorSpec, ...]: ...  # noqa: D102


class Served(Protocol):
    """A version of a model that is served."""

    @property
    def name(self) -> str: ...  # noqa: D102

    @property
    def version(self) -> int: ...  # noqa: D102

    @property
    def folder(self) -> Path: ...  # noqa: D102

    @property
    def signatures(self) -> Mapping[str, Signature]: ...  # noqa: D102

    @property
    def manifest(self) -> Manifest | None: ...  # noqa: D102


def facts(served: Served) -> dict[str, Any] | None:
    """Tell what the page can do with a model.

    Without a manifest images are taken to be in [-1, 1], and sizes and classes to be unknown.

    Args:
        served: The model.

    Returns:
        What JSON can hold; `None` if it is neither a generator nor a translator.
    """
    default, manifest = served.signatures.get("serving_default"), served.manifest
    if default is None:
        return None
    inputs, outputs = ({spec.name: spec for spec in side} for side in (default.inputs, default.outputs))
    if "image" not in outputs or not {"z", "source"} & set(inputs):
        return None
    common = {
        "name": served.name,
        "version": served.version,
        "image_shape": outputs["image"].shape[1:],
        "image_range": (-1.0, 1.0) if manifest is None else manifest.image_range,
    }
    if "source" in inputs:
        translation = None if manifest is None else manifest.translation
        return common | {
            "kind": "translator",
            "source_channels": inputs["source"].shape[-1],
            "uint8": "uint8" in served.signatures,
            "size_multiple": 1 if translation is None else translation.size_multiple,
            "image_sizes": () if translation is None else translation.image_sizes,
        }
    return common | {
        "kind": "generator",
        "latent_dim": inputs["z"].shape[1],
        "takes_labels": "labels" in inputs,
        "num_classes": None if manifest is None else manifest.num_classes,
        "from_seeds": "generate" in served.signatures,
    }
