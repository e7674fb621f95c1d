"""How good generated images are: pure functions of features, and the network that gives the features.

The functions are NumPy alone; TensorFlow is imported when an extractor or one of the streaming
metrics is first used.
"""

import importlib
from typing import TYPE_CHECKING, Any

from keras_gan.metrics.data_copying import Copying, Nearest, copying, nearest_neighbours
from keras_gan.metrics.density import DensityCoverage, density_coverage
from keras_gan.metrics.efficientnet_lite0 import EfficientNetLite0
from keras_gan.metrics.evaluation_protocol import EvaluationProtocol
from keras_gan.metrics.extractor import FeatureExtractor
from keras_gan.metrics.feature_cache import real_features
from keras_gan.metrics.frechet import frechet_distance
from keras_gan.metrics.generation import generation_scores
from keras_gan.metrics.inception import InceptionScore, inception_score
from keras_gan.metrics.inception_v3 import InceptionV3
from keras_gan.metrics.kernel import KernelDistance, kernel_distance
from keras_gan.metrics.path_length import PathLength, perceptual_path_length
from keras_gan.metrics.perceptual import feature_distance
from keras_gan.metrics.precision import PrecisionRecall, precision_recall
from keras_gan.metrics.retrieval import retrieval_accuracy
from keras_gan.metrics.score import Score
from keras_gan.metrics.structural_similarity import Diversity, ms_ssim, ms_ssim_diversity
from keras_gan.metrics.translation import TranslationScores, translation_scores
from keras_gan.metrics.user_extractor import UserExtractor
from keras_gan.metrics.wasserstein import sliced_wasserstein

if TYPE_CHECKING:
    from keras_gan.metrics.streaming_frechet import StreamingFrechet
    from keras_gan.metrics.streaming_inception import StreamingInception
    from keras_gan.metrics.streaming_kernel import StreamingKernel

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
    f"Streaming{name}": f"keras_gan.metrics.streaming_{name.lower()}" for name in ("Frechet", "Inception", "Kernel")
}


def __getattr__(name: str) -> Any:
    if name in _STREAMING:
        return getattr(importlib.import_module(_STREAMING[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
