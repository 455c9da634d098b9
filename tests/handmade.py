"""Results made by hand: formulas that agree, disagree and stay undecided, without an oracle being run."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np

from checkers.compare import Comparison
from checkers.diagnosis import Diagnosis
from checkers.verdict import Example, Mismatch, Verdict
from checkers.verify import Verified
from reports.record import Subject, comparison_record, verdict_record
from reports.run import describe
from reports.store import Recorder, Report

TOLD = """mean_squared_error: disagrees. The gradient for a is wrong in 4 cases, by autodiff, symbolic.
  Likely mistake: The gradient for a is 0.5 times what it should be: look for the 2 of a square.
  a[0, 0] is 1 by the code, 2 by JAX's autodiff (error 1, allowed 2.2e-16)
  … and 5 more entries.
  Smallest failing case:
    a = [[1. , 0.5]]
    y = [[ 0.  , -1.25]]  (float32)
    delta = 1.
  Repeat: gradproof.check_vjp(mean_squared_error, mean_squared_error_vjp,\
 args=(np.array([[1.0, 0.5]]), np.array([[0.0, -1.25]], dtype=np.float32),), seed=0)"""


class Told(Verdict):
    """A verdict that a person reads in these words, however the checkers word theirs."""

    def __str__(self) -> str:
        return TOLD


def comparison(subject: str, case: int = 0, **fields: object) -> Comparison:
    chosen: dict[str, object] = {
        "seed": 0,
        "regime": "normal",
        "dtype": "float64",
        "shapes": {"x": (2, 3)},
        "quantity": "gradient",
        "argument": "x",
        "oracle": "autodiff",
        "outcome": "agrees",
        "compared": 6,
        "worst": 0.25,
        "index": (1, 2),
        "claimed": 1.5,
        "expected": 1.5,
        "bound": 2e-16,
        "detectable": 3e-16,
        **fields,
    }
    return Comparison(subject=subject, case=case, **chosen)  # type: ignore[arg-type]


def undecided(subject: str, case: int, oracle: str, reason: str, **fields: object) -> Comparison:
    nothing = {
        "compared": 0,
        "worst": None,
        "index": None,
        "claimed": None,
        "expected": None,
        "bound": None,
        "detectable": None,
    }
    return comparison(subject, case, oracle=oracle, outcome="undecided", reason=reason, **nothing, **fields)


def affine() -> Verified:
    vjp, jvp = [], []
    for case, regime in enumerate(("normal", "huge", "ties")):
        vjp.append(
            comparison(
                "affine",
                case,
                regime=regime,
                quantity="forward",
                argument="output",
                oracle="definition",
                worst=0.0,
            )
        )
        jvp.append(vjp[-1])
        for argument in ("W", "x", "b"):
            vjp.append(
                comparison(
                    "affine", case, regime=regime, argument=argument, worst=0.5 if regime == "huge" else 0.125
                )
            )
            vjp.append(
                comparison("affine", case, regime=regime, argument=argument, oracle="symbolic", worst=0.996)
            )
        vjp.append(
            undecided(
                "affine", case, "finite_difference", "the forward overflows beside the point", regime=regime
            )
        )
        jvp.append(
            comparison(
                "affine",
                case,
                regime=regime,
                quantity="tangent",
                argument="output",
                oracle="finite_difference",
                worst=3e-5,
            )
        )
    return Verified(
        name="affine",
        sources=("cs182-11", "ng-5", "ng-6", "ng-7", "article-77"),
        signature="(m,n),(n),(m)->(m)",
        convention="",
        verdict=Verdict(
            "affine", "agrees", "63 comparisons of single entries in 3 cases.", records=vjp, detectable=3e-16
        ),
        jvp=Verdict(
            "affine", "agrees", "18 comparisons of single entries in 3 cases.", records=jvp, detectable=2e-11
        ),
        seconds=1.25,
    )


def mean_squared_error(seed: int = 0) -> Verified:
    shapes = {"a": (1, 2), "y": (1, 2)}
    wrong = [
        comparison(
            "mean_squared_error",
            case,
            seed=seed,
            argument="a",
            oracle=oracle,
            outcome="disagrees",
            reason="2 of 2 entries are outside the bounds",
            shapes=shapes,
            compared=2,
            worst=4.5e15 if oracle == "autodiff" else float("inf"),
            index=(0, 1),
            claimed=1.0,
            expected=2.0,
            bound=2.2e-16,
            detectable=None,
        )
        for case in range(4)
        for oracle in ("autodiff", "symbolic")
    ]
    mismatches = [
        Mismatch("a", (0, column), 1.0 + column, 2.0 + 2 * column, 2.2e-16, oracle, shapes, seed, 0)
        for oracle in ("autodiff", "symbolic")
        for column in range(3)
    ]
    arrays = {"a": np.array([[1.0, 0.5]]), "y": np.array([[0.0, -1.25]], dtype=np.float32)}
    verdict = Told(
        name="mean_squared_error",
        outcome="disagrees",
        reason="The gradient for a is wrong in 4 cases, by autodiff, symbolic.",
        mismatches=mismatches,
        diagnosis=Diagnosis(
            "factor",
            "The gradient for a is 0.5 times what it should be: look for the 2 of a square.",
            "a",
            "calculus-8",
            "fits 4 of 4 failing cases",
        ),
        records=wrong,
        remarks=("1 case could not be judged: the forward is not finite at this point",),
        detectable=1e-15,
        example=Example(
            arrays,
            (np.array(1.0),),
            "gradproof.check_vjp(mean_squared_error, mean_squared_error_vjp,"
            " args=(np.array([[1.0, 0.5]]), np.array([[0.0, -1.25]], dtype=np.float32),), seed=0)",
        ),
    )
    return Verified(
        "mean_squared_error",
        ("calculus-1", "calculus-8", "calculus-9"),
        "(m,n),(m,n)->()",
        "the square is not halved <here> & now",
        verdict,
        None,
        0.5,
    )


def binary_step() -> Verified:
    records = [
        undecided(
            "binary_step", case, "autodiff", "no float gradient is returned", argument="z", regime="kinks"
        )
        for case in range(2)
    ]
    records.append(
        undecided(
            "binary_step", 2, "symbolic", "the derivative has a pole | here", argument="z", regime="tiny"
        )
    )
    verdict = Verdict(
        "binary_step",
        "undecided",
        "No comparison is sharp enough to be evidence: no float gradient is returned.",
        records=records,
    )
    return Verified("binary_step", ("article-3",), "()->()", "0 at the step", verdict, None, 0.125)


def long_name() -> Verified:
    name = "feed_forward_3_linear_l2_by_activation_errors_one_by_one"
    records = [
        comparison(
            name,
            case,
            argument=argument,
            oracle=oracle,
            compared=1234,
            worst=worst,
            shapes={"W1": (3, 2), "b1": (3,)},
        )
        for case in range(12)
        for argument, oracle, worst in (
            ("W1", "autodiff", 0.031),
            ("b1", "symbolic", 0.0),
            ("W1", "finite_difference", 0.4),
            ("output", "definition", 1e-7),
        )
    ]
    verdict = Verdict(
        name, "agrees", "59232 comparisons of single entries in 12 cases.", records=records, detectable=5e-14
    )
    return Verified(
        name,
        tuple(f"article-{n}" for n in (201, 202, 203, 204, 208, 209, 215, 230)),
        "(n,k),(n),(m,n)->()",
        "1/m in the cost",
        verdict,
        None,
        2.0,
    )


def results() -> list[Verified]:
    """One of each kind."""
    return [affine(), mean_squared_error(), binary_step(), long_name()]


def subject(verified: Verified) -> Subject:
    return Subject(verified.name, verified.sources, verified.signature, verified.convention)


def record(recorder: Recorder, verified: Verified) -> None:
    """Append a result to a report, as a command does."""
    about = subject(verified)
    checks = [("vjp", verified.verdict), *([("jvp", verified.jvp)] if verified.jvp else [])]
    comparisons = [
        comparison_record(made, about, check) for check, verdict in checks for made in verdict.records
    ]
    recorder.add(
        comparisons, [verdict_record(verdict, about, check) for check, verdict in checks], verified.seconds
    )


def described() -> dict[str, object]:
    return describe(["gradproof", "verify"], subjects=4, seed=0, examples=100, jobs=2)


def report(folder: Path, status: str = "finished") -> Report:
    """A report of all results."""
    recorder = Recorder(folder, described())
    for verified in results():
        record(recorder, verified)
    return recorder.finish(status)


def wait_for_ever() -> None:
    """What a process does that has to be ended."""
    threading.Event().wait()
