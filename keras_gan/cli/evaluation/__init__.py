"""The parts of `keras-gan evaluate`."""
