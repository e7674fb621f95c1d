"""Messages of TensorFlow Serving that a generator needs, without TensorFlow.

To compile `messages.proto` again, use a protoc that is not newer than the oldest supported protobuf (6.31):

    pip install grpcio-tools==1.74.0
    python -m grpc_tools.protoc --proto_path=serving/protos --python_out=serving/protos \
        serving/protos/messages.proto
"""
