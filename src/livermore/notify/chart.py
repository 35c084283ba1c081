"""Drawing the picture of an alert: candles with volume above, MACD-V with its levels below.

It runs in a process of its own (`renderer`), for drawing takes tenths of a second and may hang. matplotlib is used by
its objects alone: the global figures of pyplot would pile up.
"""

import io
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import pairwise
from typing import Final

from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.figure import Figure

from livermore.core.alerts.alert import Direction
from livermore.core.alerts.text import STAGE_COLOURS, price_text
from livermore.core.market.timeframe import DAY, Timeframe
from livermore.notify.picture import Bar, Picture

WIDTH, HEIGHT, DOTS_PER_INCH = 10.0, 6.4, 100
BACKGROUND: Final = "#14181c"
GRID: Final = "#262d34"
INK: Final = "#d8dee4"
FAINT: Final = "#7f8a94"
UP: Final = "#22b8a8"
DOWN: Final = "#e5605c"
SIGNAL_LINE: Final = "#f8cd48"
LEVELS: Final = ((150.0, "#e5605c"), (50.0, "#4b5b66"), (-50.0, "#4b5b66"), (-150.0, "#e5605c"))
TICKS: Final = 6
BODY: Final = 0.36


def draw(picture: Picture) -> bytes:
    """The picture as a PNG of 1,000 by 640 dots."""
    figure = Figure(figsize=(WIDTH, HEIGHT), dpi=DOTS_PER_INCH, facecolor=BACKGROUND)
    prices, momentum = figure.subplots(2, 1, sharex=True, height_ratios=(3, 2))
    figure.subplots_adjust(left=0.02, right=0.91, top=0.87, bottom=0.07, hspace=0.06)
    for axes in (prices, momentum):
        _dress(axes)
    _draw_prices(prices, picture.bars)
    _draw_momentum(momentum, picture.bars)
    _mark(prices, momentum, picture)
    _name_times(momentum, picture)
    figure.text(0.02, 0.945, picture.title, color=INK, fontsize=13, fontweight="bold", parse_math=False)
    figure.text(
        0.02, 0.9, picture.happening, color=STAGE_COLOURS[picture.bars[-1].stage], fontsize=11, parse_math=False
    )
    if picture.is_simulated:
        figure.text(0.98, 0.945, "SIMULATED", color="#f0a6ff", fontsize=11, fontweight="bold", ha="right")
    png = io.BytesIO()
    figure.savefig(png, format="png", facecolor=BACKGROUND)
    return png.getvalue()


def _dress(axes: Axes) -> None:
    axes.set_facecolor(BACKGROUND)
    axes.yaxis.tick_right()
    axes.grid(visible=True, color=GRID, linewidth=0.6)
    axes.tick_params(colors=FAINT, labelsize=9, length=0)
    for side in axes.spines.values():
        side.set_color(GRID)


def _draw_prices(axes: Axes, bars: Sequence[Bar]) -> None:
    low, high = min(bar.low for bar in bars), max(bar.high for bar in bars)
    room = (high - low) or high * 0.01
    # The lowest quarter is the volume's.
    axes.set_ylim(low - room * 0.35, high + room * 0.08)
    colours = [UP if bar.close >= bar.open else DOWN for bar in bars]
    wicks = [((x, bar.low), (x, bar.high)) for x, bar in enumerate(bars)]
    axes.add_collection(LineCollection(wicks, colors=colours, linewidths=1.0))
    thin = room * 0.002
    axes.add_collection(
        PolyCollection(
            [
                _box(x, min(bar.open, bar.close) - thin, max(bar.open, bar.close) + thin)
                for x, bar in enumerate(bars)
                if not bar.is_empty
            ],
            facecolors=[colour for colour, bar in zip(colours, bars, strict=True) if not bar.is_empty],
        )
    )
    empty = [(x, bar.close) for x, bar in enumerate(bars) if bar.is_empty]
    if empty:
        # Nobody traded: a small ring in place of a body.
        axes.plot(*zip(*empty, strict=True), "o", color=FAINT, fillstyle="none", markersize=3, linestyle="none")
    loudest = max(bar.volume for bar in bars) or 1.0
    floor = low - room * 0.35
    axes.add_collection(
        PolyCollection(
            [_box(x, floor, floor + room * 0.25 * bar.volume / loudest) for x, bar in enumerate(bars)],
            facecolors=colours,
            alpha=0.25,
        )
    )
    axes.set_xlim(-1, len(bars) + 1)
    axes.yaxis.set_major_formatter(lambda price, _: price_text(price) if price > 0 else "")


