"""Numbers by which a gradient may be off, with their names: 2, −1, the batch size, a size too many.

claimed = c · right,    c ∈ {−1, 2, 1/2, m, 1/m, m/n, ln 2, π/180, λ, …}
"""

# ruff: noqa: ARG001, ARG005  (a factor takes the case, needed or not)

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial

import numpy as np

from checkers.diagnosis.hypothesis import Hypothesis, Predict, Subject
from checkers.diagnosis.roles import (
    averages_over,
    constant_factors,
    equation_of_factor,
    equation_of_mean,
    is_sigmoid,
)
from checkers.diagnosis.witness import Sight, Witness
from checkers.rounding.ball import Reals

CLOSE = 1e-3
"""How near a factor that is read off must come to a named one; whether it is that is tried exactly later."""
ONE = 1e-9
"""A factor nearer to 1 than this is none."""
LARGEST_WHOLE = 64
"""Denominators up to which a constant is written as a fraction."""


@dataclass(frozen=True)
class Factor:
    """A number with a name.

    Attributes:
        code: of the mistake.
        detail: what it is, as a programmer would write it.
        value: at a case; None where it has none.
        say: what a tutor says.
        complexity: how much it assumes.
        equation: the catalogue id of what is right.
    """

    code: str
    detail: str
    value: Callable[[Witness], float | None]
    say: Callable[[Subject], str]
    complexity: float
    equation: str = ""
    free: bool = False


def ratio(sight: Sight, base: Reals) -> float | None:
    """Claimed over ``base`` at the entry that is known best; None if there is none, or it does not fit."""
    if base.shape != sight.claimed.shape:
        return None
    compared = sight.known if sight.shaped else np.ones(sight.claimed.shape, dtype=bool)
    with np.errstate(all="ignore"):
        size = np.abs(base)
        relative = np.where(compared & (size > 0) & np.isfinite(size), sight.allowed(base) / size, np.inf)
    if not relative.size or not np.isfinite(relative.min()):
        return None
    index = np.unravel_index(int(np.argmin(relative)), relative.shape)
    return float(sight.claimed[index] / base[index])


def ratios(predict: Predict, witnesses: Sequence[Witness], name: str) -> list[tuple[Witness, float]] | None:
    """In every case the one number that the claim is of ``predict``; None if it is no multiple of it."""
    found: list[tuple[Witness, float]] = []
    for witness in witnesses:
        if name not in witness.sights:
            continue
        sight, base = witness.sights[name], predict(witness, name)
        if base is None and not witness.case.ordinary:
            continue
        if base is None:
            return None
        c = ratio(sight, base)
        if c is None:
            if not sight.fits(base * 0, witness.case.ordinary):
                return None
        elif not sight.fits(base * c, witness.case.ordinary, True):
            return None
        else:
            found.append((witness, c))
    return found


def named(seen: Sequence[tuple[Witness, float]], name: str, part: str = "") -> list[Factor]:
    """The factors that are what was seen, in every case; ``part`` names what is off, if not all of it."""
    if not seen or not all(np.isfinite(c) and c != 0 for _, c in seen):
        return []
    found = []
    varied = len({tuple(witness.sizes.values()) for witness, _ in seen}) > 1
    for factor in _candidates(seen[0][0], name, part, varied):
        values = [(factor.value(witness), c) for witness, c in seen]
        if all(v is not None and abs(v - c) <= CLOSE * abs(c) for v, c in values):
            found.append(factor)
    c = seen[0][1]
    if not found and all(abs(other - c) <= CLOSE * abs(c) for _, other in seen) and abs(c - 1) > ONE:
        found.append(_read_off(_rounded(c), seen, name, part))
    return found


def _read_off(c: float, seen: Sequence[tuple[Witness, float]], name: str, part: str) -> Factor:
    """A number without a name: a constant if it is the same at different arguments, else only seen."""
    first = seen[0][0]
    points = {tuple(a.tobytes() for a in witness.case.arguments) for witness, _ in seen}
    if len(points) > 1:
        return _constant(c, first, name, part, free=True)

    def say(s: Subject) -> str:
        what, verb = _off(s, part)
        return f"{what} {verb} {written(c)} times what {_it(s, part)} should be at this point."

    return Factor("ratio-at-this-point", written(c), lambda w: c, say, 3.0, "", True)


