"""The public checks: what every argument does, and the one sentence that every kind of bad input gets."""

# ruff: noqa: ARG005  (functions take the arguments that they are called with, needed or not)

from __future__ import annotations

import functools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import checkers.run
from checkers.check import (
    FAILURES_KEPT,
    assert_grad,
    assert_jvp,
    assert_vjp,
    check_grad,
    check_jvp,
    check_vjp,
)
from checkers.errors import (
    DomainError,
    FunctionError,
    GradientMismatch,
    GradientUndecided,
    GradproofError,
    InputError,
    LossError,
    SignatureError,
)
from checkers.panel import ORACLES
from checkers.points import COTANGENTS
from checkers.run import called

VECTORS = "(n)->(n)"
AFFINE = "(m,n),(n),(m)->(m)"
FEW = 6


def square(x):
    return x**2


def square_vjp(delta, x):
    return 2 * x * delta


def square_jvp(tangents, x):
    return 2 * x * tangents[0]


def energy(x):
    return (x**2).sum()


def energy_grad(x):
    return 2 * x


def affine(W, x, b):
    return W @ x + b


def affine_vjp(delta, W, x, b):
    return np.outer(delta, x), W.T @ delta, delta


def affine_vjp_without_transpose(delta, W, x, b):
    return np.outer(x, delta), W.T @ delta, delta


def scaled(derivative, factor):
    return lambda *inputs: factor * derivative(*inputs)


# --- the three kinds ----------------------------------------------------------------------------------------

KINDS = [
    pytest.param(check_vjp, assert_vjp, square, square_vjp, id="vjp"),
    pytest.param(check_grad, assert_grad, energy, energy_grad, id="grad"),
    pytest.param(check_jvp, assert_jvp, square, square_jvp, id="jvp"),
]


@pytest.mark.parametrize(("check", "assertion", "forward", "derivative"), KINDS)
def test_right_derivative_agrees_and_a_wrong_one_disagrees(check, assertion, forward, derivative):
    signature = "(n)->()" if forward is energy else VECTORS
    verdict = check(forward, derivative, signature, examples=FEW)
    assert (verdict.outcome, verdict.ok) == ("agrees", True)
    assertion(forward, derivative, signature, examples=FEW)
    wrong = scaled(derivative, 1 + 1e-9)
    assert check(forward, wrong, signature, examples=FEW).outcome == "disagrees"
    with pytest.raises(GradientMismatch, match="disagrees"):
        assertion(forward, wrong, signature, examples=FEW)


@pytest.mark.parametrize(("check", "assertion", "forward", "derivative"), KINDS)
def test_nothing_to_judge_by_is_undecided_and_raises(check, assertion, forward, derivative):
    options = {"args": (np.array([np.nan]),)}
    assert check(forward, derivative, **options).outcome == "undecided"
    with pytest.raises(GradientUndecided, match="not finite"):
        assertion(forward, derivative, **options)


def test_mismatch_is_an_assertion_error_and_undecided_is_none():
    assert issubclass(GradientMismatch, AssertionError)
    assert not issubclass(GradientUndecided, AssertionError)


def test_several_arguments_are_told_apart():
    assert check_vjp(affine, affine_vjp, AFFINE, examples=FEW).ok
    verdict = check_vjp(affine, affine_vjp_without_transpose, AFFINE, examples=FEW)
    assert verdict.outcome == "disagrees"
    assert "W" in verdict.reason


def test_several_outputs_take_a_tuple_of_cotangents():
    def forward(x, y):
        return x * y, x.sum()

    def vjp(deltas, x, y):
        return deltas[0] * y + deltas[1], deltas[0] * x

    def vjp_of_the_first(deltas, x, y):
        return deltas[0] * y, deltas[0] * x

    signature = "(n),(n)->(n),()"
    assert check_vjp(forward, vjp, signature, examples=FEW).ok
    assert check_vjp(forward, vjp_of_the_first, signature, examples=FEW).outcome == "disagrees"


