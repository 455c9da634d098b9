"""The oracles that judge one candidate."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from checkers.candidate import Candidate
from checkers.modes import Oracle
from checkers.oracles.autodiff import Autodiff
from checkers.oracles.code import SymbolicCode
from checkers.oracles.code_under_test import Code
from checkers.oracles.exact import Exact
from checkers.oracles.finite_difference import FiniteDifference
from checkers.oracles.interval import Interval
from checkers.traced import Traced

ORACLES = ("autodiff", "symbolic", "finite_difference")
"""The oracles that take part unless others are asked for."""
ALL_ORACLES = (*ORACLES, "exact", "interval")


def oracles_for(candidate: Candidate, names: Sequence[str]) -> list[Oracle]:
    """The oracles with those names for one candidate, in a fixed order."""
    autodiff = Autodiff(Traced(candidate.forward))
    code = Code(candidate.forward, candidate.claimed, candidate.kind)
    built: dict[str, Callable[[], Oracle]] = {
        "autodiff": lambda: autodiff,
        "symbolic": lambda: SymbolicCode(candidate.forward),
        "finite_difference": lambda: FiniteDifference(candidate.values, autodiff.forward_rounding),
        "exact": lambda: Exact(code),
        "interval": lambda: Interval(code),
    }
    return [build() for name, build in built.items() if name in names]
