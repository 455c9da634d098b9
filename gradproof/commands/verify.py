"""``gradproof verify``: the catalogue's formulas against all oracles, into a report."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from gradproof.exits import INTERRUPTED

if TYPE_CHECKING:
    from reports.store import Report


@click.command("verify", short_help="Verify the hand-written formulas against all oracles.")
@click.argument("formulas", nargs=-1, metavar="[FORMULA]...")
@click.option(
    "--examples",
    type=click.IntRange(min=1),
    default=100,
    show_default=True,
    metavar="N",
    help="Cases drawn per formula.",
)
@click.option(
    "--seed",
    type=click.IntRange(min=0),
    default=0,
    show_default=True,
    metavar="N",
    help="Reproduces the run.",
)
@click.option(
    "--jobs",
    type=click.IntRange(min=1),
    metavar="N",
    help="Processes to use.  [default: the CPUs that may be used]",
)
@click.option(
    "--report",
    "folder",
    type=click.Path(path_type=Path),
    default="gradproof-report",
    show_default=True,
    metavar="DIR",
    help="Folder of the report. An earlier report stays, and the new one goes into DIR-2, DIR-3, …",
)
@click.option("--overwrite", is_flag=True, help="Replace an earlier report in DIR instead.")
@click.option("--quiet", is_flag=True, help="Only disagreements and the closing line.")
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON instead of the table.")
@click.pass_context
def command(
    ctx: click.Context,
    formulas: tuple[str, ...],
    examples: int,
    seed: int,
    jobs: int | None,
    folder: Path,
    overwrite: bool,
    quiet: bool,
    as_json: bool,
) -> None:
    """Verify hand-written formulas against their definitions and all oracles.

    FORMULA is the name of a formula, of a file of them, or the beginning of names; without any, all are
    verified.

    Exit codes: 0 all agree, 1 something disagrees or crashed, 2 bad input, 3 undecided only, 130 interrupted.
    """
    from contextlib import closing

    from rich.console import Console

    from checkers.verify import selected
    from derivations.catalogue import equations
    from gradproof.running import exit_code, records_of, results, subject_of, usable_cpus
    from reports.render import write_files
    from reports.render.progress import Progress
    from reports.run import describe
    from reports.store import Recorder

    names = selected(formulas)
    jobs = jobs or min(usable_cpus(), len(names))
    words = ["gradproof", "verify", *formulas, "--examples", str(examples), "--seed", str(seed)]
    recorder = Recorder(folder, describe(words, len(names), seed, examples, jobs), overwrite)
    status = "finished"
    progress = Progress(Console(stderr=True, quiet=quiet), len(names))
    with progress, closing(results(names, examples, seed, jobs)) as stream:
        try:
            for one in stream:
                recorder.add(*records_of(one), one.seconds)
                subject = recorder.summary.subjects[subject_of(one).name]
                progress.advance(subject.name, subject.outcome, subject.entries, one.seconds)
        except KeyboardInterrupt:
            status = "interrupted"
    report = recorder.finish(status)
    write_files(report, equations())
    _print(report, quiet, as_json)
    ctx.exit(INTERRUPTED if status == "interrupted" else exit_code(report))


def _print(report: Report, quiet: bool, as_json: bool) -> None:
    if as_json:
        import json

        click.echo(
            json.dumps(
                {"report": str(report.folder), "status": report.run["status"], **report.summary.as_json()},
                ensure_ascii=False,
            )
        )
        return
    from rich.console import Console

    from reports.render.terminal import show

    show(report, Console(), brief=quiet)
