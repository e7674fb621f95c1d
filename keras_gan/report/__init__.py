"""A run as one page: what was trained, how it went, what it draws, how good it is, what was exported."""

from keras_gan.report.page import render

__all__ = ["render"]
