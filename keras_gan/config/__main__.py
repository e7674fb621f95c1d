"""`python -m keras_gan.config` prints docs/api/config.md."""

import sys

from keras_gan.config.reference import markdown

if __name__ == "__main__":
    sys.stdout.write(markdown())