def _box(x: int, low: float, high: float) -> tuple[tuple[float, float], ...]:
    return ((x - BODY, low), (x - BODY, high), (x + BODY, high), (x + BODY, low))


def _draw_momentum(axes: Axes, bars: Sequence[Bar]) -> None:
    defined = [(x, bar.value, bar.stage) for x, bar in enumerate(bars) if bar.value is not None]
    histogram = [(x, bar.histogram) for x, bar in enumerate(bars) if bar.histogram is not None]
    axes.add_collection(
        PolyCollection(
            [_box(x, min(0.0, bar), max(0.0, bar)) for x, bar in histogram],
            facecolors=[UP if bar >= 0 else DOWN for _, bar in histogram],
            alpha=0.35,
        )
    )
    segments = [((x, value), (after, following)) for (x, value, _), (after, following, _) in pairwise(defined)]
    axes.add_collection(
        LineCollection(segments, colors=[STAGE_COLOURS[stage] for _, _, stage in defined[1:]], linewidths=2)
    )
    signal = [(x, bar.signal) for x, bar in enumerate(bars) if bar.signal is not None]
    if signal:
        axes.add_collection(LineCollection([signal], colors=SIGNAL_LINE, linewidths=1, alpha=0.8))
    for level, colour in LEVELS:
        axes.axhline(level, color=colour, linewidth=0.9, linestyle=(0, (4, 4)))
    axes.axhline(0, color=GRID, linewidth=1)
    reach = max([160.0, *(abs(value) for _, value, _ in defined)]) * 1.12
    axes.set_ylim(-reach, reach)
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:+.0f}" if value else "0")


def _mark(prices: Axes, momentum: Axes, picture: Picture) -> None:
    """Show where the alert is: a line through both panes and an arrow at its value."""
    x, bar = len(picture.bars) - 1, picture.bars[-1]
    for axes in (prices, momentum):
        axes.axvline(x, color=FAINT, linewidth=0.8, linestyle=(0, (2, 3)))
    if bar.value is not None:
        shape = "^" if picture.direction is Direction.UP else "v"
        momentum.plot([x], [bar.value], shape, color=STAGE_COLOURS[bar.stage], markersize=11, markeredgecolor=INK)
    prices.annotate(
        price_text(bar.close),
        (1, bar.close),
        xycoords=("axes fraction", "data"),
        xytext=(4, 0),
        textcoords="offset points",
        color=BACKGROUND,
        fontsize=9,
        va="center",
        bbox={"boxstyle": "square,pad=0.25", "facecolor": INK, "edgecolor": "none"},
    )


def _name_times(axes: Axes, picture: Picture) -> None:
    bars = picture.bars
    step = max(1, len(bars) // TICKS)
    # A name under the first candles would reach beyond the left edge.
    shown = range(len(bars) - 1, step // 3, -step) or range(len(bars))
    axes.set_xticks(list(shown), [_time(bars[x], picture.timeframe) for x in shown])


def _time(bar: Bar, timeframe: Timeframe) -> str:
    at = datetime.fromtimestamp(bar.opened_at / 1_000, UTC)
    return f"{at:%d %b %Y}" if timeframe.millis >= DAY else f"{at:%d %b %H:%M} UTC"
