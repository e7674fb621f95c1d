"""Metrics and the access log of the server."""
