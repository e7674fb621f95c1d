"""Report of a run as one HTML page: config, curves, pictures, health, quality and exports."""

from keras_gan.report.page import render

__all__ = ["render"]
