"""`keras-gan deploy`."""

from __future__ import annotations

import re
from enum import Enum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from keras_gan.cli.models.exported import refuse_runs
from keras_gan.serving.tf_serving import TARGETS, Deployment, find_models, fit_batching
from keras_gan.serving.tf_serving.deployment import IMAGE

Target = Enum("Target", {name: name for name in TARGETS}, type=str)  # type: ignore[misc]


def deploy(
    models: Annotated[
        Path,
        typer.Argument(
            help="Folder of exported models, or of one model's versions.", show_default=False, metavar="DIR"
        ),
    ],
    target: Annotated[Target, typer.Option("--to", help="Where to run the server.", show_default=False)],
    output: Annotated[Path, typer.Option(help="Folder to write.")] = Path("deploy"),
    versions: Annotated[
        list[str] | None,
        typer.Option(
            "--version",
            help="Version to serve, or MODEL/VERSION for several models. May be repeated.",
            show_default="the newest, and those with labels",
            metavar="VERSION",
        ),
    ] = None,
    labels: Annotated[
        list[str] | None,
        typer.Option(
            "--label",
            help="LABEL=VERSION, or MODEL/LABEL=VERSION for several models. May be repeated.",
            show_default="stable=the newest",
            metavar="LABEL=VERSION",
        ),
    ] = None,
    name: Annotated[
        str | None, typer.Option(help="Name of the deployment.", show_default="the model's, or gan-models")
    ] = None,
    image: Annotated[str, typer.Option(help="Image of TensorFlow Serving.")] = IMAGE,
    tag: Annotated[
        str | None,
        typer.Option(
            help="Registry, name and tag of the image with the models (kubernetes), such as example.com/digits:3.",
            show_default="NAME-serving:VERSION, on this machine only",
        ),
    ] = None,
    storage_uri: Annotated[
        str | None,
        typer.Option(
            help="URI of the model's versions (kserve), such as s3://bucket/digits.",
            show_default="pvc://NAME-models/NAME",
        ),
    ] = None,
    cpus: Annotated[int, typer.Option(min=1, help="Processors of each server.")] = 2,
    memory: Annotated[
        int | None, typer.Option(min=256, help="MiB of each server.", show_default="1024 and 4 times the models")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite an earlier deployment.")] = False,
) -> None:
    r"""Write files that run exports in TensorFlow Serving.

    They are for Docker, Kubernetes or KServe. Batch sizes follow the latencies
    in the models' manifests. Ports are open to this machine (docker) or to the
    cluster only. Containers run without root and cannot write files.

    Examples:
      keras-gan deploy exported --to docker

      keras-gan deploy exported/digits --to kubernetes \
          --tag example.com/digits:3

      keras-gan deploy exported/digits --to docker --label stable=2 \
          --label canary=3 --force

      keras-gan deploy exported --to docker --label digits/stable=2 \
          --label digits/canary=3

      keras-gan deploy exported/digits --to kserve \
          --storage-uri s3://models/digits
    """
    if target.value == "kserve" and (versions or labels):
        raise typer.BadParameter(
            "--version and --label are not supported for kserve, which serves the newest version at --storage-uri."
        )
    for option, value, only in (("--tag", tag, "kubernetes"), ("--storage-uri", storage_uri, "kserve")):
        if value is not None and target.value != only:
            raise typer.BadParameter(f"{option} is for --to {only}. Received: --to {target.value}")
    refuse_runs(models, "deploy", f"--to {target.value}")
    found = find_models(models, _versions(versions or ()), _labels(labels or ()))
    batching = fit_batching([model.latencies for model in found], cpus) if all(m.batches for m in found) else None
    deployment = Deployment(found, target.value, output, batching, name, image, tag, storage_uri, cpus, memory)
    written = deployment.write(force)
    console = Console(soft_wrap=True, highlight=False)
    console.print(f"Written: [bold]{escape(str(output))}[/]")
    for path in written:
        console.print(f"  {escape(str(path.relative_to(output)))}", style="dim")
    if batching is None:
        console.print("Without batching, because images of different sizes cannot share a batch.")
    if target.value == "kserve":
        where = deployment.model_uri
        console.print(f"First copy {escape(str(found[0].path))} to [bold]{escape(where)}[/]. Then:")
    else:
        console.print("Next:")
    for command in deployment.commands():
        console.print(f"  {escape(command)}")
    if target.value == "kubernetes" and tag is None:
        console.print(
            "The image is on this machine only. For a cluster elsewhere, deploy again with --tag, such as "
            f"--tag registry.example.com/{deployment.image_tag} --force."
        )


def _versions(texts: list[str] | tuple[()]) -> list[int] | dict[str, list[int]]:
    """Returns the versions of one model, or those of each model."""
    found: dict[str, list[int]] = {}
    for text in texts:
        model, _, version = text.rpartition("/")
        if not re.fullmatch(r"\d{1,18}", version):
            raise typer.BadParameter(f"--version must be VERSION or MODEL/VERSION, such as digits/3. Received: {text}")
        found.setdefault(model, []).append(int(version))
    _check_names("--version", list(found))
    return found.get("", found) if found else []


def _labels(texts: list[str] | tuple[()]) -> dict[str, int] | dict[str, dict[str, int]]:
    """Returns the labels of one model, or those of each model."""
    found: dict[str, dict[str, int]] = {}
    for text in texts:
        name, _, version = text.partition("=")
        model, _, label = name.rpartition("/")
        if not label or not re.fullmatch(r"\d{1,18}", version):
            raise typer.BadParameter(
                f"--label must be LABEL=VERSION or MODEL/LABEL=VERSION, such as digits/stable=3. Received: {text}"
            )
        found.setdefault(model, {})[label] = int(version)
    _check_names("--label", list(found))
    return found.get("", found) if found else {}


def _check_names(option: str, models: list[str]) -> None:
    if "" in models and len(models) > 1:
        raise typer.BadParameter(f"{option} must name the model each time, or never. Received: {', '.join(models[1:])}")
