"""Everything that runs TensorFlow Serving somewhere: its configuration, and Docker's, Kubernetes's or KServe's."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from shlex import quote
from string import Template

from keras_gan.artifacts.publish import staging
from keras_gan.serving.tf_serving.batching import Batching
from keras_gan.serving.tf_serving.config_files import MONITORING, batching_parameters, model_config
from keras_gan.serving.tf_serving.served_model import ServedModel
from keras_gan.utils.files import atomic_path

TARGETS = ("docker", "kubernetes", "kserve")
IMAGE = "tensorflow/serving:2.20.0"
_REFERENCE = re.compile(r"[a-z0-9][\w.:/@-]*", re.ASCII)
_URI = re.compile(r"[a-z][a-z0-9+.-]*://[\w./@:%+-]+", re.ASCII)
_MIB = 2**20


@dataclass(frozen=True)
class Deployment:
    """A server for some models.

    Args:
        models: What it serves, one at least; of "kserve" one.
        target: "docker", a compose file for one machine; "kubernetes", manifests and a Dockerfile that puts the models
            into the image; or "kserve", an InferenceService.
        output: The folder to write. A compose file names the models by their path from it.
        batching: Defaults to None, no batching, as requests for images of any size need it.
        name: What it is called where it runs. Defaults to None, the first model's name, as far as Kubernetes allows it.
        image: The image of TensorFlow Serving. Defaults to "tensorflow/serving:2.20.0".
        tag: Of "kubernetes", what the image with the models is called. Defaults to None, "NAME-serving:VERSIONS".
        storage_uri: Of "kserve", where the model's versions are. Defaults to None, "pvc://NAME-models/NAME".
        cpus: Of each server. Defaults to 2.
        memory: In MiB, of each server. Defaults to None, 1 GiB and four times the models.

    Raises:
        ValueError: If an argument cannot be used; the message says which.

    Example:
    ```python
    models = find_models("exported/digits")
    Deployment(models, "docker", Path("deploy"), fit_batching([{1: 3.2, 8: 8.5}])).write()
    ```
    """

    models: Sequence[ServedModel]
    target: str
    output: Path
    batching: Batching | None = None
    name: str | None = None
    image: str = IMAGE
    tag: str | None = None
    storage_uri: str | None = None
    cpus: int = 2
    memory: int | None = None

    def __post_init__(self) -> None:
        if self.target not in TARGETS:
            raise ValueError(f"`target` must be one of {list(TARGETS)}. Received: {self.target!r}")
        if self.target == "kserve" and len(self.models) != 1:
            names = ", ".join(model.name for model in self.models)
            raise ValueError(f"An InferenceService holds one model: give its folder. Received: {names}")
        if self.name is not None and self.name != _dns(self.name):
            raise ValueError(
                "`name` must be at most 40 small letters, digits and hyphens, the first a letter. "
                f"Received: {self.name!r}"
            )
        for argument, value, form in (
            ("image", self.image, _REFERENCE),
            ("tag", self.tag, _REFERENCE),
            ("storage_uri", self.storage_uri, _URI),
        ):
            if value is not None and not form.fullmatch(value):
                expected = "a URI, such as s3://bucket/digits" if form is _URI else "an image, such as example.com/a:1"
                raise ValueError(f"`{argument}` must be {expected}. Received: {value!r}")
        for argument, number in (("cpus", self.cpus), ("memory", self.memory)):
            if number is not None and number < 1:
                raise ValueError(f"`{argument}` must be at least 1. Received: {number}")

    @property
    def called(self) -> str:
        """The name, or the one made of the first model's."""
        return self.name or _dns(self.models[0].name)

    @property
    def tagged(self) -> str:
        """What the image with the models is called."""
        versions = sorted({version for model in self.models for version in model.versions})
        return self.tag or f"{self.called}-serving:{'-'.join(map(str, versions))}"

    @property
    def storage(self) -> str:
        """Where KServe finds the model's versions."""
        return self.storage_uri or f"pvc://{self.called}-models/{self.models[0].name}"

    @property
    def flags(self) -> list[str]:
        """Of tensorflow_model_server; KServe gives the model, the ports and the time-out itself."""
        own = [
            "--port=8500",
            "--rest_api_port=8501",
            "--model_config_file=/config/models.config",
            # TensorFlow Serving looks at labels before it loads models, and would not start.
            "--allow_version_labels_for_unavailable_models=true",
        ]
        batching = ["--enable_batching=true", "--batching_parameters_file=/config/batching_parameters.txt"]
        return [
            *(own if self.target != "kserve" else ()),
            *(batching if self.batching else ()),
            "--monitoring_config_file=/config/monitoring.txt",
            # TensorFlow counts the machine's processors, not those that the container may use.
            f"--tensorflow_intra_op_parallelism={self.cpus}",
            f"--tensorflow_inter_op_parallelism={self.cpus}",
        ]

    def files(self) -> dict[str, str]:
        """The text of each file by its path in the folder."""
        config = {"monitoring.txt": MONITORING}
        if self.batching is not None:
            config["batching_parameters.txt"] = batching_parameters(self.batching)
        if self.target != "kserve":
            config["models.config"] = model_config(self.models)
        paths = [f"config/{name}" for name in sorted(config)]
        values = {
            "name": self.called,
            "model": self.models[0].name,
            "image": self.image,
            "tag": self.tagged,
            "storage_uri": self.storage,
            "cpus": str(self.cpus),
            "memory": str(self.memory or self._enough_memory()),
            "flags": _items(self.flags, {"docker": 6, "kubernetes": 12, "kserve": 8}[self.target]),
            "config": _items(paths, 6),
            "volumes": "\n".join(self._mount(model) for model in self.models),
            "served": "\n".join(
                f"!{model.name}/{model.folder(v).name}" for model in self.models for v in model.versions
            ),
        }
        templates = resources.files(__package__).joinpath("templates", self.target)
        made = {
            template.name: Template(template.read_text(encoding="utf-8")).substitute(values)
            for template in templates.iterdir()
        }
        return {**made, **{f"config/{name}": text for name, text in config.items()}}

    def write(self, force: bool = False) -> list[Path]:
        """Write the folder: all of it, or nothing.

        Args:
            force: Write over the files of an earlier deployment. Defaults to False.

        Returns:
            What was written.

        Raises:
            FileExistsError: If there is something at `output` and `force` is not set.
            OSError: If it cannot be written.
        """
        files = self.files()
        output = self.output
        taken = output.is_dir() and any(output.iterdir())
        if (taken and not force) or (os.path.lexists(output) and not output.is_dir()):
            raise FileExistsError(
                f"`output` must be a new or an empty folder, or --force be given. Received: `{output}`, which "
                f"{'holds files' if taken else 'is no folder'}"
            )
        if taken:
            for name, text in files.items():
                with atomic_path(output / name) as temporary:
                    temporary.write_text(text, encoding="utf-8")
        else:
            with staging(output.absolute().parent) as folder:
                for name, text in files.items():
                    (folder / name).parent.mkdir(exist_ok=True)
                    (folder / name).write_text(text, encoding="utf-8")
                folder.rename(output)
        return [output / name for name in sorted(files)]

    def commands(self) -> list[str]:
        """What to type next, in a shell."""
        output, model = quote(str(self.output)), self.models[0]
        if self.target == "docker":
            return [
                f"docker compose --file {quote(str(self.output / 'compose.yaml'))} up --detach --wait",
                f"curl http://127.0.0.1:8501/v1/models/{model.name}",
            ]
        if self.target == "kubernetes":
            dockerfile, context = quote(str(self.output / "Dockerfile")), quote(str(model.path.parent))
            return [
                f"docker build --platform linux/amd64 --file {dockerfile} --tag {self.tagged} {context}",
                f"docker push {self.tagged}",
                f"kubectl apply --kustomize {output}",
                f"kubectl rollout status deployment/{self.called}",
                f"kubectl port-forward service/{self.called} 8501",
            ]
        return [
            f"kubectl apply --kustomize {output}",
            f"kubectl wait --for=condition=Ready inferenceservice/{self.called}",
        ]

    def _mount(self, model: ServedModel) -> str:
        try:
            source = os.path.relpath(model.path, self.output.resolve())
        except ValueError:  # on another drive
            source = str(model.path)
        # JSON's strings are YAML's; $ begins a variable in a compose file.
        text = json.dumps(Path(source).as_posix()).replace("$", "$$")
        return (
            f"      - type: bind\n        source: {text}\n        target: /models/{model.name}\n        read_only: true"
        )

    def _enough_memory(self) -> int:
        models = 4 * sum(model.size for model in self.models) / _MIB
        return 1024 + 256 * -(-int(models) // 256)


def _items(values: Sequence[str], indent: int) -> str:
    return "\n".join(f"{' ' * indent}- {value}" for value in values)


def _dns(name: str) -> str:
    """`name` as far as Kubernetes takes it: RFC 1035, and short enough for what it adds to it."""
    plain = re.sub(r"[^a-z0-9]+", "-", name.lower())
    return re.sub(r"^(?=[^a-z])", "gan-", plain.strip("-"))[:40].strip("-") or "gan"
