"""Images to train on: packaged sets, folders of images and TensorFlow Datasets, each as a batched `tf.data.Dataset`.

Importing this package imports no TensorFlow: `available()` and `info()` answer without it.
"""

from keras_gan.datasets import emoji
from keras_gan.datasets.arrays import load_arrays
from keras_gan.datasets.catalogue import DatasetInfo, available
from keras_gan.datasets.loading import info, load
from keras_gan.datasets.paired import load_paired
from keras_gan.datasets.unpaired import load_unpaired

__all__ = ["DatasetInfo", "available", "emoji", "info", "load", "load_arrays", "load_paired", "load_unpaired"]
