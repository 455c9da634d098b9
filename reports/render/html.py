"""A report as one page for the browser: no script, no network, light or dark, on a screen or on paper."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from reports.record import CRASHED, Record, to_float
from reports.render import plots, words
from reports.render.mathml import mathml
from reports.store import Report
from reports.summary import CONTRACT, SubjectSummary

if TYPE_CHECKING:
    from derivations.catalogue import Equation

OPEN = 4
"""Up to so many source equations are shown at once; more of them behind a heading to click on."""


@dataclass(frozen=True)
class Source:
    """A source equation as the page shows it.

    Attributes:
        id: its catalogue id.
        equation: the catalogue's entry; None if the catalogue has no such id.
        statement: as MathML.
        wrong_form: as MathML; empty if there is none.
    """

    id: str
    equation: Equation | None
    statement: Markup
    wrong_form: Markup


@dataclass(frozen=True)
class Section:
    """What the page says of one subject.

    Attributes:
        anchor: its id in the page.
        summary: what its records come to.
        verdicts: its verdicts' records.
        sources: the equations that it answers for.
    """

    anchor: str
    summary: SubjectSummary
    verdicts: Sequence[Record]
    sources: Sequence[Source]

    @property
    def failures(self) -> list[Record]:
        """The verdicts that disagree, and a crash."""
        return [verdict for verdict in self.verdicts if verdict["outcome"] in ("disagrees", CRASHED)]

    @property
    def oracles(self) -> list[str]:
        """The oracles that were asked, in the order in which they are shown; a broken contract comes last."""
        known = [oracle for oracle in words.HEADINGS if oracle in self.summary.oracles]
        others = sorted(set(self.summary.oracles) - set(known) - {CONTRACT})
        return [*known, *others, *([CONTRACT] if CONTRACT in self.summary.oracles else [])]


def page(report: Report, equations: Mapping[str, Equation]) -> str:
    """The text of ``index.html``.

    Args:
        report: what to render.
        equations: the catalogue, by id.
    """
    sections = _sections(report, equations)
    return (
        _environment()
        .get_template("index.html.j2")
        .render(
            report=report,
            summary=report.summary,
            sections=sections,
            failing=[section for section in sections if section.failures],
            undecided=[section for section in sections if section.summary.outcome == "undecided"],
            equations=equations,
            worst_plot=Markup(plots.worst(report.summary)),
            distribution_plot=Markup(plots.distribution(report.summary)),
            equations_open=OPEN,
            sourced=any(section.sources for section in sections),
        )
    )


def _sections(report: Report, equations: Mapping[str, Equation]) -> list[Section]:
    anchors: set[str] = set()
    found = []
    for name, subject in report.summary.subjects.items():
        anchor = base = "on-" + re.sub(r"[^A-Za-z0-9_-]+", "-", name)
        number = 1
        while anchor in anchors:
            number += 1
            anchor = f"{base}-{number}"
        anchors.add(anchor)
        sources = [_source(one, equations.get(one)) for one in subject.sources]
        found.append(Section(anchor, subject, report.verdicts.get(name, []), sources))
    return found


def _source(id: str, equation: Equation | None) -> Source:  # noqa: A002  (it is called so in the catalogue)
    if equation is None:
        return Source(id, None, Markup(), Markup())
    wrong = Markup(mathml(equation.wrong_form)) if equation.wrong_form else Markup()
    return Source(id, equation, Markup(mathml(equation.statement)), wrong)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("reports.render"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "count": words.count,
        "units": lambda value: words.units(to_float(value)),
        "oracle": words.name,
        "heading": words.heading,
        "sentence": words.sentence,
        "short_sources": words.sources,
        "entry": _entry,
        "breakable": _breakable,
        "plain": words.plain_conditions,
        "label": lambda outcome: words.VERBS[outcome][1].removeprefix("are "),
        "lower_first": lambda text: text[:1].lower() + text[1:],
        "exact": lambda value: f"{to_float(value):.10g}",
        "rough": lambda value: f"{to_float(value):.3g}",
    }
    environment.globals |= {
        "totals": words.totals,
        "evidence": words.evidence,
        "seed": words.seed,
        "duration": words.duration,
        "verdict_title": words.verdict_title,
        "error_of": _error_of,
    }
    return environment


def _breakable(name: str) -> Markup:
    """A long name that may be broken behind an underscore, a slash or a colon."""
    return Markup("<wbr>").join(re.split(r"(?<=[_/:])", name))


def _entry(mismatch: Record) -> str:
    """The entry that a mismatch is about: "W[0, 2]"."""
    return (
        f"{mismatch['argument']}[{', '.join(map(str, mismatch['index']))}]"
        if mismatch["index"]
        else str(mismatch["argument"])
    )


def _error_of(mismatch: Record) -> float:
    claimed, expected = to_float(mismatch["claimed"]), to_float(mismatch["expected"])
    return abs((claimed or 0.0) - (expected or 0.0))
