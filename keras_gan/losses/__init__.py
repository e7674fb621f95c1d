"""Adversarial losses: what the discriminator and the generator each minimise, from logits."""

from keras_gan.losses.adversarial_loss import AdversarialLoss
from keras_gan.losses.least_squares import LeastSquares
from keras_gan.losses.lookup import get
from keras_gan.losses.minimax import Minimax
from keras_gan.losses.non_saturating import NonSaturating

__all__ = ["AdversarialLoss", "LeastSquares", "Minimax", "NonSaturating", "get"]
