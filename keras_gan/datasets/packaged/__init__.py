"""The data sets that need no download, one a file.

A module lists its sets in `SETS`; `keras_gan.datasets.catalogue` finds them there.
"""
