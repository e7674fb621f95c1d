"""Runs a new version before it is served, because first runs are slow."""

from __future__ import annotations

import struct
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from google.protobuf.message import DecodeError

from keras_gan.artifacts.engines import ArtifactError
from keras_gan.artifacts.versions import WARM_UP
from keras_gan.serving.protos import messages
from keras_gan.serving.protos.tensor_proto import to_array

if TYPE_CHECKING:
    from keras_gan.serving.models.signature import Signature

# TensorFlow Serving's limit of records. It has none of bytes.
MOST_RECORDS = 1000
MOST_BYTES = 256 * 2**20


def warm_up(signatures: Mapping[str, Signature], folder: Path, iterations: int = 1, zeros: bool = True) -> None:
    """Runs each signature, on the records of `assets.extra/tf_serving_warmup_requests` or on one row of zeros.

    Records for a signature that the loaded file does not have belong to another format, and are skipped.

    Raises:
        ArtifactError: If the file is damaged or too large, or a record fails.
    """
    path, recorded = folder / WARM_UP, set()
    if path.is_file():
        for number, name, inputs in requests(path):
            signature = signatures.get(name)
            if signature is None:
                continue
            recorded.add(name)
            try:
                arrays = {key: to_array(tensor, key, MOST_BYTES) for key, tensor in inputs.items()}
                for _ in range(iterations):
                    signature.run(arrays)
            except Exception as error:  # the engines' exceptions share no base class
                raise ArtifactError(f"`{path}`, record {number}, `{name}`: {error}") from error
    for name, signature in signatures.items() if zeros else ():
        known = all(size is not None for spec in signature.inputs for size in spec.shape[1:])
        if name not in recorded and known and not any(spec.dtype == "string" for spec in signature.inputs):
            began = time.perf_counter()
            signature.run({s.name: np.zeros([size or 1 for size in s.shape], s.dtype) for s in signature.inputs})
            signature.learn(1, time.perf_counter() - began)


def requests(path: Path) -> Iterator[tuple[int, str, Mapping[str, Any]]]:
    """Yields the number, signature and `TensorProto`s of each Predict request in a file of TFRecords of PredictionLog.

    Raises:
        ArtifactError: If the file is damaged or too large, or a record is not a Predict request.
    """
    if path.stat().st_size > MOST_BYTES:
        raise ArtifactError(f"`{path}` must have at most {MOST_BYTES} bytes. Received: {path.stat().st_size}")
    with path.open("rb") as file:
        number = 0
        # A record is its length (8 bytes), a checksum (4), the data, and a checksum (4). The checksums are not read:
        # the manifest has a hash of the file.
        while head := file.read(12):
            number += 1
            if number > MOST_RECORDS:
                raise ArtifactError(f"`{path}` must have at most {MOST_RECORDS} records")
            length = struct.unpack("<Q", head[:8])[0] if len(head) == 12 else MOST_BYTES
            record = file.read(min(length + 4, MOST_BYTES))
            if len(record) != length + 4:
                raise ArtifactError(f"`{path}` ends within record {number}, or does not hold TFRecords")
            try:
                log = messages.PredictionLog.FromString(record[:-4])
            except DecodeError as error:
                raise ArtifactError(f"`{path}`, record {number}, is not a PredictionLog: {error}") from error
            if not log.HasField("predict_log"):
                raise ArtifactError(f"`{path}`, record {number}, must be a Predict request")
            request = log.predict_log.request
            yield number, request.model_spec.signature_name or "serving_default", request.inputs
