"""Load images to train on as batched `tf.data.Dataset`s.

Images come from packaged sets, folders of images and TensorFlow Datasets. Importing this package imports no TensorFlow:
`available()` and `info()` work without it.
"""

from keras_gan.datasets.arrays import load_arrays
from keras_gan.datasets.catalogue import available
from keras_gan.datasets.dataset_info import DatasetInfo
from keras_gan.datasets.loading import info, load
from keras_gan.datasets.packaged import emoji
from keras_gan.datasets.paired import load_paired
from keras_gan.datasets.unpaired import load_unpaired

__all__ = ["DatasetInfo", "available", "emoji", "info", "load", "load_arrays", "load_paired", "load_unpaired"]
