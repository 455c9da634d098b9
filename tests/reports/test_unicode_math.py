from __future__ import annotations

import pytest
from rich.cells import cell_len

from derivations.catalogue import equations
from reports.render.unicode_math import text


def drawn(*lines: str) -> str:
    return "\n".join(lines)


@pytest.mark.parametrize(
    ("latex", "expected"),
    [
        (r"z_i = W_{ik} a_k + b_i", "zᵢ = Wᵢₖaₖ + bᵢ"),
        (r"g'(z) = 1 - \tanh^{2}(z)", "g′(z) = 1 − tanh²(z)"),
        (r"\left(W^{(l+1)}\right)^{\top}\delta^{(l+1)}", "(W⁽ˡ⁺¹⁾)ᵀδ⁽ˡ⁺¹⁾"),
        (r"\hat y = -y \odot (-1)", "ŷ = −y ⊙ (−1)"),
        (r"\tfrac{1}{2}\lVert x\rVert^2", "½‖x‖²"),
        (r"\ln x + \cos\theta", "ln x + cos θ"),
        (r"a \ne b,\quad c \le d", "a ≠ b,  c ≤ d"),
        (r"\sqrt{x + 1}", "√(x + 1)"),
    ],
)
def test_what_has_letters_of_its_own_stays_on_the_line(latex, expected):
    assert text(latex) == expected


def test_a_fraction_stands_on_its_rule():
    assert text(r"\frac{\partial L}{\partial w_{ij}} = a") == drawn(" ∂L", "──── = a", "∂wᵢⱼ")


def test_limits_stand_above_and_below_a_sum():
    assert text(r"\sum_{k=1}^{n} a_k") == drawn(" n", " ∑  aₖ", "k=1")


def test_a_script_without_letters_is_raised_or_lowered():
    assert text("a^{[l]}_B") == drawn(" [l]", "a", " B")


def test_a_prime_stands_behind_the_number_of_the_layer():
    assert text(r"{g^{[l]}}'(z)") == drawn(" [l]′", "g    (z)")


def test_brackets_embrace_what_is_between_them():
    assert text(r"\left(1 - \frac{u}{v}\right)^{2}") == drawn("       2", "⎛    u⎞", "⎜1 − ─⎟", "⎝    v⎠")


def test_a_script_may_hang_on_a_closing_bracket_that_does_not_stretch():
    assert text("(u + v)' = u' + v'") == "(u + v)′ = u′ + v′"


def test_cases_have_a_brace_and_what_follows_stands_on_neither_of_two():
    assert text(r"f = \begin{cases} 0 & z \le 0 \\ 1 & z > 0 \end{cases} = h") == drawn(
        "    ⎧0  z ≤ 0", "f = ⎨         = h", "    ⎩1  z > 0"
    )


def test_a_matrix_has_columns():
    assert text(r"\begin{bmatrix} a & bb \\ c & d \\ e & f \end{bmatrix}") == drawn(
        "⎡a  bb⎤", "⎢c  d ⎥", "⎣e  f ⎦"
    )


def test_a_brace_below_says_what_it_embraces():
    assert text(r"\underbrace{abc}_{n}") == drawn("abc", "╰┬╯", " n")


def test_a_formula_that_is_too_wide_is_broken_before_relations():
    broken = text(r"a = b + c = d + e = f", width=12)
    assert broken == drawn("a = b + c", "    = d + e", "    = f")
    assert text(r"a = b + c = d + e = f", width=30) == "a = b + c = d + e = f"


def test_a_side_that_is_too_wide_is_broken_before_its_operators():
    broken = text("x = aaaaaa + bbbbbb + cccccc", width=18).splitlines()
    assert len(broken) > 1
    assert "".join(broken).replace(" ", "") == "x=aaaaaa+bbbbbb+cccccc"


def test_every_statement_of_the_catalogue_is_readable():
    for equation in equations().values():
        for latex in filter(None, (equation.statement, equation.wrong_form)):
            shown = text(latex, 96)
            assert shown.strip(), equation.id
            assert "\\" not in shown, equation.id


def test_few_formulas_are_wider_than_asked():
    wide = [
        equation.id
        for equation in equations().values()
        if max(map(cell_len, text(equation.statement, 96).splitlines())) > 96
    ]
    assert len(wide) <= 12, wide


def test_latex_that_cannot_be_converted_is_named():
    with pytest.raises(ValueError, match=r"\\frac"):
        text(r"\frac{a}")