def applied(factor: Factor, base: Hypothesis | None, predict: Predict) -> Hypothesis:
    """The mistake that multiplies by the factor, after another mistake if there is one."""

    def multiplied(witness: Witness, name: str) -> Reals | None:
        before, value = predict(witness, name), factor.value(witness)
        return None if before is None or value is None else np.asarray(before * value)

    if base is None:
        return Hypothesis(
            factor.code,
            factor.complexity,
            multiplied,
            factor.say,
            factor.equation,
            factor.detail,
            factor.free,
        )
    code = "+".join(dict.fromkeys([*base.code.split("+"), *factor.code.split("+")]))
    return Hypothesis(
        code,
        base.complexity + factor.complexity + 2,
        multiplied,
        lambda s: f"Two mistakes in one. {base.say(s)} Besides, {_lower(factor.say(s))}",
        base.equation or factor.equation,
        f"{base.detail} {factor.detail}".strip(),
        factor.free or base.free,
    )


def _lower(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]


def _rounded(c: float) -> float:
    fraction = Fraction(c).limit_denominator(LARGEST_WHOLE)
    return float(fraction) if abs(float(fraction) - c) <= ONE * abs(c) else c


def written(c: float) -> str:
    """A factor as one writes it by hand."""
    fraction = Fraction(c).limit_denominator(LARGEST_WHOLE)
    if abs(float(fraction) - c) <= ONE * abs(c):
        top, bottom = fraction.numerator, fraction.denominator
        return str(top) if bottom == 1 else f"{top}/{bottom}"
    return f"{c:.6g}"


def _candidates(witness: Witness, name: str, part: str, varied: bool) -> Iterator[Factor]:
    """``varied`` says that the cases have different sizes, so that a size cannot be taken for a constant."""
    yield _sign(witness, name, part)
    for c in (2.0, 0.5, 3.0, 4.0, 0.25, 1 / 3, -2.0, -0.5):
        yield _constant(c, witness, name, part, sized=not varied)
    lengths = {float(n) for n in witness.sizes.values()}
    for c in constant_factors(witness, name):
        if not lengths & {c, 1 / c} and abs(c - 1) > ONE:
            yield from _of_forward(c, witness, name, part)
    sizes = list(witness.sizes)
    for size in sizes:
        yield from _of_size(size, witness, name, part)
    for one, other in itertools.permutations(sizes, 2):
        yield _of_two_sizes(one, other, witness, name, part)
    for one, other in itertools.combinations(sizes, 2):
        for inverse in (False, True):
            yield _product_of_sizes(one, other, inverse, witness, name, part)
    yield from _units(name, part)
    for other_name, array in witness.arguments.items():
        if array.size == 1 and array.dtype.kind == "f" and other_name != name:
            yield from _of_scalar(other_name, name, part)


def _off(s: Subject, part: str) -> tuple[str, str]:
    """What is off, at the beginning of a sentence, and its verb."""
    return (f"In {s.inside}, {part}", "is") if part else (s.the, s.are)


def _sign(witness: Witness, name: str, part: str) -> Factor:
    def say(s: Subject) -> str:
        what, verb = _off(s, part)
        return (
            f"{what} {verb} right in size and has the opposite sign: a minus sign was lost, or there is one"
            " too many, as when y − a is written for a − y."
            if part or not s.many
            else f"{what} are right in size and have the opposite sign throughout: a minus sign was lost, or"
            " there is one too many, as when y − a is written for a − y."
        )

    equation = "cs182-29" if is_sigmoid(witness) else equation_of_factor(witness, -1.0)
    return Factor("sign", "-1", lambda w: -1.0, say, 1.0, equation)


def _of_forward(c: float, witness: Witness, name: str, part: str) -> Iterator[Factor]:
    """A constant that stands in the forward, missing from the derivative or applied once too often."""

    def say(power: int, s: Subject) -> str:
        what, verb = _off(s, part)
        times = "left out" if power == -1 else "multiplied in twice"
        return (
            f"{what} {verb} {written(c**power)} times what {_it(s, part)} should be: the forward multiplies"
            f" by {written(c)}, and in the derivative that factor is {times}."
        )

    for power in (-1, 1):
        yield Factor(
            "factor",
            written(c**power),
            partial(lambda value, w: value, c**power),
            partial(say, power),
            1.25,
            equation_of_factor(witness, c),
        )


