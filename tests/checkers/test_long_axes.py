"""Mistakes that only long axes show."""

from __future__ import annotations

import numpy as np
import pytest

import gradproof


def squares(x):
    return (x**2).sum()


@pytest.mark.parametrize(("first", "outcome"), [(6, "disagrees"), (7, "disagrees"), (1000, "agrees")])
def test_what_is_wrong_from_some_entry_on_is_caught(first, outcome):
    def vjp(delta, x):
        return 2 * delta * x * np.where(np.arange(x.size) < first, 1.0, 0.5)

    assert gradproof.check_vjp(squares, vjp, "(n)->()").outcome == outcome


def network(X, W, b, V):
    return (np.tanh(X @ W + b) @ V).sum()


@pytest.mark.parametrize(("used", "outcome"), [(5, "disagrees"), (1000, "agrees")])
def test_examples_left_out_of_a_larger_batch_are_caught(used, outcome):
    def vjp(delta, X, W, b, V):
        A = np.tanh(X @ W + b)
        E = delta * np.ones((len(X), V.shape[1])) @ V.T * (1 - A**2)
        by_V = delta * A.T @ np.ones((len(X), V.shape[1]))
        return E @ W.T, X[:used].T @ E[:used], E.sum(axis=0), by_V

    verdict = gradproof.check_vjp(network, vjp, "(m,n),(n,h),(h),(h,k)->()")
    assert verdict.outcome == outcome, str(verdict)


def test_the_detectable_error_is_that_of_a_single_entry_and_not_of_a_direction():
    """Where finite differences take a sample of entries, they go along directions too, which see less."""
    rng = np.random.default_rng(1)
    arguments = tuple(rng.normal(size=shape) for shape in ((12, 9), (9, 10), (10,), (10, 11)))

    def vjp(delta, X, W, b, V):
        A = np.tanh(X @ W + b)
        E = delta * np.ones((len(X), V.shape[1])) @ V.T * (1 - A**2)
        return E @ W.T, X.T @ E, E.sum(axis=0), delta * A.T @ np.ones((len(X), V.shape[1]))

    verdict = gradproof.check_vjp(network, vjp, args=arguments, oracles=("finite_difference",))
    assert verdict.outcome == "agrees"
    assert any(one.argument.endswith("directions") for one in verdict.records)
    alone: dict[str, list[float]] = {}
    for one in verdict.records:
        if one.detectable is not None and not one.argument.endswith("directions"):
            alone.setdefault(one.argument, []).append(one.detectable)
    assert verdict.detectable == max(min(values) for values in alone.values())
