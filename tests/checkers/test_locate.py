"""A single wrong entry among many, where nothing but finite differences applies: it is found and named."""

from __future__ import annotations

import logging

import numpy as np
import pytest

import checkers.effort
from checkers.check import check_vjp

RNG = np.random.default_rng(7)
W, X = RNG.normal(size=(60, 350)) / 20, RNG.normal(size=350)


def untraceable(array):
    """The same values by a way that no tracer follows."""
    return np.frombuffer(np.asarray(array, dtype=np.float64).tobytes()).reshape(np.shape(array))


def layer(W, x):
    return np.tanh(untraceable(W) @ x)


def layer_vjp(delta, W, x):
    e = delta * (1 - np.tanh(W @ x) ** 2)
    return np.outer(e, x), W.T @ e


def wrong_at(index, factor):
    def vjp(delta, W, x):
        dW, dx = layer_vjp(delta, W, x)
        dW[index] *= factor
        return dW, dx

    return vjp


def test_right_gradient_agrees_and_the_note_says_how_little_was_tried_one_by_one():
    verdict = check_vjp(layer, layer_vjp, args=(W, X))
    assert verdict.ok, str(verdict)
    assert any("of the 21,000 entries of W one by one" in remark for remark in verdict.remarks)


@pytest.mark.parametrize("index", [(0, 0), (31, 200), (59, 349)])
def test_wrong_entry_is_named(index):
    verdict = check_vjp(layer, wrong_at(index, 1.01), args=(W, X))
    assert verdict.outcome == "disagrees"
    assert (verdict.mismatches[0].argument, verdict.mismatches[0].index) == ("W", index)
    true = layer_vjp(verdict.example.leading[0], W, X)[0][index]
    assert verdict.mismatches[0].expected == pytest.approx(true, rel=1e-6)
    assert verdict.diagnosis.code == "single-entry"
    assert f"W{list(index)}" in verdict.diagnosis.sentence


def test_a_mistake_in_every_entry_needs_no_search():
    verdict = check_vjp(layer, lambda d, W, x: tuple(2 * g for g in layer_vjp(d, W, x)), args=(W, X))
    assert verdict.outcome == "disagrees"
    assert verdict.diagnosis.code == "factor"


def test_long_runs_are_announced(monkeypatch, caplog):
    monkeypatch.setattr(checkers.effort, "LONG", 0.0)
    with caplog.at_level(logging.WARNING, logger="gradproof"):
        check_vjp(layer, layer_vjp, args=(W, X))
    assert "layer: finite differences will call the forward about" in caplog.text
    caplog.clear()
    monkeypatch.setattr(checkers.effort, "LONG", np.inf)
    check_vjp(layer, layer_vjp, args=(W, X))
    assert not caplog.text
