"""The checks: a claimed gradient against all oracles, over drawn shapes and values or at a given point."""

from __future__ import annotations

import numbers
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from checkers.candidate import (
    Candidate,
    Kind,
    argument_count,
    argument_names,
    as_argument,
    most_arguments,
)
from checkers.confirm import confirm
from checkers.diagnosis.search import diagnose
from checkers.domains import Domain
from checkers.draw import FIXED, Case, DomainLike, Drawing, Sampler, domains_for
from checkers.errors import DomainError, FunctionError, InputError, counted
from checkers.examine import Examiner
from checkers.examined import Examined
from checkers.judge import judge
from checkers.modes import Oracle
from checkers.oracles.autodiff import Autodiff
from checkers.oracles.code import SymbolicCode
from checkers.oracles.code_under_test import Code
from checkers.oracles.exact import Exact
from checkers.oracles.finite_difference import FiniteDifference
from checkers.oracles.interval import Interval
from checkers.rounding import is_large
from checkers.shrink import shrink
from checkers.signature import Signature
from checkers.traced import Traced
from checkers.verdict import READABLE, Example, Verdict, as_code, mismatches_of

ORACLES = ("autodiff", "symbolic", "finite_difference")
"""The oracles that take part unless others are asked for."""
ALL_ORACLES = (*ORACLES, "exact", "interval")
FAILURES_KEPT = 4
"""After so many failing cases the gradient is wrong beyond doubt, and there is enough to tell how."""
STEADY, STEADY_AMONG = 4, 24
"""The forward is run twice on the largest few of the first cases before anything else.

Random numbers in it spoil every comparison.
"""
COTANGENTS = 3
"""How many cotangents are tried at a given point, if it has few entries; else 1."""
FEW = 1000


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
        GradientCountError: ``vjp`` returned another number of gradients than there are arguments.
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
        GradientCountError: ``grad`` returned another number of gradients than there are arguments.
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
        GradientCountError: ``jvp`` returned another number of tangents than there are outputs.
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


@dataclass(frozen=True)
class Request:
    """What was asked for besides the functions; see ``check_vjp`` for the meaning of each.

    Raises:
        InputError: a part of it cannot be used.
    """

    signature: str | None
    args: Sequence[Any] | None
    domain: Any
    sampler: Sampler | None
    wrt: Any
    oracles: Any
    examples: Any
    seed: Any

    def __post_init__(self) -> None:
        if self.signature is None and self.args is None:
            raise InputError(
                "give a signature such as '(m,n),(n)->(m)', or args, a point to check at: there is neither"
            )
        if self.sampler is not None and not callable(self.sampler):
            raise InputError(
                f"sampler must be a function (rng, sizes) -> tuple of arrays, not {self.sampler!r}"
            )
        if self.sampler is not None and self.signature is None:
            raise InputError(
                "sampler needs a signature, such as '(m,n),(n)->(m)', that says what sizes it is asked for"
            )
        for name, value, least in (("examples", self.examples, 1), ("seed", self.seed, 0)):
            if isinstance(value, bool) or not isinstance(value, numbers.Integral) or value < least:
                raise InputError(f"{name} must be a whole number of at least {least}, not {value!r}")
        if self.args is not None and not isinstance(self.args, (tuple, list)):
            raise InputError(
                f"args must be a tuple with one array per argument, not {type(self.args).__name__}"
            )
        if self.count == 0:
            where = "args" if self.signature is None else f"signature {self.signature!r}"
            raise InputError(f"{where} has no argument, so there is nothing to differentiate by: give one")
        unknown = [name for name in self.judges if name not in ALL_ORACLES]
        if unknown:
            raise InputError(f"oracle {unknown[0]!r} is not known: choose from {', '.join(ALL_ORACLES)}")

    @cached_property
    def judges(self) -> tuple[Any, ...]:
        """The names of the oracles."""
        given = tuple(self.oracles) if _lists(self.oracles) else ()
        if not given:
            raise InputError(
                f"oracles must be a sequence of names, at least one of {', '.join(ALL_ORACLES)}, not"
                f" {self.oracles!r}"
            )
        return given

    @cached_property
    def parsed(self) -> Signature | None:
        """The signature, parsed."""
        return None if self.signature is None else Signature.parse(self.signature)

    @property
    def count(self) -> int:
        """The number of arguments."""
        return len(self.parsed.inputs) if self.parsed is not None else len(self.args or ())

    @property
    def chosen(self) -> tuple[int, ...] | None:
        """``wrt`` as non-negative numbers."""
        if self.wrt is None:
            return None
        given = (self.wrt,) if isinstance(self.wrt, numbers.Integral) else self.wrt
        given = tuple(given) if _lists(given) else ()
        if not given:
            raise InputError(
                f"wrt must be a sequence of numbers of arguments, such as (0,), not {self.wrt!r}: leave it"
                " out for all that have a gradient"
            )
        wrong = [k for k in given if not _numbers_an_argument(k, self.count)]
        if wrong:
            raise InputError(f"wrt has {wrong[0]!r}, but {_numbered(self.count)}")
        return tuple(dict.fromkeys(int(k) % self.count for k in given))


