"""Index expressions at explicit small shapes: every entry a symbol of its own, every sum written out."""

from __future__ import annotations

import itertools
import random
from functools import cache

import mpmath
import sympy as sp

from derivations.notation import Index

DIGITS = 50
TINY = mpmath.mpf(10) ** -40


def sizes_for(*tensors):
    """A size for every dimension, all different; of more than four 2 and 3 in turn: neighbours differ."""
    found = {d for tensor in tensors for d in tensor.dimensions if not d.is_number}
    names = sorted(found, key=lambda d: (d.name not in ("m", "N"), d.name))
    return dict(zip(names, itertools.cycle((2, 3)) if len(names) > 4 else (2, 3, 1, 4), strict=False))


def entry(tensor, *positions):
    """The symbol of one entry."""
    return sp.Symbol("_".join(map(str, (tensor.name, *positions))), real=True)


def positions_of(tensor, sizes):
    """The positions of all entries, counted from 1."""
    return list(itertools.product(*(range(1, int(d.subs(sizes)) + 1) for d in tensor.dimensions)))


def expanded(expression, sizes, **where):
    """The expression with every sum written out; ``where``: the positions of the free indices by name."""
    known = {}

    @cache
    def indices_in(e):
        return {e} if isinstance(e, Index) else {i for a in e.args for i in indices_in(a)}

    def of(e, at):
        free = frozenset((i, at[i]) for i in indices_in(e) if i in at)
        if (e, free) not in known:
            known[e, free] = rule(e, at)
        return known[e, free]

    def rule(e, at):
        if isinstance(e, sp.Indexed):
            return sp.Symbol("_".join(map(str, (e.base, *(at.get(i, i) for i in e.indices)))), real=True)
        if isinstance(e, sp.Sum):
            ranges = [range(1, int(last.subs(sizes)) + 1) for _, _, last in e.limits]
            bound = [index for index, _, _ in e.limits]
            return sp.Add(
                *(
                    of(e.function, {**at, **dict(zip(bound, p, strict=True))})
                    for p in itertools.product(*ranges)
                )
            )
        if isinstance(e, sp.KroneckerDelta):
            i, j = (at.get(index, index) for index in e.args)
            return sp.Integer(int(i == j))
        if isinstance(e, Index):
            return sp.Integer(at[e])
        if e in sizes:
            return sp.Integer(sizes[e])
        if isinstance(e, sp.Piecewise):
            cases = [
                (of(v, at), c if c == sp.true else c.func(*(of(a, at) for a in c.args))) for v, c in e.args
            ]
            return sp.Piecewise(*cases, evaluate=False)
        return e.func(*(of(a, at) for a in e.args)) if e.args else e

    by_name = {index: where[index.name] for index in expression.atoms(Index) if index.name in where}
    return of(expression, by_name)


def random_point(seed):
    """A random rational for every symbol: between 0 and 1 for outputs ŷ, of either sign for others."""

    def point(symbol):
        rng = random.Random(f"{seed} {symbol.name}")
        number = mpmath.mpf(rng.randint(1, 97)) / rng.randint(98, 194)
        return number if symbol.name.startswith(("y_hat", "Y_hat")) else 3 * number - 1

    return point


def value(expression, point):
    """The number that an explicit expression has at a point, to some fifty digits."""
    functions = {sp.exp: mpmath.exp, sp.log: mpmath.log, sp.tanh: mpmath.tanh}
    known = {}

    def of(e):
        if e not in known:
            known[e] = rule(e)
        return known[e]

    def rule(e):
        if e.is_Rational:
            return mpmath.mpf(e.p) / e.q
        if e.is_Symbol:
            return point(e)
        if isinstance(e, sp.Piecewise):
            return of(next(v for v, c in e.args if c == sp.true or c.func(*map(sign_of, (c.lhs - c.rhs, 0)))))
        numbers = [of(a) for a in e.args]
        if isinstance(e, sp.Add):
            return mpmath.fsum(numbers)
        if isinstance(e, sp.Mul):
            return mpmath.fprod(numbers)
        if isinstance(e, sp.Pow):
            return numbers[0] ** numbers[1]
        return functions[e.func](*numbers)

    def sign_of(e):
        return int(mpmath.sign(of(sp.sympify(e))))

    with mpmath.workdps(DIGITS):
        return of(expression)
