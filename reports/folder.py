"""Folders and files that are written without anything earlier being lost silently."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from checkers.errors import InputError


def fresh(folder: Path, overwrite: bool, is_ours: Callable[[Path], bool], what: str) -> Path:
    """The folder to write into, made if need be.

    A folder that already holds one stays as it is, and the new one goes beside it, into ``folder-2``,
    ``folder-3``, …; with ``overwrite`` it is written into, and other files in it stay.

    Args:
        folder: where.
        overwrite: whether an earlier one may be replaced.
        is_ours: whether a folder holds an earlier one.
        what: what is written, for the error: "report" or "book".

    Raises:
        InputError: the path is a file, or a folder that holds something else.
    """
    number = 1
    chosen = folder
    while True:
        try:
            chosen.mkdir(parents=True)
            return chosen
        except FileExistsError:
            pass
        if chosen == folder and not folder.is_dir():
            raise InputError(f"the {what} folder {folder} is a file: give the name of a folder")
        if chosen.is_dir() and not any(chosen.iterdir()):
            return chosen
        if chosen == folder and not is_ours(folder):
            raise InputError(
                f"the folder {folder} is not empty and holds no gradproof {what}:"
                " give a new or an empty folder"
            )
        if overwrite:
            return folder
        number += 1
        chosen = folder.with_name(f"{folder.name}-{number}")


def fresh_file(path: Path, overwrite: bool) -> Path:
    """The file to write: ``path``, or if that exists ``name-2``, ``name-3``, … beside it, unless overwritten.

    Raises:
        InputError: the path is a folder.
    """
    if path.is_dir():
        raise InputError(f"{path} is a folder: give the name of a file")
    chosen, number = path, 1
    while chosen.exists() and not overwrite:
        number += 1
        chosen = path.with_name(f"{path.stem}-{number}{path.suffix}")
    chosen.parent.mkdir(parents=True, exist_ok=True)
    return chosen


def write(path: Path, text: str) -> None:
    """Write a file whole: a reader sees the old content or the new, never half of it."""
    beside = path.with_name(f".{path.name}.part")
    beside.write_text(text, encoding="utf-8", newline="\n")
    beside.replace(path)
