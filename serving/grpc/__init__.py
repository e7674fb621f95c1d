"""gRPC API of the server."""
