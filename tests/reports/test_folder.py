from __future__ import annotations

import pytest

from checkers.errors import InputError
from reports.folder import fresh, fresh_file, write


def marked(folder):
    return (folder / "ours").exists()


def made(folder, overwrite=False):
    found = fresh(folder, overwrite, marked, "book")
    (found / "ours").touch()
    return found


def test_an_earlier_folder_stays_and_the_new_one_goes_beside_it(tmp_path):
    folders = [made(tmp_path / "b") for _ in range(3)]
    assert [folder.name for folder in folders] == ["b", "b-2", "b-3"]


def test_overwriting_gives_the_same_folder(tmp_path):
    assert made(tmp_path / "b") == made(tmp_path / "b", overwrite=True)


@pytest.mark.parametrize("overwrite", [False, True])
def test_a_folder_with_something_else_is_refused(tmp_path, overwrite):
    (tmp_path / "thesis.txt").touch()
    with pytest.raises(InputError, match="holds no gradproof book: give a new or an empty folder"):
        fresh(tmp_path, overwrite, marked, "book")
    assert (tmp_path / "thesis.txt").exists()


def test_a_file_is_no_folder(tmp_path):
    (tmp_path / "b").touch()
    with pytest.raises(InputError, match=r"the book folder .* is a file"):
        made(tmp_path / "b")


def test_an_earlier_file_stays_unless_it_is_overwritten(tmp_path):
    first = fresh_file(tmp_path / "new" / "page.html", overwrite=False)
    write(first, "first")
    second = fresh_file(first, overwrite=False)
    write(second, "second")
    assert (first.name, second.name) == ("page.html", "page-2.html")
    assert (first.read_text(), second.read_text()) == ("first", "second")
    assert fresh_file(first, overwrite=False).name == "page-3.html"
    assert fresh_file(first, overwrite=True) == first


def test_a_folder_is_no_file(tmp_path):
    with pytest.raises(InputError, match="is a folder: give the name of a file"):
        fresh_file(tmp_path, overwrite=True)
