"""Errors about exports on disk."""


class ArtifactError(ValueError):
    """Raised for a file that is empty, cut off, changed since its export, or not a model of this format."""


class VersionExistsError(FileExistsError):
    """Raised for a version that exists already: versions are never overwritten."""
