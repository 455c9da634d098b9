"""Layers whose backward uses what their forward has kept: more is rounded than the backward shows."""

from __future__ import annotations

import numpy as np
import pytest

from checkers.check import check_vjp

SIGNATURE = "(n),(m,n)->(m)"


class Layer:
    """A layer as courses write it; ``factor`` makes it wrong."""

    def __init__(self, factor=1.0):
        self.factor = factor

    def forward(self, x, W):
        self.x, self.W = x, W
        self.a = np.tanh(W @ x)
        return self.a

    def backward(self, delta, x, W):  # noqa: ARG002  (as courses write it)
        dz = delta * (1 - self.a**2) * self.factor
        return self.W.T @ dz, np.outer(dz, self.x)


class Normalised:
    """Keeps a single number."""

    def forward(self, x):
        self.size = np.sqrt((x * x).sum() + 1)
        return x / self.size

    def backward(self, delta, x):
        return delta / self.size - x * (delta @ x) / self.size**3


ALONE = ["autodiff", "symbolic", "finite_difference", "exact", "interval"]


@pytest.mark.parametrize("oracle", [*ALONE, None])
def test_layer_that_keeps_its_activation_is_not_accused(oracle):
    layer = Layer()
    oracles = {"oracles": (oracle,)} if oracle else {}
    verdict = check_vjp(layer.forward, layer.backward, SIGNATURE, examples=30, **oracles)
    assert verdict.ok, str(verdict)


@pytest.mark.parametrize("oracle", ALONE)
def test_wrong_layer_is_found_all_the_same(oracle):
    layer = Layer(1.5)
    verdict = check_vjp(layer.forward, layer.backward, SIGNATURE, examples=30, oracles=(oracle,))
    assert verdict.outcome == "disagrees"


def test_kept_number_carries_its_rounding():
    layer = Normalised()
    verdict = check_vjp(layer.forward, layer.backward, "(n)->(n)", oracles=("autodiff",))
    assert verdict.ok, str(verdict)
    assert verdict.detectable < 1e-12


def test_after_the_check_the_layer_has_not_kept_symbols():
    layer = Layer()
    check_vjp(layer.forward, layer.backward, SIGNATURE, examples=10)
    assert layer.a.dtype == np.float64
