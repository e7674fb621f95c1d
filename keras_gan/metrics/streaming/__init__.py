"""Metrics of features that arrive in batches, each a `keras.metrics.Metric`."""
