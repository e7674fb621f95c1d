"""Export of a trained generator to SavedModel, TFLite and ONNX, with a parity check of each file.

The public names are listed in `__init__.pyi` and loaded on first use. A server that only needs manifests does not load
the exporter. Nothing here imports TensorFlow before an export starts.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
