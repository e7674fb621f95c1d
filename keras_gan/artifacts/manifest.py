"""The manifest: what was exported, from what, with which hashes and figures. It imports no TensorFlow."""

from __future__ import annotations

import hashlib
import os
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar, Literal

from pydantic import BaseModel, Field, ValidationError, model_validator

from keras_gan.artifacts.about import About
from keras_gan.artifacts.errors import ArtifactError
from keras_gan.artifacts.file_entry import FileEntry, InsidePath, Part
from keras_gan.artifacts.tensor_spec import TensorSpec

FILENAME = "manifest.json"
# 2 told kinds of models and of variants apart, 3 signatures; 4 told what people should know, latencies, operations
# and all files; 5 has notes. What 1 does not say is what our defaults say.
SCHEMA_VERSION = 5
# None is nearly as large; what comes from elsewhere may be.
_MOST_BYTES = 16 << 20

Kind = Literal["generator", "translator"]
Dtype = Literal["float32", "uint8", "string"]
Precision = Literal["float32", "float16", "dynamic_int8", "int8", "int16x8"]


class Parity(Part):
    """How far an artifact's images are from the Keras generator's, on one batch.

    Args:
        batch: Its size.
        max_abs_error: The largest difference of two pixels; of all but float32 images in grey levels.
        psnr: In dB, of the width of the value range; `None` if the images are the same to the bit.
        tolerance: The largest difference that was allowed; `None` if PSNR decides.
        image_size: The (height, width), where a model takes more than one. Defaults to None.
        images: How many were compared, batch by batch. Defaults to None, one batch.
        min_psnr: The least PSNR that was allowed, in dB, of a file of lower precision than float32. Defaults to None.
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
        """Whether the difference was allowed. A NaN never is."""
        if self.min_psnr is not None:
            return self.psnr is None or self.psnr >= self.min_psnr
        return self.tolerance is not None and self.max_abs_error <= self.tolerance


class Latency(Part):
    """How long a batch takes, on the machine that exported.

    Args:
        batch: Its size.
        median_ms: In milliseconds.
        runs: Of how many runs it is the median.
        image_size: The (height, width), where a model takes more than one. Defaults to None.
    """

    batch: int
    median_ms: float
    runs: int
    image_size: tuple[int, int] | None = None


class Quality(Part):
    """How good a quantised artifact's images are as a set.

    Args:
        name: Such as "KID-EffLite0", a kernel distance.
        value: Between the artifact's images and those that the float generator draws from other inputs.
        of_keras: What the float generator's images of the artifact's inputs get.
        most_above: How much larger than that `value` may be.
        protocol: How it was measured; figures of different protocols are not comparable.
    """

    name: str
    value: float
    of_keras: float
    most_above: float
    protocol: dict[str, Any]

    @property
    def problem(self) -> str | None:
        """What is wrong, in words; `None` if nothing is. A NaN is wrong."""
        if self.value - self.of_keras <= self.most_above:
            return None
        return (
            f"{self.name} is {self.value:.3g} and of Keras's own images {self.of_keras:.3g}, more than "
            f"{self.most_above:g} apart"
        )


class ArtifactEntry(Part):
    """One way to call the model in one format.

    Args:
        format: The format's name.
        filename: The file that an engine opens.
        files: All of its files. Signatures may share them.
        parity: A row for each batch that was compared.
        signature: "serving_default", images from z or from images; "uint8", of a translator; "generate", images from
            seeds; or "png", PNG files from seeds. Of a TFLite file the beginning of the names of its signatures, one
            for each size. Defaults to "serving_default".
        dtype: Of the images: "float32", "uint8", or "string" for PNG files. Defaults to "float32".
        precision: Of the weights and of what is computed with them: "float32"; "float16"; "dynamic_int8", weights in
            8 bits and the rest quantised while it runs; "int8", all in 8 bits; or "int16x8", weights in 8 bits and the
            rest in 16. Of the first two the weights alone are in 8 bits where the images would suffer: `note` says so.
            Defaults to "float32".
        inputs: What it takes. Defaults to none, which stands for what the manifest says.
        outputs: What it returns, likewise.
        operations: How many there are of each kind, by its name in the format. Defaults to none, not counted.
        latency: A row for each batch that was timed, in the format's runtime. Defaults to none.
        quality: Of its images as a set, if it is quantised and that was measured. Defaults to None.
        note: How it is not what its precision says, and why. Defaults to None, it is.
    """

    format: str
    filename: InsidePath
    files: tuple[FileEntry, ...]
    parity: tuple[Parity, ...]
    signature: str = "serving_default"
    dtype: Dtype = "float32"
    precision: Precision = "float32"
    inputs: tuple[TensorSpec, ...] = ()
    outputs: tuple[TensorSpec, ...] = ()
    operations: dict[str, int] = Field(default_factory=dict)
    latency: tuple[Latency, ...] = ()
    quality: Quality | None = None
    note: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _name_the_signature(cls, entry: Any) -> Any:
        """Schema 2 told variants apart by their dtype."""
        if isinstance(entry, dict) and "signature" not in entry and entry.get("dtype") == "uint8":
            return {**entry, "signature": "uint8"}
        return entry

    @property
    def size(self) -> int:
        """In bytes, all files together."""
        return sum(file.size for file in self.files)


class Translation(Part):
    """What there is to know of a generator from images to images.

    Args:
        generator: Its name in the model that it is from: "g" is from X to Y, "f" from Y to X.
        size_multiple: What height and width must be divisible by.
        image_sizes: The (height, width) that formats of fixed sizes were written for, and all compared at.
        examples: What they were compared on: "given" images, or "synthetic" ones, random fields of colour and edges.
    """

    generator: str
    size_multiple: int = Field(ge=1)
    image_sizes: tuple[tuple[int, int], ...]
    examples: Literal["given", "synthetic"]


class Manifest(Part):
    """The account of one export.

    Args:
        schema_version: Of the manifest itself.
        kind: "generator", of images from z; or "translator", of images from images. Defaults to "generator".
        name: What the generator is served as.
        version: Its version.
        created: When, in UTC.
        packages: The version of each package that had a part in it.
        recipe: How the generator was trained.
        latent_dim: The length of z; `None` for a translator.
        num_classes: How many classes it draws by label; `None` for no labels.
        image_shape: (height, width, channels) of its images; `None` for a size that is its input's.
        image_range: The least and the greatest pixel value, of float images.
        translation: What there is to know of a translator; `None` for a generator.
        inputs: What the signature `serving_default` takes in each format.
        outputs: What it returns.
        artifacts: The formats and their signatures.
        about: What it was trained on, how good it is, what it is for. Defaults to nothing stated.
        machine: Where latencies were measured. Defaults to None.
        skipped: Formats of a target that this generator cannot be written in, and why. Defaults to none.
        files: Those that are no artifact's, such as the reference images, the picture and the model card.
        checksum: The SHA-256 of all that stands before it in the file. Defaults to None.

    Example:
    ```python
    manifest = keras_gan.export.Manifest.load("exported/digits/1")
    manifest.image_shape
    ```
    """

    current_schema: ClassVar[int] = SCHEMA_VERSION

    schema_version: int = SCHEMA_VERSION
    kind: Kind = "generator"
    name: str
    version: int
    created: datetime
    packages: dict[str, str]
    recipe: dict[str, Any]
    latent_dim: int | None = Field(default=None, ge=1, le=1 << 20)
    num_classes: int | None = Field(default=None, ge=1, lt=1 << 31)
    image_shape: tuple[int | None, int | None, int]
    image_range: tuple[float, float]
    translation: Translation | None = None
    inputs: tuple[TensorSpec, ...]
    outputs: tuple[TensorSpec, ...]
    artifacts: tuple[ArtifactEntry, ...]
    about: About = About()
    machine: str | None = None
    skipped: dict[str, str] = Field(default_factory=dict)
    files: tuple[FileEntry, ...] = ()
    checksum: str | None = None

    @model_validator(mode="after")
    def _fit_the_kind(self) -> Manifest:
        if (self.latent_dim is None, self.translation is None) != (self.kind == "translator", self.kind == "generator"):
            raise ValueError("a generator must have `latent_dim`, a translator `translation`, and neither the other's")
        return self

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Manifest:
        """Read a manifest.

        Args:
            path: The file, or the version folder that holds it.

        Returns:
            The `Manifest`.

        Raises:
            FileNotFoundError: If there is none.
            ArtifactError: If it is not a manifest, or one of a newer keras_gan.
        """
        file = Path(path) / FILENAME if Path(path).is_dir() else Path(path)
        content = _read(file)
        try:
            schema = _Schema.model_validate_json(content).schema_version
            if schema > SCHEMA_VERSION:
                raise ArtifactError(
                    f"Expected a manifest of schema {SCHEMA_VERSION} or older. Received: `{file}` of schema {schema}: "
                    "upgrade keras-gan to read it"
                )
            return cls.model_validate_json(content)
        except ValidationError as error:
            raise ArtifactError(f"Expected an export's manifest. Received: `{file}`, which says: {error}") from error

    def dump(self, folder: Path) -> None:
        """Write the manifest, with its checksum, into `folder`."""
        content = self.model_copy(update={"checksum": None}).model_dump_json(indent=2).encode()
        before = content.removesuffix(b"null\n}")
        (folder / FILENAME).write_bytes(before + _end(_sha256(before)))

    def difference(self, folder: Path) -> str | None:
        """What has become of the manifest's own file in `folder`, in words; `None` if it is what `dump` wrote."""
        if self.checksum is None:  # as before schema 4
            return None
        before = _read(folder / FILENAME).removesuffix(_end(self.checksum))
        return None if _sha256(before) == self.checksum else f"`{folder / FILENAME}` has changed since its export"

    def entry(self, format: str, signature: str = "serving_default") -> ArtifactEntry:
        """The artifact of one format that has a signature.

        Raises:
            ValueError: If the export has none.
        """
        for artifact in self.artifacts:
            if (artifact.format, artifact.signature) == (format, signature):
                return artifact
        formats = [artifact.format for artifact in self.artifacts if artifact.signature == signature]
        raise ValueError(f"Expected one of {formats}. Received: format={format!r}")

    def check(self, folder: str | os.PathLike[str], format: str | None = None, signature: str | None = None) -> None:
        """See that the files are the ones that were exported, byte for byte.

        Args:
            folder: The version folder.
            format: Check this format alone. Defaults to None, all of them.
            signature: Check the files of this signature alone. Defaults to None, all of them.

        Raises:
            ArtifactError: If files are missing or have changed; the message lists them all.
        """
        chosen = (a for a in self.artifacts if format in (None, a.format) and signature in (None, a.signature))
        files = [file for artifact in chosen for file in artifact.files]
        # Signatures may share their files.
        wrong = [found for f in dict.fromkeys(files) if (found := f.difference(Path(folder))) is not None]
        if wrong:
            raise ArtifactError(
                f"Expected the files that `{Path(folder) / FILENAME}` lists. Received: {'; '.join(wrong)}"
            )


class _Schema(BaseModel):
    schema_version: int


def _end(checksum: str) -> bytes:
    """How a manifest ends, after all that the checksum is of."""
    return f'"{checksum}"\n}}\n'.encode()


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _read(file: Path) -> bytes:
    if not file.is_file():
        raise FileNotFoundError(f"Expected an export's manifest. Received: `{file}`, which does not exist")
    with file.open("rb") as opened:
        content = opened.read(_MOST_BYTES + 1)
    if len(content) > _MOST_BYTES:
        raise ArtifactError(f"Expected an export's manifest. Received: `{file}`, which is larger than any")
    return content


def label(format: str, signature: str) -> str:
    """What a signature of a format is called in tables, pictures and errors."""
    return format if signature == "serving_default" else f"{format} {signature}"
