"""Small tools that know nothing of GANs."""
