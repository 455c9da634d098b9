"""Domains: every value that is drawn is allowed, in every regime, and every regime looks as its name says."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from checkers.domains import NAMED, ORDINARY, REGIMES, checked, custom, label
from checkers.draw import domains_for
from checkers.errors import DomainError, InputError
from checkers.signature import Signature

SHAPES = ((), (1,), (4,), (3, 2), (2, 3, 4), (0,), (0, 3), (3, 0))

often = settings(max_examples=25, deadline=None, derandomize=True)


def drawn(name, seed, shape, regime):
    return NAMED[name].draw(np.random.default_rng(seed), shape, regime, {})


def allowed(name, x):
    """What the documentation of a domain promises."""
    if name == "positive":
        return bool((x > 0).all())
    if name == "nonnegative":
        return bool((x >= 0).all())
    if name == "probability":
        return bool(((x > 0) & (x < 1)).all())
    if name == "unit":
        return bool(((x >= 0) & (x <= 1)).all())
    if name == "binary":
        return bool(((x == 0) | (x == 1)).all())
    if name == "simplex":
        return bool((x >= 0).all()) and np.allclose(x.sum(axis=0) if x.ndim else x, 1)
    if name == "one_hot":
        return bool(((x == 0) | (x == 1)).all()) and bool((x.sum(axis=0) == 1).all() if x.ndim else x == 1)
    return True


@pytest.mark.parametrize("name", NAMED)
@pytest.mark.parametrize("regime", REGIMES)
@often
@given(seed=st.integers(0, 2**32 - 1), shape=st.sampled_from(SHAPES))
def test_every_drawn_value_is_in_the_domain(name, regime, seed, shape):
    x = drawn(name, seed, shape, regime)
    assert x.shape == shape
    assert np.asarray(x).dtype == np.float64
    assert np.isfinite(x).all()
    assert x.size == 0 or allowed(name, np.asarray(x))
    limits = NAMED[name].limits(np.asarray(x))
    if limits is not None:
        low, high = limits
        assert low.shape == high.shape == shape
        assert ((low <= x) & (x <= high)).all()
    np.testing.assert_array_equal(drawn(name, seed, shape, regime), x)


def test_check_of_the_domains_can_fail():
    assert not allowed("positive", np.array([0.0]))
    assert not allowed("probability", np.array([1.0]))
    assert not allowed("simplex", np.array([0.5, 0.6]))
    assert not allowed("one_hot", np.array([[1.0, 1.0], [0.0, 1.0]]))


def many(regime, name="real"):
    return drawn(name, 5, (40, 50), regime)


def test_ordinary_values_can_be_read_aloud():
    np.testing.assert_array_equal(many("normal"), np.round(many("normal"), 2))
    np.testing.assert_array_equal(many("integers"), np.round(many("integers")))
    assert set(many("integers").flat) == set(range(-3, 4))


def test_regimes_of_the_reals_look_as_they_are_called():
    assert np.abs(many("tiny")).max() < 1e-2
    assert np.median(np.abs(many("huge"))) > 50
    extremes = np.log10(np.abs([drawn("real", seed, (5,), "extreme") for seed in range(40)]))
    assert extremes.min() < -250
    assert extremes.max() > 150
    assert np.mean(np.abs(many("saturated")) > 20) > 0.3
    assert len(np.unique(many("ties"))) == 2
    assert 0.2 < np.mean(many("zeros") == 0) < 0.6
    kinks = many("kinks")
    assert np.mean(kinks == 0) > 0.1
    assert np.mean((kinks != 0) & (np.abs(kinks) < 1e-4)) > 0.1
    assert np.signbit(kinks[kinks == 0]).any()
    sizes = np.log10(np.abs(many("mixed")))
    assert sizes.min() < -3.5
    assert sizes.max() > 3.5


def test_probabilities_come_close_to_both_ends():
    assert many("tiny", "probability").min() < 1e-10
    assert (1 - many("saturated", "probability")).min() < 1e-10
    extreme = many("extreme", "probability")
    assert extreme.min() < 1e-250
    assert 0 < (1 - extreme).min() < 1e-15
    assert {0.0, 1.0} <= set(many("normal", "unit").flat)


def test_classes_are_along_the_first_axis_and_equally_likely():
    hot = drawn("one_hot", 1, (3, 600), "normal")
    assert (np.abs(hot.mean(axis=1) - 1 / 3) < 0.1).all()
    simplex = drawn("simplex", 1, (3, 600), "normal")
    np.testing.assert_allclose(simplex.sum(axis=0), 1, rtol=1e-12)
    assert (np.abs(simplex.mean(axis=1) - 1 / 3) < 0.1).all()


def test_regimes_called_ordinary_are_regimes():
    assert set(ORDINARY) < set(REGIMES)
    assert not {"tiny", "huge", "extreme", "saturated", "mixed"} & set(ORDINARY)


# --- labels -------------------------------------------------------------------------------------------------


def test_labels_are_class_numbers_of_every_size_that_could_count_the_classes():
    (_, labels) = domains_for(Signature.parse("(c,m),(m)->()"), ("z", "y"), {"y": "label"})
    rng = np.random.default_rng(0)
    y = labels.draw(rng, (500,), "normal", {"c": 3, "m": 500})
    assert y.dtype.kind == "i"
    assert set(y) == {0, 1, 2}
    assert labels.integer
    assert labels.limits(y) is None


def test_labels_stay_below_the_smallest_candidate_and_below_a_fixed_one():
    rng = np.random.default_rng(0)
    assert set(label(("c", "d")).draw(rng, (200,), "normal", {"c": 4, "d": 2})) == {0, 1}
    assert set(label((3,)).draw(rng, (200,), "normal", {})) == {0, 1, 2}
    assert set(label(()).draw(rng, (200,), "normal", {})) == {0, 1}
    assert set(label(("c",)).draw(rng, (20,), "normal", {"c": 0})) == {0}


# --- what users give ----------------------------------------------------------------------------------------

PAIR = Signature.parse("(n),(n)->()")


def names_of(given_domain):
    return [domain.name for domain in domains_for(PAIR, ("x", "y"), given_domain)]


@pytest.mark.parametrize(
    ("given_domain", "names"),
    [
        (None, ["real", "real"]),
        ("positive", ["positive", "positive"]),
        (("positive", None), ["positive", "real"]),
        (["unit", "one_hot"], ["unit", "one_hot"]),
        ({"y": "binary"}, ["real", "binary"]),
        ({}, ["real", "real"]),
        ((NAMED["simplex"], "label"), ["simplex", "label"]),
    ],
)
def test_domain_is_one_for_all_or_one_per_argument_or_by_name(given_domain, names):
    assert names_of(given_domain) == names


@pytest.mark.parametrize(
    ("given_domain", "sentence"),
    [
        ("positiv", "domain 'positiv' of argument x is not known: use one of real, positive"),
        (("real", "lable"), "domain 'lable' of argument y is not known"),
        (("real",), "domain has 1 entry, but signature '(n),(n)->()' has 2 arguments"),
        ({"z": "real"}, "domain names the argument 'z', but the arguments are x, y"),
        (3, "domain of argument x is a int"),
        ((None, 0.5), "domain of argument y is a float"),
    ],
)
def test_domain_that_is_not_known_is_refused_in_a_sentence(given_domain, sentence):
    with pytest.raises(DomainError) as caught:
        domains_for(PAIR, ("x", "y"), given_domain)
    assert sentence in str(caught.value)
    assert isinstance(caught.value, InputError)


def draw_with(given_domain, shape=(3,), seed=0):
    domain, _ = domains_for(PAIR, ("x", "y"), (given_domain, None))
    return domain.draw(np.random.default_rng(seed), shape, "normal", {})


def test_function_of_the_user_draws_whatever_it_likes():
    x = draw_with(lambda rng, shape: rng.uniform(2, 3, shape))
    assert ((x >= 2) & (x <= 3)).all()
    assert draw_with(lambda _, shape: np.ones(shape, bool)).dtype == np.float64
    assert draw_with(lambda rng, shape: rng.integers(0, 5, shape)).dtype.kind == "i"


@pytest.mark.parametrize(
    ("function", "sentence"),
    [
        (lambda _, shape: np.ones((*shape, 1)), "gave an array of shape (3, 1), but (3,) was asked for"),
        (lambda *_: 1.0, "gave an array of shape (), but (3,) was asked for"),
        (lambda _, shape: np.full(shape, 1j), "gave values of dtype complex128"),
        (lambda _, shape: np.full(shape, "a"), "gave values of dtype <U1"),
        (lambda _, shape: np.full(shape, None), "gave values of dtype object"),
    ],
)
def test_function_of_the_user_must_give_a_real_array_of_that_shape(function, sentence):
    with pytest.raises(DomainError) as caught:
        draw_with(function)
    assert sentence in str(caught.value)
    assert "domain of argument x" in str(caught.value)


def test_custom_domain_has_no_limits_and_no_regimes():
    domain = custom("x", lambda rng, shape: rng.standard_normal(shape))
    one, other = (domain.draw(np.random.default_rng(1), (4,), regime, {}) for regime in ("normal", "huge"))
    np.testing.assert_array_equal(one, other)
    assert domain.limits(one) is None


def test_strategy_for_entries_fills_the_shape():
    x = draw_with(st.floats(2, 3), (3, 2))
    assert x.shape == (3, 2)
    assert ((x >= 2) & (x <= 3)).all()
    assert draw_with(st.floats(2, 3), ()).shape == ()


def test_strategy_for_an_array_is_used_as_it_is():
    x = draw_with(arrays(np.float64, (3,), elements=st.floats(-1, 1)))
    assert x.shape == (3,)
    with pytest.raises(DomainError, match=r"^the strategy of argument x gave an array of shape"):
        draw_with(arrays(np.float64, (2,), elements=st.floats(-1, 1)))


def test_strategy_gives_the_same_for_the_same_seed_and_not_always_the_same():
    draws = [draw_with(st.floats(-1, 1), (4,), seed).tobytes() for seed in range(8)]
    assert draws == [draw_with(st.floats(-1, 1), (4,), seed).tobytes() for seed in range(8)]
    assert len(set(draws)) > 4


def test_values_are_checked_with_the_origin_named():
    assert checked([True, False], (2,), "it").tolist() == [1.0, 0.0]
    assert checked([[1, 2]], None, "it").shape == (1, 2)
    with pytest.raises(DomainError, match=r"^somebody gave values of dtype object"):
        checked([None], None, "somebody")
