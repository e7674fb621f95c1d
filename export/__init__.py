"""From a trained generator to SavedModel, TFLite and ONNX, with proof that all three draw the same images.

The public names are listed in `__init__.pyi` and loaded when first used: a server, which needs manifests
alone, loads no exporter. Nothing here imports TensorFlow before an export starts.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
