"""Page at `/` of the server, on which people look at a model."""
