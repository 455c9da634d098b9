from __future__ import annotations

from xml.etree import ElementTree

import pytest

from reports.render.mathml import NAMESPACE, mathml


def shown(latex: str) -> ElementTree.Element:
    return ElementTree.fromstring(mathml(latex))


def texts(latex: str) -> str:
    return "".join(e.text or "" for e in shown(latex).iter() if not e.tag.endswith("annotation"))


def test_a_formula_is_displayed_and_keeps_its_latex():
    root = shown(r"a \le b")
    assert root.get("display") == "block"
    assert root.find(f".//{{{NAMESPACE}}}annotation").text == r"a \le b"


@pytest.mark.parametrize(
    ("latex", "letter"),
    [
        (r"\boldsymbol{\delta}", "𝜹"),
        (r"\boldsymbol{x}", "𝒙"),
        (r"\mathbf{1}", "𝟏"),
        (r"\mathbb{R}", "ℝ"),
        (r"\mathcal{L}", "ℒ"),
        (r"\boldsymbol{1}", "𝟏"),
    ],
)
def test_styles_that_browsers_do_not_know_become_letters(latex, letter):
    assert texts(latex) == letter
    assert not any(
        e.get("mathvariant") in ("bold", "bold-italic", "script", "double-struck")
        for e in shown(latex).iter()
    )


def test_a_letter_that_has_no_such_style_stays():
    assert texts(r"\boldsymbol{+}") == "+"


def test_limits_of_max_stand_under_it():
    root = shown(r"\arg\max_p L")
    assert [e[0].text for e in root.iter(f"{{{NAMESPACE}}}munder")] == ["max"]
    assert "arg" in texts(r"\arg\max_p L")
    assert "\\" not in texts(r"\arg\max_p L")


def test_a_subscript_of_a_letter_stays_one():
    assert list(shown("x_i").iter(f"{{{NAMESPACE}}}msub"))


def test_aligned_equations_are_well_formed():
    rows = shown(r"\begin{aligned}a &= b \\ &= c\end{aligned}").iter(f"{{{NAMESPACE}}}mtr")
    assert len(list(rows)) == 2


def test_latex_that_cannot_be_shown_is_named():
    with pytest.raises(ValueError, match=r"LaTeX that has no MathML: a_b_c"):
        mathml("a_b_c")
