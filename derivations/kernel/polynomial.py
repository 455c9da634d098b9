"""What normal forms are made of: polynomials with exact coefficients in atoms such as W_ik, δ_ij or e^z.

A monomial is a product of atoms with rational exponents, a polynomial a sum of monomials with rational
coefficients. Atoms, monomials and polynomials are values: equal ones are the same to Python.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from functools import cache, cached_property
from hashlib import blake2b
from typing import Any, TypeAlias

from derivations.notation import Index

Number: TypeAlias = "int | Fraction"


def whole(number: Number) -> Number:
    """The number, as an int if it is whole."""
    return number.numerator if isinstance(number, Fraction) and number.denominator == 1 else number


class Atom:
    """A factor that the polynomials do not look into.

    Attributes:
        kind: "symbol", "entry", "delta", "function", "cases", "exp", "base" or "sum".
        parts: what it is made of: names, indices, monomials, polynomials; by kind.
        free: the indices that stand free in it.
        level: how deeply sums are nested in it.
    """

    __slots__ = ("_hash", "_order", "_rank", "free", "kind", "level", "parts")

    def __init__(self, kind: str, parts: tuple[Any, ...], free: Iterable[Index], level: int) -> None:
        self.kind, self.parts, self.free, self.level = kind, parts, frozenset(free), level
        self._hash = hash((kind, parts))
        self._order = self._rank = b""

    @property
    def order(self) -> bytes:
        """Sorts atoms, the same in every run."""
        if not self._order:
            self._order = _digest(self.kind, self.parts, named=True)
        return self._order

    @property
    def rank(self) -> bytes:
        """Sorts atoms whatever their indices are called."""
        if not self._rank:
            self._rank = _digest(self.kind, self.parts, named=False)
        return self._rank

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        return self is other or (
            isinstance(other, Atom)
            and self._hash == other._hash
            and self.kind == other.kind
            and self.parts == other.parts
        )

    def __repr__(self) -> str:
        return f"{self.kind}{self.parts}"


Monomial: TypeAlias = "tuple[tuple[Atom, Number], ...]"
"""Atoms with their exponents, sorted."""


class Polynomial:
    """A sum of monomials with coefficients, none of them 0."""

    def __init__(self, terms: Mapping[Monomial, Number]) -> None:
        self.terms = {monomial: whole(c) for monomial, c in terms.items() if c != 0}
        self._hash = hash(frozenset(self.terms.items()))

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        return self is other or (
            isinstance(other, Polynomial) and self._hash == other._hash and self.terms == other.terms
        )

    def __repr__(self) -> str:
        return " + ".join(f"{c}·{m}" for m, c in self.terms.items()) or "0"

    def __add__(self, other: Polynomial) -> Polynomial:
        terms = dict(self.terms)
        for monomial, c in other.terms.items():
            terms[monomial] = terms.get(monomial, 0) + c
        return Polynomial(terms)

    def scaled(self, factor: Number) -> Polynomial:
        """The polynomial times a number."""
        return Polynomial({monomial: c * factor for monomial, c in self.terms.items()})

    @cached_property
    def free(self) -> frozenset[Index]:
        """The indices that stand free in it."""
        return frozenset(index for monomial in self.terms for index in free_in(monomial))

    @cached_property
    def level(self) -> int:
        """How deeply sums are nested in it."""
        return max((level_of(monomial) for monomial in self.terms), default=0)

    @property
    def constant(self) -> Number | None:
        """The number that it is, if it is one."""
        if not self.terms:
            return 0
        return self.terms[()] if len(self.terms) == 1 and () in self.terms else None

    @property
    def single(self) -> tuple[Monomial, Number] | None:
        """Its only term, if it has one."""
        return next(iter(self.terms.items())) if len(self.terms) == 1 else None


ZERO = Polynomial({})
ONE = Polynomial({(): 1})


def number(value: Number) -> Polynomial:
    """A number as a polynomial."""
    return Polynomial({(): value})


def of_atom(atom: Atom, exponent: Number = 1) -> Polynomial:
    """An atom as a polynomial."""
    return Polynomial({((atom, whole(exponent)),): 1})


def monomial_of(exponents: Mapping[Atom, Number]) -> Monomial:
    """The product of atoms with these exponents."""
    return tuple(
        sorted(
            ((atom, whole(exponent)) for atom, exponent in exponents.items() if exponent != 0),
            key=lambda factor: factor[0].order,
        )
    )


def free_in(monomial: Monomial) -> frozenset[Index]:
    """The indices that stand free in a monomial."""
    return frozenset().union(*(atom.free for atom, _ in monomial))


def level_of(monomial: Monomial) -> int:
    """How deeply sums are nested in a monomial."""
    return max((atom.level for atom, _ in monomial), default=0)


def _digest(kind: str, parts: Any, *, named: bool) -> bytes:
    hashed = blake2b(digest_size=16)
    hashed.update(kind.encode())
    for piece in _pieces(parts, named):
        hashed.update(piece)
        hashed.update(b"|")
    return hashed.digest()


def _pieces(part: Any, named: bool) -> Iterable[bytes]:
    """What goes into a digest: the indices by name and dimension, or by dimension alone."""
    if isinstance(part, Atom):
        yield part.order if named else part.rank
    elif isinstance(part, Polynomial):
        terms = (
            b";".join((*_pieces(monomial, named), str(c).encode())) for monomial, c in part.terms.items()
        )
        yield b"{" + b"+".join(sorted(terms)) + b"}"
    elif isinstance(part, Index):
        yield _index_piece(part, named)
    elif isinstance(part, tuple):
        inner = [b",".join(_pieces(one, named)) for one in part]
        yield b"(" + b"/".join(inner) + b")"
    else:
        yield str(part).encode()


@cache
def _index_piece(index: Index, named: bool) -> bytes:
    return f"{index.name if named else ''}:{index.dimension}".encode()
