"""Images to train on: packaged sets, folders of images and TensorFlow Datasets, each as a batched `tf.data.Dataset`.

Importing this package imports no TensorFlow: `available()` and `info()` answer without it.
"""

from keras_gan.datasets.catalogue import DatasetInfo, available
from keras_gan.datasets.loading import info, load

__all__ = ["DatasetInfo", "available", "info", "load"]
