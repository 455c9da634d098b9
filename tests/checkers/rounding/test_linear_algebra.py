"""Linear algebra on balls: NumPy is within the bounds, 60 digits are within those of the reference.

The bounds are as sharp for a matrix of size 1e-40 as for one of size 1.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
import mpmath
import numpy as np
import pytest

from checkers.rounding import OTHERWISE, Rounding, as_balls, evaluate

LONG = Rounding.of(np.dtype(np.longdouble))


def digits(ball):
    """The midpoints in as many digits as they have."""
    return [mpmath.mpf(str(np.format_float_scientific(x, unique=True))) for x in np.ravel(ball.mid)]


def matrix(n, condition, scale):
    rng = np.random.default_rng(n)
    left, _ = np.linalg.qr(rng.standard_normal((n, n)))
    right, _ = np.linalg.qr(rng.standard_normal((n, n)))
    return scale * (left * np.geomspace(1, 1 / condition, n)) @ right


def exactly(a):
    return mpmath.matrix([[mpmath.mpf(float(x)) for x in row] for row in np.atleast_2d(a)])


PROGRAMS = {
    "inverse": (jnp.linalg.inv, np.linalg.inv, lambda a: list(exactly(a) ** -1)),
    "solution": (
        lambda a: jnp.linalg.solve(a, a[0] ** 2),
        lambda a: np.linalg.solve(a, a[0] ** 2),
        lambda a: list(mpmath.lu_solve(exactly(a), exactly(a)[0, :].T.apply(lambda x: x**2))),
    ),
    "determinant": (jnp.linalg.det, np.linalg.det, lambda a: [mpmath.det(exactly(a))]),
    "Cholesky factor": (
        lambda a: jnp.linalg.cholesky(a @ a.T),
        lambda a: np.linalg.cholesky(a @ a.T),
        lambda a: list(mpmath.cholesky(exactly(a) * exactly(a).T, tol=0)),
    ),
}
SCALES = (1.0, 1e-40, 1e40)


@pytest.mark.parametrize("name", PROGRAMS)
@pytest.mark.parametrize("condition", [3.0, 1e5])
@pytest.mark.parametrize("n", [1, 2, 5])
def test_results_are_within_the_bounds_and_those_are_sharp_at_every_scale(name, condition, n):
    program, in_floats, in_digits = PROGRAMS[name]
    sharpness = []
    for scale in SCALES:
        a = matrix(n, condition, scale)
        with jax.enable_x64(True):
            jaxpr = jax.make_jaxpr(program)(a)
        (rounded,), (reference,) = evaluate(jaxpr, as_balls([a])), evaluate(jaxpr, as_balls([a]), LONG)
        assert (np.abs(rounded.mid - in_floats(a)) <= OTHERWISE * rounded.radius).all()
        with mpmath.workdps(60):
            away = [abs(x - y) for x, y in zip(digits(reference), in_digits(a), strict=True)]
        assert all(x <= float(r) for x, r in zip(away, np.ravel(reference.radius), strict=True))
        largest = float(np.abs(rounded.mid).max())
        sharpness.append(float(rounded.radius.max()) / largest)
        assert sharpness[-1] < 1e-10 * condition**2
        if np.finfo(np.longdouble).eps < np.finfo(np.float64).eps:
            assert float(reference.radius.max()) / largest < sharpness[-1] / 100
    assert max(sharpness) < 1000 * min(sharpness)  # a determinant goes through logarithms
