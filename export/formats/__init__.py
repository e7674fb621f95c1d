"""The file formats of an export, one in each file."""