def test_several_tangents_come_as_a_tuple():
    def forward(x, y):
        return x * y, x.sum()

    def jvp(tangents, x, y):
        return tangents[0] * y + x * tangents[1], tangents[0].sum()

    def jvp_without_a_term(tangents, x, y):
        return tangents[0] * y, tangents[0].sum()

    signature = "(n),(n)->(n),()"
    assert check_jvp(forward, jvp, signature, examples=FEW).ok
    assert check_jvp(forward, jvp_without_a_term, signature, examples=FEW).outcome == "disagrees"


# --- where: signature, args, domain, sampler ----------------------------------------------------------------


def test_given_point_is_checked_with_several_cotangents():
    verdict = check_vjp(square, square_vjp, args=(np.array([1.0, -2.0]),))
    assert verdict.ok
    assert {record.case for record in verdict.records} == {-1 - k for k in range(COTANGENTS)}
    assert {record.regime for record in verdict.records} == {"fixed"}


def test_given_point_is_checked_beside_the_drawn_ones():
    special = np.array([7.0, 7.0, 7.0])

    def wrong_there(delta, x):
        return square_vjp(delta, x) + (x == 7).all()

    assert check_vjp(square, wrong_there, VECTORS, examples=FEW).ok
    verdict = check_vjp(square, wrong_there, VECTORS, args=(special,), examples=FEW)
    assert verdict.outcome == "disagrees"


def test_loss_has_one_cotangent_at_a_given_point():
    verdict = check_grad(energy, energy_grad, args=(np.array([1.0, -2.0]),))
    assert {record.case for record in verdict.records} == {-1}


@pytest.mark.parametrize("value", [[1, 2, -3], (1.5, 2.5), 2.0, [True, False], np.float32([1.5, 2.5])])
def test_given_point_may_be_lists_numbers_and_any_real_dtype(value):
    assert check_vjp(lambda x: x * 2.0, lambda d, x: 2.0 * d, args=(value,)).ok
    assert check_vjp(lambda x: x * 2.0, lambda d, x: d, args=(value,)).outcome == "disagrees"


def test_whole_numbers_without_a_gradient_stay_whole():
    def pick(x, k):
        return x[k]

    def pick_vjp(delta, x, k):
        gradient = np.zeros_like(x)
        gradient[k] = delta
        return gradient, None

    verdict = check_vjp(pick, pick_vjp, args=(np.array([1.0, 2.0, 3.0]), 1))
    assert verdict.ok, str(verdict)
    assert not any(record.argument == "k" for record in verdict.records)


def test_examples_are_the_number_of_drawn_cases():
    verdict = check_vjp(square, square_vjp, VECTORS, examples=5)
    assert {record.case for record in verdict.records} == set(range(5))


def test_run_ends_after_a_few_failures():
    verdict = check_vjp(square, scaled(square_vjp, 2), VECTORS, examples=50, oracles=("autodiff",))
    assert len({record.case for record in verdict.records}) <= FAILURES_KEPT + 2


@pytest.mark.parametrize(
    "domain",
    [
        "positive",
        ["positive"],
        {"x": "positive"},
        lambda rng, shape: rng.uniform(0.5, 2.0, shape),
        st.floats(0.5, 2.0),
    ],
)
def test_domain_says_where_arguments_are_drawn(domain):
    def root_vjp(delta, x):
        assert (x > 0).all()
        return delta / (2 * np.sqrt(x))

    assert check_vjp(np.sqrt, root_vjp, VECTORS, domain=domain, examples=FEW).ok
    assert not check_vjp(np.sqrt, scaled(root_vjp, 2), VECTORS, domain=domain, examples=FEW).ok


def test_sampler_draws_all_arguments_together():
    def sampler(rng, sizes):
        A = rng.standard_normal((sizes["n"], sizes["n"]))
        return A + A.T, rng.standard_normal(sizes["n"])

    def grad_of_symmetric(A, x):
        assert np.array_equal(A, A.T)
        return None, 2 * A @ x

    def without_2(A, x):
        return None, A @ x

    def form(A, x):
        return x @ A @ x

    options = {"signature": "(n,n),(n)->()", "sampler": sampler, "examples": FEW}
    assert check_grad(form, grad_of_symmetric, **options).ok
    assert check_grad(form, without_2, **options).outcome == "disagrees"


