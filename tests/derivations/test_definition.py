"""What a definition gives: a gradient and a pushforward that are adjoint to each other."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
import sympy as sp
from explicit_shapes import TINY, entry, expanded, positions_of, random_point, sizes_for, value

import derivations
from derivations import definitions
from derivations.definition import Definition, mean
from derivations.notation import Index, Tensor, dimensions, total

SMALL = [
    name for name in definitions() if not name.startswith(("feed_forward_3", "feed_forward_4", "structural"))
]


def contracted(derived, tensor, sizes):
    """Σ over all positions of a derived array times the tensor's entry there, written out."""
    names = [index.name for index in derived.indices]
    return sp.Add(
        *(
            expanded(derived.expression, sizes, **dict(zip(names, position, strict=True)))
            * entry(tensor, *position)
            for position in positions_of(tensor, sizes)
        )
    )


@pytest.mark.parametrize("name", SMALL)
def test_gradient_is_adjoint_to_the_pushforward(name):
    definition = definitions()[name]
    sizes = sizes_for(*definition.arguments)
    for number in range(len(definition.arguments)):
        forward = contracted(definition.pushforward([number]), definition.cotangent, sizes)
        backward = contracted(definition.gradient(number), definition.tangent(number), sizes)
        assert abs(value(forward - backward, random_point(name))) < TINY


def test_pushforward_of_several_arguments_is_the_sum():
    affine = definitions()["affine"]
    assert (
        affine.pushforward([0, 2]).expression
        == affine.pushforward([0]).expression + affine.pushforward([2]).expression
    )


def test_gradient_of_an_argument_that_does_not_occur_is_zero():
    penalty = definitions()["l2_penalty"]
    assert [t.name for t in penalty.arguments] == ["penalty", "W1", "b1", "W2", "b2"]
    assert penalty.gradient(2).expression == 0
    assert penalty.gradient(1).expression != 0


def test_gradient_carries_the_cotangent():
    (n,) = dimensions("n")
    k = Index("k", n)
    x = Tensor("x", n)
    squares = Definition("squares", (x,), (), total(x[k] ** 2, k))
    gradient = squares.gradient(0)
    assert gradient.expression == 2 * sp.Symbol("delta", real=True) * x[gradient.indices]


def test_mean_divides_by_the_dimension():
    (n,) = dimensions("n")
    k = Index("k", n)
    x = Tensor("x", n)
    assert expanded(mean(x[k], k), {n: 4}) == sum(entry(x, p) for p in range(1, 5)) / 4


def test_two_definitions_of_one_name_are_refused(monkeypatch):
    twice = SimpleNamespace(DEFINITIONS=(definitions()["softmax"],) * 2)
    monkeypatch.setattr(derivations.importlib, "import_module", lambda _: twice)
    with pytest.raises(ValueError, match="two definitions are called 'softmax': rename one in derivations/"):
        definitions.__wrapped__()
