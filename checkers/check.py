"""The checks: a claimed gradient against all oracles, over drawn shapes and values or at a given point."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from checkers.candidate import Candidate, Kind, argument_count, argument_names, most_arguments
from checkers.confirm import confirm
from checkers.draw import Case, DomainLike, Drawing, Sampler, domains_for
from checkers.errors import InputError, counted
from checkers.examine import Examiner
from checkers.panel import ORACLES, oracles_for
from checkers.points import given_points, signature_of
from checkers.request import Request
from checkers.run import called, conclude, run
from checkers.verdict import Verdict

FAILURES_KEPT = 4
"""After so many failing cases the gradient is wrong beyond doubt, and there is enough to tell how."""


def check_vjp(
    forward: Callable[..., Any],
    vjp: Callable[..., Any],
    signature: str | None = None,
    args: Sequence[Any] | None = None,
    domain: DomainLike | Sequence[DomainLike] | None = None,
    sampler: Sampler | None = None,
    wrt: Sequence[int] | None = None,
    oracles: Sequence[str] = ORACLES,
    examples: int = 100,
    seed: int = 0,
) -> Verdict:
    """Check a hand-written vector-Jacobian product.

        [vjp(δ, x)]_q = Σ_i δ_i ∂f_i/∂x_q

    At least one of ``signature`` and ``args`` is needed; with both, the given point is checked beside the
    drawn ones.

    Args:
        forward: ``forward(*args)`` -> array, or tuple of arrays; plain NumPy.
        vjp: ``vjp(delta, *args)`` -> one gradient per argument, of its shape; None for an argument that is
            not differentiated; a lone array if there is one argument. ``delta`` has the shape of the output,
            or is a tuple.
        signature: NumPy gufunc signature, such as ``"(m,n),(n),(m)->(m)"``: its sizes are drawn at random.
        args: a fixed point, one array per argument.
        domain: what values the arguments take: "real" (default), "positive", "nonnegative", "probability",
            "unit", "simplex", "one_hot", "binary", "label", a Hypothesis strategy, or a function (rng, shape)
            -> array; one for all arguments, a sequence with one per argument, or a mapping by name.
        sampler: all arguments at once: ``sampler(rng, sizes)`` -> tuple of arrays.
        wrt: the numbers of the arguments that are differentiated; default: those for which ``vjp`` gives a
            gradient.
        oracles: which of "autodiff", "symbolic", "finite_difference", "exact" and "interval" take part; those
            that apply are used, and the verdict says which did not and why. "exact" compares the formulas
            themselves, which finds errors of any size but asks for code without rounded constants;
            "interval" encloses the derivative to 57 digits.
        examples: how many cases are drawn.
        seed: reproduces the run.

    Raises:
        InputError: an argument of this function cannot be used (also SignatureError and DomainError).
    """
    return _check(
        "vjp", forward, vjp, Request(signature, args, domain, sampler, wrt, oracles, examples, seed)
    )


def check_grad(
    loss: Callable[..., Any],
    grad: Callable[..., Any],
    signature: str | None = None,
    args: Sequence[Any] | None = None,
    domain: DomainLike | Sequence[DomainLike] | None = None,
    sampler: Sampler | None = None,
    wrt: Sequence[int] | None = None,
    oracles: Sequence[str] = ORACLES,
    examples: int = 100,
    seed: int = 0,
) -> Verdict:
    """Check the gradient of a scalar loss: ``check_vjp`` with δ = 1.

    Args:
        loss: ``loss(*args)`` -> a number.
        grad: ``grad(*args)`` -> one gradient per argument, of its shape; None for an argument that is not
            differentiated.
        signature: as for ``check_vjp``, like everything that follows.
        args: the point, or None to draw.
        domain: where arguments are drawn.
        sampler: draws the arguments instead.
        wrt: the arguments whose gradients are checked.
        oracles: who judges.
        examples: how many cases are drawn.
        seed: of everything random.

    Raises:
        InputError: an argument of this function cannot be used, or the loss is not a single number.
    """
    return _check("grad", loss, grad, Request(signature, args, domain, sampler, wrt, oracles, examples, seed))


def check_jvp(
    forward: Callable[..., Any],
    jvp: Callable[..., Any],
    signature: str | None = None,
    args: Sequence[Any] | None = None,
    domain: DomainLike | Sequence[DomainLike] | None = None,
    sampler: Sampler | None = None,
    oracles: Sequence[str] = ORACLES,
    examples: int = 100,
    seed: int = 0,
) -> Verdict:
    """Check a hand-written Jacobian-vector product.

        [jvp(ẋ, x)]_i = Σ_q ∂f_i/∂x_q ẋ_q

    Args:
        forward: ``forward(*args)`` -> array, or tuple of arrays; plain NumPy.
        jvp: ``jvp(tangents, *args)`` -> the tangent of the output, or a tuple of them; ``tangents`` is a
            tuple with one array per argument.
        signature: as for ``check_vjp``, like everything that follows.
        args: the point, or None to draw.
        domain: where arguments are drawn.
        sampler: draws the arguments instead.
        oracles: who judges.
        examples: how many cases are drawn.
        seed: of everything random.

    Raises:
        InputError: an argument of this function cannot be used.
    """
    return _check(
        "jvp", forward, jvp, Request(signature, args, domain, sampler, None, oracles, examples, seed)
    )


def assert_vjp(forward: Callable[..., Any], vjp: Callable[..., Any], *args: Any, **options: Any) -> None:
    """``check_vjp`` for tests: returns if the gradient agrees.

    Raises:
        GradientMismatch: it disagrees; an AssertionError with the whole report.
        GradientUndecided: nothing could tell.
        InputError: as ``check_vjp``.
    """
    __tracebackhide__ = True
    check_vjp(forward, vjp, *args, **options).raise_if_not_ok()


def assert_grad(loss: Callable[..., Any], grad: Callable[..., Any], *args: Any, **options: Any) -> None:
    """``check_grad`` for tests; raises as ``assert_vjp`` does."""
    __tracebackhide__ = True
    check_grad(loss, grad, *args, **options).raise_if_not_ok()


def assert_jvp(forward: Callable[..., Any], jvp: Callable[..., Any], *args: Any, **options: Any) -> None:
    """``check_jvp`` for tests; raises as ``assert_vjp`` does."""
    __tracebackhide__ = True
    check_jvp(forward, jvp, *args, **options).raise_if_not_ok()


def _check(
    kind: Kind, forward: Callable[..., Any], derivative: Callable[..., Any], request: Request
) -> Verdict:
    for what, function in (("loss" if kind == "grad" else "forward", forward), (kind, derivative)):
        if not callable(function):
            raise InputError(f"{what} must be a function of arrays, not {type(function).__name__}")
    signature, count = request.parsed, request.count
    names = argument_names(forward, count)
    told = "the loss" if kind == "grad" else "the forward"
    given = f"{'signature' if signature else 'args'} has {count}: give one for each"
    _takes(forward, count, told, given)
    leading = {"vjp": ("delta",), "jvp": ("the tangents",), "grad": ()}[kind]
    passed = (*leading, *names)
    _takes(derivative, len(passed), f"the {kind}", f"it is called with {len(passed)}: {', '.join(passed)}")
    candidate = Candidate(
        forward, derivative, kind, called(forward, "loss" if kind == "grad" else "forward"), names, signature
    )
    points = [] if request.args is None else given_points(candidate, request)
    drawn: list[Case] = []
    if signature is not None:
        drawing = Drawing(
            signature,
            domains_for(signature, names, request.domain),
            request.sampler,
            request.seed,
            candidate.name,
        )
        drawn = [drawing.case(number) for number in range(request.examples)]
    cases = [*points, *drawn]
    _differentiates(cases, names, request.chosen)
    examiner = Examiner(candidate, oracles_for(candidate, request.judges), request.chosen)
    examined = run(examiner, cases, FAILURES_KEPT)
    otherwise: dict[str, str] = {}
    if points and not drawn:
        exactly = tuple(request.judges) == ORACLES or "exact" in request.judges
        domains = domains_for(signature_of(request), names, request.domain)
        otherwise = confirm(examiner, examined, domains, exactly)
    return conclude(examiner, examined, otherwise, cases[len(examined) :])


def _takes(function: Callable[..., Any], count: int, what: str, given: str) -> None:
    """Raise InputError if the function cannot be called with that many arguments."""
    least, most = argument_count(function), most_arguments(function)
    if least is not None and least > count:
        raise InputError(f"{what} takes {counted(least, 'argument')}, but {given}")
    if most is not None and most < count:
        raise InputError(f"{what} takes {counted(most, 'argument') if most else 'no argument'}, but {given}")


def _differentiates(cases: Sequence[Case], names: Sequence[str], wrt: Sequence[int] | None) -> None:
    """Raise InputError if an argument that ``wrt`` asks for holds whole numbers in every case."""
    for k in wrt or ():
        if all(case.arguments[k].dtype.kind != "f" for case in cases):
            raise InputError(
                f"wrt has {k}, but {names[k]} holds whole numbers, by which nothing is differentiated: pass"
                " floats, or leave it out"
            )
