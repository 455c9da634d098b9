"""``gradproof check``: a student's file, folder or notebook, judged and answered."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from checkers.families.grading import Answer, Graded
    from reports.answers import Sheet


@click.command("check", short_help="Check a student's file, folder or notebook.")
@click.argument("path", type=click.Path(path_type=Path), metavar="FILE|FOLDER|NOTEBOOK")
@click.option("--family", metavar="NAME", help="Only this family of course code.  [default: all are tried]")
@click.option(
    "--assignment",
    type=click.Path(path_type=Path),
    metavar="FILE.toml",
    help="A description of the functions asked for, in the form of a family.",
)
@click.option(
    "--hints",
    type=click.IntRange(1, 3),
    default=3,
    show_default=True,
    metavar="1|2|3",
    help="How much is given away: 1 where, 2 also what kind of mistake, 3 the full answer.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON.")
@click.option(
    "--report", "folder", type=click.Path(path_type=Path), metavar="DIR", help="Write a report into DIR, too."
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
    "--examples", type=click.IntRange(min=1), metavar="N", help="Cases drawn per gradient.  [default: 4]"
)
@click.pass_context
def command(
    ctx: click.Context,
    path: Path,
    family: str | None,
    assignment: Path | None,
    hints: int,
    as_json: bool,
    folder: Path | None,
    seed: int,
    examples: int | None,
) -> None:
    """Check the gradients in a student's Python file, in all files of a folder, or in a notebook.

    Functions are recognised by name, signature and behaviour. The file is never imported here: a worker
    process of its own evaluates its functions.

    Exit codes: 0 all right, 1 something is wrong or crashed, 2 bad input, 3 unfinished or undecided only.
    """
    from checkers.families.grading import EXAMPLES
    from gradproof.checking import check, chosen_families, exit_code
    from reports.answers import Sheet

    families = chosen_families(family, assignment)
    cases = examples or (families[0].cases if assignment is not None else None) or EXAMPLES
    sheet = Sheet(str(path), seed, cases, hints)
    widths = {"name": 0}

    def opened(graded: Graded) -> None:
        if as_json:
            return
        names = [*graded.matched, *(f.name for f in graded.unknown)]
        widths["name"] = max([len(name) for name in names], default=0)
        _say(f"{graded.bundle.source.path}:" + (f" {graded.problem}" if graded.problem else ""))
        for note in graded.notes:
            _say(f"  {note}")
        if graded.traceback:
            _say(graded.traceback)

    def told(answer: Answer) -> None:
        from reports.render.answers import line

        if not as_json:
            _say(line(answer, widths["name"]))

    check(path, families, sheet, opened, told)
    _print(sheet, as_json)
    if folder is not None:
        _write(sheet, folder, path, hints, as_json)
    ctx.exit(exit_code(sheet))


def _say(text: str) -> None:
    """Prints what may hold a student's text, and nothing in it that a terminal would obey."""
    from checkers.isolation.channel import printable

    click.echo(printable(text))


def _print(sheet: Sheet, as_json: bool) -> None:
    if as_json:
        import json

        _say(json.dumps(sheet.as_json(), ensure_ascii=False, allow_nan=False))
        return
    from reports.render.answers import closing, details, notes

    for answer in sheet.answers:
        for text in details(answer, sheet.hints):
            _say(text)
    for text in (*notes(sheet), *closing(sheet)):
        _say(text)


def _write(sheet: Sheet, folder: Path, path: Path, hints: int, as_json: bool) -> None:
    """The answers as a report folder."""
    from derivations.catalogue import equations
    from reports.answers import records
    from reports.render import write_files
    from reports.run import describe
    from reports.store import Recorder

    words = ["gradproof", "check", path.name, "--seed", str(sheet.seed), "--hints", str(hints)]
    recorder = Recorder(
        folder, describe(words, len(sheet.answers), sheet.seed, sheet.examples, made_by="check")
    )
    for answer in sheet.answers:
        recorder.add(*records(answer, hints))
    report = recorder.finish()
    write_files(report, equations())
    if not as_json:
        _say(f"The report is in {report.folder}.")
