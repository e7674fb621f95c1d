"""What the library says when something is wrong."""


class KerasGANWarning(UserWarning):
    """Something that works, but hardly as meant: the message says what to change."""
