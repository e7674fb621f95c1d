"""Registration of the package's classes with Keras, whichever of the two packages is imported first.

`keras.models.load_model` finds only classes whose modules were imported. But `import keras_gan` must not import Keras
and TensorFlow. So an import hook imports those modules as soon as Keras itself has been imported.
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

# Modules that those import. If one of them is the first to import Keras, it is still incomplete when the hook runs. The
# hook then does nothing, and the module calls `register_with_keras` as its last line.
BASES = {
    "keras_gan.models.adversarial_model": "AdversarialModel",
    "keras_gan.layers": "ReflectionPadding2D",
    "keras_gan.schedules": "Scaled",
    "keras_gan.models.translation_model": "TranslationModel",
}


def register_with_keras() -> None:
    """Register the classes now if Keras is imported, else as soon as it is."""
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
        # Step aside while the other finders search. Then wait on: TensorFlow's own import of Keras may fail half-way.
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
    """Import the modules that register classes, and return whether that was possible."""
    # A Keras that is still being imported, for example by TensorFlow, has no backend yet.
    backend = getattr(getattr(keras, "backend", None), "backend", None)
    if backend is None or any(name in sys.modules and not hasattr(sys.modules[name], BASES[name]) for name in BASES):
        return False
    if backend() == "tensorflow":
        for module in SERIALISABLE:
            importlib.import_module(module)
    return True
