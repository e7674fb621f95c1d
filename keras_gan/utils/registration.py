"""Making Keras know our classes as soon as both packages are imported, in either order.

`keras.models.load_model` finds only classes whose modules were imported. `import keras_gan` alone must not import
Keras and TensorFlow, so the classes are registered when Keras comes.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

SERIALISABLE = (
    "keras_gan.models.gan",
    "keras_gan.models.cyclegan",
    "keras_gan.models.pix2pix",
    "keras_gan.layers",
    "keras_gan.losses",
    "keras_gan.penalties",
    "keras_gan.augmentations",
    "keras_gan.schedules",
)

# What those modules cannot be imported without. If one of these is the first to import Keras, it is not whole yet when
# Keras is, and calls `register_with_keras` at its end.
BASES = {
    "keras_gan.models.adversarial_model": "AdversarialModel",
    "keras_gan.layers": "ReflectionPadding2D",
    "keras_gan.models.translation_model": "TranslationModel",
}


def register_with_keras() -> None:
    """Register now if Keras is imported, else when it is."""
    if "keras" in sys.modules:
        _register(sys.modules["keras"])
    else:
        sys.meta_path.insert(0, _WhenKerasIsImported())


class _WhenKerasIsImported(MetaPathFinder):
    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname != "keras":
            return None
        # Aside while the others look. Back until Keras is whole: TensorFlow's own import of it may fail half-way.
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec("keras")
        sys.meta_path.insert(0, self)
        if spec is not None and spec.loader is not None:
            execute = spec.loader.exec_module

            def exec_module(module: ModuleType) -> None:
                execute(module)
                if _register(module) and self in sys.meta_path:
                    sys.meta_path.remove(self)

            spec.loader.exec_module = exec_module  # type: ignore[method-assign]
        return spec


def _register(keras: ModuleType) -> bool:
    """Import what registers; whether it could be."""
    # While Keras itself is still being imported, by TensorFlow say, it has no backend to ask for yet.
    backend = getattr(getattr(keras, "backend", None), "backend", None)
    if backend is None or any(name in sys.modules and not hasattr(sys.modules[name], BASES[name]) for name in BASES):
        return False
    if backend() == "tensorflow":
        for module in SERIALISABLE:
            importlib.import_module(module)
    return True
