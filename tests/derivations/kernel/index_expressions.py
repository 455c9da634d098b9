"""Random index expressions, what they are worth at explicit shapes, and random ways of writing them again."""

from __future__ import annotations

import itertools

import mpmath
import sympy as sp

from derivations.kernel.functions import unknown
from derivations.notation import Index, Tensor, dimensions, kronecker, total

DIGITS = 40
n, m = dimensions("n m")
A, B, C, E = Tensor("A", n, m), Tensor("B", m), Tensor("C", n), Tensor("E", n, n)
SCALAR = Tensor("t")
OF_N = [Index(name, n) for name in "ijkl"]
OF_M = [Index(name, m) for name in "stuv"]
FREE = (OF_N[0], OF_N[1], OF_M[0])
UNKNOWN = (unknown("f"), unknown("g"))
MEANINGS = {
    "f": mpmath.sin,
    "f'": mpmath.cos,
    "f''": lambda x: -mpmath.sin(x),
    "g": lambda x: x**3 + 2 * x,
    "g'": lambda x: 3 * x**2 + 2,
    "g''": lambda x: 6 * x,
}


def entry_of(rng, scope):
    """An entry, a delta, a dimension or a number that the indices in scope allow."""
    for tensor in rng.sample([A, B, C, E, E], 5):
        choices = [[i for i in scope if i.dimension == d] for d in tensor.dimensions]
        if all(choices):
            return tensor[tuple(rng.choice(choice) for choice in choices)]
    return SCALAR[()]


def leaf(rng, scope):
    kind = rng.random()
    of_n = [i for i in scope if i.dimension == n]
    if kind < 0.12:
        return sp.Rational(rng.randint(-3, 3), rng.randint(1, 3))
    if kind < 0.18:
        return rng.choice([n, m])
    if kind < 0.3 and of_n:
        return kronecker(rng.choice(of_n), rng.choice(of_n))
    return entry_of(rng, scope)


def positive(rng, scope):
    """An expression that is positive: a sum of exponentials and squares."""
    i, s = rng.choice(OF_N), rng.choice(OF_M)
    kind = rng.random()
    if kind < 0.3:
        return total(sp.exp(C[i]), i)
    if kind < 0.5:
        return total(sp.exp(A[i, s]), i) if s in scope else total(sp.exp(A[i, s]), i, s)
    if kind < 0.75:
        return 1 + sp.exp(entry_of(rng, scope))
    return sp.exp(entry_of(rng, scope)) + 2 + entry_of(rng, scope) ** 2


def expression_in(rng, depth, scope):
    """A random expression with free indices from ``scope``."""
    kind = rng.random()
    if depth <= 0 or kind < 0.2:
        return leaf(rng, scope)
    if kind < 0.4:
        return expression_in(rng, depth - 1, scope) + expression_in(rng, depth - 1, scope)
    if kind < 0.63:
        return expression_in(rng, depth - 1, scope) * expression_in(rng, depth - 1, scope)
    if kind < 0.83:
        # Names that are in use already are allowed: a sum inside may bind them again.
        index = rng.choice(OF_N + OF_M)
        return total(expression_in(rng, depth - 1, [i for i in scope if i != index] + [index]), index)
    if kind < 0.87:
        return expression_in(rng, depth - 1, scope) ** 2
    if kind < 0.9:
        return rng.choice(UNKNOWN)(expression_in(rng, depth - 1, scope))
    if kind < 0.95:
        return 1 / positive(rng, scope)
    if kind < 0.97:
        return sp.log(positive(rng, scope))
    if kind < 0.98:
        return sp.sqrt(positive(rng, scope))
    return sp.exp(leaf(rng, scope) * sp.Rational(1, rng.randint(1, 2)))


