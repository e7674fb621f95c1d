"""What `keras-gan train` trains: a GAN that draws from noise, or a model that translates between two sets of images."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from keras_gan.datasets.catalogue import PACKAGED
from keras_gan.presets import PRESETS

if TYPE_CHECKING:
    import tensorflow as tf

    from keras_gan.callbacks import TrainingHealth
    from keras_gan.callbacks.epoch_pictures import EpochPictures
    from keras_gan.models.adversarial_model import AdversarialModel

# How many held-out images the pictures of a translation show.
SHOWN = 8
# How many images the health of a training is judged by.
JUDGED = 256
# What a kind of model takes besides what all take.
OF_PAIRS = {"x", "y", "test_x", "test_y", "receptive_field", "no_augment"}
OPTIONS = {
    "gan": {"data", "labels", "d_steps", "g_steps", "augmentation", "held_out", "rollback"},
    "cyclegan": OF_PAIRS | {"blocks", "residual", "noise", "shift", "cycle_weight", "identity_weight"},
    "pix2pix": OF_PAIRS,
}


class Task(Protocol):
    """What training needs to know of a recipe.

    Attributes:
        title: What the model is trained on.
        next_command: What to do with the trained model; "{}" stands for the run's folder.
    """

    title: str
    next_command: str

    def load(self, first_epoch: int) -> tf.data.Dataset:
        """The batches, from an epoch on."""
        ...

    def new_model(self, spec: Any) -> AdversarialModel:
        """The untrained model for data of this element_spec."""
        ...

    def set_schedule(self, model: AdversarialModel, steps: int) -> None:
        """Let the learning rate go by the length of the whole training."""
        ...

    def pictures(self, folder: Path, tensorboard: Path | None) -> EpochPictures:
        """The callback that draws after each epoch."""
        ...

    def health(self, log: Path) -> TrainingHealth | None:
        """The callback that tells what goes wrong, if there is one for such models."""
        ...


def completed(recipe: dict[str, Any], drawing: dict[str, Any], translating: dict[str, Any]) -> dict[str, Any]:
    """The whole recipe, from what was given on the command line.

    Args:
        recipe: What all models take.
        drawing: What a GAN takes besides.
        translating: What a translation model takes besides.

    Raises:
        ValueError: If there is no such preset, or its data are missing, or given to the wrong model.
    """
    name = recipe["preset"]
    if name not in PRESETS:
        raise ValueError(f"--preset must be one of {sorted(PRESETS)}. Received: {name}")
    preset = PRESETS[name]
    given_to_it = drawing | translating
    asked = {key: value for key, value in given_to_it.items() if value is not None and value is not False}
    asked.pop("augment", None)
    asked |= {} if translating["augment"] else {"no_augment": True}
    foreign = [f"--{key.replace('_', '-')}" for key in asked if key not in OPTIONS[preset.model]]
    if foreign:
        does = "draws from noise and learns from --data" if preset.model == "gan" else "translates images"
        raise ValueError(f"--model {name} {does}, and has no use for some options. Received: {', '.join(foreign)}")
    widths = [f"--{key.replace('_', '-')}" for key in ("filters", "d_filters") if recipe.get(key) is not None]
    if preset.network == "mlp" and widths:
        raise ValueError(f"--model {name} is fully connected, and has no filters. Received: {' and '.join(widths)}")
    if preset.network == "r3gan" and recipe.get("normalization") is not None:
        raise ValueError(f"--model {name} has no --normalization. Received: {recipe['normalization']}")
    given = [f"--{key}" for key in ("x", "y") if translating[key] is not None]
    alone = preset.model == "pix2pix" and given == ["--x"]  # a folder of side-by-side images
    if preset.model != "gan" and len(given) < 2 and not alone:
        raise ValueError(
            f"--model {name} translates between two sets of images: expected --x and --y. "
            f"Received: {' and '.join(given) or 'neither'}"
        )
    recipe = {**recipe, "epochs": recipe["epochs"] or preset.epochs}
    recipe["batch_size"] = recipe["batch_size"] or preset.batch_size
    if preset.model == "gan":
        places = {"data": _absolute(drawing["data"] or "digits"), "held_out": _absolute(drawing["held_out"])}
        return recipe | drawing | places
    places = {key: _absolute(translating[key]) for key in ("x", "y", "test_x", "test_y")}
    if (places["test_x"] is None) != (places["test_y"] is None) and not alone:
        raise ValueError("--test-x and --test-y go together. Received: one of them")
    for key in ("x", "y"):
        places[f"test_{key}"] = places[f"test_{key}"] or _test_split(places[key])
    return recipe | translating | places


def for_evaluation(recipe: dict[str, Any], x: str | None, y: str | None, image_size: int | None) -> dict[str, Any]:
    """What `Translating.held_out` needs, from a run's recipe or none, and from what was given instead."""
    if (x is None) != (y is None) and recipe.get("y"):
        raise ValueError("--x and --y go together: expected both, or neither. Received: one of them")
    given = {"test_x": _absolute(x), "test_y": _absolute(y), "image_size": image_size}
    missing = {"preset": "cyclegan", "x": None, "y": None, "test_x": None, "test_y": None, "image_size": None}
    return missing | recipe | {name: value for name, value in given.items() if value is not None}