def _constant(
    c: float, witness: Witness, name: str, part: str, free: bool = False, sized: bool = False
) -> Factor:
    def say(s: Subject) -> str:
        what, verb = _off(s, part)
        hint = {
            2.0: "look for a 1/2 in the forward whose derivative was taken without it, or for a term counted"
            " twice",
            0.5: "look for a 1/2 too many, or for the 2 that the derivative of a square brings down",
        }.get(
            c, "look for a constant factor that the forward has and the derivative does not, or the reverse"
        )
        return f"{what} {verb} {written(c)} times what {_it(s, part)} should be: {hint}."

    plain = abs(c) in (2.0, 0.5)
    complexity = 3.0 if free else 1.0 if plain else 1.2 if sized else 2.0
    return Factor("factor", written(c), lambda w: c, say, complexity, equation_of_factor(witness, c), free)


def _it(s: Subject, part: str) -> str:
    return "it" if part else s.they


def _mean_code(averages: bool | None, power: float) -> str:
    """What it is called to have a size too many (``power`` 1) or to divide by it (−1)."""
    if power > 0:
        return "size-too-many" if averages is False else "missing-mean"
    if averages is None:
        return "mean-for-sum-or-averaged-twice"
    return "averaged-twice" if averages else "mean-for-sum"


def _of_size(size: str, witness: Witness, name: str, part: str) -> Iterator[Factor]:
    averages = averages_over(witness, name, size)

    def times(power: float, k: float = 1.0) -> Callable[[Witness], float | None]:
        return lambda w: _power_of(w, size, power, k)

    def too_large(s: Subject) -> str:
        what, verb = _off(s, part)
        reason = {
            True: f"the forward takes the mean over {size}, so its derivative keeps the factor 1/{size}:"
            f" divide by {size}",
            False: f"the forward has no factor {size}: do not multiply by it, nor add the same term {size}"
            " times",
            None: f"where the forward takes a mean over {size}, its derivative keeps the factor 1/{size};"
            f" where it takes a sum, nothing is to be multiplied by {size}",
        }[averages]
        return f"{what} {verb} {size} times too large: {reason}."

    def too_small(s: Subject) -> str:
        what, verb = _off(s, part)
        reason = {
            True: f"the mean over {size} is taken twice, in the forward and again in the derivative: divide"
            f" by {size} once",
            False: f"on the way from {s.listed} to the output nothing is averaged over {size}, so do not"
            f" divide by {size}",
            None: f"where the forward sums over {size} do not divide by it; where it takes a mean, divide by"
            f" {size} once, not twice",
        }[averages]
        return f"{what} {verb} {size} times too small: {reason}."

    yield Factor(_mean_code(averages, 1), size, times(1), too_large, 1.1, equation_of_mean(witness, name))
    yield Factor(
        _mean_code(averages, -1),
        f"1/{size}",
        times(-1),
        too_small,
        1.1,
        equation_of_mean(witness, name) if averages else "ng-29",
    )
    for k, code in ((-1.0, "sign"), (2.0, "factor"), (0.5, "factor")):
        for power in (1.0, -1.0):
            mean = _mean_code(averages, power)
            yield _two_factors(size, power, k, code, mean, times(power, k), witness, name, part)
    for power, text in ((0.5, f"√{size}"), (-0.5, f"1/√{size}"), (2.0, f"{size}²"), (-2.0, f"1/{size}²")):
        yield Factor(
            "wrong-power-of-size",
            text,
            times(power),
            partial(lambda text, s: _times(s, part, text, f"{size} enters to a wrong power"), text),
            2.0,
            equation_of_mean(witness, name),
        )
    for text, value in (
        (f"{size}/({size} − 1)", lambda n: n / (n - 1) if n > 1 else None),
        (f"({size} − 1)/{size}", lambda n: (n - 1) / n if n > 1 else None),
    ):
        yield Factor(
            "wrong-divisor",
            text,
            partial(lambda value, w: value(w.sizes[size]) if size in w.sizes else None, value),
            partial(
                lambda text, s: _times(
                    s, part, text, f"one place divides by {size} and the other by {size} − 1; use the same"
                ),
                text,
            ),
            2.0,
            equation_of_mean(witness, name),
        )


def _times(s: Subject, part: str, text: str, reason: str) -> str:
    what, verb = _off(s, part)
    return f"{what} {verb} {text} times what {_it(s, part)} should be: {reason}."


def _power_of(witness: Witness, size: str, power: float, k: float) -> float | None:
    n = witness.sizes.get(size)
    return None if not n else float(k * float(n) ** power)


