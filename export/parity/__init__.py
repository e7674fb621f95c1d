"""Parity checks: each artifact is compared with the Keras model."""
