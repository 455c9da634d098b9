from __future__ import annotations

import re
from html.parser import HTMLParser

import handmade
import pytest

from derivations.catalogue import equations
from reports.record import Subject, crash_record
from reports.render import write_files
from reports.render.html import page
from reports.store import FILES, Recorder, load

VOID = {"meta", "br", "wbr", "link", "img", "input", "hr"}


class Page(HTMLParser):
    """The elements of a page, and whether they are nested properly."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text: list[str] = []
        self.feed(text)
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len({name for name, _ in attrs}) == len(attrs), f"<{tag}> has an attribute twice"
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.text.append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]

    @property
    def words(self) -> str:
        return " ".join("".join(self.text).split())


@pytest.fixture
def text(report) -> str:
    return page(report, equations())


@pytest.fixture
def parsed(text) -> Page:
    return Page(text)


def test_the_page_says_what_came_of_the_run(parsed):
    assert "gradproof: 2 formulas agree, 1 disagrees, 1 is undecided" in parsed.words
    assert "59,392 entries compared in 22 cases. Seed 0." in parsed.words
    assert len(parsed.all("h1")) == 1
    assert parsed.all("html")[0]["lang"] == "en"


def test_the_page_needs_neither_script_nor_network(text, parsed):
    for tag in ("script", "link", "img", "iframe", "object"):
        assert not parsed.all(tag)
    targets = [
        v
        for _, attributes in parsed.elements
        for k, v in attributes.items()
        if k in ("href", "src", "xlink:href")
    ]
    assert targets
    assert all(target.startswith("#") for target in targets)
    assert "@import" not in text
    assert "url(http" not in text


def test_ids_are_unique_and_every_reference_has_its_target(parsed):
    ids = [attributes["id"] for _, attributes in parsed.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    for _, attributes in parsed.elements:
        for name in ("href", "xlink:href"):
            if name in attributes:
                assert attributes[name].removeprefix("#") in ids
        for target in (attributes.get("aria-labelledby") or "").split():
            assert target in ids


def test_every_table_has_headers_with_a_scope(parsed):
    assert parsed.all("table")
    assert all(header.get("scope") in ("col", "row") for header in parsed.all("th"))
    assert len(parsed.all("thead")) == len(parsed.all("table"))


def test_what_scrolls_can_be_reached_with_the_keyboard_and_has_a_name(parsed):
    regions = [a for _, a in parsed.elements if (a.get("class") or "").split()[:1] == ["scroll"]]
    assert regions
    for attributes in regions:
        assert attributes["tabindex"] == "0"
        assert attributes["role"] == "region"
        assert attributes.get("aria-label") or attributes.get("aria-labelledby")


def test_plots_have_a_text_in_their_place(parsed):
    assert [svg["role"] for svg in parsed.all("svg")] == ["img", "img"]
    title = "Worst discrepancy of every subject by oracle, in units of the error bound; above 1: mean_squared"
    assert title in parsed.words


def test_source_equations_are_shown_as_mathml_with_errata_and_wrong_forms(parsed, report):
    catalogue = equations()
    shown = [catalogue[name] for subject in report.summary.subjects.values() for name in subject.sources]
    assert len(parsed.all("math")) == len(shown) + sum(bool(equation.wrong_form) for equation in shown)
    for equation in shown:
        assert equation.title in parsed.words
        assert " ".join(equation.erratum.split()) in parsed.words


def test_conditions_do_not_speak_of_fields_of_the_catalogue(parsed):
    assert "wrong_form" in equations()["calculus-1"].conditions
    assert "The form to be rejected is the convention of other texts, not a misprint." in parsed.words
    assert "wrong_form" not in parsed.words


def test_a_source_that_the_catalogue_does_not_have_is_named(clock, tmp_path):
    recorder = Recorder(tmp_path / "r", handmade.described())
    recorder.add([], [crash_record(ValueError(), Subject("f", ("no-such-1",)))])
    assert "no-such-1 is not in the catalogue" in Page(page(recorder.finish(), equations())).words


def test_a_disagreement_is_shown_in_full(parsed):
    words = parsed.words
    assert (
        "Likely mistake: The gradient for a is 0.5 times what it should be: look for the 2 of a square."
        in words
    )
    assert "See calculus-8," in words
    assert "a = [[1. , 0.5]] y = [[ 0. , -1.25]] (float32) delta = 1." in words
    assert (
        "gradproof.check_vjp(mean_squared_error, mean_squared_error_vjp, args=(np.array([[1.0, 0.5]])"
        in words
    )


def test_wrong_entries_stand_in_a_table(text):
    rows = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for row in re.findall(r"<tr>(.*?)</tr>", text)]
    assert ["<code>a[0, 2]</code>", "3", "6", "3", "2.2e-16", "JAX&#39;s autodiff", "0"] in rows


def test_the_smallest_failing_case_keeps_its_lines(text):
    assert "a = [[1. , 0.5]]\ny = [[ 0.  , -1.25]]  (float32)\ndelta = 1.\n</pre>" in text


def test_text_from_a_run_is_never_markup(text):
    assert "the square is not halved &lt;here&gt; &amp; now" in text
    assert "<here>" not in text


def test_names_of_tests_make_anchors_that_differ(clock, tmp_path):
    recorder = Recorder(tmp_path / "r", handmade.described() | {"made_by": "pytest"})
    for name in ("test_a[1-<b>]", "test_a[1.<b>]", "test_a[1-<b>] #2"):
        recorder.add([], [crash_record(ValueError("<script>"), Subject(name))])
    found = Page(page(recorder.finish(), equations()))
    anchors = [
        a["id"] for a in found.all("article") if a["id"].startswith("on-") and "failure" not in a["id"]
    ]
    assert len(set(anchors)) == 3
    assert not found.all("script")


def test_what_every_oracle_came_to_is_in_the_section_of_a_formula(text):
    section = text.split('<article id="on-affine"')[1].split("</article>")[0]
    cells = re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", section, flags=re.DOTALL)
    row = cells.index("JAX&#39;s autodiff")
    assert cells[row : row + 6] == ["JAX&#39;s autodiff", "9", "54", "0", "0.5", "0.12"]
    assert "3: the forward overflows beside the point" in section
    assert "(m,n),(n),(m)-&gt;(m)" in section


def test_an_empty_run_has_a_page(clock, tmp_path):
    report = Recorder(tmp_path / "r", handmade.described()).finish("interrupted")
    found = Page(page(report, equations()))
    assert "No formula was verified" in found.words
    assert "The run was interrupted: this report holds 0 of 4 formulas." in found.words
    assert not found.all("svg")


def test_all_files_of_a_report_are_the_same_when_it_is_rendered_again(report):
    write_files(report, equations())
    first = {name: (report.folder / name).read_bytes() for name in FILES}
    for name in ("summary.json", "summary.md", "index.html"):
        (report.folder / name).unlink()
    write_files(load(report.folder), equations())
    assert first == {name: (report.folder / name).read_bytes() for name in FILES}
    assert sorted(path.name for path in report.folder.iterdir()) == sorted(FILES)
