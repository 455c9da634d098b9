"""Exact numbers for testing identities: residues modulo a product of three primes, with a real number beside.

Two expressions are the same function if they agree at random residues. A wrong identity passes with a
probability of at most degree / |field| (Schwartz and Zippel), however small its error is: nothing is rounded.

The primes are p₀ = 2⁶¹ − 1, p₁ = 66 p₀ + 1 and p₂ = 18 p₁ + 1, and equality is asked of the last. As p₀
divides p₁ − 1 and p₁ divides p₂ − 1 there are elements g₁ and g₂ of these orders, and

    exp(x) mod p₁ = g₁^(x mod p₀),    exp(x) mod p₂ = g₂^(x mod p₁)

obey exp(x + y) = exp(x) exp(y), also where an exponential stands inside another (Gonnet 1984). Modulo p₀ an
exponential is a random number, the same for the same x, with exp(−x) = 1 / exp(x). tanh, sinh and cosh are
made of it. A positive input is ±exp of a random number, so that its logarithm, powers and root are known; the
logarithm of a sum is a symbol, and exp(… + c log s) = exp(…) sᶜ for whole c. The other functions are symbols
with their simplest relations. What is found equal is equal, whatever relations are left out; what is found
different may be equal by a relation that is missing here, and then the number says so (``doubtful``).

The real number beside is a ball around the value at an actual point. It decides comparisons, and so the
branch of the code that is tested; two numbers with the same residue are equal everywhere.
"""

from __future__ import annotations

import math
import random
from fractions import Fraction
from itertools import pairwise
from typing import Any

from checkers.oracles.arb import as_ball
from checkers.oracles.dual import KINK, Undecided
from checkers.oracles.literal import meant

