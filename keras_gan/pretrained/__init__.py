"""Trained GANs that come with the package, and the loading of trained GANs. Importing it imports no TensorFlow."""

from keras_gan.pretrained.catalogue import CONFIG, FOLDER, find, names
from keras_gan.pretrained.model_files import load, save

__all__ = ["CONFIG", "FOLDER", "find", "load", "names", "save"]
