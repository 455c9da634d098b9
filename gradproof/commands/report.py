"""``gradproof report``: a stored report, rendered again from its records."""

from __future__ import annotations

from pathlib import Path

import click


@click.command("report", short_help="Render a report again from its records.")
@click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")
@click.pass_context
def command(ctx: click.Context, folder: Path) -> None:
    """Render the report in DIR again from its records.

    Writes summary.json, summary.md and index.html anew and prints the report. Exit codes as for 'gradproof
    verify'; a run that was interrupted never counts as agreeing.
    """
    from rich.console import Console

    from derivations.catalogue import equations
    from gradproof.running import exit_code
    from reports.render import write_files
    from reports.render.terminal import show
    from reports.store import load

    report = load(folder)
    write_files(report, equations())
    show(report, Console())
    ctx.exit(exit_code(report))
