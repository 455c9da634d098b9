"""Signatures: what parses, how sizes are drawn, and which arrays fit."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checkers.errors import InputError, SignatureError
from checkers.signature import LARGEST, LONG_EVERY, LONG_FIRST, Signature, is_long

AFFINE = Signature.parse("(m,n),(n),(m)->(m)")

steadily = settings(deadline=None, derandomize=True)


def test_signature_is_read_group_by_group():
    assert AFFINE.inputs == (("m", "n"), ("n",), ("m",))
    assert AFFINE.outputs == (("m",),)
    assert AFFINE.names == ("m", "n")


@pytest.mark.parametrize(
    ("text", "inputs", "outputs"),
    [
        ("(),(n)->()", ((), ("n",)), ((),)),
        ("(1,m),(3,4)->(m),()", ((1, "m"), (3, 4)), (("m",), ())),
        (" ( m , n ) , () -> ( n ) ", (("m", "n"), ()), (("n",),)),
        ("->(n)", (), (("n",),)),
        ("(n_in,_2)->(n_in)", (("n_in", "_2"),), (("n_in",),)),
    ],
)
def test_scalars_numbers_spaces_and_several_outputs(text, inputs, outputs):
    parsed = Signature.parse(text)
    assert (parsed.inputs, parsed.outputs) == (inputs, outputs)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("(m,n)", "has no '->'"),
        ("m,n->m", "does not parse at 'm,n'"),
        ("(m,n)(n)->(m)", "does not parse at '(m,n)(n)'"),
        ("(m,n),->(m)", "does not parse"),
        ("((m))->(m)", "does not parse"),
        ("(m->(m)", "does not parse"),
        ("(m,)->(m)", "has the size ''"),
        ("(m+1)->(m)", "has the size 'm+1'"),
        ("(-1)->()", "has the size '-1'"),
        ("(2n)->()", "has the size '2n'"),
        ("(²)->()", "has the size '²'"),
        ("(m)->(m)->(m)", "does not parse"),
    ],
)
def test_text_that_is_no_signature_is_refused_in_a_sentence(text, sentence):
    with pytest.raises(SignatureError) as caught:
        Signature.parse(text)
    assert sentence in str(caught.value)
    assert repr(text) in str(caught.value)


@pytest.mark.parametrize("text", ["(100000000000)->()", "(20000,n,10000)->(n)", "(60000000),(60000000)->()"])
def test_sizes_that_no_memory_holds_are_refused_before_anything_is_drawn(text):
    with pytest.raises(SignatureError, match="too many to draw again and again: use smaller sizes"):
        Signature.parse(text)
    Signature.parse(text.replace("0000", ""))


@pytest.mark.parametrize("given_signature", [3, None, ("m", "n"), b"(m)->(m)"])
def test_signature_that_is_no_string_is_refused(given_signature):
    with pytest.raises(InputError, match="signature must be a string"):
        Signature.parse(given_signature)


def test_shapes_follow_from_sizes():
    assert AFFINE.shapes({"m": 2, "n": 5}) == ((2, 5), (5,), (2,))
    assert Signature.parse("(1,m),()->()").shapes({"m": 0}) == ((1, 0), ())


def test_signature_of_given_shapes_has_no_sizes_to_draw():
    fixed = Signature.of([(2, 3), (), (1,)])
    assert fixed.names == ()
    assert fixed.bind([(2, 3), (), (1,)]) == {}
    with pytest.raises(SignatureError):
        fixed.bind([(2, 3), (), (2,)])


# --- drawing ------------------------------------------------------------------------------------------------

letters = st.sampled_from(["(a)->()", "(a,b)->()", "(a,b),(b,c)->()", "(a,b,c,d)->()", "(a,b,c,d,e)->()"])
SIX = Signature.parse("(a,b,c,d,e,f)->()")


@steadily
@given(text=letters, number=st.integers(0, 60), seed=st.integers(0, 2**32 - 1))
def test_sizes_are_small_positive_and_reproducible(text, number, seed):
    signature = Signature.parse(text)
    sizes = signature.draw(np.random.default_rng(seed), number)
    assert tuple(sizes) == signature.names
    largest = max(LARGEST[len(sizes)], len(sizes) + (number == 0))  # so many different ones there must be
    assert all(1 <= size <= largest + 10 * is_long(number) for size in sizes.values())
    assert (max(sizes.values()) > largest) == is_long(number)
    assert signature.draw(np.random.default_rng(seed), number) == sizes
    assert all(isinstance(size, int) for size in sizes.values())


@steadily
@given(text=letters, seed=st.integers(0, 2**32 - 1))
def test_first_case_has_sizes_of_two_and_more_all_different(text, seed):
    sizes = Signature.parse(text).draw(np.random.default_rng(seed), 0)
    assert min(sizes.values()) >= 2
    assert len(set(sizes.values())) == len(sizes)


@steadily
@given(text=letters, seed=st.integers(0, 2**32 - 1), half=st.integers(0, 30))
def test_sizes_of_even_cases_are_all_different(text, seed, half):
    sizes = Signature.parse(text).draw(np.random.default_rng(seed), 2 * half)
    assert len(set(sizes.values())) == len(sizes)


@steadily
@given(text=letters, seed=st.integers(0, 2**32 - 1), quarter=st.integers(0, 30))
def test_every_fourth_case_has_a_size_of_one(text, seed, quarter):
    sizes = Signature.parse(text).draw(np.random.default_rng(seed), 4 * quarter + 3)
    assert 1 in sizes.values()


def test_every_size_takes_every_small_value():
    rng = np.random.default_rng(0)
    drawn = [AFFINE.draw(rng, number) for number in range(200)]
    for name in AFFINE.names:
        taken = {sizes[name] for sizes in drawn}
        assert taken >= set(range(1, LARGEST[2] + 1))
        assert max(taken) > 2 * LARGEST[2]
    assert sum(sizes["m"] == sizes["n"] for sizes in drawn) > 5


def test_many_sizes_stay_small():
    rng = np.random.default_rng(0)
    drawn = [SIX.draw(rng, number) for number in range(1, 40, 2)]
    assert max(max(sizes.values()) for sizes in drawn) <= 3


def test_every_size_is_long_in_some_case():
    rng = np.random.default_rng(0)
    drawn = [SIX.draw(rng, LONG_FIRST + k * LONG_EVERY) for k in range(8)]
    assert all(max(sizes[name] for sizes in drawn) > 6 for name in SIX.names)
    assert all(len(set(sizes.values())) == len(sizes) for sizes in drawn)


def test_signature_without_sizes_draws_none():
    assert Signature.parse("(),(2)->()").draw(np.random.default_rng(0), 3) == {}


# --- binding ------------------------------------------------------------------------------------------------


def test_shapes_bind_sizes():
    assert AFFINE.bind([(2, 3), (3,), (2,)]) == {"m": 2, "n": 3}
    assert AFFINE.bind([(2, 3), (3,), (2,)], [(2,)]) == {"m": 2, "n": 3}


def test_sizes_of_outputs_alone_are_bound_too():
    assert Signature.parse("(n)->(k)").bind([(2,)], [(7,)]) == {"n": 2, "k": 7}


@pytest.mark.parametrize(
    ("shapes", "outputs", "sentence"),
    [
        ([(2, 3), (3,)], None, "has 3 arguments, but there are 2"),
        ([(2, 3), (3,), (3,)], None, "argument 2 has shape (3,), but signature"),
        ([(2, 3), (3, 1), (2,)], None, "argument 1 has shape (3, 1)"),
        ([(2, 3), (3,), ()], None, "argument 2 has shape ()"),
        ([(2, 3), (3,), (2,)], [(3,)], "output 0 has shape (3,)"),
        ([(2, 3), (3,), (2,)], [(2,), (2,)], "has 1 output, but there are 2"),
    ],
)
def test_shapes_that_do_not_fit_are_refused_with_the_argument_named(shapes, outputs, sentence):
    with pytest.raises(SignatureError) as caught:
        AFFINE.bind(shapes, outputs)
    assert sentence in str(caught.value)


def test_refusal_names_the_sizes_known_by_then():
    with pytest.raises(SignatureError, match="with m=2, n=3"):
        AFFINE.bind([(2, 3), (4,), (2,)])


def test_fixed_sizes_must_be_met():
    signature = Signature.parse("(1,m)->(m)")
    assert signature.bind([(1, 4)]) == {"m": 4}
    with pytest.raises(SignatureError):
        signature.bind([(2, 4)])


@steadily
@given(sizes=st.fixed_dictionaries({"m": st.integers(0, 9), "n": st.integers(0, 9)}))
def test_binding_undoes_shapes(sizes):
    assert AFFINE.bind(AFFINE.shapes(sizes)) == sizes


def test_neighbouring_cases_differ():
    rng = np.random.default_rng(3)
    drawn = [tuple(AFFINE.draw(rng, number).values()) for number in range(40)]
    assert sum(one != other for one, other in pairwise(drawn)) > 25
