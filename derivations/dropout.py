"""Inverted dropout with a given mask, entry by entry: x_i m_i / q."""

from __future__ import annotations

from derivations.definition import Definition
from derivations.notation import Index, Tensor, dimensions

(_n,) = dimensions("n")
_i = Index("i", _n)
_x, _mask, _keep = Tensor("x", _n), Tensor("mask", _n), Tensor("keep")

DEFINITIONS = (Definition("dropout", (_x, _mask, _keep), (_i,), _x[_i] * _mask[_i] / _keep[()]),)
