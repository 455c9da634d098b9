"""Inverted dropout with a given mask, entry by entry: x_ij m_ij / q."""

from __future__ import annotations

from derivations.definition import Definition
from derivations.notation import Index, Tensor, dimensions

_n, _m = dimensions("n m")
_i, _j = Index("i", _n), Index("j", _m)
_x, _mask, _keep = Tensor("x", _n, _m), Tensor("mask", _n, _m), Tensor("keep")

DEFINITIONS = (Definition("dropout", (_x, _mask, _keep), (_i, _j), _x[_i, _j] * _mask[_i, _j] / _keep[()]),)
