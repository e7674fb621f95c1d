"""Metrics and access log of the server."""
