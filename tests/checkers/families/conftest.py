"""Students' files, graded in this process: they were written here."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from in_process import InProcess

from checkers.families.grading import grade, survey
from checkers.families.reading import read
from checkers.families.schema import families

STUDENTS = Path(__file__).parent / "students"


class Desk:
    """Grades files, as they stand or with a part replaced."""

    def __init__(self, folder):
        self.folder = folder
        for path in STUDENTS.glob("*.py"):
            (folder / path.name).write_text(path.read_text(encoding="utf-8"), encoding="utf-8")

    def change(self, name, old, new):
        path = self.folder / name
        text = path.read_text(encoding="utf-8")
        assert text.count(old) >= 1, f"{old!r} is not in {name}"
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    def write(self, name, text):
        (self.folder / name).write_text(text, encoding="utf-8")

    def answers(self, name, only="", given=None):
        """Function → answer."""
        (bundle,) = read(self.folder / name)
        graded = survey(bundle, list(families().values()) if given is None else given)
        if only:
            graded.matched = {key: value for key, value in graded.matched.items() if key == only}
            graded.unknown = [function for function in graded.unknown if function.name == only]
        return {answer.function: answer for answer in grade(graded, InProcess(graded.bundle))}


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path)
