"""Derivations in the terminal: the table of theorems, or one of them step by step."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from rich import box
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from reports.render.prose import pieces
from reports.render.unicode_math import indented
from reports.render.unicode_math import text as mathematics
from reports.render.words import count, sentence, sources

if TYPE_CHECKING:
    from rich.console import Console

    from reports.derivation import Book, Claim, Derivation, Step

STYLES = {
    "proved": "green",
    "tested": "yellow",
    "definition": "",
    "assumption": "yellow",
    "failed": "bold red",
}
"""Strength of a status → its colour."""

WIDE = 110
"""Columns from which a row of the table shows the sources."""

WIDEST = 100


def show_table(book: Book, console: Console) -> None:
    """Print one row per theorem, chapter by chapter, and a closing line."""
    wide = console.width >= WIDE
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    headings = ["", "theorem", "name", "sources", "status"] if wide else ["", "theorem", "status"]
    for heading in headings:
        table.add_column(heading, overflow="fold", max_width=34 if heading == "sources" else None)
    for chapter in book.chapters:
        if not book.of(chapter):
            continue
        table.add_row(Text(str(book.place(chapter)), "bold"), Text(chapter.title, "bold"))
        for one in book.of(chapter):
            number, name = Text(book.number(one.name), "dim"), Text(one.name, "cyan")
            if wide:
                table.add_row(number, one.title, name, Text(sources(one.sources), "dim"), status(one))
            else:
                table.add_row(number, Text(f"{one.title}\n") + name, status(one))
    console.print(table)
    console.print(closing(book), soft_wrap=True)


def closing(book: Book) -> Text:
    """How many theorems have which status, and how many catalogued ids they cover."""
    counts = Counter(one.status for one in book.derivations.values())
    examples = {one.status: one for one in book.derivations.values()}
    covered = {name for one in book.derivations.values() for name in one.sources}
    text = Text(f"{count(len(book.derivations), 'theorem')}: ")
    for place, one in enumerate(sorted(examples.values(), key=lambda one: one.rank)):
        text.append(", " if place else "")
        text.append(f"{counts[one.status]} {one.status}", style=STYLES[one.strength])
    return text.append(f"; {count(len(covered), 'catalogued formula')} covered.")


def show(one: Derivation, book: Book, console: Console) -> None:
    """Print one theorem step by step.

    Args:
        one: the theorem.
        book: where the theorems that it uses and the sources are.
        console: where to print.
    """
    width = min(console.width, WIDEST)
    console.print(Text.assemble((one.title, "bold"), "   ", status(one)))
    console.print(Text(one.name, "cyan"))
    _paragraph(one.introduction, console, width)
    for claim in one.claims:
        _paragraph(f"{sentence(claim.label)[:-1]}:" if claim.label else "", console, width)
        console.print(indented(claim.latex, width), soft_wrap=True)
    if one.definitions:
        console.print("with")
        for place, latex in enumerate(one.definitions):
            console.print(indented(latex, width, above=place == 0), soft_wrap=True)
    if one.letters:
        told = Text("; ").join(prose(f"${letter}$ is {meaning}") for letter, meaning in one.letters)
        console.print(Text("Here ") + told + Text(".\n"), width=width)
    if one.conditions:
        console.print(Text("It holds where", "bold"))
        for condition in one.conditions:
            console.print(Padding(prose(condition), (0, 0, 0, 2), expand=False))
        console.print()
    for claim in one.claims:
        if claim.steps:
            _derivation(claim, console, width)
    _paragraph(one.conclusion, console, width)
    _mutants(one, console, width)
    _facts(one, book, console)


def _derivation(claim: Claim, console: Console, width: int) -> None:
    console.print(Text(f"Derivation: {claim.label}" if claim.label else "Derivation", "bold"))
    console.print(indented(claim.start, width), soft_wrap=True)
    for place, step in enumerate(claim.steps, 1):
        grid = Table.grid(padding=(0, 2, 0, 0))
        grid.add_row(Text(f"{place:>2}", "dim"), told(step))
        console.print(grid, width=width)
        console.print(indented(f"{step.of} = {step.latex}", width), soft_wrap=True)


def told(step: Step) -> Text:
    """The rule of a step, its reason and the theorem that it applies."""
    text = Text(step.rule, "italic")
    if step.reason:
        text += Text(": ") + prose(step.reason)
    if step.uses:
        text += Text.assemble(" (by ", (step.uses, "cyan"), ")")
    return text


def _paragraph(words: str, console: Console, width: int) -> None:
    if words:
        console.print(prose(words), width=width)


def status(one: Derivation) -> Text:
    """The status in its colour."""
    return Text(one.status, style=STYLES[one.strength])


def prose(words: str) -> Text:
    """A sentence with its formulas in letters on the line; one that has no room there stays LaTeX."""
    found = Text()
    for formula, part in pieces(words):
        shown = mathematics(part) if formula else part
        found.append(shown if formula and "\n" not in shown else part)
    return found


def _facts(one: Derivation, book: Book, console: Console) -> None:
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(overflow="fold", max_width=92)
    for name in one.uses:
        other = book.derivations.get(name)
        told = Text.assemble((name, "cyan"), f" {other.title} (" if other else "")
        grid.add_row("Uses", told.append_text(status(other)).append(")") if other else told)
    for line in one.evidence:
        grid.add_row("Checked", prose(sentence(line)))
    for name in one.sources:
        equation = book.equations.get(name)
        grid.add_row("Source", Text.assemble((name, "cyan"), f" {equation.title}" if equation else ""))
        if equation and equation.erratum:
            grid.add_row("", Text(f"Erratum: {equation.erratum}", "yellow"))
    if grid.row_count:
        console.print(grid)


def _mutants(one: Derivation, console: Console, width: int) -> None:
    if not one.mutants:
        return
    refuted = all(mutant.refuted for mutant in one.mutants)
    console.print(Text("Wrong forms, refuted" if refuted else "Wrong forms", "bold"))
    for mutant in one.mutants:
        of = f" (the wrong form of {mutant.source})" if mutant.source else ""
        mark = ("✗ ", "red") if mutant.refuted else ("! not refuted: ", "bold red")
        console.print(
            Padding(Text.assemble(mark) + prose(mutant.what) + Text(of, "dim"), (0, 0, 0, 2), expand=False)
        )
        if mutant.latex:
            console.print(indented(mutant.latex, width), soft_wrap=True)
    if not one.mutants[-1].latex:
        console.print()
