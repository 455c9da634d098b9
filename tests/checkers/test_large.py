"""Verdicts on networks whose rounding is measured: nothing is missed, nothing right accused."""

from __future__ import annotations

import numpy as np
import pytest

from checkers.check import check_grad, check_vjp

RNG = np.random.default_rng(4)
X, Y = RNG.normal(size=(200, 30)), RNG.normal(size=(50, 30))
W, V = RNG.normal(size=(300, 200)) / 14, RNG.normal(size=(50, 300)) / 17
ONLY = {"wrt": (1, 2), "args": (X, W, V)}


def forward(X, W, V):
    return V @ np.maximum(W @ X, 0)


def vjp(delta, X, W, V):
    Z = W @ X
    return None, (V.T @ delta * (Z > 0)) @ X.T, delta @ np.maximum(Z, 0).T


def test_right_gradient_agrees_and_a_relative_error_of_1e_12_would_have_been_seen():
    verdict = check_vjp(forward, vjp, **ONLY)
    assert verdict.ok, str(verdict)
    assert verdict.detectable < 1e-12


@pytest.mark.parametrize("index", [(0, 0), (123, 45), (299, 199)])
def test_single_wrong_element_is_named(index):
    def wrong(delta, X, W, V):
        _, dW, dV = vjp(delta, X, W, V)
        dW[index] *= 1 + 1e-9
        return None, dW, dV

    verdict = check_vjp(forward, wrong, **ONLY)
    assert verdict.outcome == "disagrees"
    assert (verdict.mismatches[0].argument, verdict.mismatches[0].index) == ("W", index)
    assert verdict.diagnosis.code == "single-entry"
    assert str(list(index)) in verdict.diagnosis.sentence
    claimed, expected = str(verdict.mismatches[0]).split(" is ")[1].split(" by the code, ")
    assert claimed != expected.split(" by ")[0]


@pytest.mark.parametrize(
    "mistake",
    [
        lambda dW, dV: (2 * dW, dV),
        lambda dW, dV: (dW, -dV),
        lambda dW, dV: (dW + 1e-9, dV),
        lambda dW, dV: (np.where(dW > 2, 0, dW), dV),
        lambda dW, dV: (0 * dW, dV),
    ],
)
def test_wrong_formula_disagrees(mistake):
    verdict = check_vjp(forward, lambda *a: (None, *mistake(*vjp(*a)[1:])), **ONLY)
    assert verdict.outcome == "disagrees"


@pytest.mark.parametrize("convention", [0.0, 0.5, 1.0])
def test_units_at_their_kink_may_follow_any_convention(convention):
    dead = W.copy()
    dead[7] = 0

    def by_convention(delta, X, W, V):
        Z = W @ X
        return None, (V.T @ delta * np.heaviside(Z, convention)) @ X.T, delta @ np.maximum(Z, 0).T

    verdict = check_vjp(forward, by_convention, wrt=(1, 2), args=(X, dead, V))
    assert verdict.ok, str(verdict)


def test_another_order_of_operations_in_float32_agrees():
    arrays = tuple(a.astype(np.float32) for a in (X, W, V))

    def slowly(delta, X, W, V):
        Z = np.einsum("ij,jk->ik", W, X)
        dZ = np.einsum("ij,ik->jk", V, delta) * (Z > 0)
        return None, np.einsum("ik,jk->ij", dZ, X), np.einsum("ik,jk->ij", delta, np.maximum(Z, 0))

    verdict = check_vjp(forward, slowly, wrt=(1, 2), args=arrays)
    assert verdict.ok, str(verdict)


def test_gradient_that_is_different_each_time_is_said_to_be():
    rng = np.random.default_rng(0)

    def dropping(delta, X, W, V):
        _, dW, dV = vjp(delta, X, W, V)
        return None, dW * (rng.random(dW.shape) > 0.5), dV

    verdict = check_vjp(forward, dropping, **ONLY)
    assert verdict.outcome == "undecided"
    assert "random seed" in verdict.reason


def test_overwritten_weights_are_noticed():
    def overwriting(delta, X, W, V):
        result = vjp(delta, X, W, V)
        W *= 0.9
        return result

    verdict = check_vjp(forward, overwriting, **ONLY)
    assert verdict.outcome == "disagrees"
    assert "overwrites its input W" in verdict.reason


def test_mean_of_many_entries_with_one_entry_far_larger():
    x = np.ones(200_000)
    x[17] = 1e6
    assert check_grad(lambda x: (x**2).mean(), lambda x: 2 * x / x.size, args=(x,)).ok
    assert not check_grad(lambda x: (x**2).mean(), lambda x: 2 * x / (x.size - 1), args=(x,)).ok


def test_gradient_that_rounds_in_a_way_of_its_own_agrees():
    def roundabout(delta, X, W, V):
        _, dW, dV = vjp(delta, X, W, V)
        return None, (dW + 1e6) - 1e6, dV

    assert check_vjp(forward, roundabout, **ONLY).ok


def test_few_wrong_entries_among_very_many_are_named():
    x = RNG.normal(size=150_000)

    def wrong(delta, x):
        result = delta * np.cos(x)
        result[[7, 140_000]] *= 2
        return result

    verdict = check_vjp(np.sin, wrong, args=(x,))
    assert verdict.diagnosis.code == "few-entries"
    assert "x[7], x[140000]" in verdict.diagnosis.sentence
    assert "150,000" in verdict.diagnosis.sentence
    assert check_vjp(np.sin, lambda delta, x: delta * np.cos(x), args=(x,)).ok