def _lists(given: Any) -> bool:
    """Whether something is a sequence (or an iterator) of single values, and no text."""
    return isinstance(given, Iterable) and not isinstance(given, (str, bytes))


def _numbers_an_argument(k: Any, count: int) -> bool:
    return not isinstance(k, bool) and isinstance(k, numbers.Integral) and -count <= int(k) < count


def _numbered(count: int) -> str:
    return (
        "the only argument has the number 0"
        if count == 1
        else f"the arguments have the numbers 0 to {count - 1}"
    )


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
    points = [] if request.args is None else _points(candidate, request)
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
        otherwise = confirm(examiner, examined, domains_for(_signature(request), names, request.domain))
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


def _points(candidate: Candidate, request: Request) -> list[Case]:
    """The given point, once per cotangent that is tried there."""
    given = tuple(request.args or ())
    if len(given) != request.count:
        raise InputError(
            f"args has {counted(len(given), 'array')}, but the signature has"
            f" {counted(request.count, 'argument')}: give one per argument"
        )
    arguments = [as_argument(value, name) for value, name in zip(given, candidate.arguments, strict=True)]
    signature = _signature(request)
    domains = domains_for(signature, candidate.arguments, request.domain)
    for name, domain, array in zip(candidate.arguments, domains, arguments, strict=True):
        _within(name, domain, array)
    arguments = _differentiable(candidate, arguments)
    count = 1 if candidate.kind == "grad" or sum(a.size for a in arguments) > FEW else COTANGENTS
    return [
        Case(
            number=-1 - k,
            seed=request.seed,
            sizes=signature.bind([a.shape for a in arguments]),
            regime=FIXED,
            arguments=tuple(arguments),
            limits=tuple(d.limits(a) for d, a in zip(domains, arguments, strict=True)),
            name=candidate.name,
        )
        for k in range(count)
    ]


def _within(name: str, domain: Domain, array: NDArray[Any]) -> None:
    """Raise DomainError if a value lies outside of its domain."""
    outside = array[(array < domain.low) | (array > domain.high)]
    if outside.size:
        raise DomainError(
            f"argument {name} has the value {outside[0]}, but its domain {domain.name!r} goes from"
            f" {domain.low:g} to {domain.high:g}: correct the point or the domain"
        )


def _signature(request: Request) -> Signature:
    """The signature that was given, or that of the given point."""
    return request.parsed or Signature.of([np.shape(a) for a in request.args or ()])


def _differentiable(candidate: Candidate, arguments: Sequence[NDArray[Any]]) -> list[NDArray[Any]]:
    """Whole numbers made floats where the code returns a gradient for them; labels stay as they are."""
    if all(a.dtype.kind == "f" for a in arguments) or candidate.kind == "jvp":
        return list(arguments)
    try:
        outputs = candidate.primal(arguments)
        returned = candidate.pulled_back([np.ones(o.shape) for o in outputs], arguments).arrays
    except FunctionError:
        return list(arguments)
    return [
        a if gradient is None else a.astype(np.result_type(a, np.float64))
        for a, gradient in zip(arguments, returned, strict=True)
    ]


def oracles_for(candidate: Candidate, names: Sequence[str]) -> list[Oracle]:
    """The oracles with those names for one candidate, in a fixed order."""
    autodiff = Autodiff(Traced(candidate.forward))
    code = Code(candidate.forward, candidate.claimed, candidate.kind)
    built: dict[str, Callable[[], Oracle]] = {
        "autodiff": lambda: autodiff,
        "symbolic": lambda: SymbolicCode(candidate.forward),
        "finite_difference": lambda: FiniteDifference(candidate.values, autodiff.forward_rounding),
        "exact": lambda: Exact(code),
        "interval": lambda: Interval(code),
    }
    return [build() for name, build in built.items() if name in names]


