"""What covers each catalogued formula: a theorem, an implementation, a check, or a reason to set it aside."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from derivations.catalogue import Equation
    from derivations.reviewed import Checked, Refutation

NEEDS_THEOREM = frozenset({"identity", "derivative", "gradient", "jacobian", "vjp", "probability", "bound"})
"""The kinds of equations that an implementation alone does not cover: they state what can be proved."""

Strength: TypeAlias = Literal["proved", "tested", "definition", "assumption", "failed"]
"""What kind of status a theorem has; "tested" is identity-tested or witnessed."""

CHECKED, IMPLEMENTED, ASIDE = "checked by a test", "implemented", "set aside"
UNPROVED, MISSING = "implemented but not proved", "missing"
"""What an id is that no theorem covers; with the last two it lacks something."""


@dataclass(frozen=True)
class Proof:
    """A theorem as the catalogue sees it.

    Attributes:
        theorem: its name.
        status: in words, such as "proved for all dimensions".
        rank: how much the status says; of two statuses the one with the higher rank is the weaker.
        strength: what kind of status it is.
    """

    theorem: str
    status: str
    rank: int
    strength: Strength = "proved"

    @property
    def holds(self) -> bool:
        """False for a theorem that failed, which covers nothing."""
        return self.strength != "failed"


@dataclass(frozen=True)
class Coverage:
    """What covers one equation.

    Attributes:
        equation: the catalogue's entry.
        proofs: the theorems that cover it.
        formulas: the names of the implementations that answer for it.
        checked: the test that checks its claim, if there is one.
        reason: why it is set aside; empty if it is not.
        refutation: what refutes its wrong form beside theorems, if it has one.
        refuting: the theorems that have its wrong form among their mutants and refute it.
    """

    equation: Equation
    proofs: Sequence[Proof] = ()
    formulas: Sequence[str] = ()
    checked: Checked | None = None
    reason: str = ""
    refutation: Refutation | None = None
    refuting: Sequence[str] = ()

    @property
    def status(self) -> str:
        """The status of the theorem that covers it, of several the weakest; else what it is."""
        if self.weakest:
            return self.weakest.status
        if self.checked:
            return CHECKED
        if self.reason:
            return ASIDE
        if self.formulas:
            return UNPROVED if self.equation.kind in NEEDS_THEOREM else IMPLEMENTED
        return MISSING

    @property
    def weakest(self) -> Proof | None:
        """Of the theorems that cover it the one whose status says least; a definition only if it is alone."""
        said = [proof for proof in self.proofs if proof.strength != "definition"] or self.proofs
        return max(said, key=lambda proof: proof.rank, default=None)

    @property
    def missing(self) -> bool:
        """Whether nothing covers it, or only code where a theorem is needed, or a theorem that failed."""
        return self.status in (MISSING, UNPROVED) or any(not proof.holds for proof in self.proofs)

    @property
    def lack(self) -> str:
        """One sentence that says what is missing; empty if nothing is."""
        failed = [proof.theorem for proof in self.proofs if not proof.holds]
        if failed:
            return f"The theorem {failed[0]} failed."
        if not self.missing:
            return ""
        if self.formulas:
            return (
                f"Implemented by {self.formulas[0]}, but of kind {self.equation.kind}, which needs a theorem."
            )
        return "Neither theorem nor implementation nor check covers it."

    @property
    def refuted(self) -> bool:
        """Whether something refutes the wrong form; True where there is none."""
        return not self.equation.wrong_form or self.refutation is not None or bool(self.refuting)


@dataclass(frozen=True)
class Catalogue:
    """All equations with what covers them, by id, in the order of the sources.

    Attributes:
        entries: id → what covers it.
    """

    entries: Mapping[str, Coverage] = field(default_factory=dict)

    def chosen(self, ids: Iterable[str]) -> Catalogue:
        """The entries with those ids, in the catalogue's order."""
        wanted = set(ids)
        return Catalogue({name: entry for name, entry in self.entries.items() if name in wanted})

    @property
    def missing(self) -> Catalogue:
        """The entries that lack something."""
        return Catalogue({name: entry for name, entry in self.entries.items() if entry.missing})

    @property
    def wrong(self) -> Catalogue:
        """The entries with an erratum or a wrong form."""
        return Catalogue(
            {
                name: entry
                for name, entry in self.entries.items()
                if entry.equation.erratum or entry.equation.wrong_form
            }
        )

    @property
    def counts(self) -> Counter[str]:
        """How many entries have which status."""
        return Counter(entry.status for entry in self.entries.values())


def catalogue(
    equations: Mapping[str, Equation],
    proofs: Mapping[str, Sequence[Proof]],
    formulas: Mapping[str, Sequence[str]],
    set_aside: Mapping[str, str],
    checked: Mapping[str, Checked],
    wrong_forms: Mapping[str, Refutation],
    refuting: Mapping[str, Sequence[str]],
) -> Catalogue:
    """Every equation with what covers it.

    Args:
        equations: the catalogue, by id.
        proofs: id → the theorems that cover it.
        formulas: id → the names of the implementations that answer for it.
        set_aside: id → why there is nothing to prove in it.
        checked: id → the test that checks its claim.
        wrong_forms: id → what refutes its wrong form, beside theorems.
        refuting: id → the theorems that refute its wrong form.
    """
    return Catalogue(
        {
            name: Coverage(
                equation,
                tuple(proofs.get(name, ())),
                tuple(formulas.get(name, ())),
                checked.get(name),
                set_aside.get(name, ""),
                wrong_forms.get(name),
                tuple(refuting.get(name, ())),
            )
            for name, equation in equations.items()
        }
    )


def as_json(found: Catalogue) -> list[dict[str, object]]:
    """The entries as JSON has them, one object per equation."""
    return [
        {
            "id": name,
            "title": entry.equation.title,
            "kind": entry.equation.kind,
            "source": entry.equation.source,
            "status": entry.status,
            "theorems": [proof.theorem for proof in entry.proofs],
            "formulas": list(entry.formulas),
            "test": entry.checked.test if entry.checked else None,
            "set_aside": entry.reason or None,
            "missing": entry.lack or None,
        }
        for name, entry in found.entries.items()
    ]
