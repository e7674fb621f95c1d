"""Entries of a manifest about one signature of one format."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from keras_gan.artifacts.file_entry import FileEntry, InsidePath, Part
from keras_gan.artifacts.formats import Precision
from keras_gan.artifacts.tensor_spec import TensorSpec

Dtype = Literal["float32", "uint8", "string"]


class Parity(Part):
    """Difference between an artifact's images and those of the Keras generator.

    Args:
        batch: Batch size that both ran at.
        max_abs_error: Largest difference of two pixels. Its unit is a grey level, except for float32 images.
        psnr: PSNR in dB. Its peak is the width of the value range. None for identical images.
        tolerance: Largest difference that passes; None if the PSNR decides.
        image_size: (height, width), for a model of several sizes. Defaults to None.
        images: Number of compared images. Defaults to None, one batch.
        min_psnr: Least PSNR in dB that passes, for a format of reduced precision. Defaults to None.
    """

    batch: int
    max_abs_error: float
    psnr: float | None
    tolerance: float | None
    image_size: tuple[int, int] | None = None
    images: int | None = None
    min_psnr: float | None = None

    @property
    def passed(self) -> bool:
        """True if the difference is allowed. NaN never is."""
        if self.min_psnr is not None:
            return self.psnr is None or self.psnr >= self.min_psnr
        return self.tolerance is not None and self.max_abs_error <= self.tolerance


class Latency(Part):
    """Time that a batch takes on the machine that exported.

    Args:
        batch: Batch size.
        median_ms: Median in milliseconds.
        runs: Number of timed runs.
        image_size: (height, width), for a model of several sizes. Defaults to None.
    """

    batch: int
    median_ms: float
    runs: int
    image_size: tuple[int, int] | None = None


class Quality(Part):
    """Quality of a quantised artifact's images as a set.

    Args:
        name: Name of the metric, such as "KID-EffLite0", a kernel distance.
        value: Distance between the artifact's images and images that Keras generates from other inputs.
        of_keras: The same distance for the images that Keras generates from the artifact's inputs.
        most_above: Largest allowed difference of `value` and `of_keras`.
        protocol: Protocol of the measurement. Values of different protocols are not comparable.
    """

    name: str
    value: float
    of_keras: float
    most_above: float
    protocol: dict[str, Any]

    @property
    def problem(self) -> str | None:
        """Sentence that says why the quality does not pass; None if it does. NaN does not."""
        if self.value - self.of_keras <= self.most_above:
            return None
        return (
            f"{self.name} is {self.value:.3g} and of Keras's own images {self.of_keras:.3g}, more than "
            f"{self.most_above:g} apart"
        )


class ArtifactEntry(Part):
    """One signature of the model in one format.

    Args:
        format: Name of the format.
        filename: File that an engine opens.
        files: All files of the artifact. Signatures may share them.
        parity: Row for each batch that was compared.
        signature: Name of the signature: "serving_default", "uint8" of a translator, "generate" or "png".
            In a TFLite file, the names of its signatures begin with it. Defaults to "serving_default".
        signatures: Names of its signatures in the file, such as "generate_b1". Defaults to (), a file without names,
            or the name `signature` itself.
        dtype: Type of the images: "float32", "uint8", or "string" for PNG files. Defaults to "float32".
        precision: Precision of the weights and activations: "float32", "float16", "dynamic_int8" (weights in 8 bits,
            activations quantised at run time), "int8", or "int16x8" (weights in 8 bits, activations in 16).
            `note` says where the activations stay in float32. Defaults to "float32".
        inputs: Input tensors. Defaults to ().
        outputs: Output tensors. Defaults to ().
        operations: Number of operations of each kind, by the format's name for it. Defaults to {}, not counted.
        latency: Row for each batch that was timed. Defaults to ().
        quality: Quality of the images as a set, for a quantised format. Defaults to None, not measured.
        note: Sentence that says how the artifact differs from its precision. Defaults to None, it does not.
    """

    format: str
    filename: InsidePath
    files: tuple[FileEntry, ...]
    parity: tuple[Parity, ...]
    signature: str = "serving_default"
    signatures: tuple[str, ...] = ()
    dtype: Dtype = "float32"
    precision: Precision = "float32"
    inputs: tuple[TensorSpec, ...] = ()
    outputs: tuple[TensorSpec, ...] = ()
    operations: dict[str, int] = Field(default_factory=dict)
    latency: tuple[Latency, ...] = ()
    quality: Quality | None = None
    note: str | None = None

    @property
    def size(self) -> int:
        """Size of all files together, in bytes."""
        return sum(file.size for file in self.files)

    @property
    def label(self) -> str:
        """Name in tables, pictures and errors."""
        return label(self.format, self.signature)


def label(format: str, signature: str) -> str:
    """Returns the name of a format's signature in tables, pictures and errors."""
    return format if signature == "serving_default" else f"{format} {signature}"
