"""The explorer: a page at `/` of the server, on which people look at a model by hand."""
