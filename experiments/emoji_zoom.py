"""The scale for docs/translation.md's figures: Google's held-out emoji enlarged by a tenth, against Twitter's.

python experiments/emoji_zoom.py, about a minute.
"""

import numpy as np
from PIL import Image

from keras_gan import metrics
from keras_gan.datasets import emoji

SIDE, ENLARGED = 64, 70


def enlarged(pixels: np.ndarray) -> np.ndarray:
    """The middle of an image that was made a tenth larger."""
    image = Image.fromarray(pixels).resize((ENLARGED, ENLARGED), Image.Resampling.LANCZOS)
    margin = (ENLARGED - SIDE) // 2
    return np.asarray(image.crop((margin, margin, margin + SIDE, margin + SIDE)))


extractor = metrics.EfficientNetLite0()
twitter = extractor.features(emoji.read("twitter", split="test"))
google = np.stack([enlarged(pixels) for pixels in emoji.read("google", split="test")])
print(metrics.retrieval_accuracy(extractor.features(google), twitter))
