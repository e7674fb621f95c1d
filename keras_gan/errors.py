"""Warnings of the library."""


class KerasGANWarning(UserWarning):
    """Warning of a configuration that runs but is unlikely to work as intended. The message says what to change."""
