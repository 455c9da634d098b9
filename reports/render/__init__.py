"""Reports rendered: the same records in the terminal, as Markdown, and as a page for the browser."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

from reports.folder import write
from reports.store import HTML, MARKDOWN, SUMMARY, Report

if TYPE_CHECKING:
    from derivations.catalogue import Equation

__all__ = ["write_files"]


def write_files(report: Report, equations: Mapping[str, Equation]) -> None:
    """Write ``summary.json``, ``summary.md`` and ``index.html`` into the folder of a report.

    Args:
        report: what to render.
        equations: the catalogue, by id; sources that it does not hold are shown by their id alone.
    """
    from reports.render.html import page
    from reports.render.markdown import summary

    write(
        report.folder / SUMMARY,
        json.dumps(report.summary.as_json(), indent=1, ensure_ascii=False, allow_nan=False) + "\n",
    )
    write(report.folder / MARKDOWN, summary(report))
    write(report.folder / HTML, page(report, equations))
