"""Code under test: copies go in, plain arrays come out, and what it breaks on the way is noticed."""

from __future__ import annotations

import functools
import warnings

import numpy as np
import pytest

from checkers.candidate import Candidate, argument_count, argument_names, as_argument
from checkers.errors import FunctionError, GradientCountError, InputError
from checkers.signature import Signature

X, Y = np.array([1.0, 2.0]), np.array([3.0, -1.0])
DELTA = np.array([0.5, 2.0])


def product(x, y):
    return x * y


def product_vjp(delta, x, y):
    return delta * y, delta * x


def candidate(forward=product, derivative=product_vjp, kind="vjp", arguments=("x", "y"), signature=None):
    parsed = None if signature is None else Signature.parse(signature)
    return Candidate(forward, derivative, kind, "product", arguments, parsed)


# --- the forward --------------------------------------------------------------------------------------------


def test_forward_returns_its_outputs_as_a_tuple():
    (output,) = candidate().primal([X, Y])
    np.testing.assert_array_equal(output, X * Y)
    first, second = candidate(forward=lambda x, y: [x, y + 1]).primal([X, Y])
    np.testing.assert_array_equal(second, Y + 1)
    assert first.shape == (2,)


def test_numbers_and_masked_arrays_are_arrays():
    assert candidate(forward=lambda *_: 3).primal([X, Y])[0].shape == ()
    (masked,) = candidate(forward=lambda x, _: np.ma.masked_less(x, 1.5)).primal([X, Y])
    assert type(masked) is np.ndarray
    assert np.isnan(masked[0])
    assert masked[1] == 2.0


def test_arrays_of_the_caller_are_safe_from_the_forward():
    def forward(x, y):
        x[...] = 7
        return x * y

    x = X.copy()
    candidate(forward=forward).primal([x, Y])
    np.testing.assert_array_equal(x, X)


def test_memory_order_and_read_only_flag_reach_the_code():
    seen = []

    def forward(x):
        seen.append((x.flags.f_contiguous, x.flags.writeable))
        return x

    fortran, frozen = np.asfortranarray(np.ones((2, 3))), np.ones((2, 3))
    frozen.flags.writeable = False
    for x in (fortran, frozen):
        candidate(forward=forward, arguments=("x",)).primal([x])
    assert seen == [(True, True), (False, False)]


@pytest.mark.parametrize(
    ("forward", "sentence"),
    [
        (lambda *_: None, "the output of forward has dtype object"),
        (lambda *_: "yes", "the output of forward has dtype <U3"),
        (lambda x, _: x + 1j, "the output of forward has dtype complex128"),
        (lambda x, _: np.array([x, None], dtype=object), "the output of forward has dtype object"),
        (lambda x, _: (x, "a"), "output 1 of forward has dtype"),
        (lambda x, _: np.linalg.inv(x), "forward raised LinAlgError"),
        (lambda x, _: x @ np.ones(5), "forward raised ValueError"),
        (lambda x: x, "forward raised TypeError"),
    ],
)
def test_forward_that_gives_no_real_array_is_refused(forward, sentence):
    with pytest.raises(FunctionError) as caught:
        candidate(forward=forward).primal([X, Y])
    assert sentence in str(caught.value)


def test_ragged_output_is_refused():
    with pytest.raises(FunctionError, match="is no array"):
        candidate(forward=lambda *_: ([[1.0], [1.0, 2.0]],)).primal([X, Y])


