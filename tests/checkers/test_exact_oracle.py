"""The exact and the interval oracle on code that a user might write: what is right, wrong, and not judged."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from points import point

from checkers.check import check_grad, check_jvp, check_vjp
from checkers.errors import InputError
from checkers.oracles.code_under_test import Code
from checkers.oracles.exact import CHANCE, EFFORT, Exact
from checkers.oracles.interval import Interval
from checkers.panel import ALL_ORACLES

EXACT, INTERVAL = ("exact",), ("interval",)
BOTH = (*EXACT, *INTERVAL)
TINY = 10**300
"""One part in so many is added to a gradient: no float64 can hold the difference."""
EXAMPLES = 8


def softmax(z):
    e = np.exp(z - z.max(axis=0))
    return e / e.sum(axis=0)


def log_sum_exp(z):
    largest = z.max()
    return largest + np.log(np.exp(z - largest).sum())


def log_softmax(z):
    return z - log_sum_exp(z)


def stable_sigmoid(z):
    e = np.exp(-np.abs(z))
    return np.where(z >= 0, 1, e) / (1 + e)


def layer_norm(x):
    return (x - x.mean()) / np.sqrt(x.var() + 2.0**-10)


def layer_norm_vjp(delta, x):
    hat = layer_norm(x)
    inner = delta - delta.mean() - hat * (delta * hat).mean()
    return inner / np.sqrt(((x - x.mean()) ** 2).mean() + 2.0**-10)


def attention(Q, K):
    return softmax((Q @ K.T).T).T


def attention_vjp(delta, Q, K):
    P = attention(Q, K)
    by_scores = P * (delta - (delta * P).sum(axis=1, keepdims=True))
    return by_scores @ K, by_scores.T @ Q


def network(W, V, X, Y):
    P = softmax(V @ np.tanh(W @ X))
    return -(Y * np.log(P)).sum() / X.shape[1]


def network_vjp(delta, W, V, X, Y):
    A = np.tanh(W @ X)
    by_output = (softmax(V @ A) - Y) * delta / X.shape[1]
    return ((V.T @ by_output) * (1 - A**2)) @ X.T, by_output @ A.T, None, None


def loop(x):
    out = np.zeros_like(x)
    for k in range(len(x)):
        out[k] += x[k] ** 2
    return out


@dataclass(frozen=True)
class Right:
    name: str
    forward: Any
    vjp: Any
    signature: str
    domain: Any = None
    options: dict[str, Any] = field(default_factory=dict)

    def verdict(self, vjp=None, oracles=EXACT, examples=EXAMPLES):
        return check_vjp(
            self.forward,
            vjp or self.vjp,
            signature=self.signature,
            domain=self.domain,
            oracles=oracles,
            examples=examples,
            **self.options,
        )

    def __str__(self):
        return self.name


RIGHT = [
    Right(
        "affine",
        lambda W, a, b: W @ a + b,
        lambda d, W, a, _: (np.outer(d, a), W.T @ d, d),
        "(m,n),(n),(m)->(m)",
    ),
    Right(
        "softmax, in another form",
        softmax,
        lambda d, z: np.exp(z) / np.exp(z).sum() * (d - softmax(z) @ d),
        "(n)->(n)",
    ),
    Right("log-sum-exp", log_sum_exp, lambda d, z: np.exp(z - log_sum_exp(z)) * d, "(n)->()"),
    Right("log-softmax", log_softmax, lambda d, z: d - np.exp(log_softmax(z)) * d.sum(), "(n)->(n)"),
    Right("softplus", lambda z: np.logaddexp(0, z), lambda d, z: d / (1 + np.exp(-z)), "(n)->(n)"),
    Right(
        "sigmoid by branches",
        stable_sigmoid,
        lambda d, z: d * stable_sigmoid(z) * stable_sigmoid(-z),
        "(n)->(n)",
    ),
    Right("tanh by its definition", np.tanh, lambda d, z: d * 4 / (np.exp(z) + np.exp(-z)) ** 2, "(n)->(n)"),
    Right("ReLU", lambda z: np.maximum(z, 0), lambda d, z: d * (z > 0), "(n)->(n)"),
    Right(
        "leaky ReLU",
        lambda z: np.where(z > 0, z, z / 100),
        lambda d, z: np.where(z > 0, d, d / 100),
        "(n)->(n)",
    ),
    Right("absolute value", np.abs, lambda d, z: d * np.sign(z), "(n)->(n)"),
    Right("the largest entry", lambda z: z.max(), lambda d, z: d * (z == z.max()), "(n)->()"),
    Right("clip", lambda z: np.clip(z, -1, 1), lambda d, z: d * ((z > -1) & (z < 1)), "(n)->(n)"),
    Right("layer norm", layer_norm, layer_norm_vjp, "(n)->(n)"),
    Right("attention weights", attention, attention_vjp, "(m,k),(n,k)->(m,n)"),
    Right(
        "entropy",
        lambda p: -(p * np.log(p)).sum(),
        lambda d, p: -(np.log(p) + 1) * d,
        "(n)->()",
        "probability",
    ),
    Right(
        "divergence",
        lambda p, q: (p * np.log(p / q)).sum(),
        lambda d, p, q: ((np.log(p) - np.log(q) + 1) * d, -p / q * d),
        "(n),(n)->()",
        "positive",
    ),
    Right(
        "power",
        lambda x, a: x**a,
        lambda d, x, a: (a * x ** (a - 1) * d, x**a * np.log(x) * d),
        "(),()->()",
        "positive",
    ),
    Right("norm", lambda x: np.sqrt((x**2).sum()), lambda d, x: x / np.linalg.norm(x) * d, "(n)->()"),
    Right("sine", np.sin, lambda d, x: np.cos(x) * d, "(n)->(n)"),
    Right("arctangent", np.arctan, lambda d, x: d / (1 + x**2), "(n)->(n)"),
    Right("a loop with writes", loop, lambda d, x: 2 * x * d, "(n)->(n)"),
    Right("two outputs", lambda x: (x**2, x.sum()), lambda d, x: 2 * x * d[0] + d[1], "(n)->(n),()"),
    Right(
        "einsum",
        lambda A, B: np.einsum("ij,jk->ik", A, B),
        lambda d, A, B: (d @ B.T, A.T @ d),
        "(m,n),(n,k)->(m,k)",
    ),
    Right(
        "network",
        network,
        network_vjp,
        "(h,n),(c,h),(n,m),(c,m)->()",
        {"Y": "one_hot"},
    ),
    Right(
        "labels as whole numbers",
        lambda z, y: log_sum_exp(z) - z[y],
        lambda d, z, y: ((softmax(z) - np.eye(len(z))[y]) * d, None),
        "(n),()->()",
        ["real", "label"],
    ),
]


@pytest.mark.parametrize("oracle", BOTH)
@pytest.mark.parametrize("right", RIGHT, ids=str)
def test_the_right_gradient_is_accepted(right, oracle):
    verdict = right.verdict(oracles=(oracle,))
    assert verdict.ok, str(verdict)
    assert {record.oracle for record in verdict.records} == {oracle}


def tampered(vjp, change):
    """The vjp with its first gradient changed."""

    def wrong(*inputs):
        returned = vjp(*inputs)
        if not isinstance(returned, tuple):
            return change(returned)
        return change(returned[0]), *returned[1:]

    return wrong


def one_part_in_many(gradient):
    """Nothing that a float shows: 10³⁰⁰ is too large for the entry to feel it."""
    return gradient + gradient / TINY if np.asarray(gradient).dtype == object else gradient


CHANGES = {
    "twice": lambda g: 2 * g,
    "sign": lambda g: -g,
    "one part in 10^300": one_part_in_many,
    "one part in 10^12": lambda g: g + g / 10**12,
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("right", RIGHT, ids=str)
def test_a_wrong_gradient_is_rejected_or_refused_with_a_reason(right, change):
    verdict = right.verdict(tampered(right.vjp, CHANGES[change]), examples=4)
    # What rests on relations between function values is only told apart where a float could show it.
    unsure = (
        right.name in ("layer norm", "norm", "sine", "power", "entropy", "divergence") and "10^" in change
    )
    assert verdict.outcome == "disagrees" or (unsure and verdict.outcome == "undecided"), str(verdict)
    if verdict.outcome == "disagrees":
        assert "exact arithmetic" in verdict.reason


def test_a_transposed_gradient_is_rejected():
    verdict = check_vjp(
        lambda W, a: W @ a,
        lambda d, W, a: (np.outer(a, d), W.T @ d),
        signature="(n,n),(n)->(n)",
        oracles=EXACT,
        examples=4,
    )
    assert verdict.outcome == "disagrees", str(verdict)
    assert verdict.diagnosis is not None
    assert verdict.diagnosis.code == "transposed"


@pytest.mark.parametrize("oracle", BOTH)
def test_a_mistake_in_a_rare_branch_is_found(oracle):
    verdict = check_vjp(
        lambda x: x**2,
        lambda d, x: np.where(x > 2, 3, 2) * x * d,
        signature="(n)->(n)",
        oracles=(oracle,),
        examples=60,
    )
    assert verdict.outcome == "disagrees", str(verdict)
    assert (verdict.example.arguments["x"] > 2).any()


def test_a_single_wrong_entry_is_named():
    def vjp(d, W, a):
        by_W = np.outer(d, a)
        by_W[1, 2] = by_W[1, 2] + by_W[1, 2] / (TINY if by_W.dtype == object else 10**30)
        return by_W, W.T @ d

    rng = np.random.default_rng(0)
    args = rng.standard_normal((3, 4)), rng.standard_normal(4)
    verdict = check_vjp(lambda W, a: W @ a, vjp, args=args, oracles=EXACT)
    assert verdict.outcome == "disagrees", str(verdict)
    record = next(record for record in verdict.records if record.outcome == "disagrees")
    assert (record.argument, record.index, record.compared, record.bound) == ("W", (1, 2), 12, 0.0)
    assert record.expected == pytest.approx(record.claimed, rel=1e-12)
    assert "the formulas differ" in str(verdict)


def test_what_floats_cannot_show_the_other_oracles_accept_and_the_verdict_rejects():
    right = RIGHT[0]
    wrong = tampered(right.vjp, one_part_in_many)
    assert right.verdict(wrong, ALL_ORACLES[:3], 4).ok
    assert right.verdict(oracles=ALL_ORACLES, examples=4).ok
    verdict = right.verdict(wrong, ALL_ORACLES, 4)
    assert verdict.outcome == "disagrees"
    assert verdict.reason.endswith("by exact arithmetic.")


# --- gradients and forward mode ---------------------------------------------------------------------------


@pytest.mark.parametrize("oracle", BOTH)
def test_grad_and_jvp(oracle):
    options = {"signature": "(n)->()", "oracles": (oracle,), "examples": 4}
    assert check_grad(lambda x: (x**3).sum(), lambda x: 3 * x**2, **options).ok
    assert check_grad(lambda x: (x**3).sum(), lambda x: 2 * x**2, **options).outcome == "disagrees"
    options["signature"] = "(n),(n)->(n)"

    def jvp(tangents, x, y):
        return tangents[0] * y + x * tangents[1]

    assert check_jvp(lambda x, y: x * y, jvp, **options).ok
    wrong = check_jvp(lambda x, y: x * y, lambda t, x, y: t[0] * y - x * t[1], **options)
    assert wrong.outcome == "disagrees"


def test_a_jvp_that_is_off_by_nothing_visible():
    verdict = check_jvp(
        np.exp,
        lambda t, x: one_part_in_many(t[0] * np.exp(x)),
        signature="(n)->(n)",
        oracles=EXACT,
        examples=2,
    )
    assert verdict.outcome == "disagrees"


# --- what is not exact is refused -------------------------------------------------------------------------


def filled(x):
    out = np.zeros(x.shape)
    out[:] = x
    return out


UNRUNNABLE = {
    "the float 0.1 is not exactly": lambda x: 0.1 * x,
    "the float 0.3333333333333333 is not": lambda x: 1 / 3 * x,
    "casts to float32": lambda x: x.astype(np.float32).astype(np.float64),
    "casts to float64": lambda x: x.astype(float),
    "turns a number into a float": filled,
    "numpy.linalg.inv computes in floating point": lambda x: np.linalg.inv(np.diag(x + 4)) @ x,
    "turns a number into a whole": lambda x: x * int(x[0] > 0) + 0 * int(x[0]),
}


@pytest.mark.parametrize("reason", UNRUNNABLE)
def test_code_that_leaves_exact_arithmetic_is_refused_by_reason_and_place(reason):
    verdict = check_vjp(UNRUNNABLE[reason], lambda d, _: d, signature="(n)->(n)", oracles=EXACT, examples=2)
    assert verdict.outcome == "undecided", str(verdict)
    assert reason in verdict.reason
    assert "(line " in verdict.reason
    assert "he forward cannot be run on exact numbers" in verdict.reason


def test_a_literal_in_the_backward_is_refused_as_well():
    verdict = check_vjp(
        lambda x: x**2 / 20, lambda d, x: 0.1 * x * d, signature="(n)->(n)", oracles=EXACT, examples=2
    )
    assert verdict.outcome == "undecided"
    assert "0.1" in verdict.reason
    assert "vjp cannot be run" in verdict.reason


@pytest.mark.parametrize("oracle", BOTH)
def test_a_kink_is_refused(oracle):
    verdict = check_vjp(
        lambda x: np.maximum(x, 0), lambda d, x: d * (x > 0), args=(np.array([0.0, 1.0]),), oracles=(oracle,)
    )
    assert verdict.outcome == "undecided"
    assert "equal here" in verdict.reason


def test_long_code_is_refused():
    case = point(np.zeros(3))

    def forward(x):
        for _ in range(EFFORT):
            x = x * 2
        return x

    code = Code(forward, lambda d, _: forward(d), "vjp")
    for oracle in (Exact(code), Interval(code)):
        answer = oracle.gradients(case, [np.ones(3)], [0])
        assert "it takes more than" in answer.refusal


def test_a_backward_that_uses_what_the_forward_has_kept():
    kept = {}

    def forward(x):
        kept["a"] = np.tanh(x)
        return kept["a"] * 1

    options = {"signature": "(n)->(n)", "oracles": EXACT, "examples": 4}
    assert check_vjp(forward, lambda d, _: d * (1 - kept["a"] ** 2), **options).ok
    assert check_vjp(forward, lambda d, _: d * (1 - kept["a"]), **options).outcome == "disagrees"
    assert kept["a"].dtype == np.float64


def test_code_that_writes_to_its_argument_does_not_spoil_the_comparison():
    def forward(x):
        x *= 2
        return x**2

    case = point([1.0, 2.0])
    (estimate,) = (
        Exact(Code(forward, lambda d, x: 8 * x * d, "vjp")).gradients(case, [np.ones(2)], [0]).estimates
    )
    assert estimate.same.all()


def test_enough_cases_are_enough_and_leave_no_record():
    code = Code(lambda x: x**2, lambda d, x: 2 * x * d, "vjp")
    for oracle in (Exact(code, 2), Interval(code, 2)):
        answers = [oracle.gradients(point([1.0], number=k), [np.ones(1)], [0]) for k in (0, 1, 2, 1)]
        assert [answer.spared for answer in answers] == [False, False, True, False]


# --- relations that random inputs do not keep ---------------------------------------------------------------


def quadratic(A, x):
    return x @ A @ x


SYMMETRIC = np.array([[2.0, 0.5], [0.5, -1.0]])
AT = np.array([0.3, 1.7])


@pytest.mark.parametrize("oracle", BOTH)
def test_a_gradient_that_is_right_for_the_given_inputs_is_not_accused(oracle):
    def vjp(d, A, x):
        return np.outer(x, x) * d, 2 * A @ x * d

    verdict = check_vjp(quadratic, vjp, args=(SYMMETRIC, AT), oracles=(oracle,))
    assert verdict.outcome != "disagrees", str(verdict)
    wrong = check_vjp(
        quadratic, lambda d, A, x: (np.outer(x, x) * d, A @ x * d), args=(SYMMETRIC, AT), oracles=(oracle,)
    )
    assert wrong.outcome == "disagrees", str(wrong)


def test_labels_that_sum_to_one_but_for_rounding_do_not_accuse():
    def vjp(d, z, y):
        return (softmax(z) - y) * d, None

    verdict = check_vjp(
        lambda z, y: -(y * log_softmax(z)).sum(),
        vjp,
        signature="(n),(n)->()",
        domain=["real", "simplex"],
        oracles=EXACT,
        examples=12,
    )
    assert verdict.outcome != "disagrees", str(verdict)


def test_the_same_at_labels_that_need_not_sum_to_one_is_a_mistake():
    verdict = check_vjp(
        lambda z, y: -(y * log_softmax(z)).sum(),
        lambda d, z, y: ((softmax(z) - y) * d, None),
        signature="(n),(n)->()",
        oracles=EXACT,
        examples=4,
    )
    assert verdict.outcome == "disagrees"


def test_a_gradient_of_zero_at_a_given_point_is_no_evidence_by_itself():
    options = {"args": (np.zeros(2),), "oracles": EXACT}
    right = check_vjp(lambda x: x**3, lambda d, x: 3 * x**2 * d, **options)
    assert right.ok
    assert "at a point beside it" in right.reason
    assert check_vjp(lambda x: x**3, lambda d, x: 2 * x**2 * d, **options).outcome == "undecided"


def test_a_root_of_a_square_is_not_taken_with_the_wrong_sign():
    """√((x + y)²) is |x + y|: of the two roots of a residue the real number tells which."""
    options = {"signature": "(),()->()", "oracles": EXACT, "examples": 12}

    def forward(x, y):
        return np.sqrt((x + y) ** 2)

    right = check_vjp(forward, lambda d, x, y: (d * np.sign(x + y), d * np.sign(x + y)), **options)
    wrong = check_vjp(forward, lambda d, x, y: (-d * np.sign(x + y), -d * np.sign(x + y)), **options)
    assert right.outcome != "disagrees", str(right)
    assert wrong.outcome == "disagrees", str(wrong)


# --- interval arithmetic ------------------------------------------------------------------------------------


def test_the_interval_oracle_keeps_its_digits_where_floats_lose_theirs():
    """1 − cos x at 1e-9 has no correct digit in float64; its derivative is sin x."""
    case = point(1e-9)
    answer = Interval(Code(lambda x: (1 - np.cos(x)) / x**2, np.sin, "vjp")).gradients(
        case, [np.ones(())], [0]
    )
    (estimate,) = answer.estimates
    assert estimate.value == pytest.approx(-1e-9 / 12, rel=1e-12)
    assert estimate.bound <= 1e-20


def test_an_error_of_one_part_in_a_billion_is_outside_the_ball():
    right = RIGHT[2]
    verdict = right.verdict(tampered(right.vjp, lambda g: g * (1 + 1e-9)), INTERVAL)
    assert verdict.outcome == "disagrees", str(verdict)


def test_what_the_interval_oracle_cannot_run_is_refused():
    verdict = check_vjp(filled, lambda d, _: d, signature="(n)->(n)", oracles=INTERVAL, examples=2)
    assert verdict.outcome == "undecided"
    assert "turns a number into a float" in verdict.reason


# --- the public face --------------------------------------------------------------------------------------


def test_the_error_probability_is_small_enough_to_state():
    assert CHANCE <= 1e-12


def test_an_unknown_oracle_is_refused_and_the_known_ones_are_named():
    with pytest.raises(
        InputError, match=r"choose from autodiff, symbolic, finite_difference, exact, interval"
    ):
        RIGHT[0].verdict(oracles=("exakt",))
