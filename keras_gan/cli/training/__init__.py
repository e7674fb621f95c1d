"""The parts of `keras-gan train` and `keras-gan resume`."""