def test_exception_of_the_code_is_chained_and_shapes_are_named():
    with pytest.raises(FunctionError) as caught:
        candidate(forward=lambda *_: 1 // 0).primal([X, np.ones((2, 3))])
    assert isinstance(caught.value.__cause__, ZeroDivisionError)
    assert "(for arrays of shapes (2,), (2, 3))" in str(caught.value)


@pytest.mark.parametrize("interruption", [KeyboardInterrupt, SystemExit, MemoryError])
def test_interruptions_are_not_swallowed(interruption):
    def forward(x, y):
        raise interruption

    expected = FunctionError if issubclass(interruption, Exception) else interruption
    with pytest.raises(expected):
        candidate(forward=forward).primal([X, Y])


def test_warnings_of_arithmetic_are_silent_and_others_are_not():
    candidate(forward=lambda x, y: np.log(x - x) + np.exp(y * 1e4) / 0.0).primal([X, Y])

    def deprecated(x, y):
        warnings.warn("old", DeprecationWarning, stacklevel=1)
        return x

    with pytest.raises(FunctionError, match="DeprecationWarning"):
        candidate(forward=deprecated).primal([X, Y])


def test_output_must_fit_the_signature():
    candidate(signature="(n),(n)->(n)").primal([X, Y])
    with pytest.raises(FunctionError, match=r"output 0 has shape \(2,\)"):
        candidate(signature="(n),(n)->()").primal([X, Y])
    with pytest.raises(FunctionError, match="has 2 outputs, but there are 1"):
        candidate(signature="(n),(n)->(n),(n)").primal([X, Y])


@pytest.mark.parametrize(
    "loss", [lambda x: x.sum(), lambda x: x[:1], lambda x: np.array([[x[0]]]), lambda _: 2.0]
)
def test_loss_is_a_single_number_of_any_shape(loss):
    candidate(forward=loss, kind="grad", arguments=("x",)).primal([X])


@pytest.mark.parametrize("loss", [lambda x: x, lambda x: (x.sum(), x.sum()), lambda x: x[:0]])
def test_loss_of_several_numbers_is_refused(loss):
    with pytest.raises(FunctionError, match="a gradient belongs to a single number"):
        candidate(forward=loss, kind="grad", arguments=("x",)).primal([X])


# --- the derivative -----------------------------------------------------------------------------------------


def test_gradients_come_one_per_argument():
    call = candidate().pulled_back([DELTA], [X, Y])
    np.testing.assert_array_equal(call.arrays[0], DELTA * Y)
    np.testing.assert_array_equal(call.arrays[1], DELTA * X)
    assert call.overwritten == []
    assert call.aliased == []


def test_lone_array_is_the_gradient_of_the_only_argument():
    call = candidate(forward=np.sin, derivative=lambda d, x: d * np.cos(x), arguments=("x",)).pulled_back(
        [DELTA], [X]
    )
    assert len(call.arrays) == 1


def test_none_stays_none():
    call = candidate(derivative=lambda d, x, _: (None, d * x)).pulled_back([DELTA], [X, Y])
    assert call.arrays[0] is None


def test_several_cotangents_come_as_a_tuple_and_one_comes_bare():
    seen = []

    def vjp(delta, x, y):
        seen.append(delta)
        return x, y

    candidate(derivative=vjp).pulled_back([DELTA, DELTA + 1], [X, Y])
    candidate(derivative=vjp).pulled_back([DELTA], [X, Y])
    assert isinstance(seen[0], tuple)
    assert isinstance(seen[1], np.ndarray)


def test_grad_takes_the_arguments_alone():
    call = candidate(forward=lambda x, y: x @ y, derivative=lambda x, y: (y, x), kind="grad").pulled_back(
        [np.ones(())], [X, Y]
    )
    np.testing.assert_array_equal(call.arrays[0], Y)


@pytest.mark.parametrize(
    ("returned", "count"),
    [
        ((DELTA,), "1 gradient"),
        ((DELTA, DELTA, DELTA), "3 gradients"),
        (DELTA, "1 gradient"),
        ((), "0 gradients"),
    ],
)
def test_another_number_of_gradients_is_refused_with_the_arguments_named(returned, count):
    with pytest.raises(GradientCountError) as caught:
        candidate(derivative=lambda *_: returned).pulled_back([DELTA], [X, Y])
    assert f"returned {count} for 2 arguments (x, y)" in str(caught.value)
    assert "None for an argument that is not differentiated" in str(caught.value)


@pytest.mark.parametrize(
    ("returned", "sentence"),
    [
        (("a", DELTA), "item 0 returned by vjp has dtype <U1"),
        ((DELTA, DELTA + 1j), "item 1 returned by vjp has dtype complex128"),
        ((DELTA, [[1.0], [2.0, 3.0]]), "item 1 returned by vjp is no array"),
        ((DELTA, {"x": 1}), "item 1 returned by vjp has dtype object"),
    ],
)
def test_gradient_that_is_no_real_array_is_refused(returned, sentence):
    with pytest.raises(FunctionError) as caught:
        candidate(derivative=lambda *_: returned).pulled_back([DELTA], [X, Y])
    assert sentence in str(caught.value)


def test_inputs_that_are_overwritten_are_named_and_the_callers_stay():
    def vjp(delta, x, y):
        delta *= 2
        y[0] = np.nan
        return delta * y, delta * x

    delta, x, y = DELTA.copy(), X.copy(), Y.copy()
    call = candidate(derivative=vjp).pulled_back([delta], [x, y])
    assert call.overwritten == ["delta", "y"]
    np.testing.assert_array_equal(np.concatenate([delta, x, y]), np.concatenate([DELTA, X, Y]))


def test_writing_the_same_value_again_or_a_nan_over_a_nan_is_no_harm():
    def vjp(delta, x, y):
        x[...] = x.copy()
        return delta, delta

    assert candidate(derivative=vjp).pulled_back([DELTA], [np.array([np.nan, 1.0]), Y]).overwritten == []


def test_results_that_share_memory_with_an_input_are_named():
    call = candidate(derivative=lambda d, x, y: (y, d * x)).pulled_back([DELTA], [X, Y])
    assert call.aliased == [(0, "y")]
    call = candidate(derivative=lambda d, x, _: (d[::-1], d * x)).pulled_back([DELTA], [X, Y])
    assert call.aliased == [(0, "delta")]


def test_results_are_copied_so_that_a_later_call_cannot_change_them():
    kept = np.zeros(2)

    def vjp(delta, x, y):
        kept[...] = delta * y
        return kept, delta * x

    first = candidate(derivative=vjp).pulled_back([DELTA], [X, Y])
    candidate(derivative=vjp).pulled_back([10 * DELTA], [X, Y])
    np.testing.assert_array_equal(first.arrays[0], DELTA * Y)


def test_tangents_are_pushed_forward():
    def jvp(tangents, x, y):
        return tangents[0] * y + x * tangents[1]

    call = candidate(derivative=jvp, kind="jvp").pushed_forward([DELTA, Y], [X, Y], 1)
    np.testing.assert_array_equal(call.arrays[0], DELTA * Y + X * Y)
    with pytest.raises(GradientCountError, match="returned 1 tangent for 2 outputs"):
        candidate(derivative=jvp, kind="jvp").pushed_forward([DELTA, Y], [X, Y], 2)


def test_tangents_that_are_overwritten_are_noticed():
    def jvp(tangents, x, y):
        tangents[1][...] = 0
        return tangents[0] * y

    assert candidate(derivative=jvp, kind="jvp").pushed_forward([DELTA, Y], [X, Y], 1).overwritten == [
        "the tangents"
    ]


def test_candidate_without_a_derivative_says_so():
    with pytest.raises(InputError, match="product has no vjp to be checked"):
        _ = candidate(derivative=None).claimed


# --- arguments ----------------------------------------------------------------------------------------------


class Layer:
    def forward(self, x, W):
        return x @ W

    def __call__(self, x, *_rest):
        return x


@pytest.mark.parametrize(
    ("forward", "count", "names"),
    [
        (product, 2, ("x", "y")),
        (lambda x, /, y, *, z=1: x * y * z, 2, ("x", "y")),
        (lambda x, *_rest: x, 3, ("x", "x1", "x2")),
        (lambda **options: options, 2, ("x0", "x1")),
        (np.sin, 1, ("x0",)),
        (Layer().forward, 2, ("x", "W")),
        (Layer(), 2, ("x", "x1")),
        (functools.partial(product, np.ones(2)), 1, ("y",)),
        (lambda x, y, p=0.5: x * y * p, 2, ("x", "y")),
    ],
)
def test_arguments_are_called_as_in_the_function_where_it_tells(forward, count, names):
    found = argument_names(forward, count)
    assert len(found) == count
    assert found == names or forward is np.sin


@pytest.mark.parametrize(
    ("forward", "count"),
    [
        (product, 2),
        (lambda x, y, p=0.5: x * y * p, 2),
        (lambda x, *_rest: x, None),
        (Layer().forward, 2),
        (lambda: 0, 0),
        (lambda x, *, keepdims=False: x.sum(keepdims=keepdims), 1),
    ],
)
def test_number_of_arguments_that_must_be_given(forward, count):
    assert argument_count(forward) == count


def test_builtin_without_a_signature_takes_any_number():
    assert argument_count(max) is None
    assert argument_names(max, 2) == ("x0", "x1")


@pytest.mark.parametrize(
    ("value", "dtype"),
    [
        ([1, 2], "i"),
        ([1.0, 2], "f"),
        (3.0, "f"),
        ([True, False], "b"),
        (np.float32([1]), "f"),
        (((1, 2), (3, 4)), "i"),
    ],
)
def test_real_arguments_are_taken_in_their_own_dtype(value, dtype):
    assert as_argument(value, "x").dtype.kind == dtype


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ("text", "argument W has dtype <U4"),
        ([1j], "argument W has dtype complex128"),
        (None, "argument W has dtype object"),
        ({"a": 1}, "argument W has dtype object"),
        ([[1.0], [1.0, 2.0]], "argument W is no array"),
        (np.array(["2020-01-01"], dtype="datetime64[D]"), "argument W has dtype datetime64"),
    ],
)
def test_argument_that_is_no_real_array_is_refused_by_name(value, sentence):
    with pytest.raises(InputError) as caught:
        as_argument(value, "W")
    assert sentence in str(caught.value)
