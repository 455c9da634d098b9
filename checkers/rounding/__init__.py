"""Running error analysis: programs evaluated with a bound on the rounding of every value."""

from __future__ import annotations

from checkers.rounding.ball import Ball, Rounding, TurnsOnRoundingError
from checkers.rounding.evaluate import OTHERWISE, as_balls, evaluate, is_large

__all__ = ["OTHERWISE", "Ball", "Rounding", "TurnsOnRoundingError", "as_balls", "evaluate", "is_large"]
