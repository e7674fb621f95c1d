"""The proof that each artifact gives the images of the Keras model."""
