"""The normal form of an index expression: expressions that are equal for all dimensions have the same one.

The rules, each an identity of finite sums of real numbers:

* products are expanded, equal terms and equal factors collected; e^{u+v} = e^u e^v;
* Σ_i δ_ij f_i = f_j, δ_ij f_j = δ_ij f_i, δ_ij² = δ_ij;
* Σ_i 1 = n, and a sum of a product whose factors share no index is the product of the sums;
* bound indices get standard names, so that renamed or reordered sums are the same;
* S S⁻¹ = 1, also inside a sum: Σ_is Y_ts e^{z_is} (Σ_k e^{z_ks})⁻¹ = Σ_s Y_ts;
* e^z / (1 + e^z) = 1 − 1 / (1 + e^z), and so for every sum in a denominator;
* log(u v) = log u + log v and log e^u = u, for positive u and v;
* what the hypotheses say: Σ_k y_k = 1.

That the rules are sound is what a proof rests on; that they find every equality is not claimed.
Denominators are taken to be nonzero and arguments of log positive: theorems list these conditions.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import gcd, lcm

import sympy as sp

from derivations.kernel.errors import UnsupportedError
from derivations.kernel.functions import Held, unknown
from derivations.kernel.polynomial import (
    ONE,
    ZERO,
    Atom,
    Monomial,
    Number,
    Polynomial,
    free_in,
    level_of,
    monomial_of,
    number,
    of_atom,
)
from derivations.notation import Index, ShapeError, Tensor, bound_indices, total

MOST_ARRANGEMENTS = 5040
"""How many orders of like indices are tried for the standard one."""


@dataclass(frozen=True)
class Rewriting:
    """A hypothesis: the sum ``left`` equals ``right`` for every value of the indices ``forall``."""

    left: Atom
    right: Polynomial
    forall: tuple[Index, ...]


class NormalForm:
    """Brings expressions to normal form under hypotheses, and keeps what it has done.

    Args:
        positive: the symbols of arrays whose entries are positive.
        negative: the symbols of arrays whose entries are negative.
        conditions: expressions that are positive besides, for every value of their indices.
    """

    def __init__(
        self,
        positive: Iterable[str] = (),
        negative: Iterable[str] = (),
        conditions: Iterable[sp.Expr] = (),
    ) -> None:
        self._rewritings: list[Rewriting] = []
        self._positive, self._negative = frozenset(positive), frozenset(negative)
        self._positive_polynomials: frozenset[Polynomial] = frozenset()
        self._known: dict[sp.Expr, Polynomial] = {}
        self._renamed: dict[tuple[Atom, tuple[tuple[Index, sp.Expr], ...]], Polynomial] = {}
        self._numbers = itertools.count(1)
        self._positive_polynomials = frozenset(self.of(e) for e in conditions)
        self._forget()

    def assume(self, left: sp.Expr, right: sp.Expr, forall: Sequence[Index] = ()) -> None:
        """Take ``left`` = ``right`` for granted from now on, ``left`` being one sum.

        Raises:
            UnsupportedError: ``left`` is not one sum.
        """
        normal = self.of(left)
        term = normal.single
        if term is None or len(term[0]) != 1 or term[0][0][0].kind != "sum" or term[0][0][1] != 1:
            raise UnsupportedError(
                f"the hypothesis {left} = {right} is no sum over an index: state it as one"
            )
        right_side = self.of(right).scaled(Fraction(1) / term[1])
        self._rewritings.append(Rewriting(term[0][0][0], right_side, tuple(forall)))
        self._forget()

    def _forget(self) -> None:
        self._known.clear()
        self._renamed.clear()

    # ------------------------------------------------------------------ expressions

    def equal(self, left: sp.Expr, right: sp.Expr) -> bool:
        """Whether the two expressions are proved equal."""
        return self.is_zero(self.of(left) + self.of(right).scaled(-1))

    def is_zero(self, polynomial: Polynomial) -> bool:
        """Whether a polynomial is 0 once its denominators are cleared."""
        for _ in range(20):
            below = [
                (atom, exponent)
                for monomial in polynomial.terms
                for atom, exponent in monomial
                if atom.kind == "base" and exponent < 0
            ]
            if not below:
                break
            atom = max((one for one, _ in below), key=lambda one: (one.level, one.order))
            lowest = min(exponent for one, exponent in below if one == atom)
            cleared = ZERO
            for monomial, c in polynomial.terms.items():
                exponents = dict(monomial)
                power = exponents.pop(atom, 0) - lowest
                rest = Polynomial({monomial_of(exponents): c})
                cleared += self.times(rest, self.power(atom.parts[0], power))
            polynomial = cleared
        return not polynomial.terms

    def of(self, e: sp.Expr) -> Polynomial:
        """The normal form of an expression.

        Raises:
            UnsupportedError: it holds something that has no rule.
            ShapeError: a sum is not over typed indices.
            ZeroDivisionError: a denominator is 0.
        """
        if e not in self._known:
            self._known[e] = self._of(e)
        return self._known[e]

    def _of(self, e: sp.Expr) -> Polynomial:
        if isinstance(e, sp.Rational):
            return number(Fraction(int(e.p), int(e.q)))
        if isinstance(e, Index):
            raise UnsupportedError(f"the index {e} stands as a number: use it to index an array")
        if isinstance(e, sp.Symbol) or e is sp.pi:
            return of_atom(Atom("symbol", (e,), (), 0))
        if isinstance(e, sp.Indexed):
            name, indices = str(e.base), tuple(e.indices)
            return of_atom(Atom("entry", (name, indices), _indices(indices), 0))
        if isinstance(e, sp.KroneckerDelta):
            return _delta(*e.args)
        if isinstance(e, sp.Add):
            result = ZERO
            for term in e.args:
                result += self.of(term)
            return result
        if isinstance(e, sp.Mul):
            result = ONE
            for factor in sorted(e.args, key=lambda one: not isinstance(one, sp.Rational)):
                result = self.times(result, self.of(factor))
            return result
        if isinstance(e, sp.Sum):
            return self.sum(self.of(e.function), frozenset(bound_indices(e)))
        if isinstance(e, sp.Piecewise):
            return self._cases(e)
        if e is sp.E:
            return self.exp(ONE)
        if isinstance(e, sp.exp):
            return self.exp(self.of(e.exp))
        if isinstance(e, sp.Pow):
            return self._pow(e)
        if isinstance(e, sp.log):
            return self.log(self.of(e.args[0]))
        if isinstance(e, Held):
            return self.of(e.args[0])
        if isinstance(e, sp.Function):
            return self._function(type(e).__name__, tuple(self.of(argument) for argument in e.args))
        raise UnsupportedError(f"there is no normal form of {type(e).__name__} in {e}")

    def _pow(self, e: sp.Pow) -> Polynomial:
        if e.base is sp.E:
            return self.exp(self.of(e.exp))
        base = self.of(e.base)
        if isinstance(e.exp, sp.Rational):
            return self.power(base, _number(e.exp))
        if not self._is_positive(base):
            raise UnsupportedError(
                f"{e} has an exponent that is no number and a base not known to be positive"
            )
        return self.exp(self.times(self.of(e.exp), self.log(base)))

    @staticmethod
    def _function(name: str, arguments: tuple[Polynomial, ...]) -> Polynomial:
        free = frozenset().union(*(argument.free for argument in arguments))
        level = max(argument.level for argument in arguments)
        return of_atom(Atom("function", (name, arguments), free, level))

    def _cases(self, e: sp.Piecewise) -> Polynomial:
        """The case that is known to hold; all cases as one atom where none is."""
        cases: list[tuple[str, Polynomial, Polynomial]] = []
        for value, condition in e.args:
            if condition == sp.true:
                cases.append(("else", ONE, self.of(value)))
                break
            if getattr(condition, "rel_op", None) not in ("<", "<=", ">", ">="):
                raise UnsupportedError(f"the case {condition} has no rule")
            above = self.of(condition.lhs) + self.of(condition.rhs).scaled(-1)
            if condition.rel_op in ("<", "<="):
                above = above.scaled(-1)
            if self._is_positive(above):
                cases.append(("else", ONE, self.of(value)))
                break
            if not self._is_positive(above.scaled(-1)):
                cases.append(("=" if "=" in condition.rel_op else "", above, self.of(value)))
        return self._cases_atom(tuple(cases))

    @staticmethod
    def _cases_atom(cases: tuple[tuple[str, Polynomial, Polynomial], ...]) -> Polynomial:
        if cases and cases[0][0] == "else":
            return cases[0][2]
        if cases and all(value == ZERO for _, _, value in cases):
            return ZERO
        free = frozenset().union(*(above.free | value.free for _, above, value in cases))
        level = max(max(above.level, value.level) for _, above, value in cases)
        return of_atom(Atom("cases", (cases,), free, level))

    # ------------------------------------------------------------------ products and powers

    def times(self, left: Polynomial, right: Polynomial) -> Polynomial:
        """The product of two polynomials."""
        if left == ONE:
            return right
        if right == ONE:
            return left
        terms: dict[Monomial, Number] = {}
        for (one, c), (two, d) in itertools.product(left.terms.items(), right.terms.items()):
            for monomial, factor in self._joined(one, two).items():
                terms[monomial] = terms.get(monomial, 0) + c * d * factor
        return Polynomial(terms)

    def _joined(self, one: Monomial, two: Monomial) -> Mapping[Monomial, Number]:
        if not one or not two:
            return {one or two: 1}
        exponents = dict(one)
        for atom, exponent in two:
            exponents[atom] = exponents.get(atom, 0) + exponent
        return self._product(exponents).terms

    def _product(self, exponents: dict[Atom, Number]) -> Polynomial:
        """The normal form of a product of atoms."""
        deltas = [atom for atom, exponent in exponents.items() if atom.kind == "delta" and exponent != 0]
        for atom in deltas:
            if exponents[atom] < 0:
                raise UnsupportedError("a Kronecker delta stands in a denominator")
            exponents[atom] = 1
        if deltas:
            moved = self._along_deltas(exponents, deltas)
            if moved is not None:
                return moved
        for atom, exponent in exponents.items():
            if atom.kind == "base" and exponent != 0:
                if exponent > 0 and exponent == int(exponent):
                    rest = {one: e for one, e in exponents.items() if one is not atom}
                    return self.times(self.power(atom.parts[0], int(exponent)), self._product(rest))
                if exponent < 0 and exponent == int(exponent):
                    divided = self._divided(exponents, atom)
                    if divided is not None:
                        return divided
        return Polynomial({monomial_of(exponents): 1})

    def _along_deltas(self, exponents: dict[Atom, Number], deltas: list[Atom]) -> Polynomial | None:
        """δ_ij f_j = δ_ij f_i, the first of the equal indices standing for all; None if nothing changes."""
        first: dict[Index, Index] = {}

        def leader(index: Index) -> Index:
            while index in first:
                index = first[index]
            return index

        for atom in deltas:
            i, j = sorted((leader(index) for index in atom.parts), key=_index_order)
            if i != j:
                first[j] = i
        standing = {index: leader(index) for index in first}
        wanted = {_delta(index, i) for index, i in standing.items()}
        others = {atom: e for atom, e in exponents.items() if atom.kind != "delta" and e != 0}
        if wanted == {of_atom(atom) for atom in deltas} and not any(
            atom.free & standing.keys() for atom in others
        ):
            return None
        result = Polynomial({monomial_of({atom: 1 for one in wanted for (((atom, _),),) in [one.terms]}): 1})
        for atom, exponent in others.items():
            result = self.times(result, self.power(self._rename_atom(atom, standing), exponent))
        return result

    def _divided(self, exponents: dict[Atom, Number], atom: Atom) -> Polynomial | None:
        """M P⁻ᵏ in partial fractions, where M is divisible by the leading term l of P = l + r or by 1/l.

        l M P⁻ᵏ = M P¹⁻ᵏ − r M P⁻ᵏ, and for a single term r also M / (l Pᵏ) = (M / (l Pᵏ⁻¹) − M / Pᵏ) / r.
        """
        lead = _leading(atom.parts[0])
        if lead is None:
            return None
        c = atom.parts[0].terms[lead]
        if len(atom.parts[0].terms) == 2 and all(exponents.get(one, 0) <= -e < 0 for one, e in lead):
            ((other, d),) = [term for term in atom.parts[0].terms.items() if term[0] != lead]
            without, instead = dict(exponents), dict(exponents)
            without[atom] += 1
            for one, e in lead:
                instead[one] += e
            for one, e in other:
                without[one] = without.get(one, 0) - e
                instead[one] = instead.get(one, 0) - e
            both = self._product(without) + self._product(instead).scaled(-c)
            return both.scaled(Fraction(1) / d)
        if not all(exponents.get(one, 0) >= e > 0 for one, e in lead):
            return None
        rest = Polynomial({monomial: d for monomial, d in atom.parts[0].terms.items() if monomial != lead})
        quotient = dict(exponents)
        for one, e in lead:
            quotient[one] -= e
        lower = dict(quotient)
        lower[atom] += 1
        difference = self._product(lower) + self.times(rest, self._product(quotient)).scaled(-1)
        return difference.scaled(Fraction(1) / c)

    def power(self, base: Polynomial, exponent: Number) -> Polynomial:
        """A polynomial to a rational power."""
        if isinstance(exponent, Fraction) and exponent.denominator == 1:
            exponent = exponent.numerator
        if isinstance(exponent, int) and exponent >= 0:
            result = ONE
            for _ in range(exponent):
                result = self.times(result, base)
            return result
        if not base.terms:
            raise ZeroDivisionError("a denominator is 0")
        outside, inside = self._content(base, signed=isinstance(exponent, int))
        monomial, c = outside
        result = self._product({atom: e * exponent for atom, e in monomial})
        if isinstance(exponent, int):
            result = result.scaled(Fraction(1) / Fraction(c) ** -exponent)
        elif c != 1:
            result = self.times(result, of_atom(_base(number(c)), exponent))
        if inside == ONE:
            return result
        return self.times(result, of_atom(_base(inside), exponent))

    def _content(self, p: Polynomial, *, signed: bool) -> tuple[tuple[Monomial, Number], Polynomial]:
        """The factors of p = c M p′ with the largest c and M; with ``signed`` unset both positive."""
        coefficients = [Fraction(c) for c in p.terms.values()]
        c = Fraction(
            gcd(*(one.numerator for one in coefficients)), lcm(*(one.denominator for one in coefficients))
        )
        if signed and self._is_turned(p):
            c = -c
        lowest: dict[Atom, Number] = {}
        for atom in {atom for monomial in p.terms for atom, _ in monomial}:
            least = min(dict(monomial).get(atom, 0) for monomial in p.terms)
            if least != 0 and (signed or self._atom_is_positive(atom)):
                lowest[atom] = least
        rest: dict[Monomial, Number] = {}
        for monomial, d in p.terms.items():
            exponents = dict(monomial)
            for atom, least in lowest.items():
                exponents[atom] = exponents.get(atom, 0) - least
            rest[monomial_of(exponents)] = d / c
        return (monomial_of(lowest), c), Polynomial(rest)

    def _is_turned(self, p: Polynomial) -> bool:
        """Whether −p is the sign to work with."""
        if self._is_positive(p):
            return False
        if self._is_positive(p.scaled(-1)):
            return True
        lead = _leading(p)
        return lead is not None and p.terms[lead] < 0

    def exp(self, argument: Polynomial) -> Polynomial:
        """The power of e to a polynomial: a product of one factor for each of its terms."""
        result = ONE
        for monomial, c in argument.terms.items():
            factor = self._log_argument(monomial)
            if factor is not None:
                result = self.times(result, self.power(factor, c))
            else:
                atom = Atom("exp", (monomial,), free_in(monomial), level_of(monomial))
                result = self.times(result, of_atom(atom, c))
        return result

    @staticmethod
    def _log_argument(monomial: Monomial) -> Polynomial | None:
        if len(monomial) == 1 and monomial[0][1] == 1:
            atom = monomial[0][0]
            if atom.kind == "function" and atom.parts[0] == "log":
                argument: Polynomial = atom.parts[1][0]
                return argument
        return None

    def log(self, argument: Polynomial) -> Polynomial:
        """The logarithm, of positive factors one by one."""
        if not argument.terms:
            raise ZeroDivisionError("the logarithm of 0 is taken")
        (monomial, c), inside = self._content(argument, signed=False)
        if inside.single and inside.constant is None:
            (rest, sign) = inside.single
            positive = {atom: e for atom, e in rest if self._atom_is_positive(atom)}
            remaining = {atom: e for atom, e in rest if atom not in positive}
            monomial = monomial_of({**dict(monomial), **positive})
            inside = Polynomial({monomial_of(remaining): sign})
        result = ZERO if c == 1 else self._function("log", (number(c),))
        for atom, exponent in monomial:
            result += self._log_of(atom).scaled(exponent)
        return result if inside == ONE else result + self._function("log", (inside,))

    def _log_of(self, atom: Atom) -> Polynomial:
        if atom.kind == "exp":
            return Polynomial({atom.parts[0]: 1})
        if atom.kind == "base":
            return self._function("log", (atom.parts[0],))
        return self._function("log", (of_atom(atom),))

    # ------------------------------------------------------------------ signs

    def _is_positive(self, p: Polynomial) -> bool:
        """Whether the signs of its terms, or a condition, say that a polynomial is positive."""
        if any(self._is_instance(p, condition) for condition in self._positive_polynomials):
            return True
        signs = [self._sign(monomial) * c for monomial, c in p.terms.items()]
        squares = [
            c > 0 and all(self._is_nonnegative(*f) for f in monomial) for monomial, c in p.terms.items()
        ]
        return any(sign > 0 for sign in signs) and all(
            sign > 0 or square for sign, square in zip(signs, squares, strict=True)
        )

    def _is_instance(self, p: Polynomial, condition: Polynomial) -> bool:
        """Whether a polynomial is the condition with other indices."""
        if p == condition:
            return True
        if len(p.terms) != len(condition.terms) or len(p.free) != len(condition.free) or not condition.free:
            return False
        indices = sorted(condition.free, key=_index_order)
        for chosen in itertools.permutations(sorted(p.free, key=_index_order)):
            if all(i.dimension == j.dimension for i, j in zip(indices, chosen, strict=True)):
                names = dict(zip(indices, chosen, strict=True))
                if self._rename(condition, names) == p:
                    return True
        return False

    def _sign(self, monomial: Monomial) -> int:
        """1 or −1 if the signs of its atoms are known, else 0."""
        sign = 1
        for atom, exponent in monomial:
            one = 1 if self._atom_is_positive(atom) else -1 if self._atom_is_negative(atom) else 0
            if exponent != int(exponent):
                one = max(one, 0)
            sign *= one if one >= 0 or exponent % 2 else 1
        return sign

    def _is_nonnegative(self, atom: Atom, exponent: Number) -> bool:
        even = exponent == int(exponent) and exponent > 0 and exponent % 2 == 0
        return even or self._atom_is_positive(atom)

    def _atom_is_positive(self, atom: Atom) -> bool:
        if atom.kind == "exp":
            return True
        if atom.kind in ("symbol", "entry") and _symbol(atom) in self._positive:
            return True
        if atom.kind == "symbol" and atom.parts[0].is_positive:
            return True
        if atom.kind == "base":
            return self._is_positive(atom.parts[0])
        if atom.kind == "sum":
            return self._sign(atom.parts[1]) > 0
        return False

    def _atom_is_negative(self, atom: Atom) -> bool:
        return atom.kind in ("symbol", "entry") and _symbol(atom) in self._negative

    # ------------------------------------------------------------------ sums

    def sum(self, p: Polynomial, bound: frozenset[Index]) -> Polynomial:
        """Σ over the bound indices of a polynomial."""
        result = ZERO
        for monomial, c in p.terms.items():
            inside = [factor for factor in monomial if factor[0].free & bound]
            outside = dict(factor for factor in monomial if not factor[0].free & bound)
            used = free_in(monomial) & bound
            term = Polynomial({monomial_of(outside): c})
            for index in bound - used:
                term = self.times(term, self.of(index.dimension))
            if inside:
                term = self.times(term, self._closed(inside, used))
            result += term
        return result

    def _closed(self, factors: list[tuple[Atom, Number]], bound: frozenset[Index]) -> Polynomial:
        """Σ over ``bound`` of a product of atoms each of which has such an index."""
        opened = self._opened(factors, bound)
        if opened is not None:
            return opened
        for k, (atom, _) in enumerate(factors):
            if atom.kind == "delta":
                i, j = atom.parts
                gone, kept = (i, j) if i in bound else (j, i)
                body = ONE
                for one, exponent in factors[:k] + factors[k + 1 :]:
                    body = self.times(body, self.power(self._rename_atom(one, {gone: kept}), exponent))
                return self.sum(body, bound - {gone})
        reduced = self._reduced(factors, bound)
        if reduced is not None:
            return reduced
        result = ONE
        for part, indices in _components(factors, bound):
            result = self.times(result, self._sum_atom(part, indices))
        return result

    def _opened(self, factors: list[tuple[Atom, Number]], bound: frozenset[Index]) -> Polynomial | None:
        """Inner sums made part of the outer one; None if there are none."""
        if not any(
            atom.kind == "sum" and exponent > 0 and exponent == int(exponent) for atom, exponent in factors
        ):
            return None
        body, indices = ONE, set(bound)
        for atom, exponent in factors:
            if atom.kind != "sum" or exponent <= 0 or exponent != int(exponent):
                body = self.times(body, of_atom(atom, exponent))
                continue
            for _ in range(int(exponent)):
                renaming = {index: self._fresh(index.dimension) for index in atom.parts[0]}
                body = self.times(body, self._rename_monomial(atom.parts[1], renaming))
                indices |= set(renaming.values())
        return self.sum(body, frozenset(indices))

    def _fresh(self, dimension: sp.Expr) -> Index:
        return Index(f"~{next(self._numbers)}", dimension)

    def _reduced(self, factors: list[tuple[Atom, Number]], bound: frozenset[Index]) -> Polynomial | None:
        """A sum inside that its own inverse cancels, or that a hypothesis knows; None if there is none."""
        for k, (atom, exponent) in enumerate(factors):
            if atom.kind == "sum" and exponent < 0 and exponent == int(exponent):
                others = factors[:k] + factors[k + 1 :]
                found = self._without(others, bound, atom)
                if found is not None:
                    rest, remaining = found
                    return self.sum(
                        self.times(rest, of_atom(atom, exponent + 1) if exponent != -1 else ONE), remaining
                    )
        for left, right in self._instances(factors):
            found = self._without(factors, bound, left)
            if found is not None:
                rest, remaining = found
                return self.sum(self.times(rest, right), remaining)
        return None

    def _without(
        self, factors: list[tuple[Atom, Number]], bound: frozenset[Index], wanted: Atom
    ) -> tuple[Polynomial, frozenset[Index]] | None:
        """The product without the factors that sum up to ``wanted``, the indices of ``wanted`` held fixed."""
        moving = [factor for factor in factors if factor[0].free & (bound - wanted.free)]
        for part, indices in _components(moving, bound - wanted.free):
            if self._canonical(part, indices) == wanted:
                rest = ONE
                for factor in factors:
                    if factor not in part:
                        rest = self.times(rest, of_atom(*factor))
                return rest, bound - indices
        return None

    def _instances(self, factors: list[tuple[Atom, Number]]) -> Iterator[tuple[Atom, Polynomial]]:
        """The hypotheses with the indices of the factors put in: a sum and what it equals."""
        present = sorted({index for atom, _ in factors for index in atom.free}, key=_index_order)
        for rewriting in self._rewritings:
            choices = [[one for one in present if one.dimension == i.dimension] for i in rewriting.forall]
            for chosen in itertools.product(*choices):
                names = dict(zip(rewriting.forall, chosen, strict=True))
                bound, monomial = rewriting.left.parts
                apart = {index: self._fresh(index.dimension) for index in bound}
                body = self._rename_monomial(monomial, {**apart, **names}).single
                if body is not None and body[1] == 1:
                    left = self._canonical(list(body[0]), frozenset(apart.values()))
                    yield left, self._rename(rewriting.right, names)

    def _sum_atom(self, factors: list[tuple[Atom, Number]], bound: frozenset[Index]) -> Polynomial:
        """The sum of one connected product, or what a hypothesis says that it is."""
        atom = self._canonical(factors, bound)
        for left, right in self._instances([(atom, 1)]):
            if left == atom:
                return right
        return of_atom(atom)

    def _canonical(self, factors: list[tuple[Atom, Number]], bound: frozenset[Index]) -> Atom:
        """The sum with standard names for its bound indices."""
        monomial = monomial_of(dict(factors))
        level = 1 + level_of(monomial)
        groups: dict[sp.Expr, list[Index]] = {}
        for index in sorted(bound, key=_index_order):
            groups.setdefault(index.dimension, []).append(index)
        arrangements = [self._arrangements(monomial, group, bound) for group in groups.values()]
        if all(len(group) == 1 for group in groups.values()) and bound == {
            Index(f"@{level}.0", dimension) for dimension in groups
        }:
            return Atom(
                "sum", (tuple(sorted(bound, key=_index_order)), monomial), free_in(monomial) - bound, level
            )
        best: tuple[Monomial, tuple[Index, ...]] | None = None
        for arrangement in itertools.islice(itertools.product(*arrangements), MOST_ARRANGEMENTS):
            names = {
                index: Index(f"@{level}.{place}", index.dimension)
                for group in arrangement
                for place, index in enumerate(group)
            }
            renamed = self._rename_monomial(monomial, names).single
            if renamed is None or renamed[1] != 1:
                raise UnsupportedError(
                    "renaming the indices of a sum changes its term: the sum has no normal form"
                )
            if best is None or _monomial_order(renamed[0]) < _monomial_order(best[0]):
                best = renamed[0], tuple(sorted(names.values(), key=_index_order))
        assert best is not None
        return Atom("sum", (best[1], best[0]), free_in(best[0]) - set(best[1]), level)

    def _arrangements(
        self, monomial: Monomial, group: list[Index], bound: frozenset[Index]
    ) -> list[tuple[Index, ...]]:
        """The orders of like indices that are worth trying: what surrounds them may tell them apart."""
        if len(group) == 1:
            return [tuple(group)]
        places: dict[bytes, list[Index]] = {}
        for index in group:
            blanks = {other: Index("@blank", other.dimension) for other in bound}
            blanks[index] = Index("@marked", index.dimension)
            try:
                surrounding = _polynomial_order(self._rename_monomial(monomial, blanks))
            except ZeroDivisionError:
                surrounding = b""
            places.setdefault(surrounding, []).append(index)
        orders = [list(itertools.permutations(places[one])) for one in sorted(places)]
        return [tuple(itertools.chain(*chosen)) for chosen in itertools.product(*orders)]

    # ------------------------------------------------------------------ renaming

    def _rename(self, p: Polynomial, names: Mapping[Index, sp.Expr]) -> Polynomial:
        if not p.free & names.keys():
            return p
        result = ZERO
        for monomial, c in p.terms.items():
            result += self._rename_monomial(monomial, names).scaled(c)
        return result

    def _rename_monomial(self, monomial: Monomial, names: Mapping[Index, sp.Expr]) -> Polynomial:
        if all(atom.free.isdisjoint(names) for atom, _ in monomial):
            return Polynomial({monomial: 1})
        plain: dict[Atom, Number] = {}
        result = ONE
        for atom, exponent in monomial:
            renamed = self._rename_atom(atom, names)
            one = _only_atom(renamed)
            if one is not None and one.kind not in ("base", "delta") and exponent == int(exponent):
                plain[one] = plain.get(one, 0) + exponent
            else:
                result = self.times(result, self.power(renamed, exponent))
        return self.times(self._product(plain), result)

    def _rename_atom(self, atom: Atom, names: Mapping[Index, sp.Expr]) -> Polynomial:
        """The atom with other indices in the places of its free ones, in normal form."""
        relevant = tuple(
            sorted(
                ((old, new) for old, new in names.items() if old in atom.free),
                key=lambda pair: _index_order(pair[0]),
            )
        )
        if not relevant:
            return of_atom(atom)
        key = (atom, relevant)
        if key not in self._renamed:
            self._renamed[key] = self._renaming[atom.kind](self, atom, dict(relevant))
        return self._renamed[key]

    def _rename_entry(self, atom: Atom, names: Mapping[Index, sp.Expr]) -> Polynomial:
        name, indices = atom.parts
        renamed = tuple(names.get(index, index) for index in indices)
        return of_atom(Atom("entry", (name, renamed), _indices(renamed), 0))

    def _rename_delta(self, atom: Atom, names: Mapping[Index, sp.Expr]) -> Polynomial:
        i, j = (names.get(index, index) for index in atom.parts)
        return _delta(i, j)

    def _rename_function(self, atom: Atom, names: Mapping[Index, sp.Expr]) -> Polynomial:
        name, arguments = atom.parts
        renamed = tuple(self._rename(argument, names) for argument in arguments)
        return self.log(renamed[0]) if name == "log" else self._function(name, renamed)

    def _rename_cases(self, atom: Atom, names: Mapping[Index, sp.Expr]) -> Polynomial:
        (cases,) = atom.parts
        return self._cases_atom(
            tuple(
                (kind, self._rename(above, names), self._rename(value, names)) for kind, above, value in cases
            )
        )

    def _rename_exp(self, atom: Atom, names: Mapping[Index, sp.Expr]) -> Polynomial:
        return self.exp(self._rename_monomial(atom.parts[0], names))

    def _rename_base(self, atom: Atom, names: Mapping[Index, sp.Expr]) -> Polynomial:
        return self._rename(atom.parts[0], names)

    def _rename_sum(self, atom: Atom, names: Mapping[Index, sp.Expr]) -> Polynomial:
        bound, monomial = atom.parts
        others = {*bound, *(atom.free - names.keys())}
        if len(set(names.values())) == len(names) and others.isdisjoint(names.values()):
            # Indices that were different stay so: no rule but that of the order of factors sees a change.
            term = self._rename_monomial(monomial, names).single
            if term is not None and term[1] == 1:
                return of_atom(self._canonical(list(term[0]), frozenset(bound)))
        apart = {index: self._fresh(index.dimension) for index in bound}
        body = self._rename_monomial(monomial, {**apart, **names})
        return self.sum(body, frozenset(apart.values()))

    _renaming: Mapping[str, Callable[[NormalForm, Atom, Mapping[Index, sp.Expr]], Polynomial]] = {
        "entry": _rename_entry,
        "delta": _rename_delta,
        "function": _rename_function,
        "cases": _rename_cases,
        "exp": _rename_exp,
        "base": _rename_base,
        "sum": _rename_sum,
    }


def _only_atom(p: Polynomial) -> Atom | None:
    """The atom that a polynomial is, if it is one."""
    term = p.single
    if term is None or term[1] != 1 or len(term[0]) != 1 or term[0][0][1] != 1:
        return None
    return term[0][0][0]


def _base(p: Polynomial) -> Atom:
    return Atom("base", (p,), p.free, p.level)


def _delta(i: sp.Expr, j: sp.Expr) -> Polynomial:
    """Kronecker's δ_ij of two indices."""
    if i == j:
        return ONE
    if not isinstance(i, Index) or not isinstance(j, Index):
        raise UnsupportedError(f"Kronecker's delta of {i} and {j} compares an index with a number")
    if i.dimension != j.dimension:
        raise ShapeError(f"{i} ranges over {i.dimension} and {j} over {j.dimension}: they cannot be compared")
    first, second = sorted((i, j), key=_index_order)
    return of_atom(Atom("delta", (first, second), (i, j), 0))


