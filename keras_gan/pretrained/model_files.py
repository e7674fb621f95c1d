"""Trained GANs on disk: `.keras` files, and the smaller files of the package without optimizers, in 16 bits."""

from __future__ import annotations

import json
import os
import zipfile
from pathlib import Path
from typing import Any

from keras_gan.pretrained.catalogue import MODEL, WEIGHTS, find, names
from keras_gan.utils import run_files
from keras_gan.utils.files import atomic_path
from keras_gan.utils.registration import register_with_keras

NETWORKS = ("generator", "discriminator")


def load(name_or_path: str | os.PathLike[str]) -> Any:
    """Loads a trained model.

    Args:
        name_or_path: Name in `names()`, folder of a run, `.keras` file, or folder that `save` wrote.

    Returns:
        The model, compiled.

    Raises:
        ValueError: If there is no such model.
    """
    path = find(name_or_path) or Path(name_or_path)
    if (path / MODEL).is_file():
        return _load_small(path)
    file = path / run_files.MODEL if path.is_dir() else path
    if not file.is_file() or not zipfile.is_zipfile(file):
        raise ValueError(
            f"Expected a GAN of the package ({', '.join(names())}), the folder of a run, or a .keras file. "
            f"Received: {os.fspath(name_or_path)}"
        )
    import keras

    register_with_keras()
    return keras.models.load_model(file)


def save(gan: Any, folder: Path) -> None:
    """Writes a GAN without the state of its optimizers, with weights of 16 bits.

    Args:
        gan: A compiled `keras_gan.GAN`. Of an averaged generator the average is written.
        folder: Folder to write to.
    """
    import keras
    import numpy as np

    networks = (gan.inference_network("generator"), gan.discriminator)
    arrays = {
        f"{name}.{i:03d}": value.astype(np.float16)
        for name, network in zip(NETWORKS, networks, strict=True)
        for i, value in enumerate(network.get_weights())
    }
    described = json.dumps(keras.saving.serialize_keras_object(gan))
    with atomic_path(folder / MODEL) as temporary:
        temporary.write_text(described + "\n", encoding="utf-8")
    with atomic_path(folder / WEIGHTS) as temporary, temporary.open("wb") as file:
        np.savez_compressed(file, **arrays)


def _load_small(folder: Path) -> Any:
    import keras
    import numpy as np

    register_with_keras()
    gan = keras.saving.deserialize_keras_object(json.loads((folder / MODEL).read_text(encoding="utf-8")))
    with np.load(folder / WEIGHTS) as stored:
        for name in NETWORKS:
            keys = sorted(key for key in stored.files if key.startswith(f"{name}."))
            getattr(gan, name).set_weights([stored[key].astype(np.float32) for key in keys])
    for name, average in gan.averages.items():
        average.set_weights(getattr(gan, name).get_weights())
    return gan
