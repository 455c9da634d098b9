"""Arguments for a formula: arrays of its signature's shapes with values from its domains."""

from __future__ import annotations

import re

import numpy as np


def shapes(formula, sizes):
    """The shapes of the arguments for given sizes."""
    groups = re.findall(r"\(([^)]*)\)", formula.signature.partition("->")[0])
    axes = [[axis for axis in group.split(",") if axis] for group in groups]
    return [tuple(int(axis) if axis.isdigit() else sizes[axis] for axis in group) for group in axes]


def sizes_of(formula):
    """Sizes for all names of the signature, from 2 on and all different."""
    names = dict.fromkeys(re.findall(r"[A-Za-z]\w*", formula.signature))
    return {name: size for size, name in enumerate(names, 2)}


def values(domain, shape, rng):
    """Values of one domain, away from 0 where relu has its kink."""
    normal = rng.normal(size=shape)
    return np.asarray(_from(domain, normal + 0.1 * np.sign(normal), shape, rng))


def _from(domain, real, shape, rng):
    if domain in ("positive", "nonnegative"):
        return np.abs(real)
    if domain == "probability":
        return 1 / (1 + np.exp(-real))
    if domain == "simplex":
        return np.exp(real) / np.exp(real).sum(axis=0)
    if domain == "binary":
        return np.where(real > 0, 1.0, 0.0)
    if domain == "one_hot":
        return np.eye(shape[0])[:, rng.integers(shape[0], size=shape[1:])]
    assert domain == "real"
    return real


def arguments(formula, rng, sizes=None):
    """One array per argument."""
    drawn = zip(formula.arguments, shapes(formula, sizes or sizes_of(formula)), strict=True)
    return [values(formula.domains.get(name, "real"), shape, rng) for name, shape in drawn]


def gradients(formula, delta, drawn):
    """The vjp's gradients as a list, one per argument."""
    returned = formula.vjp(delta, *drawn)
    return list(returned) if isinstance(returned, tuple) else [returned]
