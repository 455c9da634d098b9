"""Judging a hand-written gradient: draw cases, ask the oracles, compare, say what was found."""
