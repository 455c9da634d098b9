"""``agrees``: a traced function against plain NumPy, here and elsewhere, and its vjp against slopes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import jax
import numpy as np
import pytest
from jax.extend.core import jaxpr_as_fun

from checkers.tracing import Trace, trace

STEP = 1e-5
"""Step of the centred differences; values are of order 1, so they are right to about 1e-9."""

QUICK = {"xla_backend_optimization_level": 0, "xla_cpu_use_fusion_emitters": False}
"""XLA compiles three times faster with these; what it computes stays the same."""


def draw(spec: Any, rng: np.random.Generator) -> Any:
    """An argument: a shape stands for normal entries, a callable is given the random generator."""
    return spec(rng) if callable(spec) else np.asarray(rng.normal(size=spec))


def is_floating(x: Any) -> bool:
    return np.asarray(x).dtype.kind == "f"


def outputs_of(function: Callable[..., Any], arguments: Sequence[Any]) -> list[np.ndarray]:
    """What plain NumPy gives for copies of the arguments, as a list of arrays, without None."""
    result = function(*(np.array(x) for x in arguments))
    items = result if isinstance(result, (tuple, list)) else (result,)
    return [np.asarray(item) for item in items if item is not None]


def compiled(traced: Trace, arguments: Sequence[Any], weights: list[np.ndarray] | None) -> Any:
    """The outputs of a jaxpr, and its vjp at ``weights`` for the floating arguments."""
    function = jaxpr_as_fun(traced.jaxpr)
    floating = [k for k, x in enumerate(arguments) if is_floating(x)]

    def run(*values: Any) -> Any:
        def of_floating(*chosen: Any) -> Any:
            full = list(values)
            for k, x in zip(floating, chosen, strict=True):
                full[k] = x
            outs = function(*full)
            return [out for out in outs if out.dtype.kind == "f"], outs

        if weights is None:
            return function(*values), ()
        _, pull, outs = jax.vjp(of_floating, *(values[k] for k in floating), has_aux=True)
        return outs, pull(weights)

    shapes = [jax.ShapeDtypeStruct(np.shape(x), np.asarray(x).dtype) for x in arguments]
    lowered = jax.jit(run).lower(*shapes)
    try:
        return lowered.compile(compiler_options=QUICK)
    except jax.errors.JaxRuntimeError:  # this XLA does not know the options
        return lowered.compile()


def slopes_of(function: Any, arguments: Sequence[Any], place: int, weights: list[np.ndarray]) -> np.ndarray:
    """Centred differences of Σ weights ⊙ outputs by every entry of one argument."""
    slopes = np.zeros(np.shape(arguments[place]))
    for entry in np.ndindex(slopes.shape):
        sums = []
        for sign in (1, -1):
            moved = [np.array(x) for x in arguments]
            moved[place][entry] += sign * STEP
            outs = [out for out in outputs_of(function, moved) if is_floating(out)]
            sums.append(sum(float(np.sum(w * out)) for w, out in zip(weights, outs, strict=True)))
        slopes[entry] = (sums[0] - sums[1]) / (2 * STEP)
    return slopes


def check_values(outs: Sequence[Any], expected: list[np.ndarray], tolerance: float) -> None:
    for out, value in zip(outs, expected, strict=True):
        assert out.dtype == value.dtype
        scale = 1 + np.max(np.abs(value), initial=0)
        np.testing.assert_allclose(out, value, rtol=tolerance, atol=tolerance * scale)


@pytest.fixture(scope="session")
def agrees() -> Callable[..., Trace]:
    """``agrees(function, specs)`` traces a function, checks values and vjp; ``draw`` says what specs are."""

    def check(
        function: Callable[..., Any], specs: Sequence[Any], *, slopes: bool = True, tolerance: float = 1e-12
    ) -> Trace:
        rng = np.random.default_rng(20)
        arguments = [draw(spec, rng) for spec in specs]
        before = [np.array(x) for x in arguments]
        traced = trace(function, arguments)
        for x, y in zip(arguments, before, strict=True):
            np.testing.assert_array_equal(x, y)
        expected = outputs_of(function, arguments)
        for primal, value in zip(traced.primal, expected, strict=True):
            assert (primal.shape, primal.dtype) == (value.shape, value.dtype)
            np.testing.assert_array_equal(primal, value)
        weights = [rng.normal(size=out.shape).astype(out.dtype) for out in expected if is_floating(out)]
        points = [arguments]
        if not traced.value_dependent:
            points.append([draw(spec, rng) for spec in specs])
        with jax.enable_x64(True):
            run = compiled(traced, arguments, weights if slopes else None)
            for point in points:
                outs, gradients = run(*point)
                check_values(outs, outputs_of(function, point), tolerance)
                floating = [k for k, x in enumerate(point) if is_floating(x)] if slopes else []
                for place, gradient in zip(floating, gradients, strict=True):
                    expected_slopes = slopes_of(function, point, place, weights)
                    scale = 1 + np.max(np.abs(expected_slopes), initial=0)
                    np.testing.assert_allclose(gradient, expected_slopes, rtol=1e-6, atol=3e-8 * scale)
        return traced

    return check
