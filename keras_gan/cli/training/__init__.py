"""What `keras-gan train` and `keras-gan resume` do."""
