"""Writes a folder that runs TensorFlow Serving on Docker, Kubernetes or KServe."""

from __future__ import annotations

import hashlib
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
_LONGEST_TAG = 100  # characters; Docker allows 128
SEVERAL = "gan-models"  # name of a deployment of several models


@dataclass(frozen=True)
class Deployment:
    """Deployment of TensorFlow Serving.

    Args:
        models: Models to serve, at least one. KServe serves exactly one.
        target: "docker": a compose file for one machine. "kubernetes": manifests, and a Dockerfile for an image with
            the models. "kserve": an InferenceService.
        output: Folder to write. A compose file refers to the models by their path relative to it.
        batching: Batching parameters. Defaults to None, no batching, which models of images of any size need.
        name: Name of the deployment. Defaults to None, the name of the only model, changed to Kubernetes' rules, or
            "gan-models" for several models.
        image: Image of TensorFlow Serving. Defaults to "tensorflow/serving:2.20.0".
        tag: Tag of the image with the models, for "kubernetes". Defaults to None, "NAME-serving:VERSIONS", which is
            only on this machine.
        storage_uri: URI of the model's versions, for "kserve". Defaults to None, "pvc://NAME-models/NAME".
        cpus: Number of processors of each server. Defaults to 2.
        memory: MiB of each server. Defaults to None, 1024 and four times the size of the models.

    Raises:
        ValueError: If an argument is not supported.

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
            raise ValueError(f"An InferenceService serves one model. Give its folder. Received: {names}")
        if self.name is not None and self.name != _dns(self.name):
            raise ValueError(
                "`name` must be at most 40 lower-case letters, digits and hyphens, and begin with a letter. "
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
    def resource_name(self) -> str:
        """Name of the deployment."""
        return self.name or (_dns(self.models[0].name) if len(self.models) == 1 else SEVERAL)

    @property
    def image_tag(self) -> str:
        """Tag of the image with the models."""
        if self.tag is not None:
            return self.tag
        listed = ["-".join(map(str, model.versions)) for model in self.models]
        if len(self.models) > 1:
            listed = [f"{_dns(model.name)}-{versions}" for model, versions in zip(self.models, listed, strict=True)]
        versions = ".".join(listed)
        if len(versions) > _LONGEST_TAG:
            versions = hashlib.sha256(versions.encode()).hexdigest()[:12]
        return f"{self.resource_name}-serving:{versions}"

    @property
    def model_uri(self) -> str:
        """URI of the model's versions, for KServe."""
        return self.storage_uri or f"pvc://{self.resource_name}-models/{self.models[0].name}"

    @property
    def flags(self) -> list[str]:
        """Flags of tensorflow_model_server. KServe adds the model, the ports and the timeout."""
        own = [
            "--port=8500",
            "--rest_api_port=8501",
            "--model_config_file=/config/models.config",
            # TensorFlow Serving checks labels before it loads models, and would not start without this flag.
            "--allow_version_labels_for_unavailable_models=true",
        ]
        batching = ["--enable_batching=true", "--batching_parameters_file=/config/batching_parameters.txt"]
        return [
            *(own if self.target != "kserve" else ()),
            *(batching if self.batching else ()),
            "--monitoring_config_file=/config/monitoring.txt",
            # TensorFlow counts the processors of the machine, not of the container.
            f"--tensorflow_intra_op_parallelism={self.cpus}",
            f"--tensorflow_inter_op_parallelism={self.cpus}",
        ]

    def files(self) -> dict[str, str]:
        """Returns the text of each file by its path in the folder."""
        config = {"monitoring.txt": MONITORING}
        if self.batching is not None:
            config["batching_parameters.txt"] = batching_parameters(self.batching)
        if self.target != "kserve":
            config["models.config"] = model_config(self.models)
        paths = [f"config/{name}" for name in sorted(config)]
        values = {
            "name": self.resource_name,
            "health": " &&\n          ".join(map(_status_check, self.models)),
            "startup": self._probe(),
            "readiness": self._probe("/metadata" if len(self.models) == 1 else ""),
            "image": self.image,
            "tag": self.image_tag,
            "storage_uri": self.model_uri,
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
        """Writes the folder, completely or not at all.

        Args:
            force: Boolean, whether to overwrite the files of an earlier deployment. Defaults to False.

        Returns:
            The paths of the files.

        Raises:
            FileExistsError: If `output` holds files and `force` is False, or `output` is a file.
            OSError: If a file cannot be written.
        """
        files = self.files()
        output = self.output
        taken = output.is_dir() and any(output.iterdir())
        if (taken and not force) or (os.path.lexists(output) and not output.is_dir()):
            raise FileExistsError(
                f"`output` must be a new or an empty folder, unless --force is given. Received: `{output}`, which "
                f"{'holds files' if taken else 'is not a folder'}"
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
        """Returns the shell commands to run next."""
        output = quote(str(self.output))
        if self.target == "docker":
            return [
                f"docker compose --file {quote(str(self.output / 'compose.yaml'))} up --detach --wait",
                *(f"curl http://127.0.0.1:8501/v1/models/{model.name}" for model in self.models),
            ]
        if self.target == "kubernetes":
            dockerfile, context = quote(str(self.output / "Dockerfile")), quote(str(self.models[0].path.parent))
            return [
                f"docker build --platform linux/amd64 --file {dockerfile} --tag {self.image_tag} {context}",
                *([] if self.tag is None else [f"docker push {self.image_tag}"]),
                f"kubectl apply --kustomize {output}",
                f"kubectl rollout status deployment/{self.resource_name}",
                f"kubectl port-forward service/{self.resource_name} 8501",
            ]
        return [
            f"kubectl apply --kustomize {output}",
            f"kubectl wait --for=condition=Ready inferenceservice/{self.resource_name}",
        ]

    def _probe(self, of_one: str = "") -> str:
        """Returns how Kubernetes asks for the state of all models.

        Args:
            of_one: End of the path to ask for a single model. Defaults to "", its status.
        """
        if len(self.models) == 1:
            return f"httpGet:\n              path: /v1/models/{self.models[0].name}{of_one}\n              port: rest"
        script = json.dumps(" && ".join(map(_status_check, self.models)))
        return f"exec:\n              command: [bash, -c, {script}]"

    def _mount(self, model: ServedModel) -> str:
        try:
            source = os.path.relpath(model.path, self.output.resolve())
        except ValueError:  # on another drive
            source = str(model.path)
        # A JSON string is a YAML string. $ begins a variable in a compose file.
        text = json.dumps(Path(source).as_posix()).replace("$", "$$")
        return (
            f"      - type: bind\n        source: {text}\n        target: /models/{model.name}\n        read_only: true"
        )

    def _enough_memory(self) -> int:
        models = 4 * sum(model.size for model in self.models) / _MIB
        return 1024 + 256 * -(-int(models) // 256)


def _status_check(model: ServedModel) -> str:
    """Returns bash that fails unless a version of a model is available. The image of TensorFlow Serving has no curl."""
    request = f"GET /v1/models/{model.name} HTTP/1.0\\r\\n\\r\\n"
    return f"exec 3<>/dev/tcp/127.0.0.1/8501 && printf '{request}' >&3 && grep -q AVAILABLE <&3"


def _items(values: Sequence[str], indent: int) -> str:
    return "\n".join(f"{' ' * indent}- {value}" for value in values)


def _dns(name: str) -> str:
    """Returns `name` as an RFC 1035 label, short enough for the suffixes that Kubernetes adds."""
    plain = re.sub(r"[^a-z0-9]+", "-", name.lower())
    return re.sub(r"^(?=[^a-z])", "gan-", plain.strip("-"))[:40].strip("-") or "gan"
