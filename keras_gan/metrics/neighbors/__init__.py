"""Metrics that count nearest neighbours among features."""
