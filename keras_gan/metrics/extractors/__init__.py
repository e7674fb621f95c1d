"""Networks and functions that turn images into features, and the cache of these features."""
