"""`Progress`: a callback that shows a progress bar and a line for each epoch in a terminal."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import keras
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bars


class Progress(keras.callbacks.Callback):
    """Callback that shows one progress bar for the whole training, and prints a line after each epoch.

    Use it with `fit(verbose=0)`.

    Args:
        pictures: Folder in which `SampleGrid` writes its pictures. The line of an epoch then shows the path of its
            picture. Defaults to `None`: no path.
        done: Number of steps made before a training is resumed. Defaults to 0.
        total: Number of steps of the whole training. Defaults to `None`: taken from `fit()`.
        epochs: Number of epochs of the whole training. Defaults to `None`: taken from `fit()`.
        console: `rich.console.Console`. Defaults to one on standard output.

    Example:
    ```python
    gan.fit(dataset, epochs=20, verbose=0, callbacks=[keras_gan.callbacks.Progress()])
    ```
    """

    def __init__(
        self,
        pictures: str | Path | None = None,
        done: int = 0,
        total: int | None = None,
        epochs: int | None = None,
        console: Console | None = None,
    ) -> None:
        super().__init__()
        self.pictures = pictures
        self.done = done
        self.total = total
        self.epochs = epochs
        self.console = console or Console()
        self._bars: Bars | None = None
        self._epoch_began = 0.0

    def on_train_begin(self, logs: Any = None) -> None:
        """Show the bar."""
        if self._bars is not None:
            return
        steps = self.params.get("steps")
        total = self.total or (steps * self._all_epochs() if steps else None)
        self._bars = Bars(
            TextColumn("[progress.description]{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("steps, time left"),
            TimeRemainingColumn(),
            console=self.console,
        )
        self._task = self._bars.add_task("training", total=total, completed=self.done)
        self._bars.start()

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Show the number of the epoch."""
        self._epoch_began = time.perf_counter()
        if self._bars is not None:
            self._bars.update(self._task, description=f"epoch {epoch + 1}/{self._all_epochs()}")

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        """Remember the first step of this call."""
        self._first = batch

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Advance the bar by the steps of one call."""
        steps = batch - self._first + 1
        if self.total:  # the training makes several calls of `fit()`
            self.done += steps
        if self._bars is not None:
            self._bars.update(self._task, advance=steps)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Print the metrics of the epoch."""
        logs = logs or {}
        metrics = "  ".join(f"{name} {logs[name]:.3g}" for name in REPORTED if name in logs)
        seconds = time.perf_counter() - self._epoch_began
        line = f"epoch {epoch + 1}/{self._all_epochs()}  {seconds:.1f} s  {metrics}"
        if self.pictures:
            line += f"[dim]  {escape(str(Path(self.pictures) / f'epoch-{epoch + 1:04d}.png'))}[/]"
        self.console.print(line, soft_wrap=True, highlight=False)

    def on_train_end(self, logs: Any = None) -> None:
        """Remove the bar."""
        self.close()

    def close(self) -> None:
        """Remove the bar, also after an interruption."""
        if self._bars is not None:
            self._bars.stop()
            self._bars = None

    def _all_epochs(self) -> int:
        return self.epochs or self.params.get("epochs", 1)


GAN_METRICS = ("d_loss", "g_loss", "d_real", "d_fake", "d_penalty", "g_penalty", "ada_p", "g_grad_norm")
TRANSLATION_METRICS = ("d_x_loss", "d_y_loss", "cycle_x", "cycle_y", "l1")
REPORTED = (*GAN_METRICS, *TRANSLATION_METRICS)
