"""Where python-flint has no wheel, mpmath's intervals take its place: the same verdicts, rigorous as well."""

from __future__ import annotations

import subprocess
import sys
from contextlib import contextmanager

import flint
import pytest

from checkers.oracles.mpmath_ball import CONTEXT, Ball


@contextmanager
def working(bits):
    before, CONTEXT.prec = CONTEXT.prec, bits
    try:
        yield
    finally:
        CONTEXT.prec = before


WITHOUT_FLINT = """
import sys
sys.modules["flint"] = None
import numpy as np
from checkers.check import check_vjp
from checkers.oracles.arb import arb

assert arb.__module__ == "checkers.oracles.mpmath_ball"

def softmax(z):
    e = np.exp(z - z.max(axis=0))
    return e / e.sum(axis=0)

def vjp(delta, z):
    a = softmax(z)
    return a * (delta - delta @ a)

for oracle in ("exact", "interval", "symbolic"):
    options = {"signature": "(n)->(n)", "oracles": (oracle,), "examples": 4}
    print(oracle, check_vjp(softmax, vjp, **options).outcome,
          check_vjp(softmax, lambda d, z: 2 * vjp(d, z), **options).outcome)
"""


def test_the_oracles_judge_without_it():
    ran = subprocess.run([sys.executable, "-c", WITHOUT_FLINT], capture_output=True, text=True, check=False)
    assert ran.stderr == ""
    assert ran.stdout.splitlines() == [
        f"{oracle} agrees disagrees" for oracle in ("exact", "interval", "symbolic")
    ]


@pytest.mark.parametrize("name", ["exp", "log", "sqrt", "sin", "cos", "tan", "tanh", "sinh", "cosh"])
@pytest.mark.parametrize("x", [0.3, 1.0, 7.25, 1e-9])
def test_functions_agree_with_arb(name, x):
    before, flint.ctx.prec = flint.ctx.prec, 300
    try:
        exact = getattr(flint.arb(x), name)()
        with working(150):
            found = getattr(Ball(x), name)()
            assert found.mid() == pytest.approx(float(exact.mid()), rel=1e-14)
            assert found.rad() <= 1e-30 * max(abs(found.mid()), 1)
    finally:
        flint.ctx.prec = before


def test_comparisons_are_certain_or_false():
    with working(100):
        third, other = Ball(1) / 3, 1 - Ball(2) / 3
        assert not third < other
        assert not third > other
        assert third != other
        assert third < Ball(0.5)
        assert Ball(0) == 0
        assert Ball(2).max(Ball(3)) == 3
        assert Ball(2).min(Ball(3)) == 2
        both = Ball(2).union(Ball(3))
        assert (both.mid(), both.rad()) == (2.5, 0.5)
        assert not (Ball(1) / (third - other)).is_finite()
        assert not Ball(-1).log().is_finite()
        assert Ball(0).is_finite()
        assert Ball(-2) ** 3 == -8


def test_what_is_missing_says_so():
    with pytest.raises(NotImplementedError, match="atan has no rigorous evaluation"):
        Ball(1).atan()
