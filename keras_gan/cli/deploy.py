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
            help="A folder of exported models, or of one model's versions.", show_default=False, metavar="DIR"
        ),
    ],
    target: Annotated[Target, typer.Option("--to", help="Where it will run.", show_default=False)],
    output: Annotated[Path, typer.Option(help="The folder to write.")] = Path("deploy"),
    versions: Annotated[
        list[int] | None,
        typer.Option(
            "--version",
            min=0,
            help="A version to serve, of one model; again for more.",
            show_default="the newest, and those with labels",
        ),
    ] = None,
    labels: Annotated[
        list[str] | None,
        typer.Option("--label", help="LABEL=VERSION, of one model; again for more.", show_default="stable=the newest"),
    ] = None,
    name: Annotated[str | None, typer.Option(help="What it is called there.", show_default="the model's")] = None,
    image: Annotated[str, typer.Option(help="The image of TensorFlow Serving.")] = IMAGE,
    tag: Annotated[
        str | None,
        typer.Option(
            help="Of kubernetes: what the image with the models is called, such as registry.example.com/digits:3.",
            show_default="NAME-serving:VERSION",
        ),
    ] = None,
    storage_uri: Annotated[
        str | None,
        typer.Option(
            help="Of kserve: the folder of the model's versions, such as s3://bucket/digits.",
            show_default="pvc://NAME-models/NAME",
        ),
    ] = None,
    cpus: Annotated[int, typer.Option(min=1, help="Processors of each server.")] = 2,
    memory: Annotated[
        int | None, typer.Option(min=256, help="MiB of each server.", show_default="1024 and 4 times the models")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Write over an earlier deployment's files.")] = False,
) -> None:
    """Write what runs exported models in TensorFlow Serving: its configuration, and Docker's or Kubernetes's files.

    Requests are put together to batches, as large as the latencies in the models' manifests allow; ports are open to
    this machine alone (docker) or the cluster; containers run without root and write nothing.

    Examples:
      keras-gan deploy exported --to docker

      keras-gan deploy exported/digits --to kubernetes --tag registry.example.com/digits:3

      keras-gan deploy exported/digits --to docker --label stable=2 --label canary=3 --force

      keras-gan deploy exported/digits --to kserve --storage-uri s3://models/digits
    """
    if target.value == "kserve" and (versions or labels):
        raise typer.BadParameter(
            "KServe serves the newest version at --storage-uri: --version and --label are not its."
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
        console.print("Without batching: requests for images of different sizes do not fit into one batch.")
    if target.value == "kserve":
        where = deployment.storage
        console.print(f"First put {escape(str(found[0].path))} to [bold]{escape(where)}[/]. Then:")
    else:
        console.print("Next:")
    for command in deployment.commands():
        console.print(f"  {escape(command)}")


def _label(text: str) -> tuple[str, int]:
    label, _, version = text.partition("=")
    if not label or not re.fullmatch(r"\d{1,18}", version):
        raise typer.BadParameter(f"--label takes LABEL=VERSION, such as stable=3. Received: {text}")
    return label, int(version)
