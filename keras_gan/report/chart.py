"""Curves as SVG: their geometry, for the template of the page."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence

from keras_gan.report.history import History, finite

WIDTH, HEIGHT = 480, 220  # in units of the SVG
LEFT, RIGHT, TOP, BOTTOM = 58, 12, 12, 30
LOGARITHMIC = 100  # ratio of largest to smallest value from which the axis is logarithmic, if all are above 0
POINTS = 500  # largest number in a curve
MARKED = 30  # largest number of points that are marked by dots

# Metrics of each chart, in the order of the page. Other metrics have a chart each.
GROUPS: Mapping[str, tuple[str, ...]] = {
    "Losses": ("d_loss", "g_loss", "d_x_loss", "d_y_loss", "adversarial", "adversarial_g", "adversarial_f"),
    "Mean outputs of the discriminator": ("d_real", "d_fake"),
    "Distance to real images: KID": ("kid",),
    "Distance to real images: Frechet": ("frechet",),
    "Precision, recall, density and coverage": ("precision", "recall", "density", "coverage"),
    "Norm of the generator's gradient": ("g_grad_norm",),
    "Penalty of the discriminator": ("d_penalty",),
    "Penalty of the generator": ("g_penalty",),
    "Adaptive augmentation": ("ada_p", "ada_r_t"),
    "Reconstruction": ("cycle_x", "cycle_y", "identity_x", "identity_y", "l1"),
    "Learning rate": ("learning_rate",),
}


@dataclasses.dataclass(frozen=True)
class Curve:
    """Values of one metric.

    Args:
        name: Name of the metric.
        path: Value of `d` of an SVG path, with a gap where no finite value was logged.
        dots: Points to mark, empty for long curves.
        last: Last finite value, as text.
        dashed: `True` for a metric of held-out data.
    """

    name: str
    path: str
    dots: tuple[tuple[float, float], ...]
    last: str
    dashed: bool


@dataclasses.dataclass(frozen=True)
class Chart:
    """Curves over the epochs.

    Args:
        title: Text above the chart.
        curves: Curves, at least one.
        x_ticks: Position and text of each tick.
        y_ticks: Position and text of each tick.
        logarithmic: `True` for a logarithmic vertical axis.
        broken: Sentences about losses that were not finite, with the first such epoch.
    """

    title: str
    curves: tuple[Curve, ...]
    x_ticks: tuple[tuple[float, str], ...]
    y_ticks: tuple[tuple[float, str], ...]
    logarithmic: bool
    broken: tuple[str, ...]

    @property
    def summary(self) -> str:
        """Text for screen readers."""
        return f"{self.title}: " + ", ".join(f"{curve.name} ends at {curve.last}" for curve in self.curves)


def charts(history: History) -> list[Chart]:
    """Returns a chart for each group of metrics that were logged."""
    grouped = {name for names in GROUPS.values() for name in names}
    others = {name: (name,) for name in history.metrics if name.removeprefix("val_") not in grouped}
    found = []
    for title, names in {**GROUPS, **others}.items():
        wanted = [name for base in names for name in (base, f"val_{base}") if name in history.metrics]
        shown = {name: history.metrics[name] for name in wanted if any(map(finite, history.metrics[name]))}
        if shown:
            found.append(_chart(title, history.epochs, shown))
    return found


def _chart(title: str, epochs: Sequence[int], metrics: Mapping[str, Sequence[float | None]]) -> Chart:
    values = [value for of_one in metrics.values() for value in of_one if value is not None and math.isfinite(value)]
    low, high = min(values), max(values)
    logarithmic = low > 0 and high / low > LOGARITHMIC
    y_ticks = _decades(low, high) if logarithmic else _round_numbers(low, high)
    low, high = min(low, y_ticks[0]), max(high, y_ticks[-1])
    first, last = min(epochs), max(epochs)

    def x(epoch: float) -> float:
        share = (epoch - first) / (last - first) if last > first else 0.5
        return round(LEFT + share * (WIDTH - LEFT - RIGHT), 1)

    def y(value: float) -> float:
        a, b, c = (math.log(number) if logarithmic else number for number in (low, value, high))
        share = (b - a) / (c - a) if c > a else 0.5
        return round(HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM), 1)

    x_ticks = [tick for tick in _round_numbers(first, last) if first <= tick <= last and tick == int(tick)]
    return Chart(
        title,
        tuple(_curve(name, epochs, of_one, x, y) for name, of_one in metrics.items()),
        tuple((x(tick), f"{tick:g}") for tick in x_ticks),
        tuple((y(tick), f"{tick:.4g}") for tick in y_ticks),
        logarithmic,
        tuple(
            f"{name} in epoch {epochs[wrong[0]]}"
            for name, of_one in metrics.items()
            if name.endswith("loss") and (wrong := [i for i, v in enumerate(of_one) if v is not None and not finite(v)])
        ),
    )


def _curve(name, epochs, values, x, y) -> Curve:  # type: ignore[no-untyped-def]
    step = max(1, math.ceil(len(values) / POINTS))
    points = [(x(e), y(v)) if finite(v) else None for e, v in list(zip(epochs, values, strict=True))[::step]]
    path, pen = [], "M"
    for point in points:
        if point is not None:
            path.append(f"{pen}{point[0]} {point[1]}")
        pen = "M" if point is None else "L"
    there = [point for point in points if point is not None]
    last = next(value for value in reversed(values) if finite(value))
    dots = tuple(there) if len(there) <= MARKED else ()
    return Curve(name, " ".join(path), dots, f"{last:.4g}", name.startswith("val_"))


def _round_numbers(low: float, high: float) -> list[float]:
    """Returns about five numbers that are easy to read, from below `low` to above `high`."""
    if high == low:
        low, high = low - (abs(low) or 1) / 2, high + (abs(high) or 1) / 2
    span = high - low
    power = 10.0 ** math.floor(math.log10(span / 4))
    step = next(factor * power for factor in (1, 2, 5, 10) if span / 4 <= factor * power * 1.0001)
    first, last = math.floor(low / step), math.ceil(high / step)
    return [round(number * step, 12) for number in range(first, last + 1)]


def _decades(low: float, high: float) -> list[float]:
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    step = max(1, math.ceil((last - first) / 5))
    return [10.0**power for power in range(first, last + step, step)]
