"""Train a GAN with `model.fit()`, export its generator to checked files, and serve it.

The public names are listed in `__init__.pyi` and loaded at their first use: `import keras_gan` imports no TensorFlow.
If TensorFlow is imported later, it uses oneDNN on a CPU.
"""

from typing import Any

import lazy_loader

from keras_gan.utils.extras import install_hint
from keras_gan.utils.onednn import enable_onednn
from keras_gan.utils.registration import register_with_keras

__version__ = "0.1.0"

_load, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
__all__ += ["__version__"]


def __getattr__(name: str) -> Any:
    try:
        return _load(name)
    except ModuleNotFoundError as error:
        if error.name in ("tensorflow", "keras"):
            raise ImportError(
                f"keras_gan.{name} needs TensorFlow: {install_hint('tensorflow')} (on a GPU: {install_hint('gpu')})"
            ) from error
        raise


enable_onednn()
register_with_keras()
