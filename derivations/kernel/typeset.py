r"""A formula as its author wrote it: as LaTeX, or as a line of Unicode for a terminal.

latex(delta * a.T)      \delta a^{\top}
unicode(delta * a.T)    δ aᵀ
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import singledispatchmethod
from typing import ClassVar

import sympy as sp

from derivations.kernel import formula as fm
from derivations.kernel.formula import Formula, Position
from derivations.notation import Index

__all__ = ["latex", "unicode"]

_SUM, _NEGATIVE, _HADAMARD, _PRODUCT, _POWER, _ATOM = range(6)
"""How tightly a formula holds together: what holds less than its surroundings needs gets brackets."""


def latex(f: Formula) -> str:
    """The formula in LaTeX."""
    return _Latex().of(f)


def unicode(f: Formula) -> str:
    """The formula in one line of Unicode."""
    return _Unicode().of(f)


def hold(f: Formula) -> int:
    """How tightly the outermost operation of a formula holds its parts together."""
    if isinstance(f, fm.Plus):
        return _SUM
    if isinstance(f, fm.Negative):
        return _NEGATIVE
    if isinstance(f, fm.Hadamard):
        return _HADAMARD
    if isinstance(f, (fm.Product, fm.Sum, fm.ProductOver)):
        return _PRODUCT
    if isinstance(f, (fm.Transpose, fm.Power)):
        return _POWER
    return _ATOM


class _Printer:
    """What LaTeX and Unicode have in common."""

    letters: ClassVar[Mapping[str, str]]

    def of(self, f: Formula, needed: int = _SUM) -> str:
        """The formula, in brackets if it holds less tightly than needed."""
        text = self._print(f)
        return self.bracket(text) if self.hold(f) < needed else text

    def hold(self, f: Formula) -> int:
        """How tightly the printed formula holds together."""
        return hold(f)

    def bracket(self, text: str) -> str:
        """The text in round brackets."""
        raise NotImplementedError

    def letter(self, name: str) -> str:
        """A name as it is printed: Greek letters by their names, hats after an underscore."""
        raise NotImplementedError

    @singledispatchmethod
    def _print(self, f: Formula) -> str:
        raise TypeError(f"{type(f).__name__} cannot be printed")

    @_print.register
    def _(self, f: fm.Array) -> str:
        return self.raised(self.letter(f.name), f.layer)

    @_print.register
    def _(self, f: fm.Named) -> str:
        return self.of(f.array)

    @_print.register
    def _(self, f: fm.Map) -> str:
        return self.lowered(f.array, [self.letter(index.name) for index in f.at])

    @_print.register
    def _(self, f: fm.Plus) -> str:
        first, *others = f.terms
        text = self.of(first)
        for term in others:
            if isinstance(term, fm.Negative):
                text += f" {self.minus} {self.of(term.of, _HADAMARD)}"
            else:
                text += f" + {self.of(term, _HADAMARD)}"
        return text

    @_print.register
    def _(self, f: fm.Negative) -> str:
        return f"{self.minus}{self.of(f.of, _HADAMARD)}"

    @_print.register
    def _(self, f: fm.Product) -> str:
        *first, last = f.factors
        parts = [
            self.of(one, _PRODUCT + isinstance(one, (fm.Sum, fm.ProductOver, fm.Product))) for one in first
        ]
        parts.append(self.of(last, _PRODUCT + isinstance(last, fm.Product)))
        text = parts[0]
        for previous, factor, part in zip(f.factors, f.factors[1:], parts[1:], strict=False):
            both = isinstance(factor, fm.Constant) and factor.value.is_number
            both |= (
                isinstance(previous, fm.Constant)
                and isinstance(factor, fm.Power)
                and isinstance(factor.base, fm.Constant)
            )
            text += f" {self.cdot} {part}" if both else f"{self.thin}{part}"
        return text

    @_print.register
    def _(self, f: fm.Hadamard) -> str:
        return f" {self.odot} ".join(self.of(factor, _POWER) for factor in f.factors)

    @_print.register
    def _(self, f: fm.Ones) -> str:
        return self.ones(f.columns != 1 and f.rows == 1)

    @_print.register
    def _(self, f: fm.Zeros) -> str:
        return "0"

    @_print.register
    def _(self, f: fm.Identity) -> str:
        return "I"

    @_print.register
    def _(self, f: fm.Entry) -> str:
        places = [self.position(p, d) for p, d in zip((f.row, f.column), f.of.shape, strict=True) if d != 1]
        return self.lowered(f.of, places)

    minus: ClassVar[str]
    cdot: ClassVar[str]
    odot: ClassVar[str]
    thin: ClassVar[str]

    def raised(self, letter: str, layer: str) -> str:
        """A letter with its layer."""
        raise NotImplementedError

    def lowered(self, f: Formula, places: list[str]) -> str:
        """A formula with indices."""
        raise NotImplementedError

    def ones(self, row: bool) -> str:
        """The array of ones."""
        raise NotImplementedError

    def position(self, position: Position, dimension: sp.Expr) -> str:
        """An index or a number."""
        return self.letter(position.name) if isinstance(position, Index) else str(position)


_GREEK_LETTERS = {
    "alpha": "α",
    "beta": "β",
    "gamma": "γ",
    "delta": "δ",
    "epsilon": "ε",
    "zeta": "ζ",
    "eta": "η",
    "theta": "θ",
    "kappa": "κ",
    "lambda": "λ",
    "mu": "μ",
    "nu": "ν",
    "xi": "ξ",
    "pi": "π",
    "rho": "ρ",
    "sigma": "σ",
    "tau": "τ",
    "phi": "φ",
    "chi": "χ",
    "psi": "ψ",
    "omega": "ω",
    "Delta": "Δ",
}


class _Latex(_Printer):
    minus, cdot, odot, thin = "-", r"\cdot", r"\odot", r"\, "

    def bracket(self, text: str) -> str:
        return rf"\left({text}\right)"

    def letter(self, name: str) -> str:
        stem, _, mark = name.partition("_")
        primes = len(stem) - len(stem.rstrip("'"))
        stem = stem.rstrip("'")
        text = f"\\{stem}" if stem in _GREEK_LETTERS else stem
        if len(stem) > 1 and stem.isalpha() and stem not in _GREEK_LETTERS:
            text = rf"\mathrm{{{stem}}}"
        elif len(stem) > 1 and stem[0].isalpha() and stem[1:].isdigit():
            text = f"{stem[0]}_{{{stem[1:]}}}"
        if mark in ("hat", "bar", "tilde", "dot"):
            text = rf"\{mark}{{{text}}}"
        elif mark:
            text = f"{text}_{{{mark}}}"
        return text + "'" * primes

    def raised(self, letter: str, layer: str) -> str:
        return f"{letter}^{{({layer})}}" if layer else letter

    def lowered(self, f: Formula, places: list[str]) -> str:
        inside = self.of(f, _ATOM)
        if isinstance(f, (fm.Transpose, fm.Partial)) or not isinstance(f, (fm.Array, fm.Named, fm.Map)):
            inside = rf"\left[{self.of(f)}\right]"
        elif "_" in inside:
            inside = f"{{{inside}}}"
        return f"{inside}_{{{' '.join(places)}}}" if places else inside

    def ones(self, row: bool) -> str:
        return r"\mathbf{1}^{\top}" if row else r"\mathbf{1}"

    def function(self, name: str) -> str:
        """The name of a function."""
        stem, _, layer = name.partition("^")
        primes = "'" * name.count("'")
        stem, layer = stem.rstrip("'"), layer.rstrip("'")
        text = rf"\{stem}" if stem in ("exp", "log", "tanh", "max", *_GREEK_LETTERS) else stem
        if len(stem) > 1 and not text.startswith("\\"):
            text = rf"\operatorname{{{stem}}}"
        text = f"{text}_{{{layer.strip('()')}}}" if layer else text
        return text + primes

    def hold(self, f: Formula) -> int:
        return _POWER if isinstance(f, fm.Apply) and f.function.name == "exp" else hold(f)

    @singledispatchmethod
    def _print(self, f: Formula) -> str:
        return super()._print(f)

    @_print.register
    def _(self, f: fm.Constant) -> str:
        return str(sp.latex(f.value))

    @_print.register
    def _(self, f: fm.Quotient) -> str:
        return rf"\frac{{{self.of(f.numerator)}}}{{{self.of(f.denominator)}}}"

    @_print.register
    def _(self, f: fm.Power) -> str:
        base = self.of(f.base, _ATOM)
        if isinstance(f.base, fm.Entry) or (isinstance(f.base, (fm.Array, fm.Named)) and "^" in base):
            base = f"{{{base}}}" if "^" not in base else rf"\left({base}\right)"
        return f"{base}^{{{self.of(f.exponent)}}}"

    @_print.register
    def _(self, f: fm.Transpose) -> str:
        inside = self.of(f.of, _ATOM)
        if "^" in inside and not inside.startswith(r"\left("):
            inside = self.bracket(inside)
        return rf"{inside}^{{\top}}"

    @_print.register
    def _(self, f: fm.Apply) -> str:
        if f.function.name == "exp":
            return f"e^{{{self.of(f.of)}}}"
        return rf"{self.function(f.function.name)}\left({self.of(f.of)}\right)"

    @_print.register
    def _(self, f: fm.Diagonal) -> str:
        return rf"\operatorname{{diag}}\left({self.of(f.of)}\right)"

    @_print.register
    def _(self, f: fm.Trace) -> str:
        return rf"\operatorname{{tr}}\left({self.of(f.of)}\right)"

    @_print.register
    def _(self, f: fm.Entries) -> str:
        places = " ".join(self.position(p, sp.S.One) for p in (f.row, f.column) if p != 1)
        return rf"\left[{self.of(f.body)}\right]_{{{places}}}"

    @_print.register
    def _(self, f: fm.Row) -> str:
        return rf"{self.of(f.of, _ATOM)}_{{{self.position(f.at, sp.S.One)}\,\cdot}}"

    @_print.register
    def _(self, f: fm.Column) -> str:
        return rf"{self.of(f.of, _ATOM)}_{{\cdot\,{self.position(f.at, sp.S.One)}}}"

    @_print.register
    def _(self, f: fm.Sum) -> str:
        return rf"\sum_{{{self.letter(f.index.name)}}} {self.of(f.body, _PRODUCT)}"

    @_print.register
    def _(self, f: fm.ProductOver) -> str:
        return rf"\prod_{{{self.letter(f.index.name)}}} {self.of(f.body, _PRODUCT)}"

    @_print.register
    def _(self, f: fm.Delta) -> str:
        return rf"\delta_{{{self.letter(f.i.name)} {self.letter(f.j.name)}}}"

    @_print.register
    def _(self, f: fm.Partial) -> str:
        below = rf"\partial {self.of(f.by, _ATOM)}"
        if isinstance(f.of, (fm.Array, fm.Named, fm.Map)) or (
            isinstance(f.of, fm.Entry) and isinstance(f.of.of, (fm.Array, fm.Named, fm.Map))
        ):
            text = rf"\frac{{\partial {self.of(f.of, _ATOM)}}}{{{below}}}"
        else:
            text = rf"\frac{{\partial}}{{{below}}}\left({self.of(f.of)}\right)"
        # Braces, because a row or a column of it has a subscript of its own.
        return rf"{{\left({text}\right)_{{\text{{numerator}}}}}}" if f.layout == "numerator" else text


_SUPERSCRIPTS = str.maketrans("0123456789+-()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾ⁿ")
_SUPERSCRIPT_LETTERS = {"l": "ˡ", "L": "ᴸ", "m": "ᵐ", "k": "ᵏ", "i": "ⁱ", "j": "ʲ"}


class _Unicode(_Printer):
    minus, cdot, odot, thin = "−", "·", "⊙", " "

    def bracket(self, text: str) -> str:
        return f"({text})"

    def letter(self, name: str) -> str:
        stem, _, mark = name.partition("_")
        primes = len(stem) - len(stem.rstrip("'"))
        stem = stem.rstrip("'")
        text = _GREEK_LETTERS.get(stem, stem)
        marks = {"hat": "\u0302", "bar": "\u0304", "tilde": "\u0303", "dot": "\u0307"}
        text += marks.get(mark, mark)
        return text + "′" * primes

    def raised(self, letter: str, layer: str) -> str:
        if not layer:
            return letter
        small = "".join(_SUPERSCRIPT_LETTERS.get(one, one) for one in layer).translate(_SUPERSCRIPTS)
        return f"{letter}⁽{small}⁾"

    def lowered(self, f: Formula, places: list[str]) -> str:
        plain = isinstance(f, (fm.Array, fm.Named, fm.Map))
        inside = self.of(f) if plain else f"[{self.of(f)}]"
        return f"{inside}_{''.join(places)}" if places else inside

    def ones(self, row: bool) -> str:
        return "𝟏ᵀ" if row else "𝟏"

    def hold(self, f: Formula) -> int:
        if isinstance(f, fm.Quotient):
            return _PRODUCT
        if isinstance(f, fm.Partial):
            return _PRODUCT + 1
        return hold(f)

    @singledispatchmethod
    def _print(self, f: Formula) -> str:
        return super()._print(f)

    @_print.register
    def _(self, f: fm.Constant) -> str:
        return str(f.value).replace("**", "^").replace("*", " ")

    @_print.register
    def _(self, f: fm.Quotient) -> str:
        return f"{self.of(f.numerator, _PRODUCT)} / {self.of(f.denominator, _POWER)}"

    @_print.register
    def _(self, f: fm.Power) -> str:
        base = self.of(f.base, _ATOM)
        exponent = self.of(f.exponent, _ATOM)
        return f"{base}{exponent.translate(_SUPERSCRIPTS)}" if exponent.isdigit() else f"{base}^{exponent}"

    @_print.register
    def _(self, f: fm.Transpose) -> str:
        return f"{self.of(f.of, _ATOM)}ᵀ"

    @_print.register
    def _(self, f: fm.Apply) -> str:
        if f.function.name == "exp":
            return f"exp({self.of(f.of)})"
        stem, _, layer = f.function.name.partition("^")
        primes = "′" * f.function.name.count("'")
        name = _GREEK_LETTERS.get(stem.rstrip("'"), stem.rstrip("'")) + primes
        return f"{self.raised(name, layer.rstrip(chr(39)).strip('()'))}({self.of(f.of)})"

    @_print.register
    def _(self, f: fm.Diagonal) -> str:
        return f"diag({self.of(f.of)})"

    @_print.register
    def _(self, f: fm.Trace) -> str:
        return f"tr({self.of(f.of)})"

    @_print.register
    def _(self, f: fm.Entries) -> str:
        places = "".join(self.position(p, sp.S.One) for p in (f.row, f.column) if p != 1)
        return f"[{self.of(f.body)}]_{places}"

    @_print.register
    def _(self, f: fm.Row) -> str:
        return f"{self.of(f.of, _ATOM)}_{self.position(f.at, sp.S.One)}·"

    @_print.register
    def _(self, f: fm.Column) -> str:
        return f"{self.of(f.of, _ATOM)}_·{self.position(f.at, sp.S.One)}"

    @_print.register
    def _(self, f: fm.Sum) -> str:
        return f"Σ_{self.letter(f.index.name)} {self.of(f.body, _PRODUCT)}"

    @_print.register
    def _(self, f: fm.ProductOver) -> str:
        return f"Π_{self.letter(f.index.name)} {self.of(f.body, _PRODUCT)}"

    @_print.register
    def _(self, f: fm.Delta) -> str:
        return f"δ_{self.letter(f.i.name)}{self.letter(f.j.name)}"

    @_print.register
    def _(self, f: fm.Partial) -> str:
        plain = isinstance(f.of, (fm.Array, fm.Named, fm.Map)) or (
            isinstance(f.of, fm.Entry) and isinstance(f.of.of, (fm.Array, fm.Named, fm.Map))
        )
        above = f"∂{self.of(f.of, _ATOM)}" if plain else "∂"
        text = f"{above}/∂{self.of(f.by, _ATOM)}"
        text = text if plain else f"{text} ({self.of(f.of)})"
        return f"({text})_numerator" if f.layout == "numerator" else text
