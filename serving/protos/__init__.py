"""The messages of TensorFlow Serving that a generator needs, without TensorFlow.

To make `messages_pb2.py` and its types anew, with a protoc no newer than the oldest protobuf that is supported (6.31):

    pip install grpcio-tools==1.74.0
    python -m grpc_tools.protoc --proto_path=serving/protos --python_out=serving/protos --pyi_out=serving/protos \
        serving/protos/messages.proto
"""
