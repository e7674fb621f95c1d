"""Server and client of exported models, and files for TensorFlow Serving.

Nothing here imports TensorFlow, except to run a SavedModel. Network libraries are imported when they are first used.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(__name__, submod_attrs={"client": ["Client", "ServerError"]})