def _indices(positions: Iterable[sp.Expr]) -> frozenset[Index]:
    return frozenset(index for index in positions if isinstance(index, Index))


def _index_order(index: Index) -> tuple[str, str]:
    return index.name, str(index.dimension)


def _number(e: sp.Rational) -> Number:
    return int(e.p) if e.q == 1 else Fraction(int(e.p), int(e.q))


def _symbol(atom: Atom) -> str:
    """The symbol of the array of which an atom is an entry."""
    return str(atom.parts[0])


def _monomial_order(monomial: Monomial) -> tuple[tuple[bytes, Number], ...]:
    return tuple((atom.order, exponent) for atom, exponent in monomial)


def _polynomial_order(p: Polynomial) -> bytes:
    return _base(p).order


def _leading(p: Polynomial) -> Monomial | None:
    """The largest term by degree, then by atoms whatever their indices; None where that does not decide."""

    def key(monomial: Monomial) -> tuple[Number, list[tuple[bytes, Number]]]:
        degrees: dict[bytes, Number] = {}
        for atom, exponent in monomial:
            degrees[atom.rank] = degrees.get(atom.rank, 0) + exponent
        return sum(degrees.values()), sorted(degrees.items(), reverse=True)

    ordered = sorted(p.terms, key=key)
    if len(ordered) < 2 or key(ordered[-1]) == key(ordered[-2]):
        return None
    return ordered[-1]


