"""Classes of the messages in `messages.proto`."""

from pathlib import Path

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

# A pool of its own, in which no other package can have files of the same names.
_pool = descriptor_pool.DescriptorPool()
for _file in descriptor_pb2.FileDescriptorSet.FromString(Path(__file__).with_suffix(".binpb").read_bytes()).file:
    _pool.Add(_file)
for _name, _message in _pool.FindFileByName("messages.proto").message_types_by_name.items():
    globals()[_name] = message_factory.GetMessageClass(_message)
