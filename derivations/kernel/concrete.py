"""The second path to every result: a formula written out at explicit shapes, differentiated by SymPy.

Every entry of every array is a symbol of its own, every sum is written out, and ``sympy.diff`` takes the
derivatives. Nothing is shared with ``lowering``, ``derivative`` and ``normal_form`` but the formula. Two
entries are compared exactly, as quotients of polynomials in the entries and in the functions of them.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, singledispatchmethod
from math import prod
from typing import Any, TypeAlias

import sympy as sp
from sympy.polys.rings import PolyElement, ring

from derivations.kernel import formula as fm
from derivations.kernel.formula import Array, Entry, Formula, Named, Position, free_indices, walk
from derivations.kernel.functions import Unknown
from derivations.notation import Index

SIZES = (2, 3, 4, 5, 6, 7, 8)
"""The sizes that dimensions get, all different, so that a transpose in the wrong place is seen."""

SIZES_OF_MANY = (2, 6, 3, 1, 4, 5)
"""The sizes of six dimensions, the networks of four layers: fewer paths lead through them."""

MOST_PLACES, MOST_PLACES_OF_MANY = 4, 1
"""How many entries of a claim are compared at most, and with four dimensions or more."""

PRIME = 2**61 - 1
POINTS = 3
"""At how many random points modulo the prime a difference is tried before it is multiplied out."""
MOST_TERMS, MOST_DENOMINATORS = 3000, 4
"""Up to how many terms and denominators a difference is multiplied out; of larger ones the points decide.

