"""LaTeX as mathematics in Unicode letters, laid out in two dimensions, for a terminal.

    1  m            ∂J
    ─  ∑  (aⱼ − yⱼ)²,  ──  …
    m j=1           ∂W

LaTeX is read by latex2mathml, as for the page in the browser; here its MathML becomes boxes of text. A script
that Unicode has letters for stays on the line (``x₁²``), every other one goes above or below it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from xml.etree import ElementTree

from rich.cells import cell_len
from rich.text import Text

from reports.render.mathml import NAMESPACE, mathml

RELATIONS = frozenset("=≠<>≤≥≈∈∉→⟹⟺←≜≲∣⊂⟶↦≡⇒⇔∼~")
"""Operators with a space on both sides, before which a formula that is too wide may be broken."""

SUMS = frozenset("+−±∓")
"""Operators that have no spaces where they are a sign."""

PRODUCTS = frozenset("⊙×·⊗*∘∗")
"""Operators with a space on both sides wherever they stand between two operands."""

LARGE = frozenset("∑∏∫⋃⋂")
"""Operators whose scripts go above and below them."""

SCRIPTS = {"msub": (1, 0), "msup": (0, 1), "msubsup": (1, 2)}
"""Element → the places of its scripts below and above among its parts; 0 for none."""

PRIMES = ("′", "″")

SCRIPTED = (*SCRIPTS, "munder", "mover", "munderover", "mrow", "mstyle")
"""Elements that are of the kind of their first part."""

OPENING, CLOSING = {"(": ")", "[": "]", "{": "}", "⟨": "⟩"}, frozenset(")]}⟩")

TALL = {
    "(": "⎛⎜⎜⎝",
    ")": "⎞⎟⎟⎠",
    "[": "⎡⎢⎢⎣",
    "]": "⎤⎥⎥⎦",
    "{": "⎧⎪⎨⎩",
    "}": "⎫⎪⎬⎭",
    "|": "││││",
    "∣": "││││",
    "‖": "║║║║",
    "⟨": "╱│╱╲",
    "⟩": "╲│╲╱",
}
"""A bracket → its upper end, its stem, its middle and its lower end, for several lines."""

FRACTIONS = {("1", "2"): "½", ("1", "3"): "⅓", ("1", "4"): "¼", ("3", "4"): "¾"}
"""Numerator and denominator → the letter for the fraction."""

ACCENTS = {"^": "\u0302", "¯": "\u0304", "˙": "\u0307", "~": "\u0303", "→": "\u20d7", "‾": "\u0304"}
"""A sign above a letter → the combining letter for it."""

INDENT = 4

_RAISED = dict(
    zip(
        "0123456789+−-=()abcdefghijklmnoprstuvwxyzABDEGHIJKLMNOPRTUVWβγδθφχ⊤′″*∗",
        "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᴬᴮᴰᴱᴳᴴᴵᴶᴷᴸᴹᴺᴼᴾᴿᵀᵁⱽᵂᵝᵞᵟᶿᵠᵡᵀ′″**",
        strict=True,
    )
)
_LOWERED = dict(
    zip("0123456789+−-=()aehijklmnoprstuvxβγρφχ", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓᵦᵧᵨᵩᵪ", strict=True)
)


def text(latex: str, width: int = 100) -> str:
    """A formula in lines of text.

    Args:
        latex: the formula.
        width: columns; a formula that is wider is broken before relations and at wide spaces, then before
            operators. What cannot be broken stays wider.

    Raises:
        ValueError: the LaTeX cannot be converted.
    """
    try:
        boxes = _fitting(_root(latex), width)
    except (ValueError, IndexError) as error:
        raise ValueError(f"LaTeX that cannot be laid out: {latex} ({error})") from error
    return "\n".join(line.rstrip() for box in boxes for line in box.lines)


def indented(latex: str, width: int = 100, above: bool = True) -> Text:
    """A displayed formula: its lines, indented, between empty ones; not wider than ``width`` if possible.

    Args:
        latex: the formula.
        width: columns.
        above: whether there is an empty line above it.

    Raises:
        ValueError: the LaTeX cannot be converted.
    """
    margin = " " * INDENT
    lines = text(latex, width - INDENT).split("\n")
    return Text("\n".join([*[""] * above, *(f"{margin}{line}".rstrip() for line in lines), ""]))


@dataclass(frozen=True)
class _Box:
    """Lines of equal width.

    Attributes:
        lines: from top to bottom.
        base: the line on which the formula runs.
        top: how many of the lines above it belong to the body; those above are scripts only, which no bracket
            has to embrace.
        bottom: likewise below.
    """

    lines: tuple[str, ...]
    base: int = 0
    top: int = 0
    bottom: int = 0

    @property
    def width(self) -> int:
        return cell_len(self.lines[0])

    @property
    def flat(self) -> bool:
        return len(self.lines) == 1


EMPTY = _Box(("",))


def _root(latex: str) -> ElementTree.Element:
    semantics = ElementTree.fromstring(mathml(latex))[0]
    return semantics[0]


def _fitting(element: ElementTree.Element, width: int) -> list[_Box]:
    """The formula in boxes to be printed one below the other."""
    children = _children(element)
    if len(children) == 1 and _tag(children[0]) == "mtable":
        rows = [[part for cell in row for part in _children(cell)] for row in children[0]]
        return _apart([box for row in rows for box in _broken(row, width)])
    return _apart(_broken(children, width))


def _apart(boxes: list[_Box]) -> list[_Box]:
    """With an empty line between boxes of several lines."""
    if all(box.flat for box in boxes):
        return boxes
    return [line for box in boxes for line in (box, EMPTY)][:-1]


def _broken(children: Sequence[ElementTree.Element], width: int) -> list[_Box]:
    whole = _row(children)
    if whole.width <= width:
        return [whole]
    found: list[_Box] = []
    for piece in _joined(_pieces(children, _breaks_at_relation), width):
        if piece[1].width <= width:
            found.append(piece[1])
        else:
            found += [box for _, box in _joined(_pieces(piece[0], _breaks_at_sum), width - 8)]
    return [found[0], *(_beside([_Box(("    ",)), box]) for box in found[1:])]


_Piece = tuple[list[ElementTree.Element], _Box]


def _joined(pieces: Iterable[list[ElementTree.Element]], width: int) -> list[_Piece]:
    """As many neighbouring pieces in one line as fit."""
    found: list[_Piece] = []
    for piece in pieces:
        if found:
            together = [*found[-1][0], *piece]
            box = _row(together)
            if box.width <= width - 4 * (len(found) > 1):
                found[-1] = (together, box)
                continue
        found.append((piece, _row(piece)))
    return found


def _pieces(
    children: Sequence[ElementTree.Element], breaks: Callable[[ElementTree.Element], bool]
) -> list[list[ElementTree.Element]]:
    pieces: list[list[ElementTree.Element]] = [[]]
    depth = 0
    for child in children:
        first = child[0] if _tag(child) in SCRIPTS else child
        sign = first.text if _tag(first) == "mo" else None
        depth += (sign in OPENING) - (sign in CLOSING)
        if breaks(child) and depth == 0 and pieces[-1]:
            pieces.append([])
        pieces[-1].append(child)
    return pieces


def _breaks_at_relation(element: ElementTree.Element) -> bool:
    return (_tag(element) == "mspace" and _em(element) >= 1) or element.text in RELATIONS


def _breaks_at_sum(element: ElementTree.Element) -> bool:
    return _token(element).kind in ("sum", "product", "large")


def _tag(element: ElementTree.Element) -> str:
    return element.tag.removeprefix(f"{{{NAMESPACE}}}")


def _em(element: ElementTree.Element) -> float:
    width = element.get("width", "").removesuffix("em")
    try:
        return float(width)
    except ValueError:
        return 0.0


def _children(element: ElementTree.Element) -> list[ElementTree.Element]:
    """The parts of an element, those of groups around all of it looked into."""
    children = list(element)
    while len(children) == 1 and _tag(children[0]) in ("mrow", "mstyle"):
        children = list(children[0])
    return children


# --- boxes ------------------------------------------------------------------------------------------------


def _beside(boxes: Sequence[_Box]) -> _Box:
    boxes = [box for box in boxes if box.width or not box.flat] or [EMPTY]
    above = max(box.base for box in boxes)
    below = max(len(box.lines) - box.base for box in boxes)
    columns = [
        [*[" " * box.width] * (above - box.base), *box.lines]
        + [" " * box.width] * (below - len(box.lines) + box.base)
        for box in boxes
    ]
    return _Box(
        tuple(map("".join, zip(*columns, strict=True))),
        above,
        max(box.top for box in boxes),
        max(box.bottom for box in boxes),
    )


def _stacked(boxes: Sequence[_Box], base: int, left: bool = False) -> _Box:
    """Boxes one below the other, centred; the base line is that of the box with the number ``base``."""
    width = max(box.width for box in boxes)
    lines = [
        line + " " * (width - cell_len(line)) if left else _centred(line, width)
        for box in boxes
        for line in box.lines
    ]
    before = sum(len(box.lines) for box in boxes[:base])
    line = before + boxes[base].base
    return _Box(tuple(lines), line, line, len(lines) - line - 1)


def _centred(line: str, width: int) -> str:
    free = width - cell_len(line)
    return " " * (free // 2) + line + " " * (free - free // 2)


def _fenced(opening: str, inner: _Box, closing: str) -> _Box:
    sides = [_bracket(sign, inner.top, inner.bottom) for sign in (opening, closing)]
    return _beside([sides[0], inner, sides[1]])


def _bracket(sign: str, top: int, bottom: int) -> _Box:
    """A bracket from ``top`` lines above the base line to ``bottom`` below it."""
    height = top + bottom + 1
    if height == 1 or sign not in TALL:
        return _Box((sign,)) if sign not in (".", "") else EMPTY
    upper, stem, middle, lower = tuple(TALL[sign])
    lines = [upper, *[stem] * (height - 2), lower]
    if sign in "{}⟨⟩" and height > 2:
        lines[height // 2] = middle
    elif sign in "{}":
        lines = ["⎰", "⎱"] if sign == "{" else ["⎱", "⎰"]
    return _Box(tuple(lines), top, top, bottom)


# --- elements ---------------------------------------------------------------------------------------------


def _box(element: ElementTree.Element) -> _Box:
    tag = _tag(element)
    if tag in _KINDS:
        return _KINDS[tag](element)
    return _row(_children(element))


def _row(children: Sequence[ElementTree.Element]) -> _Box:
    """Elements side by side; what stands between two brackets is laid out first, so that they embrace it."""
    parts: list[list[_Token]] = [[]]
    opened: list[str] = []
    for child in children:
        sign = (child.text or "") if _tag(child) == "mo" else ""
        if sign in OPENING or (sign and child.get("form") == "prefix"):
            opened.append(sign)
            parts.append([])
        elif opened and (sign in CLOSING or (sign and child.get("form") == "postfix")):
            inner = _spaced(parts.pop())
            parts[-1].append(_Token(_fenced(opened.pop(), inner, sign), "closed"))
        elif opened and _tag(child) in SCRIPTS and child[0].text in CLOSING:
            inner = _spaced(parts.pop())
            fenced = _fenced(opened.pop(), inner, child[0].text or "")
            parts[-1].append(_Token(_scripted(fenced, *_scripts(child)), "closed"))
        else:
            parts[-1].append(_token(child))
    while opened:  # a brace that only opens, before cases
        inner = _spaced(parts.pop())
        parts[-1].append(_Token(_fenced(opened.pop(), inner, ""), "closed"))
    return _spaced(parts[0])


@dataclass(frozen=True)
class _Token:
    """A box and what it is.

    Attributes:
        box: the box.
        kind: "operand", "closed" (in brackets), "fraction", "name", "relation", "sum", "product", "comma",
            "large" or "space".
    """

    box: _Box
    kind: str = "operand"


def _token(element: ElementTree.Element) -> _Token:
    box = _box(element)
    core = element
    while _tag(core) in SCRIPTED and len(core):
        core = core[0]
    sign = core.text or ""
    if core.get("form") == "prefix" or (sign in OPENING and core is not element):
        return _Token(box, "closed")
    if _tag(core) == "mfrac" and not box.flat:
        return _Token(box, "fraction")
    if _tag(element) == "mspace" or (_tag(element) == "mtext" and not sign.strip()):
        return _Token(box, "space")
    if _tag(core) == "mo" and sign in LARGE:
        return _Token(box, "large")
    if _tag(core) in ("mi", "mo") and len(sign) > 1 and sign.isalpha():
        return _Token(box, "name")
    for kind, signs in (("relation", RELATIONS), ("sum", SUMS), ("product", PRODUCTS), ("comma", ",;:")):
        if sign and len(sign) == 1 and sign in signs and core is element:
            return _Token(box, kind)
    return _Token(box)


def _spaced(tokens: Sequence[_Token]) -> _Box:
    boxes: list[_Box] = []
    before = "start"
    for token in tokens:
        gap = _gap(before, token.kind)
        if gap and boxes and not all(line.endswith(" ") for line in boxes[-1].lines):
            boxes.append(_Box((" ",)))
        boxes.append(token.box)
        # After an operator, a bracket or nothing, + and − are signs.
        signed = token.kind == "sum" and before in ("start", "relation", "comma", "product", "sum", "large")
        before = "sign" if signed else token.kind
    return _beside(boxes)


def _gap(before: str, kind: str) -> bool:
    """Whether a space stands between two kinds of tokens."""
    if "space" in (before, kind) or before in ("start", "sign"):
        return False
    if kind == "comma":
        return False
    if before in ("relation", "sum", "product", "comma", "large"):
        return True
    if kind in ("relation", "sum", "product", "large"):
        return True
    if "fraction" in (before, kind):
        return True
    if before == "name":
        return kind != "closed"
    return kind == "name"


def _letters(element: ElementTree.Element) -> _Box:
    return _Box((element.text or "",))


def _space(element: ElementTree.Element) -> _Box:
    em = _em(element)
    return _Box((" " * (round(2 * em) if em >= 0.5 else em > 0),))


def _fraction(element: ElementTree.Element) -> _Box:
    numerator, denominator = map(_box, element)
    if (numerator.lines[0], denominator.lines[0]) in FRACTIONS and numerator.flat and denominator.flat:
        return _Box((FRACTIONS[numerator.lines[0], denominator.lines[0]],))
    rule = _Box(("─" * max(numerator.width, denominator.width),))
    return _stacked([numerator, rule, denominator], base=1)


def _root_sign(element: ElementTree.Element) -> _Box:
    inner = _row(_children(element))
    if inner.flat:
        return _beside([_Box(("√(",)), inner, _Box((")",))])
    return _beside([_Box(("√",)), _fenced("(", inner, ")")])


def _script(letters: dict[str, str], box: _Box) -> str | None:
    """A script in letters of its own on the line; None if Unicode lacks one of them."""
    plain = box.lines[0].replace(" ", "")
    return "".join(letters[c] for c in plain) if box.flat and all(c in letters for c in plain) else None


def _scripted(body: _Box, sub: _Box | None, sup: _Box | None) -> _Box:
    """Scripts behind a body, on the line if that is possible for them."""
    low = _script(_LOWERED, sub) if sub else ""
    high = _script(_RAISED, sup) if sup else ""
    on_line = body.top == body.bottom == 0
    if on_line and low is not None and high is not None:
        return _beside([body, _Box((low + high,))])
    if on_line and low:
        body, sub = _beside([body, _Box((low,))]), None
    elif on_line and high:
        body, sup = _beside([body, _Box((high,))]), None
    width = max(box.width for box in (sub, sup) if box)
    blank = _Box((" " * width,))
    lines = [blank.lines[0]] * (body.top + body.bottom + 1)
    base = body.top
    if sup:
        raised = [line + " " * (width - sup.width) for line in sup.lines]
        lines, base = raised + lines, base + len(raised)
    if sub:
        lines += [line + " " * (width - sub.width) for line in sub.lines]
    return _beside([body, _Box(tuple(lines), base, 0, 0)])


def _with_scripts(element: ElementTree.Element) -> _Box:
    body = element[0]
    if body.text in LARGE:
        return _limits(body, *(element[k] if k else None for k in SCRIPTS[_tag(element)]))
    while _tag(body) == "mrow" and len(body) == 1:
        body = body[0]
    if _tag(element) == _tag(body) == "msup" and "".join(element[1].itertext()) in PRIMES:
        # The prime of g^[l] stands behind its [l], on the same height.
        return _scripted(_box(body[0]), None, _beside([_tight(body[1]), _box(element[1])]))
    return _scripted(_box(element[0]), *_scripts(element))


def _scripts(element: ElementTree.Element) -> tuple[_Box | None, _Box | None]:
    """The boxes of the scripts below and above."""
    below, above = SCRIPTS[_tag(element)]
    return _tight(element[below]) if below else None, _tight(element[above]) if above else None


def _tight(element: ElementTree.Element) -> _Box:
    """A script without the spaces around its operators."""
    box = _box(element)
    return _Box((box.lines[0].replace(" ", ""),)) if box.flat and not _has_text(element) else box


def _has_text(element: ElementTree.Element) -> bool:
    return any(_tag(part) == "mtext" for part in element.iter())


def _limits(
    body: ElementTree.Element, under: ElementTree.Element | None, over: ElementTree.Element | None
) -> _Box:
    boxes = [_tight(over)] if over is not None else []
    base = len(boxes)
    boxes.append(_box(body))
    if under is not None:
        boxes.append(_tight(under))
    stacked = _stacked(boxes, base)
    # Limits are no part of the body: brackets need not embrace them.
    return _Box(stacked.lines, stacked.base)


def _under(element: ElementTree.Element) -> _Box:
    if element[1].text == "⏟":
        body = _box(element[0])
        brace = "⏟" if body.width < 3 else "╰" + _centred("┬", body.width - 2).replace(" ", "─") + "╯"
        return _stacked([body, _Box((brace,))], base=0)
    return _limits(element[0], element[1], None)


def _over(element: ElementTree.Element) -> _Box:
    body, sign = _box(element[0]), element[1].text or ""
    if sign in ACCENTS and body.flat and body.width == 1:
        return _Box((unicodedata.normalize("NFC", body.lines[0] + ACCENTS[sign]),))
    return _limits(element[0], None, element[1])


def _underover(element: ElementTree.Element) -> _Box:
    return _limits(element[0], element[1], element[2])


def _table(element: ElementTree.Element) -> _Box:
    cells = [[_row(_children(cell)) for cell in row] for row in element]
    columns = max(map(len, cells))
    widths = [max((row[k].width for row in cells if k < len(row)), default=0) for k in range(columns)]
    left = any(cell.get("columnalign") == "left" for row in element for cell in row)
    rows = []
    for row in cells:
        aligned = []
        for k, cell in enumerate(row):
            free = widths[k] - cell.width
            before = 0 if left else free // 2
            aligned += [_Box((" " * (before + 2 * (k > 0)),)), cell, _Box((" " * (free - before),))]
        rows.append(_beside(aligned))
    if sum(len(row.lines) for row in rows) == 2:
        rows.insert(1, EMPTY)  # so that what follows stands on neither of the two
    stacked = _stacked(rows, 0, left=True)
    height = len(stacked.lines)
    base = (height - 1) // 2
    return _Box(stacked.lines, base, base, height - base - 1)


_KINDS: dict[str, Callable[[ElementTree.Element], _Box]] = {
    "mi": _letters,
    "mn": _letters,
    "mo": _letters,
    "mtext": _letters,
    "mspace": _space,
    "mfrac": _fraction,
    "msqrt": _root_sign,
    "msub": _with_scripts,
    "msup": _with_scripts,
    "msubsup": _with_scripts,
    "munder": _under,
    "mover": _over,
    "munderover": _underover,
    "mtable": _table,
}
