"""Two plots as SVG for a page: the worst discrepancy of every subject, and how discrepancies are distributed.

The same summary gives the same bytes. Text and lines take the colours of the page, so that they follow a dark
theme.
"""

from __future__ import annotations

import io
import math
import re
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from reports.render.words import heading
from reports.summary import STEP, Summary

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK, FAINT = "#010203", "#040506"
"""Stand-ins for the colours of text and of grid lines, which the page decides on."""

COLOURS = ("#0a0b01", "#0a0b02", "#0a0b03", "#0a0b04", "#0a0b05", "#0a0b06")
"""Stand-ins for the colours of the oracles, in the order in which they are shown."""

MARKS = ("D", "o", "s", "^", "v", "P")
"""The oracles' marks: they differ in shape too, so that nothing depends on telling colours apart."""

LONGEST = 60
"""Letters of a subject's name that are shown; of a longer one its end."""

TICKS = {1e-9: "≤10⁻⁹", 1e-6: "10⁻⁶", 1e-3: "10⁻³", 1.0: "1", 1e3: "10³", 1e6: "10⁶", 1e9: "≥10⁹"}
"""What is written on the scale."""

SVG, XLINK = "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"


@dataclass(frozen=True)
class Scale:
    """A logarithmic scale of discrepancies.

    Attributes:
        lowest, highest: its ends; what lies beyond is drawn there.
    """

    lowest: float
    highest: float

    @staticmethod
    def of(summary: Summary) -> Scale:
        """The scale for a run: where everything agrees, little room is left above 1."""
        lowest, *_, highest = TICKS
        above = any(end > 1 for classes in summary.distribution.values() for end in classes)
        return Scale(lowest, highest if above else 1e3)

    def place(self, discrepancy: float) -> float:
        """Where a discrepancy is drawn."""
        return min(max(discrepancy, self.lowest), self.highest)

    def number(self, end: float) -> int:
        """The number of the class that ends there."""
        return round(math.log10(self.place(end) / self.lowest) / STEP)

    @property
    def edges(self) -> list[float]:
        """The ends of all classes, the beginning of the first in front."""
        return [self.lowest * 10 ** (STEP * k) for k in range(-1, self.number(self.highest) + 1)]

    def write(self, axes: Axes) -> None:
        """Write the scale on an axis, with a line at 1."""
        ticks = [tick for tick in TICKS if tick <= self.highest]
        axes.set_xscale("log")
        axes.set_xlim(self.lowest / 3.5, self.highest * 3)
        axes.set_xticks(ticks, [TICKS[tick] for tick in ticks])
        axes.set_xticks([], minor=True)
        axes.axvline(1, color=INK, linewidth=1, linestyle=(0, (4, 3)))


def worst(summary: Summary) -> str:
    """The worst discrepancy per subject and oracle, on a logarithmic scale; empty if nothing was compared."""
    subjects = [s for s in summary.subjects.values() if any(o.worst is not None for o in s.oracles.values())]
    oracles, scale = summary.oracles, Scale.of(summary)
    if not subjects:
        return ""

    def draw(panels: Sequence[Axes]) -> None:
        axes = panels[0]
        for number, oracle in enumerate(oracles):
            found = [(row, subject.oracles.get(oracle)) for row, subject in enumerate(subjects)]
            measured = [(row, one.worst) for row, one in found if one is not None and one.worst is not None]
            axes.plot(
                [scale.place(discrepancy) for _, discrepancy in measured],
                [row + 0.16 * (number - (len(oracles) - 1) / 2) for row, _ in measured],
                linestyle="none",
                marker=MARKS[number % len(MARKS)],
                markersize=4.5,
                markeredgewidth=0,
                color=COLOURS[number % len(COLOURS)],
                label=heading(oracle),
            )
        names = [subject.name for subject in subjects]
        shown = [name if len(name) <= LONGEST else f"…{name[-LONGEST + 1 :]}" for name in names]
        axes.set_yticks(range(len(names)), shown)
        axes.set_ylim(len(names) - 0.5, -0.5)
        axes.grid(axis="y", color=FAINT, linewidth=0.5)
        axes.set_xlabel("worst discrepancy in units of the error bound")
        axes.figure.legend(loc="outside upper left", ncols=6, handletextpad=0.4, columnspacing=1.5)

    above = [s.name for s in subjects if any((o.worst or 0) > 1 for o in s.oracles.values())]
    told = (
        f"above 1: {', '.join(above[:8])}{' and others' if len(above) > 8 else ''}"
        if above
        else "none is above 1"
    )
    title = f"Worst discrepancy of every subject by oracle, in units of the error bound; {told}"
    return _plotted(draw, scale, 1, 1.0 + 0.21 * len(subjects), "worst", title)