A difference that is not 0 and has degree d is 0 at all points with a probability of at most (d / PRIME)³.
"""

Sizes: TypeAlias = "Mapping[sp.Expr, int]"
Place: TypeAlias = "Mapping[Index, int]"


def sizes_for(formulas: Iterable[Formula]) -> dict[sp.Expr, int]:
    """A size for every dimension that the formulas speak of, all different."""
    found: set[sp.Symbol] = set()
    for f in formulas:
        for one in walk(f):
            found |= {s for d in one.shape for s in sp.sympify(d).free_symbols}
            found |= {s for i in one.indices for s in i.dimension.free_symbols}
    sizes = SIZES_OF_MANY if len(found) == len(SIZES_OF_MANY) else SIZES
    return dict(zip(sorted(found, key=str), itertools.chain(sizes, itertools.count(9)), strict=False))


class Explicit:
    """Formulas at explicit sizes.

    Args:
        sizes: the size of every dimension.
    """

    def __init__(self, sizes: Sizes) -> None:
        self.sizes = sizes
        self._known: dict[Any, sp.Expr] = {}
        self._free: dict[Formula, tuple[Index, ...]] = {}

    def size(self, dimension: sp.Expr) -> int:
        """The size of a dimension."""
        return int(dimension.xreplace({d: sp.Integer(n) for d, n in self.sizes.items()}))

    def entry(
        self, f: Formula, row: int, column: int, at: Place, free: frozenset[str] = frozenset()
    ) -> sp.Expr:
        """The entry in that row and column, counted from 1; ``at``: the values of the free indices."""
        if f not in self._free:
            self._free[f] = tuple(sorted(free_indices(f), key=str))
        key = (f, row, column, tuple((i, at[i]) for i in self._free[f]), free)
        if key not in self._known:
            self._known[key] = self._of(f, row, column, at, free)
        return self._known[key]

    def _at(self, position: Position, at: Place) -> int:
        return at[position] if isinstance(position, Index) else 1

    def _all(self, dimension: sp.Expr) -> range:
        return range(1, self.size(dimension) + 1)

    @singledispatchmethod
    def _of(self, f: Formula, row: int, column: int, at: Place, free: frozenset[str]) -> sp.Expr:
        raise TypeError(f"{type(f).__name__} cannot be written out")

    @_of.register
    def _(self, f: fm.Constant, row: int, column: int, at: Place, free: frozenset[str]) -> sp.Expr:
        return f.value.xreplace({d: sp.Integer(n) for d, n in self.sizes.items()})

    @_of.register
    def _(self, f: fm.Array, row: int, column: int, at: Place, free: frozenset[str]) -> sp.Expr:
        return symbol(f, row, column)

    @_of.register
    def _(self, f: fm.Named, row: int, column: int, at: Place, free: frozenset[str]) -> sp.Expr:
        return self.entry(f.array if f.array.symbol in free else f.value, row, column, at, free)

    @_of.register
    def _(self, f: fm.Plus, row: int, column: int, at: Place, free: frozenset[str]) -> sp.Expr:
        return sp.Add(*(self.entry(term, row, column, at, free) for term in f.terms))

    @_of.register
    def _(self, f: fm.Negative, row: int, column: int, at: Place, free: frozenset[str]) -> sp.Expr:
        return -self.entry(f.of, row, column, at, free)

    @_of.register
    def _(self, f: fm.Product, row: int, column: int, at: Place, free: frozenset[str]) -> sp.Expr:
        scalars = sp.Mul(*(self.entry(one, 1, 1, at, free) for one in f.factors if one.is_scalar))
        matrices = [one for one in f.factors if not one.is_scalar]
        if not matrices:
            return scalars
        *first, last = matrices
        if not first:
            return scalars * self.entry(last, row, column, at, free)
        product = [self.entry(first[0], row, k, at, free) for k in self._all(first[0].shape[1])]
        for matrix in (*first[1:], last):
            columns = [column] if matrix is last else self._all(matrix.shape[1])
            product = [
                sp.Add(*(x * self.entry(matrix, k, c, at, free) for k, x in enumerate(product, 1)))
                for c in columns
            ]
        return scalars * product[0]

    @_of.register
    def _(self, f: fm.Quotient, row: int, column: int, at: Place, free: frozenset[str]) -> sp.Expr:
        below = (1, 1) if f.denominator.is_scalar else (row, column)
        return self.entry(f.numerator, row, column, at, free) / self.entry(f.denominator, *below, at, free)

    @_of.register
    def _(self, f: fm.Power, row: int, column: int, at: Place, free: frozenset[str]) -> sp.Expr:
        return self.entry(f.base, row, column, at, free) ** self.entry(f.exponent, 1, 1, at, free)

    @_of.register
    def _(self, f: fm.Transpose, row: int, column: int, at: Place, free: frozenset[str]) -> sp.Expr:
        return self.entry(f.of, column, row, at, free)

    @_of.register
    def _(self, f: fm.Hadamard, row: int, column: int, at: Place, free: frozenset[str]) -> sp.Expr:
        return sp.Mul(*(self.entry(factor, row, column, at, free) for factor in f.factors))

    @_of.register
    def _(self, f: fm.Apply, row: int, column: int, at: Place, free: frozenset[str]) -> sp.Expr:
        return f.function.meaning(self.entry(f.of, row, column, at, free))

    @_of.register
    def _(self, f: fm.Ones, row: int, column: int, at: Place, free: frozenset[str]) -> sp.Expr:
        return sp.S.One

    @_of.register
    def _(self, f: fm.Zeros, row: int, column: int, at: Place, free: frozenset[str]) -> sp.Expr:
        return sp.S.Zero

    @_of.register
    def _(self, f: fm.Identity, row: int, column: int, at: Place, free: frozenset[str]) -> sp.Expr:
        return sp.Integer(row == column)

    @_of.register
    def _(self, f: fm.Diagonal, row: int, column: int, at: Place, free: frozenset[str]) -> sp.Expr:
        return self.entry(f.of, row, 1, at, free) if row == column else sp.S.Zero

    @_of.register
    def _(self, f: fm.Trace, row: int, column: int, at: Place, free: frozenset[str]) -> sp.Expr:
        return sp.Add(*(self.entry(f.of, k, k, at, free) for k in self._all(f.of.shape[0])))

    @_of.register
    def _(self, f: fm.Entry, row: int, column: int, at: Place, free: frozenset[str]) -> sp.Expr:
        return self.entry(f.of, self._at(f.row, at), self._at(f.column, at), at, free)

    @_of.register
    def _(self, f: fm.Row, row: int, column: int, at: Place, free: frozenset[str]) -> sp.Expr:
        return self.entry(f.of, self._at(f.at, at), column, at, free)

    @_of.register
    def _(self, f: fm.Column, row: int, column: int, at: Place, free: frozenset[str]) -> sp.Expr:
        return self.entry(f.of, row, self._at(f.at, at), at, free)

    @_of.register
    def _(self, f: fm.Entries, row: int, column: int, at: Place, free: frozenset[str]) -> sp.Expr:
        here = {i: k for i, k in ((f.row, row), (f.column, column)) if isinstance(i, Index)}
        return self.entry(f.body, 1, 1, {**at, **here}, free)

    @_of.register
    def _(self, f: fm.Sum, row: int, column: int, at: Place, free: frozenset[str]) -> sp.Expr:
        values = self._all(f.index.dimension)
        return sp.Add(*(self.entry(f.body, row, column, {**at, f.index: k}, free) for k in values))

    @_of.register
    def _(self, f: fm.ProductOver, row: int, column: int, at: Place, free: frozenset[str]) -> sp.Expr:
        values = self._all(f.index.dimension)
        return sp.Mul(*(self.entry(f.body, 1, 1, {**at, f.index: k}, free) for k in values))

    @_of.register
    def _(self, f: fm.Delta, row: int, column: int, at: Place, free: frozenset[str]) -> sp.Expr:
        return sp.Integer(at[f.i] == at[f.j])

    @_of.register
    def _(self, f: fm.Map, row: int, column: int, at: Place, free: frozenset[str]) -> sp.Expr:
        places = list(itertools.product(*(self._all(d) for d in f.of.shape)))
        slopes = tuple(self.entry(f.slope, k, c if f.array.is_scalar else row, at, free) for k, c in places)
        name = f"value of {f.array.symbol}{[at[i] for i in f.at]}"
        value = _valued(symbol(Array(name, *f.shape), row, column), slopes)
        return value(*(self.entry(f.of, k, c, at, free) for k, c in places))

    @_of.register
    def _(self, f: fm.Partial, row: int, column: int, at: Place, free: frozenset[str]) -> sp.Expr:
        if f.layout == "numerator":
            row, column = column, row
        variable = f.by.of if isinstance(f.by, Entry) else f.by
        array = variable.array if isinstance(variable, Named) else variable
        assert isinstance(array, Array)
        if isinstance(f.by, Entry):
            x, y = symbol(array, self._at(f.by.row, at), self._at(f.by.column, at)), (column, 1)
        elif f.of.is_scalar:
            x, y = symbol(array, row, column), (1, 1)
        else:
            x, y = symbol(array, row, 1), (column, 1)
        within = free | {array.symbol} if isinstance(variable, Named) else free
        slope = sp.diff(self.entry(f.of, *y, at, within), x)
        if isinstance(variable, Named) and array.symbol not in free:
            places = itertools.product(*(self._all(d) for d in array.shape))
            slope = slope.xreplace(
                {
                    symbol(array, *place): self.entry(variable.value, place[0], place[1], at, free)
                    for place in places
                }
            )
        return slope


class _Valued(sp.Function):  # type: ignore[misc]  # SymPy has no types
    """One entry of a map: a function of the entries of its argument whose derivatives are named."""

    value: sp.Symbol
    slopes: tuple[sp.Expr, ...]

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        return self.slopes[argindex - 1]


@cache
def _valued(value: sp.Symbol, slopes: tuple[sp.Expr, ...]) -> Any:
    return type(str(value), (_Valued,), {"value": value, "slopes": slopes})


def symbol(array: Array, row: int, column: int) -> sp.Symbol:
    """The symbol of one entry of an array."""
    name = f"{array.symbol}[{row},{column}]"
    return sp.Symbol(name, **({array.sign: True} if array.sign else {"real": True}))


Known: TypeAlias = "Sequence[tuple[Formula, Formula, Sequence[Index]]]"
"""Hypotheses: a sum, its value, and the indices for every value of which it has it."""


class SecondPath:
    """The formulas of one theorem written out at explicit sizes, the same for all of them.

    Args:
        formulas: the formulas whose dimensions get sizes.
        hypotheses: what may be taken for granted.
    """

    def __init__(self, formulas: Iterable[Formula], hypotheses: Known = ()) -> None:
        self.sizes = sizes_for([*formulas, *(one for h in hypotheses for one in h[:2])])
        self._explicit = Explicit(self.sizes)
        self._given = _given(self._explicit, hypotheses)
        self._plain = (_Plain(split=False), _Plain(split=True))

    def differing_place(self, left: Formula, right: Formula, *, every: bool = False) -> str | None:
        """Where the two sides differ; None if they agree.

        A few entries are compared, unless ``every`` is set: first and last ones and mixtures, free indices
        with equal and with different values.
        """
        free = sorted(free_indices(left) | free_indices(right), key=str)
        for row, column, at in _places(self._explicit, left.shape, free, every):
            difference = self._explicit.entry(left, row, column, at) - self._explicit.entry(
                right, row, column, at
            )
            if not self._vanishes(difference.xreplace(self._given)):
                return ", ".join([f"row {row}, column {column}", *(f"{i} = {k}" for i, k in at.items())])
        return None

    def _vanishes(self, e: sp.Expr) -> bool:
        """Whether an explicit expression is 0 as a quotient of polynomials in its symbols and functions.

        First e^(u+v) is one function value, which is quick and often enough; then it is e^u e^v.
        """
        return any(_is_zero(plain.of(e)) for plain in self._plain)


def _places(
    explicit: Explicit, shape: fm.Shape, free: Sequence[Index], every: bool
) -> list[tuple[int, int, dict[Index, int]]]:
    """Entries and values of the free indices to compare: the first ones, the last ones, and mixtures."""
    ends = [explicit.size(d) for d in (*shape, *(i.dimension for i in free))]
    if every:
        chosen = list(itertools.product(*(range(1, end + 1) for end in ends)))
    else:
        patterns = itertools.product((False, True), repeat=len(ends))
        corners = (tuple(end if last else 1 for end, last in zip(ends, one, strict=True)) for one in patterns)
        several = list(dict.fromkeys(corners))
        most = MOST_PLACES if len(explicit.sizes) < 4 else MOST_PLACES_OF_MANY
        step = max(1, len(several) // most)
        chosen = list(dict.fromkeys([*several[::step][: most - 1], several[-1]]))
    return [(row, column, dict(zip(free, values, strict=True))) for row, column, *values in chosen]


def _given(explicit: Explicit, hypotheses: Known) -> dict[sp.Symbol, sp.Expr]:
    """The hypotheses solved for one entry each."""
    given: dict[sp.Symbol, sp.Expr] = {}
    for left, right, forall in hypotheses:
        for values in itertools.product(*(explicit._all(i.dimension) for i in forall)):
            at = dict(zip(forall, values, strict=True))
            equation = explicit.entry(left, 1, 1, at) - explicit.entry(right, 1, 1, at)
            unknown = max(equation.free_symbols, key=str)
            given[unknown] = unknown - equation / sp.diff(equation, unknown)
    return given


def _is_zero(expression: sp.Expr) -> bool:
    generators = sorted(expression.free_symbols, key=str)
    if not generators:
        return bool(expression == 0)
    if not all(_vanishes_modulo_prime(expression, generators, seed) for seed in range(POINTS)):
        return False
    below = {one.base for one in expression.atoms(sp.Pow) if one.exp.is_negative and one.base.is_Add}
    if len(below) > MOST_DENOMINATORS or _terms(expression) > MOST_TERMS:
        return True
    domain, *polynomials = ring([str(k) for k in range(len(generators))], sp.QQ)
    return not _Quotients(domain, dict(zip(generators, polynomials, strict=True))).of(expression)[0]


def _terms(e: sp.Expr) -> int:
    """About how many terms an expression has when it is multiplied out."""
    known: dict[sp.Expr, int] = {}

    def of(one: sp.Expr) -> int:
        if one not in known:
            inner = [of(argument) for argument in one.args]
            if isinstance(one, sp.Add):
                known[one] = min(sum(inner), MOST_TERMS + 1)
            elif isinstance(one, sp.Mul):
                known[one] = min(prod(inner), MOST_TERMS + 1)
            elif isinstance(one, sp.Pow) and one.exp.is_Integer:
                # A denominator that is a sum multiplies all other terms when they are brought together.
                known[one] = min(of(one.base) ** min(abs(int(one.exp)), 8), MOST_TERMS + 1)
            else:
                known[one] = 1
        return known[one]

    return of(e)


def _vanishes_modulo_prime(e: sp.Expr, generators: Sequence[sp.Symbol], seed: int) -> bool:
    """Whether a quotient of polynomials is 0 at one point modulo a prime: if not, it is not 0."""
    rng = random.Random(seed)
    values = {g: rng.randrange(1, PRIME) for g in generators}
    known: dict[sp.Expr, int] = {}

    def of(one: sp.Expr) -> int:
        if one not in known:
            known[one] = rule(one)
        return known[one]

    def rule(one: sp.Expr) -> int:
        if one.is_Rational:
            return int(one.p) * pow(int(one.q), -1, PRIME) % PRIME
        if one.is_Symbol:
            return values[one]
        if isinstance(one, sp.Add):
            return sum(map(of, one.args)) % PRIME
        if isinstance(one, sp.Mul):
            product = 1
            for factor in one.args:
                product = product * of(factor) % PRIME
            return product
        return pow(of(one.base), int(one.exp), PRIME)

    try:
        return of(e) == 0
    except ValueError:
        return True  # a denominator is 0 there: this point says nothing


class _Plain:
    """Writes expressions with +, · and whole powers alone: what is transcendental becomes a symbol."""

    def __init__(self, *, split: bool) -> None:
        self._split = split
        self._known: dict[sp.Expr, sp.Expr] = {}
        self._symbols: dict[Any, sp.Symbol] = {}

    def of(self, e: sp.Expr) -> sp.Expr:
        if e not in self._known:
            self._known[e] = self._of(e)
        return self._known[e]

    def _of(self, e: sp.Expr) -> sp.Expr:
        if not e.args:
            return self._exp(sp.S.One) if e is sp.E else e
        if isinstance(e, _Valued):
            return e.value
        if isinstance(e, (sp.exp, sp.Pow)) and e.base is sp.E:
            return self._exp(e.exp)
        if isinstance(e, sp.Pow) and not e.exp.is_Integer:
            if e.exp.is_Rational:
                return (
                    self._named("root", sp.expand(self.of(e.base))) ** e.exp.p
                    if e.exp.q == 2
                    else self._named(e)
                )
            return self._exp(e.exp * sp.log(e.base))
        if isinstance(e, sp.log):
            return self._log(e.args[0])
        if isinstance(e, (sp.Function, Unknown)):
            return self._named(type(e).__name__, *(self._canonical(argument) for argument in e.args))
        return e.func(*(self.of(argument) for argument in e.args))

    def _named(self, *what: Any) -> sp.Symbol:
        return self._symbols.setdefault(what, sp.Dummy(f"_{len(self._symbols)}", real=True))

    def _canonical(self, e: sp.Expr) -> sp.Expr:
        above, below = sp.fraction(sp.together(self.of(e)))
        return sp.expand(above) / sp.expand(below)

    def _exp(self, exponent: sp.Expr) -> sp.Expr:
        factors = []
        expanded = sp.expand(self.of(exponent))
        terms = sp.Add.make_args(expanded)
        if not self._split and len(terms) > 1:
            sign = -1 if ("exp", sp.expand(-expanded)) in self._symbols else 1
            return self._named("exp", sp.expand(sign * expanded)) ** sign
        for term in terms:
            c, rest = term.as_coeff_Mul()
            if any(rest == name for what, name in self._symbols.items() if what[0] == "log"):
                (argument,) = [what[1] for what, name in self._symbols.items() if rest == name]
                factors.append(argument**c)
            else:
                factors.append(self._named("exp", rest) ** c)
        return sp.Mul(*factors)

    def _log(self, argument: sp.Expr) -> sp.Expr:
        """The logarithms of the factors of the numerator less those of the denominator."""
        exponentials = {name: what[1] for what, name in self._symbols.items() if what[0] == "exp"}
        plain = sp.factor_terms(sp.together(self.of(argument)))
        exponentials |= {name: what[1] for what, name in self._symbols.items() if what[0] == "exp"}
        terms = []
        for factor in sp.Mul.make_args(plain):
            base, exponent = factor.as_base_exp()
            if base in exponentials:
                terms.append(exponent * exponentials[base])
            elif base != 1:
                terms.append(exponent * self._named("log", sp.expand(base)))
        return sp.Add(*terms)


class _Quotients:
    """Plain expressions as quotients: a polynomial over a product of powers of polynomials."""

    def __init__(self, domain: Any, generators: Mapping[sp.Symbol, PolyElement]) -> None:
        self._domain = domain
        self._generators = generators
        self._known: dict[sp.Expr, tuple[PolyElement, dict[PolyElement, int]]] = {}

    def of(self, e: sp.Expr) -> tuple[PolyElement, dict[PolyElement, int]]:
        if e not in self._known:
            self._known[e] = self._of(e)
        return self._known[e]

    def _of(self, e: sp.Expr) -> tuple[PolyElement, dict[PolyElement, int]]:
        if e.is_Rational:
            return self._domain(sp.QQ(e.p, e.q)), {}
        if e.is_Symbol:
            return self._generators[e], {}
        if isinstance(e, sp.Add):
            parts = [self.of(term) for term in e.args]
            below: dict[PolyElement, int] = {}
            for _, one in parts:
                for base, k in one.items():
                    below[base] = max(k, below.get(base, 0))
            above = self._domain.zero
            for top, one in parts:
                for base, k in below.items():
                    missing = k - one.get(base, 0)
                    top = top * base**missing if missing else top
                above += top
            return above, below
        if isinstance(e, sp.Mul):
            above, below = self._domain.one, {}
            for top, one in map(self.of, e.args):
                above = above * top
                for base, k in one.items():
                    below[base] = below.get(base, 0) + k
            return above, below
        if isinstance(e, sp.Pow) and e.exp.is_Integer:
            top, one = self.of(e.base)
            k = int(e.exp)
            if k >= 0:
                return top**k, {base: power * k for base, power in one.items()}
            if not top:
                raise ZeroDivisionError("a denominator is 0")
            above = self._domain.one
            for base, power in one.items():
                above = above * base ** (power * -k)
            return above, {top: -k}
        raise TypeError(f"{e} is no quotient of polynomials")
