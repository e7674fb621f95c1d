"""Messages of TensorFlow Serving that a generator needs, without TensorFlow.

After a change of `messages.proto`, in this folder, with the package grpcio-tools:

    python -m grpc_tools.protoc --proto_path=. --include_imports --descriptor_set_out=messages.binpb messages.proto
"""
