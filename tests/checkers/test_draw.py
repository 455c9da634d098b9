"""Cases: what is drawn follows from seed, name and number alone, fits, and is of every kind."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from checkers.domains import NAMED, REGIMES
from checkers.draw import DISTINCT, FIXED, SHARING, Case, Drawing, domains_for, generator
from checkers.errors import DomainError, SignatureError
from checkers.signature import Signature

AFFINE = Signature.parse("(m,n),(n),(m)->(m)")
ARGUMENTS = ("W", "x", "b")
CASES = range(120)


def drawing(
    seed=0, name="affine", domain=None, sampler=None, signature=AFFINE, arguments=ARGUMENTS, empty=()
):
    return Drawing(signature, domains_for(signature, arguments, domain), sampler, seed, name, empty)


def content(case):
    return (
        case.regime,
        dict(case.sizes),
        [(a.dtype.str, a.shape, a.strides, a.flags.writeable, a.tobytes()) for a in case.arguments],
    )


@pytest.mark.parametrize("number", [0, 1, 7, 13, 40])
def test_case_follows_from_seed_name_and_number(number):
    assert content(drawing().case(number)) == content(drawing().case(number))
    first = drawing()
    for earlier in range(number):
        first.case(earlier)
    assert content(first.case(number)) == content(drawing().case(number))


def test_other_seeds_and_other_names_draw_other_cases():
    def values(**options):
        return b"".join(a.tobytes() for number in range(5) for a in drawing(**options).case(number).arguments)

    assert len({values(), values(seed=1), values(name="other"), values(seed=2**64 + 5)}) == 4


def test_purposes_at_one_case_are_independent():
    case = drawing().case(3)
    one, other = case.rng("leading").standard_normal(3), case.rng("directions").standard_normal(3)
    assert not np.array_equal(one, other)
    np.testing.assert_array_equal(one, drawing().case(3).rng("leading").standard_normal(3))
    assert not np.array_equal(one, drawing().case(4).rng("leading").standard_normal(3))


def test_generator_depends_on_every_key():
    drawn = {
        tuple(generator(*keys).integers(0, 2**40, 2)) for keys in [(0, "a"), (0, "b"), (1, "a"), (0, "a", 1)]
    }
    assert len(drawn) == 4


def test_shapes_fit_the_signature():
    for number in CASES:
        case = drawing().case(number)
        assert AFFINE.bind([a.shape for a in case.arguments]) == case.sizes
        assert case.number == number
        assert all(a.dtype in (np.float64, np.float32) for a in case.arguments)


def test_sizes_of_one_and_unequal_sizes_occur_often():
    sizes = [drawing().case(number).sizes for number in CASES]
    assert sum(1 in s.values() for s in sizes) > 30
    assert sum(s["m"] != s["n"] for s in sizes) > 60
    assert sum(s["m"] == s["n"] for s in sizes) > 5
    assert min(sizes[0].values()) >= 2
    assert sizes[0]["m"] != sizes[0]["n"]


def test_first_cases_have_sizes_of_their_own_and_later_ones_share_them():
    sizes = [tuple(drawing().case(number).sizes.values()) for number in CASES]
    assert len(set(sizes[:DISTINCT])) > DISTINCT / 2
    for start in range(DISTINCT, len(sizes) - SHARING, SHARING):
        assert len(set(sizes[start : start + SHARING])) == 1
    assert len(set(sizes[DISTINCT:])) > 10


def test_every_regime_occurs_and_normal_ones_most():
    counts = Counter(drawing().case(number).regime for number in range(300))
    assert set(counts) == set(REGIMES)
    assert counts.most_common(1)[0][0] == "normal"
    assert all(drawing(seed=seed).case(number).regime == "normal" for seed in range(5) for number in (0, 1))


def test_memory_layouts_and_float32_occur():
    matrices = [drawing().case(number).arguments[0] for number in CASES]
    large = [a for a in matrices if min(a.shape) > 1]
    assert any(a.flags.f_contiguous and not a.flags.c_contiguous for a in large)
    assert any(not a.flags.f_contiguous and not a.flags.c_contiguous for a in large)
    assert any(a.flags.c_contiguous for a in large)
    assert 5 < sum(not a.flags.writeable for a in matrices) < 40
    assert 5 < sum(a.dtype == np.float32 for a in matrices) < 40


def test_layout_does_not_change_the_values():
    for number in CASES:
        case = drawing().case(number)
        for a in case.arguments:
            assert np.isfinite(a).all()
            assert a.base is None or a.base.dtype == a.dtype


def test_float32_is_not_drawn_where_values_would_overflow_or_vanish():
    for number in range(400):
        for a in drawing().case(number).arguments:
            if a.dtype == np.float32:
                assert np.isfinite(a).all()
                assert (np.abs(a[a != 0]) > 1e-38).all()


def test_dtype_of_a_case_is_the_shortest_of_its_arguments():
    case = drawing().case(0)
    assert case.dtype == "float64"
    mixed = replace(case, arguments=(np.zeros(2), np.zeros(2, np.float32), np.zeros(2, int)))
    assert mixed.dtype == "float32"
    assert replace(case, arguments=(np.zeros(2, int),)).dtype == "float64"


@pytest.mark.parametrize(
    ("regime", "ordinary"),
    [("normal", True), ("ties", True), (FIXED, True), ("huge", False), ("extreme", False), ("mixed", False)],
)
def test_cases_of_ordinary_size_are_known(regime, ordinary):
    assert replace(drawing().case(0), regime=regime).ordinary is ordinary


def test_empty_sizes_occur_where_they_are_allowed_and_only_there():
    drawn = [drawing(empty=("n",)).case(number).sizes for number in CASES]
    assert {s["n"] for s in drawn if 0 in s.values()} == {0}
    assert sum(s["n"] == 0 for s in drawn) > 3
    assert all(s["m"] > 0 for s in drawn)
    assert all(0 not in drawing().case(number).sizes.values() for number in CASES)


@pytest.mark.parametrize("name", sorted(set(NAMED) - {"simplex", "one_hot", "binary", "real"}))
def test_values_stay_in_their_domains_and_limits_go_with_them(name):
    for number in CASES:
        case = drawing(domain={"x": name}).case(number)
        (low, high), x = case.limits[1], case.arguments[1]
        assert ((low <= x) & (x <= high)).all()
        assert low.shape == x.shape
        assert case.limits[0] is None


def test_probabilities_are_strictly_between_0_and_1_in_float32_too():
    for number in range(5, 600, 6):
        (x,) = (
            drawing(domain="probability", signature=Signature.parse("(n)->()"), arguments=("x",))
            .case(number)
            .arguments
        )
        assert ((x > 0) & (x < 1)).all()


def test_arguments_take_part_in_a_regime_one_by_one():
    sizes = [
        [float(np.abs(a).max()) > 60 for a in case.arguments]
        for case in map(drawing().case, range(400))
        if case.regime == "huge"
    ]
    assert [True, True, True] in sizes
    assert any(any(row) and not all(row) for row in sizes)


# --- samplers -----------------------------------------------------------------------------------------------


def test_sampler_draws_all_arguments_at_once():
    def sampler(rng, sizes):
        W = rng.standard_normal((sizes["m"], sizes["n"]))
        return W, W[0] + 1, [0] * sizes["m"]

    case = drawing(sampler=sampler).case(1)
    np.testing.assert_array_equal(case.arguments[1], case.arguments[0][0] + 1)
    assert content(case) == content(drawing(sampler=sampler).case(1))


def test_sampler_cannot_change_the_sizes():
    def sampler(rng, sizes):
        made = rng.standard_normal((sizes["m"], sizes["n"])), np.ones(sizes["n"]), np.ones(sizes["m"])
        sizes.clear()
        return made

    assert drawing(sampler=sampler).case(0).sizes.keys() == {"m", "n"}


@pytest.mark.parametrize(
    ("sampler", "kind", "sentence"),
    [
        (lambda *_: np.ones(3), DomainError, "sampler must return a tuple of 3 arrays"),
        (lambda *_: (np.ones(3), np.ones(3)), DomainError, "sampler must return a tuple of 3 arrays"),
        (lambda *_: (np.ones(3),) * 3, SignatureError, "argument 0 has shape (3,)"),
        (lambda *_: ("a", "b", "c"), DomainError, "sampler, for argument 0, gave values of dtype"),
        (lambda *_: None, DomainError, "sampler must return a tuple"),
    ],
)
def test_sampler_that_does_not_fit_is_refused(sampler, kind, sentence):
    with pytest.raises(kind) as caught:
        drawing(sampler=sampler).case(0)
    assert sentence in str(caught.value)


def test_sizes_of_a_case_are_those_of_its_arrays_whatever_the_sampler_gives():
    def sampler(rng, sizes):
        return np.ones((2, 2)), np.ones(2), np.ones(2)

    try:
        case = drawing(sampler=sampler).case(0)
    except (DomainError, SignatureError):
        return
    assert dict(case.sizes) == {"m": 2, "n": 2}


def test_point_of_the_user_has_a_negative_number_and_no_regime_of_its_own():
    case = Case(-1, 0, {}, FIXED, (np.ones(2),), (None,), "f")
    assert case.ordinary
    assert case.name == "f"
