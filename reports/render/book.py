"""The derivations as a book for the browser: MathML in plain HTML, no script, no network."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from reports.coverage import Catalogue
from reports.folder import fresh, write
from reports.render import words
from reports.render.catalogue import refutations
from reports.render.mathml import mathml
from reports.render.prose import pieces

if TYPE_CHECKING:
    from derivations.catalogue import Equation
    from reports.derivation import Book, Derivation

GENERATOR = "gradproof derive"
"""What every page says it was made by; by this a folder is known as a book."""

CONTENTS = "index.html"


@dataclass(frozen=True)
class SourcePage:
    """A source as one page of the book.

    Attributes:
        title: its title.
        page: the name of the file.
        equations: its equations.
    """

    title: str
    page: str
    equations: Sequence[Equation]

    @property
    def errata(self) -> int:
        """How many of them have an erratum."""
        return sum(bool(equation.erratum) for equation in self.equations)


def pages(book: Book, coverage: Catalogue, meanings: Mapping[str, str]) -> dict[str, str]:
    """The book: the name of every file → its text.

    Args:
        book: what to write.
        coverage: what covers each catalogued equation.
        meanings: status → one sentence that says what it means.
    """
    sources = _source_pages(list(book.equations.values()))
    context = {
        "book": book,
        "entries": coverage.entries,
        "source": None,
        "to_theorem": lambda name: f"{book.derivations[name].chapter}.html#{name}",
        "to_equation": lambda one: f"{_page_of(one)}#{one}",
    }
    found = {
        CONTENTS: _rendered("contents", context, running=[], sources=sources, legend=_legend(book, meanings))
    }
    chapters = [chapter for chapter in book.chapters if book.of(chapter)]
    running = _running([(f"{chapter.key}.html", chapter.title) for chapter in chapters])
    for chapter, links in zip(chapters, running, strict=True):
        found[f"{chapter.key}.html"] = _rendered("chapter", context, running=links, chapter=chapter)
    running = _running([(source.page, source.title) for source in sources])
    for source, links in zip(sources, running, strict=True):
        found[source.page] = _rendered("source", context, running=links, source=source)
    return found


def write_book(
    book: Book, coverage: Catalogue, meanings: Mapping[str, str], folder: Path, overwrite: bool = False
) -> Path:
    """Write the book into a folder and give the contents page.

    An earlier book in the folder stays, and the new one goes beside it, unless it is overwritten.

    Args:
        book: what to write.
        coverage: what covers each catalogued equation.
        meanings: status → one sentence that says what it means.
        folder: where; see ``reports.folder.fresh``.
        overwrite: whether an earlier book is replaced.

    Raises:
        InputError: the folder is a file, or holds something else than a book.
    """
    chosen = fresh(folder, overwrite, is_book, "book")
    if overwrite:
        for old in chosen.glob("*.html"):
            if _made_here(old):
                old.unlink()
    for name, text in pages(book, coverage, meanings).items():
        write(chosen / name, text)
    return chosen / CONTENTS


def is_book(folder: Path) -> bool:
    """Whether a folder holds a book that was written here."""
    return _made_here(folder / CONTENTS)


def _made_here(file: Path) -> bool:
    try:
        return f'<meta name="generator" content="{GENERATOR}">' in file.read_text(encoding="utf-8")
    except (OSError, ValueError):
        return False


def page(book: Book, names: Sequence[str]) -> str:
    """Theorems as a page of their own, with what they cite and their sources below.

    Args:
        book: where the theorems and those that they cite are.
        names: of the theorems.
    """
    shown = [book.derivations[name] for name in names]
    cited = [name for name in dict.fromkeys(n for one in shown for n in one.uses) if name not in names]
    quoted = [
        name
        for one in shown
        for name in (*one.sources, *(mutant.source for mutant in one.mutants if mutant.source))
    ]
    context = {
        "book": book.only([*names, *cited]),
        "entries": {},
        "source": None,
        "to_theorem": lambda other: f"#{other}",
        "to_equation": lambda one: f"#{one}",
    }
    return _rendered(
        "theorem",
        context,
        running=[],
        shown=shown,
        cited=[book.derivations[name] for name in cited],
        equations=[book.equations[name] for name in dict.fromkeys(quoted)],
    )


def _rendered(kind: str, context: Mapping[str, object], **more: object) -> str:
    return _environment().get_template(f"book_{kind}.html.j2").render(context | more)  # type: ignore[operator]


def _source_pages(equations: Sequence[Equation]) -> list[SourcePage]:
    by_page: dict[str, list[Equation]] = {}
    for equation in equations:
        by_page.setdefault(_page_of(equation.id), []).append(equation)
    return [SourcePage(found[0].source, page, found) for page, found in by_page.items()]


def _page_of(equation: str) -> str:
    return f"source-{equation.partition('-')[0]}.html"


def _running(entries: Sequence[tuple[str, str]]) -> list[list[tuple[str, str]]]:
    """For every page the links to the one before, to the contents and to the one behind."""
    found = []
    for place in range(len(entries)):
        before = entries[place - 1] if place else ("", "")
        behind = entries[place + 1] if place + 1 < len(entries) else ("", "")
        found.append(
            [
                (before[0], f"← {before[1]}"),
                (CONTENTS, "Contents"),
                (behind[0], f"{behind[1]} →"),
            ]
        )
    return found


def _legend(book: Book, meanings: Mapping[str, str]) -> list[tuple[Derivation, int, str]]:
    """One theorem of every status, how many there are and what it means, the strongest first."""
    counts = Counter(one.status for one in book.derivations.values())
    examples = {one.status: one for one in book.derivations.values()}
    ordered = sorted(examples.values(), key=lambda one: one.rank)
    return [(one, counts[one.status], meanings.get(one.status, "")) for one in ordered]


def prose(words: str) -> Markup:
    """A sentence with its formulas as MathML."""
    return Markup().join(
        Markup(mathml(part, "inline")) if formula else escape(part) for formula, part in pieces(words)
    )


def gradproof_version() -> str:
    """The version of the installed package; empty if there is none."""
    try:
        return version("gradproof")
    except PackageNotFoundError:
        return ""


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
        "mathml": lambda latex: Markup(mathml(latex)),
        "plain": words.plain_conditions,
        "prose": prose,
        "refutations": refutations,
    }
    environment.globals |= {"generator": GENERATOR, "version": gradproof_version()}
    return environment
