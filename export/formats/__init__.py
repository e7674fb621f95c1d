"""The file formats of an export, one a file."""