# --- what: wrt, oracles -------------------------------------------------------------------------------------


def half_wrong(delta, W, x, b):
    by_W, by_x, by_b = affine_vjp(delta, W, x, b)
    return by_W, 2 * by_x, by_b


@pytest.mark.parametrize(
    ("wrt", "outcome"),
    [
        ((0, 2), "agrees"),
        ([0], "agrees"),
        (0, "agrees"),
        ((-1,), "agrees"),
        (np.array([0, 2]), "agrees"),
        ((1,), "disagrees"),
        (1, "disagrees"),
        ((-2,), "disagrees"),
        ((0, 1), "disagrees"),
    ],
)
def test_wrt_selects_the_arguments_that_are_judged(wrt, outcome):
    assert check_vjp(affine, half_wrong, AFFINE, wrt=wrt, examples=FEW).outcome == outcome


def test_none_leaves_an_argument_out_unless_wrt_asks_for_it():
    def vjp(delta, W, x, b):
        by_W, _, by_b = affine_vjp(delta, W, x, b)
        return by_W, None, by_b

    verdict = check_vjp(affine, vjp, AFFINE, examples=FEW)
    assert verdict.ok
    assert any("not differentiated" in remark and "x" in remark for remark in verdict.remarks)
    verdict = check_vjp(affine, vjp, AFFINE, wrt=(1,), examples=FEW)
    assert verdict.outcome == "disagrees"
    assert "returns None for x" in verdict.reason


@pytest.mark.parametrize("oracle", ORACLES)
def test_every_oracle_judges_alone(oracle):
    for derivative, outcome in ((square_vjp, "agrees"), (scaled(square_vjp, 1.001), "disagrees")):
        verdict = check_vjp(square, derivative, VECTORS, oracles=(oracle,), examples=FEW)
        assert verdict.outcome == outcome
        assert {record.oracle for record in verdict.records} == {oracle}


def test_oracles_may_be_any_sequence_and_named_twice():
    for names in (["autodiff"], ("autodiff", "autodiff"), np.array(["autodiff"]), iter(["autodiff"])):
        verdict = check_vjp(square, square_vjp, VECTORS, oracles=names, examples=2)
        assert verdict.ok
        assert {record.oracle for record in verdict.records} == {"autodiff"}


# --- determinism --------------------------------------------------------------------------------------------


def relu_of_half(delta, x):
    return delta * (x > 0) / 2


@pytest.mark.parametrize("derivative", [square_vjp, scaled(square_vjp, 1.5), relu_of_half])
def test_same_seed_gives_the_same_report_byte_for_byte(derivative):
    def forward(x):
        return x**2

    one, other = (check_vjp(forward, derivative, VECTORS, seed=3, examples=FEW) for _ in range(2))
    assert str(one) == str(other)
    assert repr(one.records) == repr(other.records)
    assert repr(one.mismatches) == repr(other.mismatches)


def test_other_seed_draws_other_cases():
    one, other = (check_vjp(square, square_vjp, VECTORS, seed=s, examples=FEW) for s in (0, 1))
    assert [r.claimed for r in one.records] != [r.claimed for r in other.records]


def test_state_of_the_global_generator_neither_matters_nor_changes():
    np.random.seed(1)  # noqa: NPY002
    one = check_vjp(square, square_vjp, VECTORS, examples=FEW)
    after = np.random.random()  # noqa: NPY002
    np.random.seed(1)  # noqa: NPY002
    assert np.random.random() == after  # noqa: NPY002
    assert repr(check_vjp(square, square_vjp, VECTORS, examples=FEW).records) == repr(one.records)


def test_last_line_of_a_failure_repeats_it():
    import gradproof

    wrong = scaled(square_vjp, 3)
    verdict = check_vjp(square, wrong, VECTORS, seed=5, examples=FEW)
    line = str(verdict).splitlines()[-1].removeprefix("  Repeat: ")
    names = {"gradproof": gradproof, "np": np, "square": square, "vjp": wrong}
    assert eval(line, names).outcome == "disagrees"


