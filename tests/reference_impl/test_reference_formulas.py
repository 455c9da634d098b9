"""What holds for every hand-written formula: shapes, dtype, layout, inputs, linearity, adjointness."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest
from drawn_arguments import arguments, gradients, sizes_of, values

from reference_impl import formulas

EVERY = list(formulas().values())
DIFFERENTIATED = [formula for formula in EVERY if formula.vjp is not None]


def every(rows):
    return pytest.mark.parametrize("formula", rows, ids=lambda formula: formula.name)


@pytest.fixture
def rng():
    return np.random.default_rng(7)


COURSEWORK = {
    "batch_norm", "layer_norm", "rnn_step", "lstm_cell", "lstm_step", "dropout",
    "convolution", "convolution_strided", "max_pool", "average_pool",
}  # fmt: skip
"""What courses ask for and the catalogued sources do not have."""


@every(EVERY)
def test_name_and_signature_are_well_formed(formula):
    assert re.fullmatch(r"[a-z][a-z0-9_]*", formula.name)
    assert bool(formula.sources) != (formula.name in COURSEWORK)
    assert set(formula.domains) <= set(formula.arguments)
    assert set(formula.empty) <= set(sizes_of(formula))


@every(EVERY)
def test_value_has_the_shape_of_the_signature(formula, rng):
    sizes = sizes_of(formula)
    output = [axis for axis in formula.signature.partition("->")[2].strip("()").split(",") if axis]
    value = formula.forward(*arguments(formula, rng))
    assert np.shape(value) == tuple(int(axis) if axis.isdigit() else sizes[axis] for axis in output)


@every(DIFFERENTIATED)
def test_gradients_have_the_shapes_of_the_arguments(formula, rng):
    drawn = arguments(formula, rng)
    delta = values("real", np.shape(formula.forward(*drawn)), rng)
    found = gradients(formula, delta, drawn)
    assert len(found) == len(drawn)
    assert [np.shape(g) for g in found if g is not None] == [
        a.shape for g, a in zip(found, drawn, strict=True) if g is not None
    ]
    assert any(g is not None for g in found)


@every(EVERY)
def test_float32_stays_float32(formula, rng):
    drawn = [a.astype(np.float32) for a in arguments(formula, rng)]
    value = formula.forward(*drawn)
    assert value.dtype == np.float32
    if formula.vjp is not None:
        found = gradients(formula, np.ones_like(value), drawn)
        assert {g.dtype for g in found if g is not None} == {np.dtype(np.float32)}


@every(EVERY)
def test_inputs_are_neither_changed_nor_bound_to_a_layout(formula, rng):
    drawn = arguments(formula, rng)
    delta = values("real", np.shape(formula.forward(*drawn)), rng)
    others = [np.asfortranarray(a) for a in drawn]
    for a in (*drawn, *others, delta):
        a.flags.writeable = False
    np.testing.assert_allclose(formula.forward(*others), formula.forward(*drawn), rtol=1e-13)
    if formula.vjp is not None:
        for one, other in zip(
            gradients(formula, delta, drawn), gradients(formula, delta, others), strict=True
        ):
            assert (one is None) == (other is None)
            if one is not None:
                np.testing.assert_allclose(one, other, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize(
    ("formula", "size"), [pytest.param(f, size, id=f"{f.name}-{size}") for f in EVERY for size in f.empty]
)
def test_sizes_that_may_be_zero(formula, size, rng):
    drawn = arguments(formula, rng, {**sizes_of(formula), size: 0})
    value = formula.forward(*drawn)
    assert np.isfinite(value).all()
    for g, a in zip(gradients(formula, np.ones_like(value), drawn), drawn, strict=True):
        assert g is None or (np.shape(g) == a.shape and np.isfinite(g).all())


@every(DIFFERENTIATED)
def test_gradients_are_linear_in_the_cotangent(formula, rng):
    drawn = arguments(formula, rng)
    shape = np.shape(formula.forward(*drawn))
    one, other = values("real", shape, rng), values("real", shape, rng)
    of_one, of_other = gradients(formula, one, drawn), gradients(formula, other, drawn)
    of_both = gradients(formula, 2 * one - other, drawn)
    for g, h, both in zip(of_one, of_other, of_both, strict=True):
        if both is not None:
            np.testing.assert_allclose(both, 2 * g - h, rtol=1e-10, atol=1e-12)


def adjointness(formula, rng):
    """How far Σ δ ⊙ ∂f(v) by differences is from Σ g ⊙ v, one argument at a time, relative to the larger."""
    drawn = arguments(formula, rng)
    delta = values("real", np.shape(formula.forward(*drawn)), rng)
    off = 0.0
    for number, g in enumerate(gradients(formula, delta, drawn)):
        if g is None or not np.any(g):
            continue
        v = values("real", np.shape(g), rng)
        v = v if abs(np.sum(g * v)) > 0.1 * np.linalg.norm(g) else np.asarray(g) / np.linalg.norm(g)

        def along(t, number=number, v=v):
            return np.sum(
                delta * formula.forward(*drawn[:number], drawn[number] + t * v, *drawn[number + 1 :])
            )

        coarse, fine = ((along(h) - along(-h)) / (2 * h) for h in (2e-3, 1e-3))
        off = max(off, abs((4 * fine - coarse) / 3 - np.sum(g * v)) / abs(np.sum(g * v)))
    return off


@every(DIFFERENTIATED)
def test_gradients_are_adjoint_to_differences_of_the_forward(formula, rng):
    assert adjointness(formula, rng) < 1e-6


@every([formula for formula in DIFFERENTIATED if formula.name != "binary_step"])
def test_gradient_with_a_wrong_factor_is_not_adjoint(formula, rng):
    def wrong(delta, *drawn):
        return tuple(None if g is None else g * (1 + 1e-4) for g in gradients(formula, delta, drawn))

    assert adjointness(replace(formula, vjp=wrong), rng) > 5e-5
