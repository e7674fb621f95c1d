"""How good generated images are: pure functions of features, and the network that gives the features.

The functions are NumPy alone; TensorFlow is imported when `EfficientNetLite0` is first used.
"""

from keras_gan.metrics.density import DensityCoverage, density_coverage
from keras_gan.metrics.efficientnet_lite0 import EfficientNetLite0
from keras_gan.metrics.extractor import FeatureExtractor
from keras_gan.metrics.frechet import frechet_distance
from keras_gan.metrics.inception import InceptionScore, inception_score
from keras_gan.metrics.kernel import KernelDistance, kernel_distance
from keras_gan.metrics.perceptual import feature_distance
from keras_gan.metrics.precision import PrecisionRecall, precision_recall
from keras_gan.metrics.retrieval import retrieval_accuracy
from keras_gan.metrics.translation import TranslationScores, translation_scores

__all__ = [
    "DensityCoverage",
    "EfficientNetLite0",
    "FeatureExtractor",
    "InceptionScore",
    "KernelDistance",
    "PrecisionRecall",
    "TranslationScores",
    "density_coverage",
    "feature_distance",
    "frechet_distance",
    "inception_score",
    "kernel_distance",
    "precision_recall",
    "retrieval_accuracy",
    "translation_scores",
]
