"""Running exported models: engines, what TensorFlow Serving needs, and a client.

Nothing here imports TensorFlow but the engine of SavedModels, nor a network library before it is used.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(__name__, submod_attrs={"client": ["Client", "ServerError"]})
