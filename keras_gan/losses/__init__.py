"""Losses of the discriminator and the generator: adversarial ones, from logits, and those of classes and codes."""

from keras_gan.losses.adversarial_loss import AdversarialLoss
from keras_gan.losses.auxiliary_classifier import AuxiliaryClassifier
from keras_gan.losses.auxiliary_loss import AuxiliaryLoss
from keras_gan.losses.hinge import Hinge
from keras_gan.losses.least_squares import LeastSquares
from keras_gan.losses.lookup import get, names
from keras_gan.losses.minimax import Minimax
from keras_gan.losses.mutual_information import MutualInformation
from keras_gan.losses.non_saturating import NonSaturating
from keras_gan.losses.relativistic import Relativistic
from keras_gan.losses.relativistic_average import RelativisticAverage
from keras_gan.losses.wasserstein import Wasserstein

__all__ = [
    "AdversarialLoss",
    "AuxiliaryClassifier",
    "AuxiliaryLoss",
    "Hinge",
    "LeastSquares",
    "Minimax",
    "MutualInformation",
    "NonSaturating",
    "Relativistic",
    "RelativisticAverage",
    "Wasserstein",
    "get",
    "names",
]
