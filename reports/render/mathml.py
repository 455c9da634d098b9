"""The catalogue's LaTeX as MathML, which browsers show without a script."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from xml.etree import ElementTree

NAMESPACE = "http://www.w3.org/1998/Math/MathML"

STYLES = {
    "bold": "BOLD",
    "bold-italic": "BOLD ITALIC",
    "script": "SCRIPT",
    "double-struck": "DOUBLE-STRUCK",
    "fraktur": "FRAKTUR",
}
"""MathML's letter styles that browsers leave to Unicode → their names there."""

LIMITED = frozenset({"max", "min", "sup", "inf", "lim"})
"""Operators whose subscript belongs under them in a displayed formula."""


@cache
def mathml(latex: str, display: str = "block") -> str:
    """A formula, with its LaTeX kept as an annotation.

    Args:
        latex: the formula.
        display: "block" on a line of its own, "inline" in a sentence.

    Raises:
        ValueError: the LaTeX cannot be converted.
    """
    from latex2mathml.converter import convert

    try:
        root = ElementTree.fromstring(convert(_convertible(latex), display=display))
    except Exception as error:
        raise ValueError(f"LaTeX that has no MathML: {latex} ({type(error).__name__}: {error})") from error
    for element in list(root.iter()):
        _repair(element)
    body = list(root)
    root[:] = [semantics := ElementTree.Element(_tag("semantics"))]
    row = ElementTree.SubElement(semantics, _tag("mrow"))
    row.extend(body)
    annotation = ElementTree.SubElement(semantics, _tag("annotation"), encoding="application/x-tex")
    annotation.text = latex
    ElementTree.register_namespace("", NAMESPACE)
    return ElementTree.tostring(root, encoding="unicode")


def _convertible(latex: str) -> str:
    """The same formula without what latex2mathml takes wrongly."""
    # In "aligned" it leaves a bare "&", which no XML allows; "\\arg" it does not know.
    return re.sub(r"\\(begin|end)\{aligned\}", r"\\\1{align*}", latex).replace(r"\arg", r"\operatorname{arg}")


def _repair(element: ElementTree.Element) -> None:
    variant = element.get("mathvariant")
    if variant in STYLES and element.text:
        # Browsers follow MathML Core, which knows no such variant but has letters for it.
        del element.attrib["mathvariant"]
        element.text = "".join(_styled(letter, STYLES[variant]) for letter in element.text)
    children = list(element)
    if element.tag == _tag("msub") and children[0].tag == _tag("mo") and children[0].text in LIMITED:
        element.tag = _tag("munder")


def _styled(letter: str, style: str) -> str:
    """A letter in a mathematical style; as it is where Unicode has no such letter."""
    plain = unicodedata.name(letter, "").replace("LATIN ", "").replace("GREEK ", "").replace("LETTER ", "")
    for name in (
        f"MATHEMATICAL {style} {plain}",
        f"{style} {plain}",
        f"MATHEMATICAL {style.removesuffix(' ITALIC')} {plain}",
    ):
        try:
            return unicodedata.lookup(name)
        except KeyError:
            continue
    return letter


def _tag(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"