def are_pairs(recipe: dict[str, Any]) -> bool:
    """Returns true if the images of X and Y correspond: those of pix2pix, and packaged sets that pair."""
    if PRESETS[recipe["preset"]].model == "pix2pix":
        return True
    names = [str(recipe[f"test_{key}"] or recipe[key]).partition(":") for key in ("x", "y")]
    (x, _, split_x), (y, _, split_y) = names
    return split_x == split_y and x in PACKAGED and y in PACKAGED[x].info().pairs_with


def of(recipe: dict[str, Any]) -> Task:
    """The task of a recipe that `completed` returned."""
    return Drawing(recipe) if "data" in recipe else Translating(recipe)


class Drawing:
    """Training a GAN.

    Args:
        recipe: What `completed` returned.
    """

    next_command = "keras-gan walk {}"

    def __init__(self, recipe: dict[str, Any]) -> None:
        self.recipe = recipe
        self.title = recipe["data"]

    def load(self, first_epoch: int) -> tf.data.Dataset:
        """The batches, from an epoch on."""
        from keras_gan import datasets

        names = ("image_size", "batch_size", "labels", "limit", "seed")
        options = {name: self.recipe[name] for name in names}
        return datasets.load(self.recipe["data"], start_epoch=first_epoch, **options)

    def new_model(self, spec: Any) -> AdversarialModel:
        """The untrained model for data of this element_spec."""
        from keras_gan import datasets

        images = spec[0] if self.recipe["labels"] else spec
        classes = datasets.info(self.recipe["data"]).num_classes if self.recipe["labels"] else None
        return _new_model(self.recipe, images, {}, {}, num_classes=classes)

    def set_schedule(self, model: AdversarialModel, steps: int) -> None:
        """A recipe's burn-in lasts for half of the training; without one a GAN's learning rate stays."""
        from keras_gan import presets

        of_option = {"learning_rate": "learning_rate", "penalties": "penalty", "ema_momentum": "ema"}
        given = {name for name, option in of_option.items() if self.recipe.get(option) is not None}
        presets.ease(model, self.recipe["preset"], max(1, steps // model.d_steps // 2), given)

    def pictures(self, folder: Path, tensorboard: Path | None) -> EpochPictures:
        """The callback that draws after each epoch."""
        from keras_gan import callbacks

        return callbacks.SampleGrid(folder, tensorboard=tensorboard)

    def health(self, log: Path) -> TrainingHealth:
        """The callback that tells what goes wrong."""
        from keras_gan import callbacks, datasets

        data, held_out = self.recipe["data"], self.recipe.get("held_out")
        if held_out is None and ":" not in data and (split := datasets.info(data).test_split):
            held_out = f"{data}:{split}"
        real = self._some(data, self.recipe["limit"])
        return callbacks.TrainingHealth(
            real,
            None if held_out is None else self._some(held_out, JUDGED),
            rollback=self.recipe.get("rollback") or 0,
            log=log,
        )

    def _some(self, data: str, limit: int | None) -> Any:
        """Up to `JUDGED` images, mixed, with their labels where those are used."""
        import numpy as np

        from keras_gan import datasets

        names = ("image_size", "labels", "seed")
        batches = datasets.load(data, batch_size=1, limit=limit, **{name: self.recipe[name] for name in names})
        some = batches.take(JUDGED)
        if self.recipe["labels"]:
            images, labels = zip(*((image.numpy(), label.numpy()) for image, label in some), strict=True)
            return np.concatenate(images), np.concatenate(labels)
        return np.concatenate([image.numpy() for image in some])


class Translating:
    """Training a CycleGAN or a pix2pix model.

    Args:
        recipe: What `completed` returned.
    """

    next_command = "keras-gan translate {} --input DIR --output DIR"

    def __init__(self, recipe: dict[str, Any]) -> None:
        self.recipe = recipe
        self.title = f"{recipe['x']} and {recipe['y']}" if recipe["y"] else recipe["x"]

    def load(self, first_epoch: int) -> tf.data.Dataset:
        """The batches, from an epoch on."""
        from keras_gan import datasets

        names = ("image_size", "batch_size", "limit", "seed")
        options = {name: self.recipe[name] for name in names}
        options["jitter"] = options["flip"] = self.recipe["augment"]
        if self.recipe.get("shift"):
            options["shift"] = True
        loader = datasets.load_paired if self._in_pairs else datasets.load_unpaired
        return loader(self.recipe["x"], self.recipe["y"], start_epoch=first_epoch, **options)

    @property
    def _in_pairs(self) -> bool:
        return PRESETS[self.recipe["preset"]].model == "pix2pix"

    def new_model(self, spec: Any) -> AdversarialModel:
        """The untrained model for data of this element_spec."""
        chosen = ("blocks", "residual")
        generator = {name: self.recipe[name] for name in chosen if self.recipe[name] not in (None, False)}
        names = ("receptive_field", "noise")
        discriminator = {name: self.recipe[name] for name in names if self.recipe[name] is not None}
        weights = ("cycle_weight", "identity_weight")
        model = {name: self.recipe[name] for name in weights if self.recipe[name] is not None}
        return _new_model(self.recipe, spec[0], generator, discriminator, model=model)

    def set_schedule(self, model: AdversarialModel, steps: int) -> None:
        """The paper's: the learning rate is constant for the first half of training, then falls to zero."""
        from keras_gan import schedules

        for name in model.trained_networks:
            given = self.recipe.get("learning_rate")
            rate = PRESETS[self.recipe["preset"]].rate(name) if given is None else given
            getattr(model, name).learning_rate = schedules.LinearDecay(rate, steps)

    def pictures(self, folder: Path, tensorboard: Path | None) -> EpochPictures:
        """The callback that draws after each epoch."""
        from keras_gan import callbacks

        x, y = self.held_out(SHOWN)
        n = min(len(x), len(y))
        return callbacks.TranslationGrid(folder, x[:n], y[:n], tensorboard=tensorboard)

    def health(self, log: Path) -> None:
        """There is none."""

    @property
    def holds_out(self) -> bool:
        """Whether there are images that the model does not learn from."""
        return self.recipe["test_x"] is not None

    def held_out(self, limit: int | None = None, paired: bool = False) -> tuple[Any, Any]:
        """Images of X and of Y that the model does not learn from or, if there are no such, of those that it does.

        Args:
            limit: How many at most. Defaults to `None`, all.
            paired: Whether to leave out what has no partner, of folders by the names. Pix2pix always does. Defaults to
                `False`.
        """
        import numpy as np

        from keras_gan import datasets

        options = {"image_size": self.recipe["image_size"], "limit": limit, "batch_size": 1, "shuffle": False}
        x, y = (self.recipe[f"test_{name}"] or self.recipe[name] for name in ("x", "y"))
        if self.recipe["test_x"] and not self.recipe["test_y"] and not self.recipe["y"]:
            y = None  # side by side
        if self._in_pairs or paired:
            pairs = datasets.load_paired(x, y, jitter=False, flip=False, **options)
            found_x, found_y = zip(*((x.numpy(), y.numpy()) for x, y in pairs), strict=True)
            return np.concatenate(found_x), np.concatenate(found_y)
        of_x, of_y = (datasets.load(name, channels=3, **options) for name in (x, y))
        return np.concatenate([images.numpy() for images in of_x]), np.concatenate([images.numpy() for images in of_y])


def _new_model(
    recipe: dict[str, Any], images: Any, generator: dict[str, Any], discriminator: dict[str, Any], **arguments: Any
) -> AdversarialModel:
    from keras_gan import presets

    names = ("loss", "learning_rate", "d_steps", "g_steps")
    chosen = {key: recipe[key] for key in names if recipe.get(key) is not None}
    if recipe.get("augmentation") is not None:
        chosen["augmentation"] = _augmentation(recipe["augmentation"])
    if recipe.get("penalty") is not None:
        chosen["penalties"] = _penalties(recipe["penalty"])
    if recipe.get("ema") is not None:
        chosen["ema_momentum"] = recipe["ema"]
    if recipe["jit"]:
        chosen["jit_compile"] = True
    normalization = recipe.get("normalization")
    differentiated = any(one.per_image for one in chosen.get("penalties", ()))
    if normalization is None and differentiated and _batch_normalized(recipe["preset"]):
        normalization = "none"
    if normalization is not None:
        discriminator = discriminator | {"normalization": None if normalization == "none" else normalization}
    filters = {"filters": recipe["filters"]} if recipe["filters"] is not None else {}
    of_d = {"filters": recipe["d_filters"]} if recipe.get("d_filters") is not None else {}
    return presets.load(
        recipe["preset"],
        image_shape=tuple(images.shape[1:]),
        seed=recipe["seed"],
        generator=generator | filters,
        discriminator=discriminator | filters | of_d,
        **arguments,
        **chosen,
    )


def _penalties(asked: list[str]) -> list[Any]:
    """Returns the penalties that `--penalty` names, such as ["r1:0.5", "r2"]."""
    from keras_gan import penalties

    return [penalties.parse(one) for one in asked if one != "none"]


def _augmentation(asked: str) -> Any:
    """Returns the augmentation that `--augmentation` names, such as "diffaugment" or "ada:100000"."""
    from keras_gan import augmentations

    return augmentations.parse(asked)


def _batch_normalized(preset: str) -> bool:
    """Returns `True` if the discriminator of a preset has batch normalisation by default."""
    from keras_gan import networks

    default = networks.get(PRESETS[preset].network).CAPABILITIES.normalizations[:1]
    return default == ("batch",) and "normalization" not in PRESETS[preset].discriminator


def _absolute(data: Any) -> Any:
    """A folder by its whole path, so that a run can be resumed from anywhere; a name as it is."""
    if data is None or data in PACKAGED:
        return data
    folder = Path(data).expanduser()
    return str(folder.resolve()) if folder.is_dir() else data


def _test_split(data: str | None) -> str | None:
    """Returns the name of the test split of a packaged set, or `None` if there is none."""
    split = PACKAGED[data].info().test_split if data in PACKAGED else None
    return f"{data}:{split}" if split else None