@pytest.mark.parametrize(
    ("function", "name"),
    [(square, "square"), (lambda x: x, "otherwise"), (functools.partial(square), "otherwise")],
)
def test_functions_are_called_by_their_names_where_they_have_one(function, name):
    assert called(function, "otherwise") == name


# --- bad input: one sentence, a typed exception -------------------------------------------------------------

ONES = np.ones(2)


def product(x, y):
    return x * y


def product_vjp(delta, x, y):
    return delta * y, delta * x


def keyword_only(x, *, c):
    return c * x


def asked(**options):
    """A check of the square with some options."""
    return lambda: check_vjp(square, square_vjp, **{"signature": VECTORS, "examples": 3, **options})


def at(*args, forward=square, vjp=square_vjp, **options):
    """A check at a given point."""
    return lambda: check_vjp(forward, vjp, args=args, **options)


def of(forward, vjp=square_vjp, check=check_vjp, signature=VECTORS):
    """A check of two functions."""
    return lambda: check(forward, vjp, signature, examples=4)


BAD = {
    # signature
    "no group": (asked(signature="(n->(n)"), SignatureError, ["signature '(n->(n)'", "does not parse"]),
    "no arrow": (asked(signature="(n)"), SignatureError, ["signature '(n)' has no '->'"]),
    "empty": (asked(signature=""), SignatureError, ["signature '' has no '->'"]),
    "no text": (asked(signature=3), SignatureError, ["signature must be a string", "not int"]),
    "a size of -1": (asked(signature="(-1)->(-1)"), SignatureError, ["the size '-1'"]),
    "no output": (asked(signature="(n)->"), SignatureError, ["signature '(n)->' has no output"]),
    "no argument": (of(lambda: 1.0, lambda d: (), signature="->()"), InputError, ["'->()' has no argument"]),
    "neither": (asked(signature=None), InputError, ["give a signature", "args", "neither"]),
    # args
    "an array": (asked(args=ONES), InputError, ["args must be a tuple", "not ndarray"]),
    "a number": (asked(args=3.0), InputError, ["args must be a tuple", "not float"]),
    "nothing": (at(), InputError, ["args has no argument"]),
    "objects": (at(np.array([1, None])), InputError, ["argument x", "dtype object", "float or integer"]),
    "text": (at("abc"), InputError, ["argument x", "dtype <U3"]),
    "strings": (at(np.array(["a", "b"])), InputError, ["argument x", "dtype <U1"]),
    "complex": (at(np.array([1j])), InputError, ["argument x", "dtype complex128"]),
    "dates": (at(np.array(["2020-01-01"], dtype="M8[D]")), InputError, ["argument x", "dtype datetime64"]),
    "None": (at(None), InputError, ["argument x", "dtype object"]),
    "ragged": (at([[1.0], [1.0, 2.0]]), InputError, ["argument x is no array", "of one length"]),
    "too large": (at([10**30]), InputError, ["argument x", "dtype object"]),
    "longdouble": (at(np.ones(2, np.longdouble)), InputError, ["argument x", "float64"]),
    "masked": (at(np.ma.masked_less([1.0, 2.0], 1.5)), InputError, ["argument x is masked", "fill it"]),
    "one too many": (at(ONES, ONES), InputError, ["forward takes 1 argument", "args has 2"]),
    "one too few": (
        at(ONES, forward=product, vjp=product_vjp),
        InputError,
        ["forward takes 2 arguments", "args has 1"],
    ),
    "another axis": (asked(args=(np.ones((2, 2)),)), SignatureError, ["shape (2, 2)", "says (n)"]),
    "another number": (asked(args=(ONES, 1.0)), InputError, ["args has 2 arrays", "1 argument"]),
    "another size": (
        lambda: check_vjp(product, product_vjp, "(n),(n)->(n)", args=(np.ones(2), np.ones(3))),
        SignatureError,
        ["argument 1 has shape (3,)", "n=2"],
    ),
    "outside of its domain": (
        at(np.array([1.0, -3.0]), domain="positive"),
        DomainError,
        ["argument x has the value -3.0", "'positive' goes from 0"],
    ),
    # functions
    "no forward": (of(None), InputError, ["forward must be a function", "not NoneType"]),
    "no vjp": (of(square, ONES), InputError, ["vjp must be a function", "not ndarray"]),
    "no loss": (
        of(3, energy_grad, check_grad, "(n)->()"),
        InputError,
        ["loss must be a function", "not int"],
    ),
    "no grad": (of(energy, "g", check_grad, "(n)->()"), InputError, ["grad must be a function", "not str"]),
    "no jvp": (of(square, 1.0, check_jvp), InputError, ["jvp must be a function", "not float"]),
    "forward of more": (of(product), InputError, ["forward takes 2 arguments", "signature has 1"]),
    "forward of none": (of(lambda: 1.0), InputError, ["forward takes no argument", "signature has 1"]),
    "vjp without x": (of(square, lambda d: d), InputError, ["vjp takes 1 argument", "delta, x"]),
    "vjp of more": (of(square, product_vjp), InputError, ["vjp takes 3 arguments", "delta, x"]),
    "grad with delta": (
        of(energy, square_vjp, check_grad, "(n)->()"),
        InputError,
        ["grad takes 2 arguments", "called with 1: x"],
    ),
    "jvp without x": (
        of(square, lambda t: t, check_jvp),
        InputError,
        ["jvp takes 1 argument", "tangents, x"],
    ),
    "forward with a keyword": (of(keyword_only), FunctionError, ["forward raised TypeError", "'c'"]),
    "forward that raises": (of(lambda x: x @ np.ones(9)), FunctionError, ["forward raised ValueError"]),
    "forward of None": (of(lambda x: None), FunctionError, ["the output of forward has dtype object"]),
    "forward of text": (of(lambda x: "a"), FunctionError, ["the output of forward has dtype <U1"]),
    "forward of a dict": (of(lambda x: {"y": x}), FunctionError, ["the output of forward has dtype object"]),
    "forward of nothing": (
        at(ONES, forward=lambda x: ()),
        FunctionError,
        ["forward returned an empty tuple"],
    ),
    "forward of complex": (of(lambda x: x + 1j), FunctionError, ["the output of forward", "complex128"]),
    "output of another shape": (of(energy), FunctionError, ["output 0 has shape ()", "says (n)"]),
    "output missing": (of(square, signature="(n)->(n),()"), FunctionError, ["has 2 outputs", "there are 1"]),
    "loss of an array": (of(square, energy_grad, check_grad), LossError, ["shape (", "a single number"]),
    "loss of two": (
        lambda: check_grad(lambda x: (x.sum(), x.sum()), energy_grad, args=(ONES,)),
        LossError,
        ["arrays of shape () and ()", "a single number"],
    ),
    # domain and sampler
    "unknown domain": (asked(domain="positiv"), DomainError, ["domain 'positiv' of argument x", "positive"]),
    "number as domain": (asked(domain=3), DomainError, ["domain of argument x is a int"]),
    "two domains": (asked(domain=["real"] * 2), DomainError, ["domain has 2 entries", "1 argument"]),
    "domain of no argument": (asked(domain={"z": "real"}), DomainError, ["'z'", "the arguments are x"]),
    "domain of a number": (asked(domain={1: "real", "z": "real"}), DomainError, ["the arguments are x"]),
    "domain of another shape": (
        asked(domain=lambda rng, shape: np.ones(77)),
        DomainError,
        ["domain of argument x", "(77,)", "asked for"],
    ),
    "domain that raises": (
        asked(domain=lambda rng, shape: 1 // 0),
        DomainError,
        ["domain of argument x raised ZeroDivisionError"],
    ),
    "domain of one parameter": (asked(domain=lambda rng: 1.0), DomainError, ["domain of argument x raised"]),
    "ragged domain": (
        asked(domain=lambda rng, shape: [[1.0], [1.0, 2.0]]),
        DomainError,
        ["domain of argument x gave no array"],
    ),
    "domain of objects": (asked(domain=lambda rng, shape: None), DomainError, ["dtype object"]),
    "number as sampler": (asked(sampler=3), InputError, ["sampler must be a function", "not 3"]),
    "sampler without a signature": (
        asked(signature=None, args=(ONES,), sampler=lambda rng, sizes: (ONES,)),
        InputError,
        ["sampler needs a signature"],
    ),
    "sampler that raises": (
        asked(sampler=lambda rng, sizes: sizes["k"]),
        DomainError,
        ["sampler raised KeyError: 'k'"],
    ),
    "sampler of a lone array": (
        asked(sampler=lambda rng, sizes: ONES),
        DomainError,
        ["tuple of 1 array", "not ndarray"],
    ),
    "sampler of two": (asked(sampler=lambda rng, sizes: (ONES, ONES)), DomainError, ["not 2 of them"]),
    "sampler of another shape": (
        asked(sampler=lambda rng, sizes: (np.ones((3, 3)),)),
        SignatureError,
        ["shape (3, 3)", "says (n)"],
    ),
    "sampler of text": (asked(sampler=lambda rng, sizes: ("a",)), DomainError, ["sampler", "dtype <U1"]),
    # wrt
    "argument 5": (asked(wrt=(5,)), InputError, ["wrt has 5", "the only argument has the number 0"]),
    "argument -2": (asked(wrt=(-2,)), InputError, ["wrt has -2"]),
    "argument by name": (asked(wrt=("x",)), InputError, ["wrt has 'x'"]),
    "one name": (asked(wrt="x"), InputError, ["wrt must be a sequence of numbers", "'x'"]),
    "argument 1.5": (asked(wrt=1.5), InputError, ["wrt must be a sequence of numbers", "1.5"]),
    "no arguments": (asked(wrt=()), InputError, ["wrt must be a sequence of numbers", "()"]),
    "argument True": (asked(wrt=(True,)), InputError, ["wrt has True"]),
    "whole numbers": (
        at(ONES, np.array([1, 2]), forward=product, vjp=lambda d, x, y: (d * y, None), wrt=(1,)),
        InputError,
        ["wrt has 1", "y holds whole numbers"],
    ),
    # oracles
    "one oracle": (asked(oracles="autodiff"), InputError, ["oracles must be a sequence", "'autodiff'"]),
    "unknown oracle": (
        asked(oracles=("autodif",)),
        InputError,
        ["oracle 'autodif' is not known", "autodiff,"],
    ),
    "no oracle": (asked(oracles=()), InputError, ["oracles must be a sequence", "()"]),
    "None as oracles": (asked(oracles=None), InputError, ["oracles must be a sequence", "None"]),
    "number as oracles": (asked(oracles=3), InputError, ["oracles must be a sequence", "3"]),
    "list as oracle": (asked(oracles=[["autodiff"]]), InputError, ["oracle ['autodiff'] is not known"]),
    # examples and seed
    **{
        f"{name} = {value!r}": (
            asked(**{name: value}),
            InputError,
            [f"{name} must be a whole number", repr(value)],
        )
        for name, values in {
            "examples": (0, -1, 1.5, True, "3", None),
            "seed": (-1, 1.0, None, False, "0"),
        }.items()
        for value in values
    },
}


@pytest.mark.parametrize(("check", "kind", "parts"), BAD.values(), ids=BAD.keys())
def test_bad_input_gets_one_sentence_that_names_it(check, kind, parts):
    with pytest.raises(kind) as caught:
        check()
    sentence = str(caught.value)
    for part in parts:
        assert part in sentence
    assert isinstance(caught.value, GradproofError)
    assert "\n" not in sentence
    assert not sentence.endswith(".")


def test_good_input_of_the_same_forms_is_accepted():
    for check in (asked(), asked(signature=None, args=(ONES,)), asked(wrt=0), asked(oracles=ORACLES)):
        assert check().ok


def test_loss_error_is_an_input_error_and_a_function_error():
    assert issubclass(LossError, InputError)
    assert issubclass(LossError, FunctionError)


def test_loss_that_is_a_number_in_some_cases_only_is_refused():
    with pytest.raises(LossError, match="a single number"):
        check_grad(lambda x: x**2 if x.size > 1 else energy(x), energy_grad, "(n)->()", examples=20)


# --- bad input that leaves the verdict undecided, or that is the derivative's own fault ---------------------


@pytest.mark.parametrize(
    ("check", "reason"),
    [
        (of(lambda x: x * np.nan), "the forward is not finite"),
        (at(np.array([1.0, np.nan])), "the argument x is not finite"),
        (at(np.array([1.0, np.inf])), "the argument x is not finite"),
        (asked(domain=lambda rng, shape: np.full(shape, np.nan)), "the argument x is not finite"),
        (of(square, lambda d, x: None), "no gradient was returned"),
    ],
)
def test_where_nothing_can_be_judged_the_reason_is_given(check, reason):
    verdict = check()
    assert verdict.outcome == "undecided"
    assert reason in verdict.reason[:1].lower() + verdict.reason[1:]


@pytest.mark.parametrize(
    ("vjp", "reason"),
    [
        (lambda d, x: 1 // 0, "vjp raised ZeroDivisionError"),
        (lambda d, x: "a", "item 0 returned by vjp has dtype <U1"),
        (lambda d, x: {"x": d}, "item 0 returned by vjp has dtype object"),
        (lambda d, x: 2 * x * d + 0j, "item 0 returned by vjp has dtype complex128"),
        (lambda d, x: [[[1.0], [1.0, 2.0]]], "item 0 returned by vjp is no array"),
        (lambda d, x: np.ones(99), "the gradient for x has shape (99,), but x has shape"),
        (lambda d, x: np.full_like(x, np.nan), "the gradient for x is nan"),
    ],
)
def test_derivative_that_gives_no_gradient_disagrees_with_the_reason(vjp, reason):
    verdict = check_vjp(square, vjp, VECTORS, examples=3)
    assert verdict.outcome == "disagrees"
    assert reason in verdict.reason[:1].lower() + verdict.reason[1:]
    assert verdict.example is not None


def test_code_that_JAX_cannot_trace_leaves_the_other_oracles_to_judge():
    def forward(x):
        return np.array([float(entry) ** 2 for entry in x])

    verdict = check_vjp(forward, square_vjp, VECTORS, examples=FEW)
    assert verdict.outcome == "agrees"
    assert any("JAX's autodiff took no part" in remark for remark in verdict.remarks) or any(
        "symbolic derivative took no part" in remark for remark in verdict.remarks
    )
    assert check_vjp(forward, scaled(square_vjp, 1.01), VECTORS, examples=FEW).outcome == "disagrees"


def test_output_of_truth_values_has_no_gradient_to_judge_by():
    verdict = check_vjp(lambda x: x > 0, lambda d, x: 0 * x, VECTORS, examples=FEW)
    assert verdict.outcome == "undecided"
    assert "zero throughout" in verdict.reason


def test_forward_that_writes_to_its_argument_does_not_spoil_the_check():
    def forward(x):
        x = x if x.flags.writeable else x.copy()
        x *= x
        return x + 0

    assert check_vjp(forward, square_vjp, VECTORS, examples=FEW).ok
    assert check_vjp(forward, scaled(square_vjp, 2), VECTORS, examples=FEW).outcome == "disagrees"


# --- never a false alarm ------------------------------------------------------------------------------------


def relu(x):
    return np.maximum(x, 0)


PIECES = {
    "exp": (np.exp, np.exp),
    "tanh": (np.tanh, lambda x: 1 - np.tanh(x) ** 2),
    "sin": (np.sin, np.cos),
    "square": (lambda x: x * x, lambda x: 2 * x),
    "relu": (relu, lambda x: (x > 0) * 1.0),
    "abs": (np.abs, np.sign),
    "softplus": (lambda x: np.logaddexp(0, x), lambda x: 1 / (1 + np.exp(-x))),
    "inverse": (lambda x: 1 / (1 + x * x), lambda x: -2 * x / (1 + x * x) ** 2),
    "offset": (lambda x: x + 1e6, lambda x: 1 + 0 * x),
    "small": (lambda x: 1e-9 * x, lambda x: 1e-9 + 0 * x),
    "clip": (lambda x: np.clip(x, -1, 1), lambda x: ((x >= -1) & (x <= 1)) * 1.0),
}
SUMMED = {
    "none": (lambda y: y, lambda d, y: d * np.ones_like(y)),
    "sum": (lambda y: y.sum(), lambda d, y: d * np.ones_like(y)),
    "mean": (lambda y: y.mean(), lambda d, y: d * np.ones_like(y) / y.size),
}


def composed(names, ending):
    """A function made of pieces, and its vjp by the chain rule."""

    def forward(x):
        for name in names:
            x = PIECES[name][0](x)
        return SUMMED[ending][0](x)

    def vjp(delta, x):
        seen = [x]
        for name in names:
            seen.append(PIECES[name][0](seen[-1]))
        gradient = SUMMED[ending][1](delta, seen[-1])
        for name, inner in zip(names[::-1], seen[-2::-1], strict=True):
            gradient = gradient * PIECES[name][1](inner)
        return gradient

    return forward, vjp


programs = st.tuples(
    st.lists(st.sampled_from(sorted(PIECES)), min_size=1, max_size=2), st.sampled_from(sorted(SUMMED))
)


@settings(derandomize=True, max_examples=12, deadline=None)
@given(program=programs, seed=st.integers(0, 10**6))
def test_right_gradient_of_a_random_program_is_never_accused(program, seed):
    forward, vjp = composed(*program)
    signature = "(n)->(n)" if program[1] == "none" else "(n)->()"
    verdict = check_vjp(forward, vjp, signature, seed=seed, examples=8)
    assert verdict.outcome != "disagrees", f"{program}: {verdict}"
    if verdict.ok:
        wrong = check_vjp(forward, scaled(vjp, 1 + 1e-4), signature, seed=seed, examples=4)
        assert wrong.outcome == "disagrees", f"{program}: {wrong}"


LAYOUTS = {
    "as it is": lambda x: x,
    "Fortran order": np.asfortranarray,
    "a view": lambda x: np.repeat(x, 2, axis=-1)[..., ::2],
    "reversed": lambda x: x[::-1, ::-1][::-1, ::-1],
    "read-only": lambda x: np.require(x.copy(), requirements=[]),
    "float32": lambda x: x.astype(np.float32),
    "float16": lambda x: x.astype(np.float16),
    "big endian": lambda x: x.astype(">f8"),
    "one column": lambda x: x[:, :1],
    "one row": lambda x: x[:1],
    "one entry": lambda x: x[:1, :1],
}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("scale", [1.0, 30.0])
def test_layout_dtype_and_size_do_not_matter(layout, scale):
    x = LAYOUTS[layout](scale * np.round(np.random.default_rng(1).standard_normal((3, 4)), 2))
    if layout == "read-only":
        x.flags.writeable = False

    def forward(x):
        return np.tanh(x) * x

    def vjp(delta, x):
        return delta * (np.tanh(x) + x * (1 - np.tanh(x) ** 2))

    assert check_vjp(forward, vjp, args=(x,)).ok
    assert check_vjp(forward, scaled(vjp, 1.2), args=(x,)).outcome == "disagrees"


@pytest.mark.parametrize("shape", [(0,), (0, 3), (3, 0)])
def test_argument_without_entries_needs_evidence_from_elsewhere(shape):
    verdict = check_vjp(square, square_vjp, args=(np.zeros(shape),))
    assert verdict.outcome == "agrees"
    assert "without entries there, and right for longer arrays" in verdict.reason
    wrong = check_vjp(square, scaled(square_vjp, 1.2), args=(np.zeros(shape),))
    assert wrong.outcome == "undecided"
    assert "has no entries" in wrong.reason


def test_argument_without_entries_still_needs_a_gradient_of_its_shape():
    verdict = check_vjp(square, lambda d, x: np.zeros((1, 3)), args=(np.zeros((0, 3)),))
    assert verdict.outcome == "disagrees"
    assert "shape" in verdict.reason


def test_verdict_stands_where_the_search_for_the_mistake_fails(monkeypatch, caplog):
    def fails(*args):
        raise RuntimeError("no such thing")

    monkeypatch.setattr(checkers.run, "diagnose", fails)
    verdict = check_vjp(square, scaled(square_vjp, 2.0), VECTORS, examples=4)
    assert (verdict.outcome, verdict.diagnosis) == ("disagrees", None)
    assert "its mistake cannot be told" in caplog.text
