"""REST API of the server."""