def _components(
    factors: list[tuple[Atom, Number]], bound: frozenset[Index]
) -> list[tuple[list[tuple[Atom, Number]], frozenset[Index]]]:
    """The factors in groups that share no bound index, each with its indices."""
    groups: list[tuple[list[tuple[Atom, Number]], frozenset[Index]]] = []
    for factor in factors:
        touching = [group for group in groups if group[1] & factor[0].free]
        apart = [group for group in groups if not group[1] & factor[0].free]
        members = [one for group in touching for one in group[0]]
        indices = frozenset().union(factor[0].free & bound, *(group[1] for group in touching))
        groups = [*apart, ([*members, factor], indices)]
    return groups


def expression(p: Polynomial) -> sp.Expr:
    """The normal form as a SymPy expression, to be read or evaluated."""
    return sp.Add(
        *(_number_of(c) * sp.Mul(*(_atom(a) ** _number_of(e) for a, e in m)) for m, c in p.terms.items())
    )


def _number_of(value: Number) -> sp.Rational:
    return sp.Rational(value.numerator, value.denominator)


def _atom(atom: Atom) -> sp.Expr:
    if atom.kind == "symbol":
        return atom.parts[0]
    if atom.kind == "entry":
        name, indices = atom.parts
        return Tensor(name, *(sp.S.One if i == 1 else i.dimension for i in indices))[indices]
    if atom.kind == "delta":
        return sp.KroneckerDelta(*atom.parts)
    if atom.kind == "exp":
        return sp.exp(expression(Polynomial({atom.parts[0]: 1})))
    if atom.kind == "base":
        return expression(atom.parts[0])
    if atom.kind == "sum":
        return total(expression(Polynomial({atom.parts[1]: 1})), *atom.parts[0])
    if atom.kind == "function":
        name, arguments = atom.parts
        return (sp.log if name == "log" else unknown(name))(*map(expression, arguments))
    raise UnsupportedError(f"{atom.kind} has no expression")
