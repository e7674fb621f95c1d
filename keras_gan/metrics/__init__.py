"""Metrics of generated images: functions of features, and the networks that compute the features.

The functions use only NumPy. TensorFlow is imported at the first use of an extractor or of a streaming metric.
"""

import importlib
from typing import TYPE_CHECKING, Any

from keras_gan.metrics.distributions.frechet import frechet_distance
from keras_gan.metrics.distributions.inception import InceptionScore, inception_score
from keras_gan.metrics.distributions.kernel import KernelDistance, kernel_distance
from keras_gan.metrics.distributions.sliced_wasserstein import sliced_wasserstein
from keras_gan.metrics.extractors.efficientnet_lite0 import EfficientNetLite0
from keras_gan.metrics.extractors.feature_cache import real_features
from keras_gan.metrics.extractors.feature_extractor import FeatureExtractor
from keras_gan.metrics.extractors.inception_v3 import InceptionV3
from keras_gan.metrics.extractors.user_extractor import UserExtractor
from keras_gan.metrics.linear_probe import linear_probe
from keras_gan.metrics.neighbors.data_copying import Copying, Nearest, copying, nearest_neighbours
from keras_gan.metrics.neighbors.density_coverage import DensityCoverage, density_coverage
from keras_gan.metrics.neighbors.precision_recall import PrecisionRecall, precision_recall
from keras_gan.metrics.neighbors.retrieval import retrieval_accuracy
from keras_gan.metrics.scores.evaluation_protocol import EvaluationProtocol
from keras_gan.metrics.scores.generation import generation_scores
from keras_gan.metrics.scores.score import Score
from keras_gan.metrics.scores.translation import TranslationScores, translation_scores
from keras_gan.metrics.similarity.feature_distance import feature_distance
from keras_gan.metrics.similarity.path_length import PathLength, perceptual_path_length
from keras_gan.metrics.similarity.structural_similarity import Diversity, ms_ssim, ms_ssim_diversity

if TYPE_CHECKING:
    from keras_gan.metrics.streaming.frechet import StreamingFrechet
    from keras_gan.metrics.streaming.inception import StreamingInception
    from keras_gan.metrics.streaming.kernel import StreamingKernel

__all__ = [
    "Copying",
    "DensityCoverage",
    "Diversity",
    "EfficientNetLite0",
    "EvaluationProtocol",
    "FeatureExtractor",
    "InceptionScore",
    "InceptionV3",
    "KernelDistance",
    "Nearest",
    "PathLength",
    "PrecisionRecall",
    "Score",
    "StreamingFrechet",
    "StreamingInception",
    "StreamingKernel",
    "TranslationScores",
    "UserExtractor",
    "copying",
    "density_coverage",
    "feature_distance",
    "frechet_distance",
    "generation_scores",
    "inception_score",
    "kernel_distance",
    "linear_probe",
    "ms_ssim",
    "ms_ssim_diversity",
    "nearest_neighbours",
    "perceptual_path_length",
    "precision_recall",
    "real_features",
    "retrieval_accuracy",
    "sliced_wasserstein",
    "translation_scores",
]


_STREAMING = {
    f"Streaming{name}": f"keras_gan.metrics.streaming.{name.lower()}" for name in ("Frechet", "Inception", "Kernel")
}


def __getattr__(name: str) -> Any:
    if name in _STREAMING:
        return getattr(importlib.import_module(_STREAMING[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
