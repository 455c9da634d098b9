"""Runs unmodified NumPy code under JAX and returns a jaxpr, which JAX can differentiate."""

from __future__ import annotations

from checkers.tracing.trace import Trace, trace

__all__ = ["Trace", "trace"]
