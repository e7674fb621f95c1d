"""Places that images come from: folders, arrays and pairs of these, each found by its name."""
