"""Metrics that compare the distributions of real and of generated features."""
