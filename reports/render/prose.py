"""Sentences with mathematics in them, whether it stands between dollar signs or is typed as ``z_j``."""

from __future__ import annotations

import re
from collections.abc import Iterator

DOLLARS = re.compile(r"\$([^$]+)\$")

LETTER = re.compile(
    r"(?<![\w^_\\])([^\W\d_]\u0302?)"  # one letter, perhaps with a hat
    r"(?=[_^])(?:_(\w{1,2}(?!\w)|\([^)\s]{1,5}\)|\{[^}\s]{1,9}\}))?"  # an index
    r"(?:\^(\[[^\]\s]{1,5}\]|\([^)\s]{1,5}\)|[-−]?[A-Za-z\d](?!\w)))?"  # the layer, or an exponent
    r"(?![\w^_])"
)
"""A letter with an index, a layer or an exponent, as one types it: "z_j", "w_ij^[l]", "W^T", "e^−z"."""


def pieces(sentence: str) -> Iterator[tuple[bool, str]]:
    """The parts of a sentence: (False, words) or (True, LaTeX)."""
    for place, part in enumerate(DOLLARS.split(sentence)):
        if place % 2:
            yield True, part
        else:
            yield from _typed(part)


def _typed(words: str) -> Iterator[tuple[bool, str]]:
    end = 0
    for match in LETTER.finditer(words):
        letter, low, high = match.groups()
        if not (low or high):
            continue
        if words[end : match.start()]:
            yield False, words[end : match.start()]
        above = r"\top" if high == "T" else high
        below = low.strip("(){}") if low else ""
        yield True, letter + (f"_{{{below}}}" if below else "") + (f"^{{{above}}}" if above else "")
        end = match.end()
    if words[end:]:
        yield False, words[end:]
