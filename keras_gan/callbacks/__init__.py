"""Callbacks for `fit()`: pictures of samples, quality metrics, failure detection and progress in a terminal."""

from keras_gan.callbacks.evaluation import Evaluation
from keras_gan.callbacks.finding import Finding
from keras_gan.callbacks.progress import Progress
from keras_gan.callbacks.sample_grid import SampleGrid
from keras_gan.callbacks.training_health import TrainingHealth
from keras_gan.callbacks.translation_grid import TranslationGrid

__all__ = ["Evaluation", "Finding", "Progress", "SampleGrid", "TrainingHealth", "TranslationGrid"]
