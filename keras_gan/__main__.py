"""`python -m keras_gan` is `keras-gan`."""

from keras_gan.cli import main

main()
