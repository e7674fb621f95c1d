"""The messages of TensorFlow Serving's gRPC API and files that a generator's server needs.

serving.proto says which; serving.binpb is made of it, and made anew after a change of it, by

    python -m grpc_tools.protoc --proto_path=serving/protos --include_imports \
        --descriptor_set_out=serving/protos/serving.binpb serving.proto

They stand in a package and a pool of their own, so that the stock client's can be imported beside them; the numbers of
the fields, which are what goes over the wire, are TensorFlow's. Classes that protoc writes would be bound to a version
of protobuf; a description of messages is not.
"""

from __future__ import annotations

import importlib.resources
from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory


def _classes() -> dict[str, Any]:
    """The class of each message, by its name."""
    text = (importlib.resources.files(__name__) / "serving.binpb").read_bytes()
    files = descriptor_pb2.FileDescriptorSet.FromString(text).file
    pool = descriptor_pool.DescriptorPool()
    for file in files:
        pool.Add(file)
    own = pool.FindFileByName("serving.proto").message_types_by_name
    return {name: message_factory.GetMessageClass(descriptor) for name, descriptor in own.items()}


_CLASSES = _classes()
BatchingParameters = _CLASSES["BatchingParameters"]
GetModelMetadataRequest = _CLASSES["GetModelMetadataRequest"]
GetModelMetadataResponse = _CLASSES["GetModelMetadataResponse"]
GetModelStatusRequest = _CLASSES["GetModelStatusRequest"]
GetModelStatusResponse = _CLASSES["GetModelStatusResponse"]
HealthCheckRequest = _CLASSES["HealthCheckRequest"]
HealthCheckResponse = _CLASSES["HealthCheckResponse"]
ModelServerConfig = _CLASSES["ModelServerConfig"]
MonitoringConfig = _CLASSES["MonitoringConfig"]
PackedTensor = _CLASSES["PackedTensor"]
PredictRequest = _CLASSES["PredictRequest"]
PredictResponse = _CLASSES["PredictResponse"]
ReloadConfigRequest = _CLASSES["ReloadConfigRequest"]
ReloadConfigResponse = _CLASSES["ReloadConfigResponse"]
SSLConfig = _CLASSES["SSLConfig"]
SignatureDefMap = _CLASSES["SignatureDefMap"]
Tensor = _CLASSES["Tensor"]
