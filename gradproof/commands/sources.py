"""``gradproof sources``: every catalogued formula, and what covers it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from gradproof.exits import AGREED, DISAGREED

if TYPE_CHECKING:
    from reports.coverage import Catalogue


@click.command("sources", short_help="Show which catalogued formula is covered, and by what.")
@click.argument("ids", nargs=-1, metavar="[ID]...")
@click.option("--missing", is_flag=True, help="Only what nothing covers; exit code 1 if there is any.")
@click.option("--errata", is_flag=True, help="Only errata, and wrong forms with what refutes each.")
@click.option("--source", metavar="NAME", help="Only one source: article, calculus, cs182, ng or nndl.")
@click.option("--status", metavar="WORDS", help="Only entries with this status, such as 'set aside'.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
@click.pass_context
def command(
    ctx: click.Context,
    ids: tuple[str, ...],
    missing: bool,
    errata: bool,
    source: str | None,
    status: str | None,
    as_json: bool,
) -> None:
    """Show every formula and claim of the sources with its status and what covers it.

    What covers one is a theorem of 'gradproof derive', an implementation that 'gradproof verify' judges, or a
    test; a few are notation, set aside with a reason. With an ID, one is shown in full: the formula, what is
    claimed, its erratum, the wrong form that must be rejected and what refutes it.

    Exit codes: 0, or with --missing 1 if anything is missing; 2 bad input.
    """
    from rich.console import Console

    from gradproof.book import of_source, read_catalogue, with_status
    from reports.render.catalogue import show, show_errata, show_missing, show_one

    with Console(stderr=True).status("Checking the theorems …"):
        found = read_catalogue(ids)
    found = of_source(found, source) if source else found
    found = with_status(found, status) if status else found
    found = found.wrong if errata else found
    total = len(found.entries)
    found = found.missing if missing else found
    console = Console()
    if as_json:
        _print_json(found)
    elif missing:
        show_missing(found, total, console)
    elif errata:
        show_errata(found, console)
    elif ids:
        for place, entry in enumerate(found.entries.values()):
            if place:
                console.rule(style="dim")
            show_one(entry, console)
    else:
        show(found, console)
    ctx.exit(DISAGREED if missing and found.entries else AGREED)


def _print_json(found: Catalogue) -> None:
    import json

    from reports.coverage import as_json

    click.echo(json.dumps(as_json(found), ensure_ascii=False, indent=2))
