"""What a theorem is: claims in matrix notation, each with its steps, and what they rest on.

    Theorem(
        "affine-gradients", "Gradients of the affine layer",
        claims=(Equality(Partial(L, W), delta * a.T, steps=(Step(…), …)),),
        uses=("chain-rule",), covers=("cs182-16", "nndl-46"),
        mutants=(Mutant("the factors are exchanged", lambda: a * delta.T),),
    )

Nothing here says whether a theorem holds: ``derivations.proof`` computes that.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from derivations.kernel.formula import Formula, Map, walk
from derivations.notation import Index

__all__ = ["Equality", "Hypothesis", "Inequality", "Kind", "Mutant", "Status", "Step", "Theorem"]


CHAIN_RULE = "chain-rule"
"""The assumption on which everything rests that speaks of arbitrary differentiable maps."""


class Status(Enum):
    """How well a theorem is established; computed, never set by hand. The best first."""

    PROVED = "proved for all dimensions"
    INDUCTION = "proved by induction"
    SHAPES = "proved for named shapes"
    IDENTITY_TESTED = "identity-tested"
    WITNESSED = "witnessed"
    DEFINITION = "definition"
    ASSUMPTION = "assumption"
    FAILED = "failed"


class Kind(Enum):
    """What a theorem is in the book: how its status is found."""

    THEOREM = "theorem"
    """Its claims are proved by the kernel."""
    INDUCTION = "induction"
    """Its claims are the base case and the induction step."""
    DEFINITION = "definition"
    """It names something; there is nothing to prove."""
    ASSUMPTION = "assumption"
    """It is taken for granted, such as the multivariate chain rule; theorems that use it list it."""


@dataclass(frozen=True, eq=False)
class Hypothesis:
    """What a theorem takes for granted of its arrays: a sum that has a known value.

    Attributes:
        left: a sum, such as Σ_k y_k.
        right: its value, such as 1.
        forall: the indices for every value of which it holds.
        words: the hypothesis in words.
    """

    left: Formula
    right: Formula
    words: str
    forall: tuple[Index, ...] = ()


@dataclass(frozen=True, eq=False)
class Step:
    """One step of a proof: an expression equal to the one before.

    Attributes:
        formula: the expression.
        rule: the name of the rule, such as "product rule".
        reason: why it may be applied here, in a teacher's words.
        of: what ``formula`` equals, for a side calculation; None in the chain from left to right.
        uses: the theorem that the step applies; empty if none.
    """

    formula: Formula
    rule: str
    reason: str
    of: Formula | None = None
    uses: str = ""


@dataclass(frozen=True, eq=False)
class Equality:
    """left = right, for all dimensions.

    Attributes:
        left: an expression.
        right: what it equals, of the same shape.
        label: what this claim is about, where a theorem makes several.
        steps: the way from left to right: left = the first step = … = the last step = right.
        role: "base" or "step" in an induction; empty elsewhere.
    """

    left: Formula
    right: Formula
    label: str = ""
    steps: tuple[Step, ...] = ()
    role: str = ""

    relation = "="


@dataclass(frozen=True, eq=False)
class Inequality:
    """left ≤ right, proved by right − left = ``excess``, which is visibly not negative.

    Attributes:
        left: a scalar.
        right: a scalar that is never smaller.
        excess: a sum of squares and of products of positive quantities.
        label: what this claim is about, where a theorem makes several.
        steps: the way from right − left to ``excess``.
        role: "base" or "step" in an induction; empty elsewhere.
    """

    left: Formula
    right: Formula
    excess: Formula
    label: str = ""
    steps: tuple[Step, ...] = ()
    role: str = ""

    relation = "≤"


Claim = Equality | Inequality


@dataclass(frozen=True, eq=False)
class Mutant:
    """A wrong variant of a claim, which must not be proved.

    Attributes:
        mistake: what is wrong, in words.
        right: the wrong right side, or a function that writes it down, for an ill-shaped one that is refused
            then; None to keep the right one.
        claim: the number of the claim.
        left: a wrong left side; None to keep the right one.
        without_hypotheses: whether the hypotheses are left out.
        source: the id of the equation whose wrong form it is; empty if it is of none.
    """

    mistake: str
    right: Formula | Callable[[], Formula] | None = None
    claim: int = 0
    left: Formula | None = None
    without_hypotheses: bool = False
    source: str = ""


@dataclass(frozen=True, eq=False)
class Theorem:
    """A theorem, a definition or an assumption of the book.

    Attributes:
        name: a name in lower case with hyphens, such as "softmax-jacobian".
        title: as a heading.
        claims: what it says.
        introduction: what the reader should know first, in a few sentences.
        hypotheses: equations that its arrays satisfy.
        conditions: side conditions in words, such as "z_i ≠ 0 for all i".
        positive: formulas that are positive by the conditions.
        uses: the names of the theorems, definitions and assumptions on which its steps rest.
        covers: the ids of the catalogue that it states.
        mutants: wrong variants of its claims.
        kind: how its status is found.
        conclusion: what follows from the claims, in words; for an induction the statement for every layer.
    """

    name: str
    title: str
    claims: tuple[Claim, ...]
    introduction: str = ""
    hypotheses: tuple[Hypothesis, ...] = ()
    conditions: tuple[str, ...] = ()
    positive: tuple[Formula, ...] = ()
    uses: tuple[str, ...] = ()
    covers: tuple[str, ...] = ()
    mutants: tuple[Mutant, ...] = ()
    kind: Kind = Kind.THEOREM
    conclusion: str = ""

    def __post_init__(self) -> None:
        if self.kind in (Kind.THEOREM, Kind.INDUCTION) and not (self.claims and self.mutants):
            raise ValueError(f"theorem {self.name!r} needs a claim and a mutant that must not be proved")
        roles = {claim.role for claim in self.claims}
        if self.kind is Kind.INDUCTION and not {"base", "step"} <= roles:
            raise ValueError(
                f"theorem {self.name!r} is an induction: it needs a base case and an induction step"
            )

    @property
    def needs(self) -> tuple[str, ...]:
        """The names of all that it uses: its own, those of its steps, and the chain rule if it has maps."""
        of_steps = [step.uses for claim in self.claims for step in claim.steps if step.uses]
        chain_rule = [CHAIN_RULE] if self.has_maps and self.name != CHAIN_RULE else []
        return tuple(dict.fromkeys((*self.uses, *of_steps, *chain_rule)))

    @property
    def has_maps(self) -> bool:
        """Whether it speaks of an arbitrary differentiable map: it rests on the multivariate chain rule."""
        sides = [side for claim in self.claims for side in (claim.left, claim.right)]
        return any(isinstance(one, Map) for side in sides for one in walk(side))
