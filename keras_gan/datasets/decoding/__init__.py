"""Image files of any kind, decoded to uint8 arrays."""
