"""The catalogue in the terminal: every formula with what covers it, or one formula in full."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING, Any

from rich import box
from rich.table import Table
from rich.text import Text

from reports.coverage import MISSING, UNPROVED, Catalogue, Coverage
from reports.render.theorem import STYLES
from reports.render.unicode_math import indented
from reports.render.words import count, plain_conditions, sentence

if TYPE_CHECKING:
    from rich.console import Console

    from derivations.reviewed import Refutation

WIDE = 110
"""Columns from which a row shows the title and the kind."""


def show(catalogue: Catalogue, console: Console) -> None:
    """Print one row per equation, source by source, and a closing line."""
    for source in dict.fromkeys(entry.equation.source for entry in catalogue.entries.values()):
        console.print(Text(source, style="bold"))
        console.print(_table([e for e in catalogue.entries.values() if e.equation.source == source], console))
    console.print(closing(catalogue), soft_wrap=True)


def show_missing(catalogue: Catalogue, total: int, console: Console) -> None:
    """Print what is missing, each with what it lacks; if nothing is, one sentence."""
    if not catalogue.entries:
        console.print(Text(f"Every one of the {count(total, 'equation')} is covered or set aside.", "green"))
        return
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in ("id", "kind", "lacks"):
        table.add_column(heading, overflow="fold")
    for name, entry in catalogue.entries.items():
        table.add_row(Text(name), entry.equation.kind, Text(entry.lack))
    console.print(table)
    console.print(
        Text(f"{len(catalogue.entries)} of {count(total, 'equation')} missing.", "bold red"), soft_wrap=True
    )


def show_errata(catalogue: Catalogue, console: Console) -> None:
    """Print what the sources have wrong, and the wrong forms that must be rejected with what refutes each."""
    entries = catalogue.entries.values()
    for entry in entries:
        console.print(Text.assemble((entry.equation.id, "bold cyan"), "  ", (entry.equation.title, "bold")))
        if entry.equation.erratum:
            _facts([("Erratum", Text(entry.equation.erratum))], console)
        _wrong_form(entry, console)
        console.print()
    errata = sum(bool(entry.equation.erratum) for entry in entries)
    wrong = [entry for entry in entries if entry.equation.wrong_form]
    refuted = sum(entry.refuted for entry in wrong)
    console.print(
        Text(f"{count(errata, 'erratum', 'errata')}; {count(len(wrong), 'wrong form')}, {refuted} refuted."),
        soft_wrap=True,
    )


def closing(catalogue: Catalogue) -> Text:
    """How many equations have which status, the strongest first."""
    entries = catalogue.entries.values()
    styles = {entry.status: _style(entry) for entry in entries}
    ranks = {proof.status: proof.rank for entry in entries for proof in entry.proofs}
    last = len(ranks) and max(ranks.values()) + 1
    statuses = sorted(
        catalogue.counts.items(), key=lambda item: (item[0] in (MISSING, UNPROVED), ranks.get(item[0], last))
    )
    text = Text(f"{count(len(entries), 'equation')}: ")
    for place, (status, number) in enumerate(statuses):
        text.append(", " if place else "")
        text.append(f"{number} {status}", style=styles[status])
    return text.append(".")


def show_one(entry: Coverage, console: Console) -> None:
    """Print one equation in full: formula, claim, errata, wrong form, what covers it."""
    equation = entry.equation
    width = min(console.width, 100)
    console.print(Text.assemble((equation.id, "bold cyan"), "  ", (equation.title, "bold")))
    where = ", ".join(filter(None, (equation.source, equation.section)))
    console.print(Text(f"{where} · {equation.kind}", style="dim"), soft_wrap=True)
    console.print(indented(equation.statement, width), soft_wrap=True)
    facts = [
        ("Claim", equation.claim),
        ("Where", plain_conditions(equation.conditions)),
        ("Shapes", equation.shapes),
        ("Layout", equation.layout),
        ("Erratum", equation.erratum),
        ("Builds on", ", ".join(equation.depends_on)),
    ]
    _facts([(name, Text(value)) for name, value in facts if value not in ("", "none")], console)
    _wrong_form(entry, console)
    console.print()
    console.print(Text.assemble("Status: ", (entry.status, _style(entry))))
    _facts(
        [
            *(("Theorem", Text(f"{proof.theorem} ({proof.status})")) for proof in entry.proofs),
            *(("Code", Text(name)) for name in entry.formulas),
            *((("Check", Text(f"{entry.checked.how} ({entry.checked.test})")),) if entry.checked else ()),
            *((("Set aside", Text(entry.reason)),) if entry.reason else ()),
            *((("Missing", Text(entry.lack, "bold red")),) if entry.lack else ()),
        ],
        console,
    )


def _wrong_form(entry: Coverage, console: Console) -> None:
    if entry.equation.wrong_form:
        console.print(Text("Wrong form, which must be rejected:", style="red"))
        console.print(indented(entry.equation.wrong_form, min(console.width, 100)), soft_wrap=True)
        _facts([("Refuted by", Text(reason)) for reason in refutations(entry)], console)


def refutations(entry: Coverage) -> list[str]:
    """What refutes the wrong form of an equation, as sentences."""
    found = [f"The theorem {name}, of which it is a mutant." for name in entry.refuting]
    if entry.refutation:
        found.append(_judged(entry.refutation))
    return found or ["Nothing yet."]


def _judged(refutation: Refutation) -> str:
    """Who rejects the wrong form in the place of a shipped formula; or where it fails if none has it."""
    if refutation.counterexample:
        return sentence(refutation.counterexample)
    place = f"where it replaces the {refutation.part} of {refutation.formula}"
    if refutation.fails == "shape":
        return f"Its shapes, {place}: they do not fit."
    return f"{'The definition' if refutation.part == 'forward' else 'Every oracle alone'}, {place}."


def _table(entries: list[Coverage], console: Console) -> Table:
    wide = console.width >= WIDE
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    names = 26 if wide else 18
    table.add_column("id", no_wrap=True)
    if wide:
        table.add_column("title", max_width=44)
        table.add_column("kind", no_wrap=True)
    table.add_column("status", max_width=26)
    table.add_column("covered by", overflow="fold")
    for entry in entries:
        cells: list[Any] = [Text("\n".join(wrap(entry.equation.id, names)))]
        if wide:
            cells += [Text(entry.equation.title), Text(entry.equation.kind, style="dim")]
        table.add_row(*cells, Text(entry.status, style=_style(entry)), _by(entry))
    return table


def _by(entry: Coverage) -> Text:
    """What covers an equation, theorems first; of several implementations the first and how many more."""
    names = [proof.theorem for proof in entry.proofs]
    more = len(entry.formulas) - 1
    codes = [f"{entry.formulas[0]}()" + (f" and {more} more" if more else "")] if entry.formulas else []
    if names or codes:
        return Text("; ".join([*names, *codes]))
    if entry.checked:
        return Text(entry.checked.test.rpartition("::")[2].replace("_", " "), style="dim")
    return Text(entry.reason, style="dim")


def _style(entry: Coverage) -> str:
    if entry.missing:
        return "bold red"
    if entry.weakest:
        return STYLES[entry.weakest.strength]
    return "dim" if entry.reason else "green"


def _facts(facts: list[tuple[str, Text]], console: Console) -> None:
    if not facts:
        return
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(style="dim", no_wrap=True, min_width=9)
    grid.add_column(overflow="fold", max_width=96)
    for name, value in facts:
        grid.add_row(name, value)
    console.print(grid)
