"""`keras-gan deploy`."""

from __future__ import annotations

import re
from enum import Enum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

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
        list[int] | None,
        typer.Option(
            "--version",
            min=0,
            help="Version to serve, for one model. May be repeated.",
            show_default="the newest, and those with labels",
        ),
    ] = None,
    labels: Annotated[
        list[str] | None,
        typer.Option(
            "--label", help="LABEL=VERSION, for one model. May be repeated.", show_default="stable=the newest"
        ),
    ] = None,
    name: Annotated[str | None, typer.Option(help="Name of the deployment.", show_default="the model's")] = None,
    image: Annotated[str, typer.Option(help="Image of TensorFlow Serving.")] = IMAGE,
    tag: Annotated[
        str | None,
        typer.Option(
            help="Image with the models (kubernetes), such as example.com/digits:3.",
            show_default="NAME-serving:VERSION",
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
    """Write files that run exported models in TensorFlow Serving, on Docker, Kubernetes or KServe.

    Batch sizes follow the latencies in the models' manifests. Ports are open to this machine (docker) or to the
    cluster only. Containers run without root and cannot write files.

    Examples:
      keras-gan deploy exported --to docker

      keras-gan deploy exported/digits --to kubernetes --tag example.com/digits:3

      keras-gan deploy exported/digits --to docker --label stable=2 --label canary=3 --force

      keras-gan deploy exported/digits --to kserve --storage-uri s3://models/digits
    """
    if target.value == "kserve" and (versions or labels):
        raise typer.BadParameter(
            "--version and --label are not supported for kserve, which serves the newest version at --storage-uri."
        )
    found = find_models(models, versions or (), dict(_label(text) for text in labels or ()))
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


def _label(text: str) -> tuple[str, int]:
    label, _, version = text.partition("=")
    if not label or not re.fullmatch(r"\d{1,18}", version):
        raise typer.BadParameter(f"--label must be LABEL=VERSION, such as stable=3. Received: {text}")
    return label, int(version)
