"""Definitions of different files that say the same thing in the words of different sources."""

from __future__ import annotations

import mpmath
import pytest
import sympy as sp
from explicit_shapes import DIGITS, TINY, expanded, random_point, value

from derivations import definitions
from derivations.elementwise import ACTIVATIONS, tanh
from derivations.feed_forward import network
from derivations.notation import dimensions
from derivations.penalty import l2_penalty

n0, n1, n2, m, N = dimensions("n0 n1 n2 m N")
SIZES = {n0: 2, n1: 3, n2: 2, m: 3, N: 3}
BIASES = {f"b{layer}_{p}": f"b{layer}_{p}_1" for layer in (1, 2) for p in (1, 2, 3)}


@pytest.fixture(autouse=True)
def fifty_digits():
    with mpmath.workdps(DIGITS):
        yield


def number(expression, renamed=()):
    """The value of a scalar at a random point; ``renamed`` gives symbols the values of others."""
    names = dict(renamed)
    point = random_point("networks")
    return value(expanded(expression, SIZES), lambda s: point(sp.Symbol(names.get(s.name, s.name))))


def mean_of_examples(name, renamed=()):
    """The mean of a one-example definition over the columns of X and Y."""
    losses = []
    for s in (1, 2, 3):
        columns = {f"{letter}_{p}": f"{letter.upper()}_{p}_{s}" for letter in "xy" for p in (1, 2)}
        losses.append(number(definitions()[name].entry, {**columns, **dict(renamed)}))
    return sum(losses) / 3


def test_two_layers_are_a_network_of_depth_two():
    depth_two = number(network("tanh", "sigmoid").entry)
    assert abs(depth_two - number(definitions()["two_layer_batch_tanh"].entry)) < TINY
    assert abs(depth_two - number(definitions()["two_layer_batch_sigmoid"].entry)) > TINY


def test_mean_of_the_examples_is_the_batch():
    batch = number(definitions()["two_layer_batch_tanh"].entry)
    assert abs(mean_of_examples("two_layer_tanh", BIASES) - batch) < TINY
    assert abs(mean_of_examples("two_layer_relu", BIASES) - batch) > TINY


def test_structural_risk_is_the_mean_loss_plus_the_penalty():
    risk, penalty = definitions()["structural_risk"].entry, definitions()["l2_penalty"].entry
    assert abs(mean_of_examples("two_layer_softmax") + number(penalty) - number(risk)) < TINY


def test_penalty_is_added_once_to_the_mean_loss():
    bare, penalised = network("tanh", "sigmoid"), network("tanh", "sigmoid", penalised=True)
    weights = [tensor for tensor in penalised.arguments if tensor.name.startswith("W")]
    assert len(weights) == 2
    penalty = l2_penalty(sp.Symbol("penalty", real=True), weights)
    assert sp.expand(expanded(penalised.entry - bare.entry - penalty, SIZES)) == 0


def test_named_tanh_is_the_quotient_of_exponentials():
    z = sp.Symbol("z", real=True)
    assert sp.expand(sp.numer(sp.together(ACTIVATIONS["tanh"](z).rewrite(sp.exp) - tanh(z)))) == 0
