from __future__ import annotations

import pytest

from reports.render.prose import pieces


@pytest.mark.parametrize(
    ("sentence", "formulas"),
    [
        ("the inner function is $1 + e^{-z}$, so", ["1 + e^{-z}"]),
        ("depends on z_j only", ["z_{j}"]),
        ("Row j is ∂ŷ_i/∂z_j.", ["ŷ_{i}", "z_{j}"]),
        ("the weights w_ij^[l] and W^T", ["w_{ij}^{[l]}", r"W^{\top}"]),
        ("W^(l) a^(l-1) + b^(l)", ["W^{(l)}", "a^{(l-1)}", "b^{(l)}"]),
        ("the square x^2", ["x^{2}"]),
        ("the inverse is 1 + e^−z, or e^-z", ["e^{−z}", "e^{-z}"]),
        ("M_(l-1) > 1 and n_{l+1}", ["M_{l-1}", "n_{l+1}"]),
        ("a^(l) = g^(l)(z^(l)) and σ_k(x)", ["a^{(l)}", "g^{(l)}", "z^{(l)}", "σ_{k}"]),
        ("the name yhat_i and e^z_i and np.zeros_like and [A]_ij", []),
        ("no formula in it", []),
    ],
)
def test_formulas_in_a_sentence_are_found(sentence, formulas):
    assert [part for formula, part in pieces(sentence) if formula] == formulas


@pytest.mark.parametrize("sentence", ["a z_j b", "z_j", "", "x_i = y_i", "e^z_i", "cost $a$ and $b$"])
def test_no_words_are_lost(sentence):
    words = "".join(part for formula, part in pieces(sentence) if not formula)
    without = sentence
    for formula, part in pieces(sentence):
        if formula:
            typed = part.replace("{", "").replace("}", "")
            without = without.replace(f"${part}$" if f"${part}$" in sentence else typed, "", 1)
    assert words == without