def _two_factors(
    size: str,
    power: float,
    k: float,
    code: str,
    mean: str,
    value: Callable[[Witness], float | None],
    witness: Witness,
    name: str,
    part: str,
) -> Factor:
    top = {(-1.0, 1.0): f"−{size}", (2.0, 1.0): f"2{size}", (0.5, 1.0): f"{size}/2"}
    bottom = {(-1.0, -1.0): f"−1/{size}", (2.0, -1.0): f"2/{size}", (0.5, -1.0): f"1/(2{size})"}
    text = {**top, **bottom}[k, power]
    first = {
        "missing-mean": f"the division by {size} is missing",
        "size-too-many": f"it multiplies by {size}, which the forward does not",
        "mean-for-sum-or-averaged-twice": f"it divides by {size} once too often",
        "averaged-twice": f"it divides by {size} twice",
        "mean-for-sum": f"it divides by {size}, which the forward does not",
    }[mean]
    second = "the sign is wrong" if k == -1 else f"there is a factor {written(k)} besides"
    return Factor(
        f"{mean}+{code}",
        text,
        value,
        lambda s: _times(s, part, text, f"two mistakes in one, {first} and {second}"),
        2.5,
        equation_of_mean(witness, name),
    )


def _of_two_sizes(one: str, other: str, witness: Witness, name: str, part: str) -> Factor:
    def value(w: Witness) -> float | None:
        return w.sizes[one] / w.sizes[other] if w.sizes.get(one) and w.sizes.get(other) else None

    return Factor(
        "wrong-axis-size",
        f"{one}/{other}",
        value,
        lambda s: _times(
            s,
            part,
            f"{one}/{other}",
            f"it divides by {other} where {one} belongs, the length of another axis",
        ),
        1.6,
        equation_of_mean(witness, name),
    )


def _product_of_sizes(one: str, other: str, inverse: bool, witness: Witness, name: str, part: str) -> Factor:
    def value(w: Witness) -> float | None:
        product = w.sizes.get(one, 0) * w.sizes.get(other, 0)
        return None if not product else 1 / product if inverse else float(product)

    averages = averages_over(witness, name, one, other)
    text = f"1/({one}·{other})" if inverse else f"{one}·{other}"
    if inverse:
        code = _mean_code(averages, -1)
        reason = f"it divides by all {one}·{other} entries, which the forward does not"
        if averages:
            reason = f"the mean over all {one}·{other} entries is taken twice"
    else:
        code = _mean_code(averages, 1)
        reason = f"the forward takes the mean over all {one}·{other} entries, so divide by that number"
        if averages is False:
            reason = f"the forward has no factor {one}·{other}"
    return Factor(
        code, text, value, lambda s: _times(s, part, text, reason), 1.5, equation_of_mean(witness, name)
    )


def _units(name: str, part: str) -> Iterator[Factor]:
    for base, value in (("2", float(np.log(2))), ("10", float(np.log(10)))):
        for c, text in ((value, f"ln {base}"), (1 / value, f"1/ln {base}")):
            yield Factor(
                "log-base",
                text,
                partial(lambda c, w: c, c),
                partial(
                    lambda text, base, s: _times(
                        s,
                        part,
                        text,
                        f"logarithms to base {base} and natural ones are mixed, and d ln x = dx/x"
                        f" but d log{base} x = dx/(x ln {base})",
                    ),
                    text,
                    base,
                ),
                1.2,
                "nndl-54",
            )
    for c, text in ((float(np.pi / 180), "π/180"), (float(180 / np.pi), "180/π")):
        yield Factor(
            "degrees",
            text,
            partial(lambda c, w: c, c),
            partial(lambda text, s: _times(s, part, text, "degrees and radians are mixed"), text),
            1.2,
            "nndl-54",
        )


def _of_scalar(other: str, name: str, part: str) -> Iterator[Factor]:
    def value(w: Witness, power: int) -> float | None:
        x = float(w.arguments[other].reshape(-1)[0]) if other in w.arguments else 0.0
        return None if x == 0 else x**power

    yield Factor(
        "missing-factor-of-argument",
        f"1/{other}",
        lambda w: value(w, -1),
        lambda s: _times(s, part, f"1/{other}", f"the factor {other} of the forward is missing"),
        1.5,
        "nndl-54",
    )
    yield Factor(
        "extra-factor-of-argument",
        other,
        lambda w: value(w, 1),
        lambda s: _times(s, part, other, f"there is a factor {other} too many"),
        1.5,
        "nndl-54",
    )
