"""What `keras-gan evaluate` does."""
