"""A theorem as people read it: plain data, in LaTeX and sentences, whatever proved it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from reports.coverage import Proof, Strength

if TYPE_CHECKING:
    from derivations.catalogue import Equation


@dataclass(frozen=True)
class Step:
    """One step of a derivation.

    Attributes:
        latex: the expression that it arrives at.
        rule: the name of the rule that leads to it, such as "chain rule".
        reason: why the rule applies here; may be empty.
        of: LaTeX of what the expression equals, in a side calculation; empty if that is the step before.
        uses: the name of the theorem that it applies; may be empty.
    """

    latex: str
    rule: str
    reason: str = ""
    of: str = ""
    uses: str = ""


@dataclass(frozen=True)
class Claim:
    """One thing that a theorem says.

    Attributes:
        latex: the claim.
        start: LaTeX of the expression that the derivation begins with.
        steps: the derivation.
        label: what the claim is about, where a theorem makes several; may be empty.
    """

    latex: str
    start: str = ""
    steps: Sequence[Step] = ()
    label: str = ""


@dataclass(frozen=True)
class Mutant:
    """A formula like the theorem's that is wrong.

    Attributes:
        latex: the formula; may be empty if words say it.
        what: what is wrong about it, as a sentence or a few words.
        refuted: whether it is not proved, as it must be.
        source: the id of the equation whose wrong form it is; empty if it is of our own making.
    """

    latex: str
    what: str
    refuted: bool
    source: str = ""


@dataclass(frozen=True)
class Derivation:
    """One theorem with its derivation and what checking it found.

    Attributes:
        name: by which it is cited, such as "softmax_jacobian".
        title: a few words.
        chapter: the key of its chapter.
        claims: what it says, each claim with its steps.
        status: in words, such as "proved for all dimensions".
        rank: how much the status says; the higher, the weaker.
        strength: what kind of status it is.
        evidence: sentences on what the status rests on: shapes, seeds, digits, the step that failed.
        introduction: what the reader should know first; may be empty.
        conclusion: what follows from the claims; may be empty.
        conditions: hypotheses and side conditions, in words with LaTeX between dollar signs.
        definitions: LaTeX of what names of intermediate results stand for, such as "z = W a + b".
        letters: other letters in LaTeX, each with what it is in words, such as "a column of $n$".
        uses: the names of the theorems that it cites.
        sources: the catalogue ids that it covers.
        mutants: wrong formulas that must not be proved.
    """

    name: str
    title: str
    chapter: str
    claims: Sequence[Claim]
    status: str
    rank: int
    strength: Strength = "proved"
    evidence: Sequence[str] = ()
    introduction: str = ""
    conclusion: str = ""
    conditions: Sequence[str] = ()
    definitions: Sequence[str] = ()
    letters: Sequence[tuple[str, str]] = ()
    uses: Sequence[str] = ()
    sources: Sequence[str] = ()
    mutants: Sequence[Mutant] = ()

    @property
    def proof(self) -> Proof:
        """The theorem as the catalogue sees it."""
        return Proof(self.name, self.status, self.rank, self.strength)


@dataclass(frozen=True)
class Chapter:
    """Theorems on one subject.

    Attributes:
        key: its key, such as "softmax".
        title: as a heading.
        opening: a paragraph that says what it is about; may be empty.
    """

    key: str
    title: str
    opening: str = ""


@dataclass(frozen=True)
class Book:
    """All derivations.

    Attributes:
        chapters: in their order.
        derivations: by name, in the order of the chapters.
        equations: the catalogue, by id.
    """

    chapters: Sequence[Chapter]
    derivations: Mapping[str, Derivation]
    equations: Mapping[str, Equation] = field(default_factory=dict)

    def of(self, chapter: Chapter) -> list[Derivation]:
        """The derivations of one chapter."""
        return [one for one in self.derivations.values() if one.chapter == chapter.key]

    def place(self, chapter: Chapter) -> int:
        """The number of a chapter, from 1."""
        return [one.key for one in self.chapters].index(chapter.key) + 1

    def number(self, name: str) -> str:
        """The number of a theorem: "7.3" for the third one of chapter 7."""
        return self._numbers[name]

    @cached_property
    def _numbers(self) -> dict[str, str]:
        return {
            one.name: f"{self.place(chapter)}.{place}"
            for chapter in self.chapters
            for place, one in enumerate(self.of(chapter), 1)
        }

    def only(self, names: Iterable[str]) -> Book:
        """The book of those theorems alone, which keep their numbers."""
        kept = Book(self.chapters, {name: self.derivations[name] for name in names}, self.equations)
        vars(kept)["_numbers"] = self._numbers
        return kept

    def covering(self, equation: str) -> list[Derivation]:
        """The derivations that cover a catalogued equation."""
        return [one for one in self.derivations.values() if equation in one.sources]

    def refuting(self, equation: str) -> list[str]:
        """The names of the derivations that have the wrong form of an equation as a mutant and refute it."""
        return [
            one.name
            for one in self.derivations.values()
            if any(mutant.source == equation and mutant.refuted for mutant in one.mutants)
        ]

    def citing(self, name: str) -> list[Derivation]:
        """The derivations that use a theorem."""
        return [one for one in self.derivations.values() if name in one.uses]
