"""The models that the server has loaded, and the files that configure them."""