PRIMES = (2**61 - 1, 66 * (2**61 - 1) + 1, 18 * (66 * (2**61 - 1) + 1) + 1)
MODULUS = math.prod(PRIMES)
LAST = PRIMES[-1]
_UNITS = tuple(MODULUS // p * pow(MODULUS // p, -1, p) for p in PRIMES)
"""The residues that are 1 modulo one of the primes and 0 modulo the others."""
_GENERATORS = (0, *(pow(3, (p - 1) // q, p) for q, p in pairwise(PRIMES)))
"""Elements of order p₀ modulo p₁ and of order p₁ modulo p₂."""

MIXED = "mixed"
"""Marks a number in which logarithms of sums occur other than added up."""
LOOSE = "loose"
"""Marks a number in which there are values of functions whose relations are not all known."""


class Symbols:
    """The values of functions in one test: random, and the same for the same argument.

    Attributes:
        random: the source of everything random.
        degrees: the sum of the degrees of all arguments of functions, for the error probability.
    """

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.degrees = 0
        self._known: dict[tuple[str, int], int] = {}
        self.sums: dict[int, Residue] = {}

    def free(self, shadow: Any) -> Residue:
        """A random residue for an input near which all real values are possible.

        Args:
            shadow: the ball around its actual value.
        """
        logarithm = self.random.randrange(MODULUS)
        value = self.exponential(logarithm)
        if shadow < 0:
            return Residue(self, -value % MODULUS, shadow, logarithm, None, 1)
        return Residue(self, value, shadow, logarithm, None, 1)

    def constant(self, x: Fraction | int) -> Residue:
        """A rational number."""
        value = x if isinstance(x, int) else x.numerator * pow(x.denominator, -1, MODULUS)
        return Residue(self, value % MODULUS, as_ball(x), None, None, 0)

    def direction(self) -> Residue:
        """A random residue for a tangent, without a real number beside."""
        return Residue(self, self.random.randrange(1, MODULUS), None, None, None, 1)

    def exponential(self, x: int) -> int:
        """Exp of a residue."""
        key = ("exp", x)
        if key not in self._known:
            innermost = self._odd("exp", x % PRIMES[0])
            parts = [
                pow(innermost, -1, PRIMES[0]) if x % PRIMES[0] > PRIMES[0] // 2 else innermost,
                *(pow(_GENERATORS[k], x % PRIMES[k - 1], PRIMES[k]) for k in (1, 2)),
            ]
            self._known[key] = sum(r * u for r, u in zip(parts, _UNITS, strict=True)) % MODULUS
        return self._known[key]

    def value(self, name: str, x: int) -> int:
        """A symbol: a random residue for a function at an argument."""
        return self._known.setdefault((name, x), self.random.randrange(1, MODULUS))

    def odd(self, name: str, x: int) -> int:
        """A symbol for an odd function."""
        return self.value(name, x) if x <= MODULUS // 2 else -self.value(name, MODULUS - x) % MODULUS

    def _odd(self, name: str, x: int) -> int:
        small = min(x, PRIMES[0] - x)
        if small == 0:
            return 1
        return self._known.setdefault((f"{name} innermost", small), self.random.randrange(1, PRIMES[0]))


class Residue:
    """One exact number.

    Attributes:
        symbols: the test that it belongs to.
        residue: modulo ``MODULUS``.
        shadow: the ball around its value at the actual point; None for tangents.
        logarithm: the residue of log |x| where it is known.
        marks: None, whole coefficients of logarithms of sums, ``MIXED`` or ``LOOSE``.
        degree: at most that of numerator and denominator as polynomials in everything random.
    """

    __slots__ = ("degree", "logarithm", "marks", "residue", "shadow", "symbols")

    def __init__(
        self, symbols: Symbols, residue: int, shadow: Any, logarithm: int | None, marks: Any, degree: int
    ) -> None:
        self.symbols = symbols
        self.residue = residue
        self.shadow = shadow
        self.logarithm = logarithm
        self.marks = marks
        self.degree = degree

    @property
    def doubtful(self) -> bool:
        """Whether two such numbers may be equal although their residues differ."""
        return self.marks is not None

    def equals(self, other: Residue) -> bool:
        """Whether both are the same function of the inputs."""
        return (self.residue - other.residue) % LAST == 0

    def lifted(self, x: Any) -> Residue:
        """A literal of the code, if it is the number that it stands for."""
        return self.symbols.constant(meant(x))

    def __add__(self, other: Residue) -> Residue:
        s, t = self.shadow, other.shadow
        return Residue(
            self.symbols,
            (self.residue + other.residue) % MODULUS,
            None if s is None or t is None else s + t,
            None,
            None if self.marks is None and other.marks is None else _added(self.marks, other.marks, 1),
            self.degree + other.degree,
        )

    def __sub__(self, other: Residue) -> Residue:
        s, t = self.shadow, other.shadow
        return Residue(
            self.symbols,
            (self.residue - other.residue) % MODULUS,
            None if s is None or t is None else s - t,
            None,
            None if self.marks is None and other.marks is None else _added(self.marks, other.marks, -1),
            self.degree + other.degree,
        )

    def __mul__(self, other: Residue) -> Residue:
        s, t = self.shadow, other.shadow
        a, b = self.logarithm, other.logarithm
        return Residue(
            self.symbols,
            self.residue * other.residue % MODULUS,
            None if s is None or t is None else s * t,
            None if a is None or b is None else (a + b) % MODULUS,
            None if self.marks is None and other.marks is None else _multiplied(self, other),
            self.degree + other.degree,
        )

    def __neg__(self) -> Residue:
        return Residue(
            self.symbols,
            -self.residue % MODULUS,
            None if self.shadow is None else -self.shadow,
            self.logarithm,
            None if self.marks is None else _added(None, self.marks, -1),
            self.degree,
        )

    def raised(self, exponent: int) -> Residue:
        """The power with a whole exponent.

        Raises:
            Undecided: a negative power of 0.
        """
        if exponent == 1:
            return self
        try:
            residue = pow(self.residue, exponent, MODULUS)
        except ValueError as error:
            raise Undecided("it divides by 0 here") from error
        return Residue(
            self.symbols,
            residue,
            None if self.shadow is None else _power(self.shadow, exponent),
            None if self.logarithm is None else self.logarithm * exponent % MODULUS,
            None if self.marks is None else LOOSE if self.marks is LOOSE else MIXED,
            self.degree * abs(exponent),
        )

    def compare(self, other: Residue) -> int:
        """−1, 0 or 1: 0 where both are the same function, else by the actual values."""
        if self.residue == other.residue:
            return 0
        if self.shadow is not None and other.shadow is not None:
            difference = self.shadow - other.shadow
            if difference > 0:
                return 1
            if difference < 0:
                return -1
        raise Undecided(KINK)

    def function(self, name: str) -> Residue:
        """The function of that NumPy name.

        Raises:
            Undecided: it is not defined at the actual point.
        """
        self.symbols.degrees += self.degree
        return _FUNCTIONS[name](self)

    def _exp(self) -> Residue:
        if not isinstance(self.marks, dict):
            marks = LOOSE if self.marks is not None else None
            known = self.residue if marks is None else None
            value = self.symbols.exponential(self.residue)
            return Residue(self.symbols, value, self.shadow.exp(), known, marks, 1)
        rest, factors = self.residue, self.symbols.constant(1)
        for symbol, count in self.marks.items():
            rest -= symbol * count
            factors = factors * self.symbols.sums[symbol].raised(count)
        value = self.symbols.exponential(rest % MODULUS) * factors.residue % MODULUS
        degree = 1 + factors.degree
        return Residue(self.symbols, value, self.shadow.exp(), None, factors.marks, degree)

    def _log(self) -> Residue:
        self._must_be_positive("logarithm")
        shadow = self.shadow.log()
        if self.logarithm is not None:
            return Residue(self.symbols, self.logarithm, shadow, None, None, 1)
        inverse = self.raised(-1)
        first, sign = (self, 1) if self.residue <= inverse.residue else (inverse, -1)
        if first.residue == 1:
            return Residue(self.symbols, 0, shadow, None, None, 0)
        symbol = self.symbols.value("log", first.residue)
        self.symbols.sums.setdefault(symbol, first)
        marks = LOOSE if self.marks is not None else {symbol: sign}
        return Residue(self.symbols, sign * symbol % MODULUS, shadow, None, marks, 1)

    def _sqrt(self) -> Residue:
        """By the logarithm where it is known; else the root that is itself a square, or a symbol."""
        self._must_be_positive("root")
        shadow = self.shadow.sqrt()
        if self.logarithm is not None and self.marks is None:
            half = self.logarithm * pow(2, -1, MODULUS) % MODULUS
            return Residue(self.symbols, self.symbols.exponential(half), shadow, half, None, 1)
        roots = [pow(self.residue, (p + 1) // 4, p) for p in PRIMES]
        if all((r * r - self.residue) % p == 0 for r, p in zip(roots, PRIMES, strict=True)):
            value = sum(r * u for r, u in zip(roots, _UNITS, strict=True)) % MODULUS
        else:
            value = self.symbols.value("sqrt", self.residue)
        return Residue(self.symbols, value, shadow, None, LOOSE, 1)

    def _tanh(self) -> Residue:
        up, one = self._exp(), self.symbols.constant(1)
        square = up * up
        found = (square - one) * (square + one).raised(-1)
        found.shadow = self.shadow.tanh()
        return found

    def _sinh(self) -> Residue:
        up = self._exp()
        return (up - up.raised(-1)) * self.symbols.constant(Fraction(1, 2))

    def _cosh(self) -> Residue:
        up = self._exp()
        return (up + up.raised(-1)) * self.symbols.constant(Fraction(1, 2))

    def _sin(self) -> Residue:
        t = self._half_angle()
        value = 2 * t * pow(1 + t * t, -1, MODULUS) % MODULUS
        return Residue(self.symbols, value, self.shadow.sin(), None, LOOSE, 2)

    def _cos(self) -> Residue:
        t = self._half_angle()
        value = (1 - t * t) * pow(1 + t * t, -1, MODULUS) % MODULUS
        return Residue(self.symbols, value, self.shadow.cos(), None, LOOSE, 2)

    def _half_angle(self) -> int:
        """A random point of the circle, so that sin² + cos² = 1; sin is odd and cos even."""
        return 0 if self.residue == 0 else self.symbols.odd("tan of half", self.residue)

    def _arctan(self) -> Residue:
        return self._odd_symbol("arctan", self.shadow.atan())

    def _arcsin(self) -> Residue:
        return self._odd_symbol("arcsin", self.shadow.asin())

    def _arccos(self) -> Residue:
        value = self.symbols.value("arccos", self.residue)
        return Residue(self.symbols, value, self.shadow.acos(), None, LOOSE, 1)

    def _odd_symbol(self, name: str, shadow: Any) -> Residue:
        value = 0 if self.residue == 0 else self.symbols.odd(name, self.residue)
        return Residue(self.symbols, value, shadow, None, LOOSE, 1)

    def _must_be_positive(self, what: str) -> None:
        # A ball that is too wide to tell does not matter here: in float64 the forward has a value.
        if self.shadow <= 0:
            raise Undecided(f"it takes the {what} of a number that is not positive here")


_FUNCTIONS = {
    "exp": Residue._exp,
    "log": Residue._log,
    "sqrt": Residue._sqrt,
    "tanh": Residue._tanh,
    "sinh": Residue._sinh,
    "cosh": Residue._cosh,
    "sin": Residue._sin,
    "cos": Residue._cos,
    "arctan": Residue._arctan,
    "arcsin": Residue._arcsin,
    "arccos": Residue._arccos,
}


def _added(a: Any, b: Any, sign: int) -> Any:
    """The marks of a + b or a − b."""
    if a is LOOSE or b is LOOSE:
        return LOOSE
    if a is MIXED or b is MIXED:
        return MIXED
    total = dict(a or {})
    for symbol, count in (b or {}).items():
        total[symbol] = total.get(symbol, 0) + sign * count
    return {symbol: count for symbol, count in total.items() if count} or None


def _multiplied(a: Residue, b: Residue) -> Any:
    """The marks of a product: a whole constant keeps logarithms added up."""
    if a.marks is LOOSE or b.marks is LOOSE:
        return LOOSE
    for one, other in ((a, b), (b, a)):
        if isinstance(one.marks, dict) and other.degree == 0 and other.marks is None:
            for whole in (other.residue, other.residue - MODULUS):
                if abs(whole) <= WHOLE:
                    return {symbol: whole * count for symbol, count in one.marks.items() if whole} or None
    return MIXED


WHOLE = 64
"""Up to which a constant factor of a logarithm becomes an exponent."""


def _power(shadow: Any, exponent: int) -> Any:
    return shadow**exponent if exponent >= 0 else 1 / shadow ** (-exponent)
