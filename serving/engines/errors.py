"""What an engine says of a file that it cannot run."""


class ArtifactError(ValueError):
    """The file is empty, cut off, changed since its export, or no model of this format. The message names it."""
