"""The scratch folder of a worker, and its removal whatever a submission has made of it."""

from __future__ import annotations

import os
import tempfile
import warnings
from itertools import count
from pathlib import Path

PREFIX = "gradproof-scratch-"


def made() -> Path:
    """A new empty folder that only this user can enter."""
    return Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-"))


def removed(folder: Path) -> None:
    """Removes the folder; no link is followed, and no depth is too great.

    Folders inside folders are moved up until none is left, so that no path grows long. What cannot be removed
    is left with a warning: an answer that is there already is worth more than a folder.
    """
    names = count()
    try:
        while _emptied(folder, names):
            pass
        folder.rmdir()
    except FileNotFoundError:
        return
    except OSError as error:
        warnings.warn(f"the folder {folder} could not be removed: {error.strerror}", stacklevel=2)


def _emptied(folder: Path, names: count[int]) -> bool:
    """Deletes the files of the folder and its empty folders; whether folders are left."""
    left = False
    try:
        entries = list(os.scandir(folder))
    except FileNotFoundError:
        return False
    for entry in entries:
        if not entry.is_dir(follow_symlinks=False):
            Path(entry.path).unlink()
            continue
        Path(entry.path).chmod(0o700)
        for inner in list(os.scandir(entry.path)):
            if inner.is_dir(follow_symlinks=False):
                Path(inner.path).chmod(0o700)  # a folder is moved only by one who may write to it
                Path(inner.path).rename(folder / f"moved-{next(names)}-{os.urandom(4).hex()}")
                left = True
            else:
                Path(inner.path).unlink()
        Path(entry.path).rmdir()
    return left