def distribution(summary: Summary) -> str:
    """How many comparisons have which discrepancy, a panel per oracle; empty if nothing was compared."""
    oracles = [oracle for oracle in summary.oracles if summary.distribution.get(oracle)]
    scale = Scale.of(summary)
    if not oracles:
        return ""

    def draw(panels: Sequence[Axes]) -> None:
        for axes, oracle in zip(panels, oracles, strict=True):
            heights = [0] * (len(scale.edges) - 1)
            for end, count in summary.distribution[oracle].items():
                heights[scale.number(end)] += count
            colour = COLOURS[summary.oracles.index(oracle) % len(COLOURS)]
            axes.stairs(heights, scale.edges, color=colour, fill=True)
            axes.set_ylim(0, 1.1 * max(heights))
            axes.set_yticks([0, max(heights)], ["0", f"{max(heights):,}"])
            axes.set_ylabel(heading(oracle), rotation="horizontal", ha="right", va="center")
        panels[-1].set_xlabel("discrepancy in units of the error bound; heights: comparisons")

    title = "How discrepancies are distributed, by oracle"
    return _plotted(draw, scale, len(oracles), 0.6 + 0.85 * len(oracles), "distribution", title)


def _plotted(
    draw: Callable[[Sequence[Axes]], None], scale: Scale, panels: int, height: float, prefix: str, title: str
) -> str:
    """The SVG of panels one below the other, which share a scale."""
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    with rc_context(
        {
            "svg.hashsalt": "gradproof",
            "svg.fonttype": "none",
            "text.parse_math": False,
            "font.size": 9,
            "text.color": INK,
            "axes.edgecolor": INK,
            "axes.labelcolor": INK,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "xtick.color": INK,
            "ytick.color": INK,
            "legend.frameon": False,
        }
    ):
        figure = Figure(figsize=(9, height), layout="constrained")
        figure.patch.set_visible(False)
        drawn: list[Axes] = list(figure.subplots(panels, sharex=True, squeeze=False)[:, 0])
        for axes in drawn:
            axes.patch.set_visible(False)
            scale.write(axes)
        draw(drawn)
        return _embedded(_written(figure), prefix, title)


def _written(figure: Figure) -> str:
    buffer = io.StringIO()
    with warnings.catch_warnings():
        # The text stays text, so it does not matter which letters matplotlib's own font lacks.
        warnings.filterwarnings("ignore", message="Glyph .* missing from font", category=UserWarning)
        nothing = {"Date": None, "Creator": None, "Type": None, "Format": None}
        figure.savefig(buffer, format="svg", metadata=nothing)
    return buffer.getvalue()


def _embedded(svg: str, prefix: str, title: str) -> str:
    """The SVG as a part of a page: named, with ids of its own, in the colours of the page."""
    root = ElementTree.fromstring(svg)
    for child in root.findall(f"{{{SVG}}}metadata") + root.findall(f"{{{SVG}}}defs/{{{SVG}}}style/.."):
        root.remove(child)
    for element in root.iter():
        for name, value in element.attrib.items():
            element.set(name, _adapted(name, value, prefix))
    for name in ("width", "height"):
        del root.attrib[name]
    named = ElementTree.Element(f"{{{SVG}}}title", id=f"{prefix}-title")
    named.text = title
    root.insert(0, named)
    root.attrib.update({"role": "img", "aria-labelledby": f"{prefix}-title"})
    ElementTree.register_namespace("", SVG)
    ElementTree.register_namespace("xlink", XLINK)
    return ElementTree.tostring(root, encoding="unicode")


def _adapted(name: str, value: str, prefix: str) -> str:
    """The value of an attribute as the page needs it."""
    if name == "id":
        return f"{prefix}-{value}"
    if name == f"{{{XLINK}}}href":
        return f"#{prefix}-{value.removeprefix('#')}"
    value = (
        value.replace("url(#", f"url(#{prefix}-").replace(INK, "currentColor").replace(FAINT, "var(--rule)")
    )
    for number, colour in enumerate(COLOURS):
        value = value.replace(colour, f"var(--oracle-{number})")
    return re.sub(r" ?font-family: [^;]*;?", "", value) if name == "style" else value
