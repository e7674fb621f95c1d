"""`keras-gan datasets`."""

from __future__ import annotations

from rich.console import Console
from rich.markup import escape
from rich.table import Table


def datasets() -> None:
    """List the data sets, which of them are on this machine, and how to get the others."""
    from keras_gan.datasets import available

    table = Table("name", "here", "description")
    for entry in available():
        shape = "x".join("?" if size is None else str(size) for size in entry.image_shape)
        count = "" if entry.num_images is None else f"{entry.num_images:,} of "
        lines = [entry.description, f"[dim]{count}{shape}, {entry.num_classes or 'no'} classes[/]"]
        lines.append(f"[dim]{escape(entry.licence)}[/]" if entry.available else f"[yellow]{escape(entry.install)}[/]")
        table.add_row(f"[bold]{entry.name}[/]", "[green]yes[/]" if entry.available else "[red]no[/]", "\n".join(lines))
    console = Console()
    console.print(table)
    console.print(
        "--data also takes a folder of images, whose sub-folders are classes.\n"
        "It takes any name of TensorFlow Datasets too, such as tfds:cifar10 or tfds:celeb_a.\n"
        "These are read from ~/tensorflow_datasets, or downloaded.",
        highlight=False,
    )
