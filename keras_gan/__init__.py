"""Train a GAN with `model.fit()`, export its generator with proof, and serve it.

The public names are listed in `__init__.pyi` and loaded when first used: `import keras_gan` imports no TensorFlow.
"""

import lazy_loader

__version__ = "0.1.0"

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
__all__ = [*__all__, "__version__"]
