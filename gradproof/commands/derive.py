"""``gradproof derive``: the theorems, and each of them step by step."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from gradproof.exits import AGREED, DISAGREED

if TYPE_CHECKING:
    from reports.derivation import Book


@click.command("derive", short_help="Derive a formula step by step.")
@click.argument("names", nargs=-1, metavar="[NAME | ID]...")
@click.option(
    "--html",
    "target",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write an HTML page with MathML instead; with --all, a folder with the whole book.",
)
@click.option("--all", "everything", is_flag=True, help="All theorems: the whole book, with --html DIR.")
@click.option(
    "--overwrite", is_flag=True, help="Replace an earlier page or book instead of writing beside it."
)
@click.pass_context
def command(
    ctx: click.Context, names: tuple[str, ...], target: Path | None, everything: bool, overwrite: bool
) -> None:
    """Show theorems step by step, each step checked now.

    NAME is a theorem; ID is a formula of the catalogue, such as article-101, and shows the theorems that
    cover it. Without either all theorems are listed with their status.

    Exit codes: 0 everything that is shown holds, 1 something failed, 2 bad input.
    """
    from rich.console import Console

    from gradproof.book import named, read, read_all
    from reports.render.theorem import show, show_table

    _refuse_what_does_not_fit(names, target, everything)
    wanted = named(names)
    with Console(stderr=True).status("Checking the theorems …"):
        book = read(wanted) if wanted else read_all()
    console = Console()
    if target is not None:
        _write(book, wanted, target, overwrite)
    elif wanted:
        for place, name in enumerate(wanted):
            if place:
                console.rule(style="dim")
            show(book.derivations[name], book, console)
    else:
        show_table(book, console)
    shown = [book.derivations[name] for name in wanted] or book.derivations.values()
    ctx.exit(DISAGREED if any(one.strength == "failed" for one in shown) else AGREED)


def _refuse_what_does_not_fit(names: tuple[str, ...], target: Path | None, everything: bool) -> None:
    if everything and names:
        raise click.UsageError("--all is every theorem: leave out the names, or --all")
    if everything and target is None:
        raise click.UsageError("--all writes the whole book: say where with --html DIR")
    if target is not None and not names and not everything:
        raise click.UsageError("--html FILE needs the name of a theorem, or --all for the whole book")


def _write(book: Book, wanted: list[str], target: Path, overwrite: bool) -> None:
    """Write a page, or the book if nothing is wanted in particular, and say where it is."""
    from gradproof.book import MEANINGS, covered
    from reports.folder import fresh_file, write
    from reports.render.book import page, write_book

    if wanted:
        file = fresh_file(target, overwrite)
        write(file, page(book, wanted))
    else:
        file = write_book(book, covered(book), MEANINGS, target, overwrite)
    click.echo(f"Written to {file}")
