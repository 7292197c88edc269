"""The plot of peers.py: how many times as fast as others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from peer_goals import GROUPS, SECTIONS, SPEED, Rounds, shown

COLOURS = {"words": "#1f6feb", "counting": "#8250df", "discovery": "#1a7f37", "numpy": "#9a6700"}
TEXT = "#24292f"
LINE, MARGIN = 0.34, 1.2  # inches, for a bar, and above and below all of them
TICKS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500)


@dataclass(frozen=True, slots=True)
class Bar:
    """How many times as fast as a rival ours is, the median of the rounds."""

    section: str
    ours: str
    rival: str
    ratio: float


def bars(rounds: dict[str, Rounds]) -> list[Bar]:
    """All comparisons of speed with a rival, by section, the greatest first."""
    found = []
    for group in GROUPS:
        for goal in group.goals:
            taken = rounds.get(group.name, [])
            figure = goal.figure(taken)
            if figure and goal.what is SPEED:
                found.append(Bar(group.section, goal.ours, goal.beside(taken), goal.what.over(figure)))
    order = list(SECTIONS)
    return sorted(found, key=lambda bar: (order.index(bar.section), -bar.ratio))


def _places(data: Sequence[Bar]) -> tuple[list[float], dict[str, float]]:
    """How far down each bar stands, and the title of each section above its bars."""
    places: list[float] = []
    titles: dict[str, float] = {}
    for bar in data:
        if bar.section not in titles:
            titles[bar.section] = len(places) + len(titles)
        places.append(len(places) + len(titles))
    return places, titles


def draw(data: Sequence[Bar], path: Path) -> None:
    """Write a bar chart as SVG: the same bytes for the same data."""
    import matplotlib

    matplotlib.use("svg")
    # Text stays text: smaller, and read aloud; the salt makes identifiers of the file the same each time.
    matplotlib.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "nlp-zero", "font.size": 11})
    matplotlib.rcParams.update({"font.family": "sans-serif", "text.color": TEXT, "axes.labelcolor": TEXT})
    from matplotlib import pyplot

    places, titles = _places(data)
    height = LINE * (max(places, default=0) + 2) + MARGIN
    # A background of its own, so that the text can be read in a dark page too.
    figure, axes = pyplot.subplots(figsize=(10, height), facecolor="white")
    figure.subplots_adjust(left=0.52, right=0.96, top=1 - 0.6 * MARGIN / height, bottom=0.4 * MARGIN / height)
    heading = "How many times as fast as others, in CPU time (log scale)"
    figure.text(0.02, 1 - 0.35 * MARGIN / height, heading, size=14, weight="bold")
    axes.barh(places, [bar.ratio - 1 for bar in data], left=1, color=[COLOURS[bar.section] for bar in data], height=0.7)
    axes.set_xscale("log")
    ratios = [bar.ratio for bar in data]
    low, high = min([0.5, *ratios]) / 2.5, max([2.0, *ratios]) * 1.7
    axes.set_xlim(low, high)
    axes.set_ylim(max(places, default=0) + 0.8, -0.8)
    axes.set_yticks(places, [f"{bar.ours}  /  {bar.rival}" for bar in data], color=TEXT)
    for section, place in titles.items():
        across = axes.get_yaxis_transform()  # x from the left side of the axes, y in bars
        title = SECTIONS[section]
        axes.text(-0.02, place, title, color=COLOURS[section], transform=across, ha="right", va="center", weight="bold")
    for place, bar in zip(places, data):
        offset, side = ((4, 0), "left") if bar.ratio >= 1 else ((-4, 0), "right")
        end = (bar.ratio, place)
        axes.annotate(f"{shown(bar.ratio)}×", end, offset, textcoords="offset points", ha=side, va="center")
    axes.axvline(1, color=TEXT, linewidth=1.5)
    ticks = [tick for tick in TICKS if low < tick < high]
    axes.set_xticks(ticks, [f"{tick:g}×" for tick in ticks], color=TEXT)
    axes.xaxis.set_minor_locator(matplotlib.ticker.NullLocator())
    axes.grid(axis="x", color="#d0d7de", linewidth=0.8)
    axes.set_axisbelow(True)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    figure.savefig(path, format="svg", facecolor="white", metadata={"Date": None, "Creator": None, "Title": heading})
    pyplot.close(figure)
