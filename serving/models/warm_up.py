"""A new version's first runs, before users would wait for them: the requests that lie beside it, or a row of zeros."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from google.protobuf.message import DecodeError

from keras_gan.artifacts.engines import ArtifactError
from keras_gan.artifacts.versions import WARM_UP
from keras_gan.serving.protos import messages_pb2 as messages
from keras_gan.serving.protos.tensor_proto import to_array

if TYPE_CHECKING:
    from keras_gan.serving.models.servable import Signature

# TensorFlow Serving's limit, and one for the file that it does not have.
MOST_RECORDS = 1000
MOST_BYTES = 256 * 2**20


def warm_up(signatures: Mapping[str, Signature], folder: Path, iterations: int = 1) -> None:
    """Run each signature: on the records of `assets.extra/tf_serving_warmup_requests`, or, without any, on zeros.

    Records for a signature that the file that runs does not have are for another format of the same version.

    Args:
        signatures: By name.
        folder: The version folder.
        iterations: How often each record is run. Defaults to 1.

    Raises:
        ArtifactError: If the file is damaged or too large, or a record cannot be run.
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
            except Exception as error:  # the runtimes' exceptions share no base class
                raise ArtifactError(f"`{path}`, record {number}, `{name}`: {error}") from error
    for name, signature in signatures.items():
        known = all(size is not None for spec in signature.inputs for size in spec.shape[1:])
        if name not in recorded and known:
            signature.run({s.name: np.zeros([size or 1 for size in s.shape], s.dtype) for s in signature.inputs})


def requests(path: Path) -> Iterator[tuple[int, str, Mapping[str, Any]]]:
    """The records of a warm-up file: TFRecords of `tensorflow.serving.PredictionLog`.

    Args:
        path: The file.

    Yields:
        Its number, the signature's name, and a `TensorProto` for each input.

    Raises:
        ArtifactError: If the file is damaged or too large, or a record is no Predict request.
    """
    if path.stat().st_size > MOST_BYTES:
        raise ArtifactError(f"`{path}` must be of {MOST_BYTES} bytes at most. Received: {path.stat().st_size}")
    with path.open("rb") as file:
        number = 0
        # Before each record stand its length and four bytes of checksum, after it four more: what is damaged does not
        # run, and the manifest has a hash.
        while head := file.read(12):
            number += 1
            if number > MOST_RECORDS:
                raise ArtifactError(f"`{path}` must have {MOST_RECORDS} records at most")
            length = struct.unpack("<Q", head[:8])[0] if len(head) == 12 else MOST_BYTES
            record = file.read(min(length + 4, MOST_BYTES))
            if len(record) != length + 4:
                raise ArtifactError(f"`{path}` ends within record {number}, or is no file of TFRecords")
            try:
                log = messages.PredictionLog.FromString(record[:-4])
            except DecodeError as error:
                raise ArtifactError(f"`{path}`, record {number}, is no PredictionLog: {error}") from error
            if not log.HasField("predict_log"):
                raise ArtifactError(f"`{path}`, record {number}, must be a Predict request; a generator has no others")
            request = log.predict_log.request
            yield number, request.model_spec.signature_name or "serving_default", request.inputs
