"""Metrics that compare the two images of each pair."""
