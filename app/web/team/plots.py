"""Where the marks of a plot stand; templates draw them as SVG. Lengths are units of the drawing. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import log
from typing import Final

from app.mdt.impact.control import Chart
from app.mdt.impact.intervals import SMALL

WIDTH: Final = 360
"""Of every plot: that of a telephone, so that its words can be read there; wider screens draw it larger."""

_EDGE: Final = 16
_ROW: Final = 46
_AXIS: Final = 34
_COLUMNS_HIGH: Final = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A value with its interval, as a row of a plot; `mark` tells one kind from another by its shape."""

    label: str
    said: str
    value: float
    low: float
    high: float
    mark: str = "circle"


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its words, and where its mark and interval stand; what lies beyond the plot stands at its edge."""

    estimate: Estimate
    y: int
    x: float
    left: float
    right: float


@dataclass(frozen=True, slots=True)
class Tick:
    """A line across the plot, with what it stands for."""

    x: float
    text: str


@dataclass(frozen=True, slots=True)
class Intervals:
    """Rows over one axis; `reference` is where nothing would have changed, if there is such a place."""

    rows: Sequence[Row]
    ticks: Sequence[Tick]
    reference: float | None
    height: int


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its corner, and how wide and high it is."""

    x: float
    y: float
    width: float
    height: float
    few: bool = False


@dataclass(frozen=True, slots=True)
class Columns:
    """Columns beside each other over one axis; `middle` is where the second half of them begins."""

    columns: Sequence[Column]
    most: int
    middle: float
    base: int
    height: int


@dataclass(frozen=True, slots=True)
class Spot:
    """One month of a run: where it stands, and whether it is more than chance."""

    x: float
    y: float
    mark: str


@dataclass(frozen=True, slots=True)
class Run:
    """Months one after another: the line through them, the mean, and the limits as steps, where there are any."""

    spots: Sequence[Spot]
    line: str
    low: str
    high: str
    mean: float | None
    top: str
    bottom: str
    height: int


def run(chart: Chart) -> Run:
    """A measure over time; a share between none and all, else between nought and what is greatest."""
    highest = 1.0 if chart.is_share else max([1.0, *(max(one.month.value, one.high or 0.0) for one in chart.points)])
    step = (WIDTH - 2 * _EDGE) / max(1, len(chart.points))

    def up(value: float) -> float:
        return round(16 + _COLUMNS_HIGH * (1 - value / highest), 1)

    across = [round(_EDGE + (n + 0.5) * step, 1) for n in range(len(chart.points))]
    spots = [
        Spot(x, up(one.month.value), "diamond" if one.signals else "circle")
        for x, one in zip(across, chart.points, strict=True)
    ]
    return Run(
        spots=spots,
        line=" ".join(f"{spot.x},{spot.y}" for spot in spots),
        low=_steps(across, [one.low for one in chart.points], step, up),
        high=_steps(across, [one.high for one in chart.points], step, up),
        mean=None if chart.mean is None else up(chart.mean),
        top="100%" if chart.is_share else f"{highest:.0f}",
        bottom="0%" if chart.is_share else "0",
        height=_COLUMNS_HIGH + 16 + _AXIS,
    )


def _steps(across: Sequence[float], values: Sequence[float | None], step: float, up: Callable[[float], float]) -> str:
    """A limit as a line that is level for each month."""
    half = step / 2
    return " ".join(
        f"{round(x - half, 1)},{up(value)} {round(x + half, 1)},{up(value)}"
        for x, value in zip(across, values, strict=True)
        if value is not None
    )


def shares(estimates: Sequence[Estimate]) -> Intervals:
    """Rows between none and all."""
    return _intervals(estimates, _linear, [Tick(_linear(part / 4), f"{part * 25}%") for part in range(5)], None)


def ratios(estimates: Sequence[Estimate]) -> Intervals:
    """Rows between a quarter and four times, each doubling as far as the next; 1 is no change."""
    ticks = [Tick(_doubling(at), text) for at, text in ((0.25, "¼"), (0.5, "½"), (1, "1"), (2, "2"), (4, "4"))]
    return _intervals(estimates, _doubling, ticks, _doubling(1))


def columns(counts: Sequence[int | None]) -> Columns:
    """A column for each count; one that is too small to be told stands as high as all such."""
    most = max([*(SMALL - 1 if count is None else count for count in counts), 1])
    step = (WIDTH - 2 * _EDGE) / max(1, len(counts))
    drawn = [
        Column(round(_EDGE + n * step + 1, 1), round(_COLUMNS_HIGH * (1 - count / most) + 16, 1), round(step - 2, 1),
               round(_COLUMNS_HIGH * count / most, 1), told is None)
        for n, told in enumerate(counts) for count in [SMALL - 1 if told is None else told]
    ]  # fmt: skip
    return Columns(drawn, most, WIDTH / 2, _COLUMNS_HIGH + 16, _COLUMNS_HIGH + 16 + _AXIS)


def _intervals(
    estimates: Sequence[Estimate], place: Callable[[float], float], ticks: Sequence[Tick], reference: float | None
) -> Intervals:
    rows = [Row(one, n * _ROW, place(one.value), place(one.low), place(one.high)) for n, one in enumerate(estimates)]
    return Intervals(rows, ticks, reference, len(rows) * _ROW + _AXIS)


def _linear(share: float) -> float:
    return round(_EDGE + min(1.0, max(0.0, share)) * (WIDTH - 2 * _EDGE), 1)


def _doubling(ratio: float) -> float:
    doublings = log(ratio, 2) if ratio > 0 else -2.0
    return _linear((min(2.0, max(-2.0, doublings)) + 2) / 4)
