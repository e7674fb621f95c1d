"""Registration of the package's classes with Keras, whichever of the two packages is imported first.

`keras.models.load_model` finds only classes whose modules were imported, but `import keras_gan` must not import Keras
and TensorFlow. So an import hook waits for the import of Keras and then imports those modules.
"""

from __future__ import annotations

import importlib
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


def register_with_keras() -> None:
    """Register the classes now if Keras is imported, else as soon as it is."""
    if _keras_is_complete():
        _register()
    else:
        sys.meta_path.insert(0, _ImportHook())


class _ImportHook(MetaPathFinder):
    """Registers the classes when Keras is imported and no module of ours is in the middle of its import.

    A module of ours may be the first to import Keras. It is incomplete then, and modules that register classes may
    need it. So the hook counts the imports of Keras and of our modules, and acts at the end of the outermost one.
    """

    def __init__(self) -> None:
        self.depth = 0

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname != "keras" and not fullname.startswith("keras_gan."):
            return None
        others = (finder.find_spec(fullname, path, target) for finder in sys.meta_path if finder is not self)
        spec = next((spec for spec in others if spec is not None), None)
        if spec is not None and spec.loader is not None:
            execute = spec.loader.exec_module

            def exec_module(module: ModuleType) -> None:
                self.depth += 1
                try:
                    execute(module)  # may fail: TensorFlow's own import of Keras sometimes does
                finally:
                    self.depth -= 1
                if self.depth == 0 and self in sys.meta_path and _keras_is_complete():
                    sys.meta_path.remove(self)
                    _register()

            spec.loader.exec_module = exec_module  # type: ignore[method-assign]
        return spec


def _keras_is_complete() -> bool:
    return hasattr(sys.modules.get("keras"), "Model")


def _register() -> None:
    if sys.modules["keras"].backend.backend() == "tensorflow":
        for module in SERIALISABLE:
            importlib.import_module(module)