def run(examiner: Examiner, cases: Sequence[Case], failures: int | None = None) -> list[Examined]:
    """Examine the cases one after the other; stop after that many that fail.

    Raises:
        FunctionError: the forward cannot be run in any case.
    """
    examined: list[Examined] = []
    if not all(examiner.steady(case) for case in sorted(cases[:STEADY_AMONG], key=_entries)[-STEADY:]):
        cases = [case for case in cases if not examiner.steady(case)]
    for case in cases:
        examined.append(examiner.examine(case))
        if failures is not None and sum(one.outcome == "disagrees" for one in examined) >= failures:
            break
    errors = [None if one.broken else one.error for one in examined]
    if errors and all(errors) and errors[0] is not None:
        raise errors[0]
    return examined


def _entries(case: Case) -> int:
    return sum(a.size for a in case.arguments)


def conclude(
    examiner: Examiner,
    examined: Sequence[Examined],
    otherwise: Mapping[str, str] = MappingProxyType({}),
    spare: Sequence[Case] = (),
) -> Verdict:
    """The verdict on examined cases.

    Where they disagree, with the smallest failing case and the likely mistake.

    Args:
        examiner: that examined them.
        examined: the cases.
        otherwise: arguments with other evidence than the cases, and a clause that says which.
        spare: cases that serve to tell mistakes apart.
    """
    judgement = judge(examined, examiner.quantity, examiner.given, otherwise)
    records = [record for one in examined for record in one.comparisons]
    failing = [one for one in examined if one.outcome == "disagrees"]
    if judgement.outcome != "disagrees":
        return Verdict(
            examiner.candidate.name,
            judgement.outcome,
            judgement.reason,
            [],
            None,
            records,
            judgement.detectable,
            judgement.remarks,
        )
    # Before anything is shrunk: code that keeps a cache is to be seen as it was when it failed.
    with np.errstate(all="ignore"):  # what a mistake would make of large values may overflow
        diagnosis = diagnose(examiner, examined, spare)
    smallest = failing[0]
    if not is_large(smallest.case.arguments):
        shrunk = examiner.examine(_smallest(examiner, smallest))
        smallest = shrunk if shrunk.outcome == "disagrees" else smallest
    return Verdict(
        name=examiner.candidate.name,
        outcome=judgement.outcome,
        reason=judgement.reason,
        mismatches=[*mismatches_of(smallest.comparisons), *mismatches_of(records)],
        diagnosis=diagnosis,
        records=records,
        detectable=judgement.detectable,
        remarks=judgement.remarks,
        example=Example(
            dict(zip(examiner.candidate.arguments, smallest.case.arguments, strict=True)),
            smallest.leading,
            _reproduce(examiner.candidate, smallest.case),
        ),
    )


def _smallest(examiner: Examiner, failed: Examined) -> Case:
    """The failing case made small, judged by an oracle that refuted it, or by the contract it broke."""
    refuting = {
        oracle
        for finding in failed.findings
        for oracle, entries in finding.per_oracle
        if (entries.rejects & finding.refuted).any()
    }
    chosen = [oracle for oracle in examiner.oracles if oracle.name in refuting][:1]
    quick = Examiner(examiner.candidate, chosen or examiner.oracles, examiner.wrt)
    contracts = {broken.contract for broken in failed.broken}
    wrong = {finding.claim.name for finding in failed.findings if finding.refuted.any()}

    def fails(case: Case) -> bool:
        one = quick.examine(case)
        if contracts:
            return bool(contracts & {broken.contract for broken in one.broken})
        # Simpler values may break what a domain promises, such as labels that sum to one; then right
        # gradients fail too.
        return one.outcome == "disagrees" and wrong.issuperset(
            finding.claim.name for finding in one.findings if finding.refuted.any()
        )

    return shrink(failed.case, fails, examiner.candidate.signature if failed.case.number >= 0 else None)


def _reproduce(candidate: Candidate, case: Case) -> str:
    """One line of Python that checks the candidate at this case.

    Arrays too long to read are called by their names.
    """
    short = sum(a.size for a in case.arguments) <= READABLE
    arrays = ", ".join(
        as_code(a) if short else name for name, a in zip(candidate.arguments, case.arguments, strict=True)
    )
    functions = f"{candidate.name}, {called(candidate.claimed, candidate.kind)}"
    return f"gradproof.check_{candidate.kind}({functions}, args=({arrays},), seed={case.seed})"


def called(function: Callable[..., Any], otherwise: str) -> str:
    """What a function is called in reports: its own name, or ``otherwise`` where it has none."""
    name = getattr(function, "__name__", "")
    return name if name.isidentifier() else otherwise