class Point:
    """Explicit sizes and a number for every entry."""

    def __init__(self, rng):
        self.sizes = {n: rng.randint(1, 3), m: rng.randint(1, 3)}
        self.at = {i: rng.randint(1, self.sizes[i.dimension]) for i in FREE}
        self.entries = {SCALAR[()]: self._number(rng)}
        for tensor in (A, B, C, E):
            for place in itertools.product(*(range(1, self.sizes[d] + 1) for d in tensor.dimensions)):
                self.entries[tensor.name, place] = self._number(rng)

    @staticmethod
    def _number(rng):
        return mpmath.mpf(rng.randint(-9, 9)) / rng.randint(3, 7)

    def key(self, entry):
        """Where the number of an entry stands."""
        return entry if entry.is_Symbol else (str(entry.base), tuple(self.at[i] for i in entry.indices))

    def value(self, e):
        with mpmath.workdps(DIGITS):
            return self._value(e, self.at)

    def _value(self, e, at):
        if isinstance(e, sp.Indexed):
            return self.entries[str(e.base), tuple(at[i] for i in e.indices)]
        if isinstance(e, sp.KroneckerDelta):
            return mpmath.mpf(at[e.args[0]] == at[e.args[1]])
        if e.is_Rational:
            return mpmath.mpf(int(e.p)) / int(e.q)
        if e.is_Symbol:
            return mpmath.mpf(self.sizes[e]) if e in self.sizes else self.entries[e]
        if e is sp.E:
            return mpmath.e
        if isinstance(e, sp.Sum):
            bound = [limit[0] for limit in e.limits]
            places = itertools.product(*(range(1, self.sizes[i.dimension] + 1) for i in bound))
            return mpmath.fsum(
                self._value(e.function, {**at, **dict(zip(bound, p, strict=True))}) for p in places
            )
        values = [self._value(argument, at) for argument in e.args]
        if isinstance(e, sp.Add):
            return mpmath.fsum(values)
        if isinstance(e, sp.Mul):
            return mpmath.fprod(values)
        if isinstance(e, sp.Pow):
            return values[0] ** values[1]
        named = {"exp": mpmath.exp, "log": mpmath.log, **MEANINGS}
        return named[type(e).__name__](*values)


def rewritten(e, rng, numbers):
    """The expression in other words: sums renamed, split and reordered, products expanded, deltas put in."""
    if not e.args or isinstance(e, (sp.Indexed, sp.KroneckerDelta)):
        return e
    if isinstance(e, sp.Sum):
        return _rewritten_sum(e, rng, numbers)
    args = [rewritten(a, rng, numbers) for a in e.args]
    if isinstance(e, sp.Mul) and rng.random() < 0.5:
        for k, factor in enumerate(args):
            if isinstance(factor, sp.Add):
                return sp.Add(*(sp.Mul(*args[:k], term, *args[k + 1 :]) for term in factor.args))
    if isinstance(e, sp.Pow) and e.exp == 2 and rng.random() < 0.5:
        return sp.Mul(args[0], rewritten(e.base, rng, numbers))
    return e.func(*args)


def _rewritten_sum(e, rng, numbers):
    def fresh(index):
        return Index(f"new{next(numbers)}", index.dimension)

    bound = [limit[0] for limit in e.limits]
    renamed = {i: fresh(i) for i in bound} if rng.random() < 0.7 else {}
    body = rewritten(e.function.xreplace(renamed), rng, numbers)
    indices = [renamed.get(i, i) for i in bound]
    rng.shuffle(indices)
    if isinstance(body, sp.Add) and rng.random() < 0.5:
        return sp.Add(*(total(term, *indices) for term in body.args))
    if isinstance(body, sp.Mul) and rng.random() < 0.5:
        outside = [f for f in body.args if not f.atoms(Index) & set(indices)]
        inside = [f for f in body.args if f.atoms(Index) & set(indices)]
        return sp.Mul(*outside, total(sp.Mul(*inside), *indices))
    if rng.random() < 0.3:
        twin, moved = fresh(indices[0]), fresh(indices[0])
        body = kronecker(twin, moved) * body.xreplace({indices[0]: moved})
        return total(body, twin, moved, *indices[1:])
    return total(body, *indices)
