from __future__ import annotations

from io import StringIO

import pytest
import textbook
from rich.cells import cell_len
from rich.console import Console

from reports.render import catalogue as rendered
from reports.render.theorem import prose, show, show_table

BOOK, COVERAGE = textbook.book(), textbook.coverage()


def printed(action, width=100):
    console = Console(file=StringIO(), width=width)
    action(console)
    return console.file.getvalue()  # type: ignore[attr-defined]


def lines(action, width=100):
    return [line.rstrip() for line in printed(action, width).splitlines()]


def theorem(name, width=100):
    return "\n".join(lines(lambda console: show(BOOK.derivations[name], BOOK, console), width))


# --- theorems -----------------------------------------------------------------------------------------


def test_a_theorem_is_told_from_its_statement_to_its_sources():
    told = theorem("softmax-jacobian")
    parts = [
        "Softmax Jacobian   proved for all dimensions",
        "Softmax turns n numbers into probabilities.",
        "    ∂aᵢ\n    ─── = aᵢ(δᵢⱼ − aⱼ)\n    ∂zⱼ",
        "    a = softmax(z)",
        "Here z is a column of n.",
        "  n ≥ 1",
        "Derivation: one entry",
        " 1  quotient rule: of the sum only the term k = j depends on zⱼ (by exponential)",
        " 2  definition of softmax\n\n    = aᵢ δᵢⱼ − aᵢ aⱼ",
        "The Jacobian is symmetric.",
        "Wrong forms, refuted",
        "  ✗ only the diagonal is kept (the wrong form of nndl-41)",
        "exponential The exponential is its own derivative (definition)",
        "article-101 Softmax Jacobian",
    ]
    places = [told.find(part) for part in parts]
    assert -1 not in places, parts[places.index(-1)]
    assert places == sorted(places)


def test_a_side_calculation_is_a_whole_equation():
    assert " e⁻ᶻ\n    ─────── = 1 − σ(z)" in theorem("sigmoid-slope").replace("     e⁻ᶻ", " e⁻ᶻ")


def test_an_erratum_stands_with_its_source():
    assert "Erratum: The two sides of the proof" in theorem("two-steps-at-once")


def test_a_wrong_form_that_is_not_refuted_is_said_so():
    told = theorem("two-steps-at-once")
    assert "! not refuted: a stands for b" in told
    assert "refuted\n" not in told


def test_the_table_has_chapters_numbers_names_and_a_closing_line():
    told = printed(lambda console: show_table(BOOK, console), 120)
    for words in (
        "Activations",
        "2.1",
        "Softmax Jacobian",
        "softmax-jacobian",
        "article-101; nndl-41",
        "failed",
    ):
        assert words in told
    assert told.rstrip().endswith(
        "4 theorems: 1 proved for all dimensions, 1 identity-tested, 1 definition, 1 failed;"
        " 5 catalogued formulas covered."
    )


@pytest.mark.parametrize("width", [60, 80, 120])
def test_the_tables_fit_the_terminal(width):
    for action in (
        lambda console: console.print(rendered._table(list(COVERAGE.entries.values()), console)),
        lambda console: show_table(BOOK, console),
    ):
        *table, _closing = printed(action, width).splitlines()
        assert max(map(cell_len, table)) <= width


def test_mathematics_in_a_sentence_that_has_no_room_stays_latex():
    assert str(prose("it is $z_j$ or z_k")) == "it is zⱼ or zₖ"
    assert str(prose(r"it is $\frac{a}{b}$")) == r"it is \frac{a}{b}"


# --- the catalogue ------------------------------------------------------------------------------------


def shown(name, width=100):
    found = lines(lambda console: rendered.show_one(COVERAGE.entries[name], console), width)
    return " ".join(" ".join(found).split())


def test_an_equation_is_shown_in_full():
    told = shown("nndl-41")
    for words in (
        "nndl-41 Derivative of the activation with respect to the net input",
        "jacobian",
        "Claim For an activation applied entry by entry",
        "Where Not for a softmax layer",
        "Wrong form, which must be rejected:",
        "Refuted by The theorem softmax-jacobian, of which it is a mutant.",
        "Refuted by Every oracle alone, where it replaces the backward of softmax_by_jacobian.",
        "Status: proved for all dimensions",
        "Theorem softmax-jacobian (proved for all dimensions)",
    ):
        assert words in told, words


def test_an_erratum_a_counterexample_and_what_is_missing_are_shown():
    told = shown("article-89")
    assert "Erratum The text gives the merged weights" in told
    assert "Refuted by With c = 2, both weights 1" in told
    assert "Status: missing" in told
    assert "Missing Neither theorem nor implementation nor check covers it." in told


def test_who_refutes_a_wrong_form_depends_on_what_is_wrong():
    assert "Refuted by The definition, where it replaces the forward of neuron_chain." in shown("calculus-4")
    assert "Refuted by Its shapes, where it replaces the backward of affine: they do not" in shown("nndl-3")


def test_a_reason_a_test_and_code_are_shown():
    assert "Set aside It shows one matrix of numbers" in shown("article-14")
    assert "Check For every formula with a backward" in shown("nndl-65")
    assert "Code sigmoid" in shown("article-6")


def test_the_closing_line_counts_every_status_and_what_is_missing_last():
    told = str(
        rendered.closing(COVERAGE.chosen(["article-6", "article-14", "article-22", "article-101", "ng-1"]))
    )
    assert told == (
        "5 equations: 1 proved for all dimensions, 1 failed, 1 implemented, 1 set aside, 1 missing."
    )


def test_what_is_missing_says_what_it_lacks():
    few = COVERAGE.chosen(["article-6", "article-13", "article-22"])
    told = " ".join(printed(lambda console: rendered.show_missing(few.missing, 3, console)).split())
    assert (
        "article-13 derivative Implemented by leaky_relu, but of kind derivative, which needs a theorem."
        in told
    )
    assert "article-22 identity The theorem two-steps-at-once failed." in told
    assert told.endswith("2 of 3 equations missing.")


def test_nothing_missing_is_one_sentence():
    told = printed(lambda console: rendered.show_missing(COVERAGE.chosen([]), 437, console))
    assert told == "Every one of the 437 equations is covered or set aside.\n"
