from __future__ import annotations

import re
import subprocess
import sys
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest
import textbook

from checkers.errors import InputError
from reports.render.book import is_book, page, pages, write_book

BOOK, COVERAGE = textbook.book(), textbook.coverage()


class Page(HTMLParser):
    """What a page holds: its elements, links, anchors and text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.ids: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.words: list[str] = []
        self.hidden = 0
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs
        found = dict(attrs)
        self.ids += [found["id"]] if "id" in found else []
        self.links += [found["href"]] if "href" in found else []
        self.hidden += tag in ("annotation", "style")

    def handle_endtag(self, tag):
        self.hidden -= tag in ("annotation", "style")

    def handle_data(self, data):
        if not self.hidden:
            self.words.append(data)

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", "".join(self.words))


@pytest.fixture(scope="module")
def book() -> dict[str, str]:
    return pages(BOOK, COVERAGE, textbook.MEANINGS)


@pytest.fixture(scope="module")
def parsed(book: dict[str, str]) -> dict[str, Page]:
    return {name: Page(text) for name, text in book.items()}


@pytest.fixture(scope="module")
def alone() -> Page:
    return Page(page(BOOK, ["softmax-jacobian"]))


def test_the_book_has_a_contents_page_chapters_and_sources(book):
    assert list(book) == [
        "index.html",
        "activations.html",
        "softmax.html",
        *(f"source-{name}.html" for name in ("article", "calculus", "cs182", "ng", "nndl")),
    ]


def test_every_link_of_the_book_leads_somewhere_in_it(parsed):
    for name, one in parsed.items():
        for link in one.links:
            file, _, anchor = link.partition("#")
            target = parsed[file or name]
            assert not anchor or anchor in target.ids, (name, link)


def test_every_link_of_a_page_alone_leads_somewhere_on_it(alone):
    assert alone.links
    for link in alone.links:
        assert link.startswith("#")
        assert link[1:] in alone.ids


def test_no_script_and_nothing_from_elsewhere(parsed, alone, book):
    for one in [*parsed.values(), alone]:
        assert not {"script", "link", "img", "iframe", "object", "embed"} & set(one.tags)
        assert not [name for name, _ in one.attributes if name.startswith("on") or name == "src"]
        assert not [link for link in one.links if ":" in link]
    for text in book.values():
        outside = [url for url in re.findall(r"https?://[^\s\"'<)]+", text) if "w3.org/1998/Math" not in url]
        assert outside == []
        assert "@import" not in text
        assert "url(" not in text


def test_ids_are_given_once_and_tags_are_closed(parsed, alone):
    for one in [*parsed.values(), alone]:
        assert len(one.ids) == len(set(one.ids))
        assert one.hidden == 0


def test_all_mathematics_is_well_formed_and_keeps_its_latex(book):
    for text in book.values():
        for formula in re.findall(r"<math.*?</math>", text, re.S):
            assert ElementTree.fromstring(formula).find(".//{*}annotation") is not None
    assert r"a_i\left(\delta_{ij} - a_j\right)" in book["softmax.html"]


def test_the_contents_page_lists_theorems_by_number_with_their_status(parsed):
    text = parsed["index.html"].text
    for words in (
        "4 theorems on the formulas of 5 courses and articles",
        "1Activations",
        "1.2Derivative of the sigmoididentity-tested",
        "2.1Softmax Jacobianproved for all dimensions",
        "2.2A step that is not rightfailed",
        textbook.MEANINGS["proved for all dimensions"],
        "261 formulas, 112 errata",
    ):
        assert words in text, words


def test_a_theorem_shows_its_steps_with_their_rules(parsed):
    text = parsed["softmax.html"].text
    order = [
        "one entry",
        "n≥1",
        "Derivation: one entry",
        "quotient rule",
        "definition of softmax",
        "distributive law",
    ]
    assert sorted(order, key=text.index) == order
    assert "of the sum only the term k=j depends on" in text
    assert "By 1.1 The exponential is its own derivative" in text
    assert "The Jacobian is symmetric." in text


def test_a_cited_theorem_is_a_link_and_so_is_a_source(parsed):
    links = parsed["softmax.html"].links
    assert "activations.html#exponential" in links
    assert "source-article.html#article-101" in links
    assert "softmax.html#softmax-jacobian" in parsed["source-nndl.html"].links


def test_what_cites_a_theorem_is_said(parsed):
    assert "Used by1.2 Derivative of the sigmoid; 2.1 Softmax Jacobian" in parsed["activations.html"].text


def test_errata_are_noted_with_the_theorem_and_in_the_source(parsed):
    erratum = "The two sides of the proof are separate displays"
    assert f"Erratum of article-22. {erratum}" in parsed["softmax.html"].text
    assert f"Erratum. {erratum}" in parsed["source-article.html"].text


def test_wrong_forms_say_whether_they_are_refuted(parsed):
    text = parsed["softmax.html"].text
    assert "only the diagonal is kept It is the wrong form of nndl-41." in text
    assert text.count("It is not refuted.") == 1
    assert "2 wrong forms" in text


def test_a_source_says_what_covers_each_formula(parsed):
    text = parsed["source-article.html"].text
    assert "Derived in 2.1 Softmax Jacobian proved for all dimensions" in text
    assert "Implemented by leaky_relu" in text
    assert "Set aside: It says that a vector is written as a column" in text
    assert "Missing: The theorem two-steps-at-once failed." in text


def test_a_page_alone_holds_what_it_cites_and_its_sources(alone):
    assert "Cited theorems 1.1The exponential is its own derivative definition" in alone.text
    assert "gradproof derive exponential" in alone.text
    assert "nndl-41Derivative of the activation with respect to the net input" in alone.text


def test_one_page_may_hold_several_theorems():
    both = Page(page(BOOK, ["sigmoid-slope", "softmax-jacobian"]))
    assert {"sigmoid-slope", "softmax-jacobian", "exponential"} <= set(both.ids)
    assert both.ids.count("exponential") == 1


def test_markup_in_words_is_shown_and_not_obeyed():
    from dataclasses import replace

    evil = replace(textbook.SOFTMAX, title="<script>alert(1)</script>", conditions=("<b>n</b>",))
    made = replace(BOOK, derivations={**BOOK.derivations, "softmax-jacobian": evil})
    one = Page(page(made, ["softmax-jacobian"]))
    assert "script" not in one.tags
    assert "b" not in one.tags


# --- files --------------------------------------------------------------------------------------------------


def written(folder, overwrite=False):
    return write_book(BOOK, COVERAGE, textbook.MEANINGS, folder, overwrite)


def test_a_book_is_written_beside_an_earlier_one(tmp_path):
    first = written(tmp_path / "book")
    assert first == tmp_path / "book" / "index.html"
    assert is_book(tmp_path / "book")
    assert written(tmp_path / "book") == tmp_path / "book-2" / "index.html"


def test_overwriting_replaces_the_pages_of_the_book_and_nothing_else(tmp_path):
    folder = written(tmp_path / "book").parent
    (folder / "old-chapter.html").write_text((folder / "softmax.html").read_text())
    (folder / "mine.html").write_text("<p>mine</p>")
    assert written(folder, overwrite=True) == folder / "index.html"
    assert not (folder / "old-chapter.html").exists()
    assert (folder / "mine.html").read_text() == "<p>mine</p>"


def test_a_folder_with_something_else_is_no_place_for_a_book(tmp_path):
    (tmp_path / "index.html").write_text("<p>mine</p>")
    for overwrite in (False, True):
        with pytest.raises(InputError, match="holds no gradproof book"):
            written(tmp_path, overwrite)
    assert (tmp_path / "index.html").read_text() == "<p>mine</p>"


def test_rendering_imports_neither_jax_nor_sympy():
    code = (
        "import sys; sys.path.insert(0, 'tests'); import textbook\n"
        "from reports.render import book, catalogue, theorem\n"
        "book.pages(textbook.book(), textbook.coverage(), {})\n"
        "print([name for name in ('jax', 'sympy', 'flint') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
