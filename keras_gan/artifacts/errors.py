"""Errors about exports on disk."""


class ArtifactError(ValueError):
    """The file is empty, cut off, changed since its export, or no model of this format. The message names it."""


class VersionExistsError(FileExistsError):
    """The version asked for is taken; versions are never overwritten."""
