"""NumPy function by function: a traced call computes what NumPy computes, and its vjp what slopes say."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.lib.stride_tricks import as_strided, sliding_window_view

A = (3, 4)


def positive(*shape):
    return lambda rng: rng.uniform(0.5, 2.0, shape)


def unit(*shape):
    return lambda rng: rng.uniform(-0.9, 0.9, shape)


def labels(high, *shape):
    return lambda rng: rng.integers(0, high, shape)


def booleans(*shape):
    return lambda rng: rng.random(shape) < 0.5


def single(*shape):
    return lambda rng: rng.normal(size=shape).astype(np.float32)


def square(n):
    """A well-conditioned matrix."""
    return lambda rng: rng.normal(size=(n, n)) + 3 * np.eye(n)


def definite(n):
    """A symmetric positive definite matrix."""

    def draw(rng):
        m = rng.normal(size=(n, n))
        return m @ m.T + n * np.eye(n)

    return draw


CASES = {
    # arithmetic and operators
    "operators": (lambda x, y: (x + y * 2 - x / (y * y + 1)) ** 2 - (-x) * +y, [A, A]),
    "broadcasting": (lambda x, y: x * y + y / 3, [(3, 1), (4,)]),
    "scalar operands": (lambda x: 2 * x + x * np.float64(0.5) - 1 / (x * x + 1) + (3 - x) ** 3, [A]),
    "integer powers": (lambda x: x**2 + x**3 + x**-1 + x**0 + x**1, [positive(3)]),
    "half powers": (lambda x: x**0.5 + x**-0.5 + x**1.5, [positive(3)]),
    "power of arrays": (lambda x, y: x**y, [positive(3), (3,)]),
    "constant base": (lambda x: 2**x + np.power(3.0, x), [A]),
    "negative base": (lambda x: x**2.0 + np.power(x, 3), [A]),
    "float_power": (lambda x: np.float_power(x, 1.5), [positive(3)]),
    "remainder": (lambda x, y: x % y + np.fmod(x, y) + np.mod(3.0, y), [A, positive(4)]),
    "floor_divide": (lambda x, y: x // y + x, [A, positive(4)]),
    "divmod": (lambda x, y: divmod(x, y)[1] + np.divmod(x, y)[0], [A, positive(4)]),
    "modf": (lambda x: np.modf(x)[0] * 2 + np.modf(x)[1], [A]),
    "sign and abs": (lambda x: np.sign(x) * x + abs(x) + np.fabs(x) + np.absolute(x), [A]),
    "copysign": (lambda x, y: np.copysign(x, y), [A, A]),
    "square root": (lambda x: np.sqrt(x) + np.cbrt(x) + np.square(x) + np.reciprocal(x), [positive(3)]),
    "hypot": (lambda x, y: np.hypot(x, y), [A, A]),
    "heaviside": (lambda x: np.heaviside(x, 0.5) * x, [A]),
    "ldexp": (lambda x: np.ldexp(x, 3), [A]),
    "degrees": (lambda x: np.deg2rad(x) + np.degrees(x) + np.rad2deg(x) + np.radians(x), [A]),
    # exponentials
    "exponentials": (lambda x: np.exp(x) + np.exp2(x) + np.expm1(x), [A]),
    "logarithms": (lambda x: np.log(x) + np.log2(x) + np.log10(x) + np.log1p(x), [positive(3)]),
    "logaddexp": (lambda x, y: np.logaddexp(x, y) + np.logaddexp2(x, y) + np.logaddexp(0, x), [A, A]),
    "trigonometric": (lambda x: np.sin(x) + np.cos(x) + np.tan(x / 3), [A]),
    "inverse trigonometric": (lambda x: np.arcsin(x) + np.arccos(x) + np.arctan(x), [unit(3)]),
    "arctan2": (lambda x, y: np.arctan2(x, y), [A, A]),
    "hyperbolic": (lambda x: np.sinh(x) + np.cosh(x) + np.tanh(x) + np.arcsinh(x), [A]),
    "inverse hyperbolic": (lambda x: np.arctanh(x) + np.arccosh(x + 3), [unit(3)]),
    "sinc and i0": (lambda x: np.sinc(x) + np.i0(x), [positive(3)]),
    # rounding and extremes
    "rounding": (lambda x: np.floor(x) + np.ceil(x) + np.rint(x) + np.trunc(x) + np.round(x, 1) + x, [A]),
    "round": (lambda x: x.round() + np.around(x, 2) + x.round(decimals=-1) + x, [A]),
    "maximum": (lambda x, y: np.maximum(x, y) + np.minimum(x, 0.3) + np.fmax(x, 0) + np.fmin(y, x), [A, A]),
    "clip": (lambda x: np.clip(x, -0.5, 0.5) + x.clip(0) + np.clip(x, None, 0.1) + x.clip(max=1.0), [A]),
    "clip keywords": (lambda x: x.clip(min=-0.1, max=0.4), [A]),
    "nan_to_num": (lambda x: np.nan_to_num(np.log(np.maximum(x, 0) + 1)), [A]),
    # comparison and logic
    "comparisons": (lambda x, y: ((x > y) & (x < 2) | (y >= x) ^ (x <= 0)) * x, [A, A]),
    "equality": (lambda x: (x == x) * x + (x != x) + (x == None).sum(), [A]),  # noqa: E711
    "logical": (lambda x, y: np.logical_and(x > 0, y) * x + np.logical_not(x) + np.logical_xor(x, y), [A, A]),
    "finite": (lambda x: np.isnan(x) + np.isfinite(x) * x + np.isinf(x), [A]),
    "signbit": (lambda x: np.signbit(x) * x, [A]),
    "where": (lambda x, y: np.where(x > 0, x, y * 2) + np.where(x > y, 0.0, x), [A, A]),
    "where of scalars": (lambda x: np.where(x > 0, 1, -1) * x, [A]),
    "any and all": (
        lambda x: np.any(x > 0) + np.all(x > -9, axis=0) + (x > 5).any(axis=1, keepdims=True),
        [A],
    ),
    "isclose": (lambda x: np.isclose(x, x) * x, [A]),
    "select": (lambda x: np.select([x < -0.5, x < 0.5], [x**2, x**3], x), [A]),
    "piecewise": (lambda x: np.piecewise(x, [x < 0, x >= 0], [lambda v: v**2, lambda v: 3 * v]), [A]),
    "piecewise otherwise": (lambda x: np.piecewise(x, [x < 0], [-1.0, np.sin]), [A]),
    "choose": (lambda i, x, y: np.choose(i, [x, y, x * y]), [labels(3, 3, 4), A, A]),
    # reductions
    "sum": (lambda x: x.sum() + np.sum(x, axis=0) + np.sum(x, 1, keepdims=True), [A]),
    "sum over axes": (lambda x: np.sum(x, axis=(0, -1))[:2, None] * x.sum(axis=(1,)), [(2, 3, 4)]),
    "sum of a list": (lambda x, y: np.sum([x, y, x * y], axis=0) + sum([x, y]), [A, A]),
    "sum where": (lambda x: np.sum(x, axis=0, where=x > 0, initial=2.0), [A]),
    "mean": (lambda x: np.mean(x) + x.mean(axis=0) * x.mean(1, keepdims=True), [A]),
    "mean where": (lambda x: np.mean(x, where=x > -0.5), [A]),
    "var": (lambda x: np.var(x, axis=0) + x.var() + np.var(x, axis=1, ddof=1, keepdims=True), [A]),
    "std": (lambda x: np.std(x, axis=0, ddof=1) + x.std(), [A]),
    "prod": (lambda x: np.prod(x) + x.prod(axis=1, keepdims=True), [A]),
    "max and min": (
        lambda x: np.max(x) + x.max(axis=0) - np.min(x, 1, keepdims=True) + np.amax(x, axis=-1)[0],
        [A],
    ),
    "max initial": (lambda x: np.max(x, axis=0, initial=0.2) + np.min(x, initial=0, where=x > 1), [A]),
    "ptp": (lambda x: np.ptp(x, axis=0), [A]),
    "median": (lambda x: np.median(x, axis=1) + np.median(x), [A]),
    "quantile": (lambda x: np.quantile(x, 0.3, axis=0) + np.percentile(x, 70), [A]),
    "average": (lambda x, w: np.average(x, axis=1, weights=w) + np.average(x), [A, positive(4)]),
    "average of weights": (lambda x, w: np.average(x, weights=w, axis=0), [A, positive(3, 4)]),
    "cumulative": (lambda x: np.cumsum(x)[-1] + x.cumsum(axis=0) + np.cumprod(x, axis=1), [A]),
    "nan reductions": (lambda x: np.nansum(x) + np.nanmean(x, axis=0) + np.nanmax(x), [A]),
    "argmax": (lambda x: x[np.arange(3), np.argmax(x, axis=1)] + x[x.argmin(axis=0)[0]].sum(), [A]),
    "argmax of all": (lambda x: x.ravel()[np.argmax(x)] + np.argmax(x, axis=1, keepdims=True), [A]),
    "count_nonzero": (lambda x: np.count_nonzero(x > 0) * x, [A]),
    "diff": (lambda x: np.diff(x)[0] + np.diff(x, n=2, axis=1).sum() + np.ediff1d(x).sum(), [A]),
    "trapezoid": (lambda x: np.trapezoid(x, dx=0.5) + np.trapezoid(x, axis=0).sum(), [A]),
    "gradient": (lambda x: np.gradient(x), [(5,)]),
    "trace": (lambda x: np.trace(x) + x.trace() + np.trace(x, offset=1), [(4, 4)]),
    "cov": (lambda x: np.cov(x), [(2, 5)]),
    # ufunc methods
    "reduce": (lambda x: np.add.reduce(x) + np.multiply.reduce(x, axis=1).sum() + np.maximum.reduce(x), [A]),
    "reduce fold": (lambda x: np.logaddexp.reduce(x, axis=1) + np.logaddexp.reduce(x, axis=0)[0], [A]),
    "accumulate": (lambda x: np.add.accumulate(x, axis=1) + np.maximum.accumulate(x), [A]),
    "accumulate scan": (lambda x: np.logaddexp.accumulate(x, axis=1), [A]),
    "outer": (
        lambda x, y: np.subtract.outer(x, y) + np.multiply.outer(y, x).T + np.outer(x, y),
        [(3,), (4,)],
    ),
    "reduceat": (lambda x: np.add.reduceat(x, [0, 2, 3], axis=1), [(2, 5)]),
    "out": (lambda x: np.add(x, 1, out=np.empty(x.shape)) * np.multiply(x, x, np.zeros(x.shape)), [A]),
    "out where": (lambda x: np.log(x, out=np.zeros_like(x), where=x > 0), [A]),
    "out of a function": (
        lambda x: np.sum(x, axis=0, out=np.empty(4)) + np.dot(x, x.T, np.empty((3, 3)))[0, 0],
        [A],
    ),
    # products
    "matmul": (lambda x, y: x @ y + np.matmul(x, y), [A, (4, 2)]),
    "matmul vectors": (lambda x, y: x @ y + (y @ y) + (x.T @ np.ones(3)).sum(), [A, (4,)]),
    "matmul batch": (lambda x, y: x @ y, [(2, 1, 3, 4), (5, 4, 2)]),
    "matmul batch vector": (lambda x, y: x @ y + (y[:3] @ x).sum(), [(2, 3, 4), (4,)]),
    "dot": (lambda x, y: np.dot(x, y) + x.dot(y) + np.dot(2.0, x)[0, 0], [A, (4, 2)]),
    "dot of more axes": (lambda x, y: np.dot(x, y), [(2, 3, 4), (2, 4, 3)]),
    "inner and vdot": (lambda x, y: np.inner(x, y) + np.vdot(x, y), [A, A]),
    "tensordot": (
        lambda x, y: np.tensordot(x, y, axes=([1, 2], [0, 1])) + np.tensordot(x, y, 2),
        [(2, 3, 4), (3, 4, 5)],
    ),
    "tensordot of one axis": (lambda x, y: np.tensordot(x, y, axes=(-1, 0)), [(2, 3), (3, 2)]),
    "kron": (lambda x, y: np.kron(x, y), [(2, 3), (2, 2)]),
    "cross": (lambda x, y: np.cross(x, y), [(2, 3), (2, 3)]),
    "einsum": (lambda x, y: np.einsum("ij,kj->ik", x, y), [A, (2, 4)]),
    "einsum implicit": (lambda x, y: np.einsum("ij,jk", x, y) + np.einsum("ij->", x), [A, (4, 2)]),
    "einsum trace": (lambda x: np.einsum("ii", x) + np.einsum("ii->i", x) + np.einsum("ij->ji", x), [(3, 3)]),
    "einsum three": (
        lambda x, y, z: np.einsum("bi,ij,bj->b", x, y, z, optimize=True),
        [(2, 3), (3, 4), (2, 4)],
    ),
    "einsum ellipsis": (lambda x, y: np.einsum("...ij,...jk->...ik", x, y), [(2, 3, 4), (4, 2)]),
    "einsum ellipsis alone": (lambda x: np.einsum("i...->...", x), [(2, 3, 4)]),
    "einsum by numbers": (lambda x, y: np.einsum(x, [0, 1], y, [1, 2], [2, 0]), [A, (4, 2)]),
    "einsum outer": (lambda x, y: np.einsum("i,j->ij", x, y) + np.einsum("i,i->", x, x), [(3,), (4,)]),
    "einsum stretched": (lambda x, y: np.einsum("ij,ij->ij", x, y), [(3, 1), A]),
    # linear algebra
    "inv": (lambda x: np.linalg.inv(x), [square(3)]),
    "solve": (lambda x, y: np.linalg.solve(x, y), [square(3), (3, 2)]),
    "solve vector": (lambda x, y: np.linalg.solve(x, y), [square(3), (3,)]),
    "det": (lambda x: np.linalg.det(x), [square(3)]),
    "slogdet": (lambda x: np.linalg.slogdet(x)[1] + np.linalg.slogdet(x).logabsdet, [square(3)]),
    "cholesky": (lambda x: np.linalg.cholesky(x), [definite(3)]),
    "eigvalsh": (lambda x: np.linalg.eigvalsh(x), [definite(3)]),
    "eigvalsh of the upper triangle": (lambda x: np.linalg.eigvalsh(x, UPLO="U"), [definite(3)]),
    "eigh": (lambda x: np.linalg.eigh(x)[0] + np.abs(np.linalg.eigh(x).eigenvectors), [definite(3)]),
    "singular values": (lambda x: np.linalg.svd(x, compute_uv=False), [A]),
    "svd": (lambda x: np.abs(np.linalg.svd(x, full_matrices=False)[0]), [(4, 3)]),
    "qr": (lambda x: np.linalg.qr(x)[1], [(4, 3)]),
    "pinv": (lambda x: np.linalg.pinv(x), [(4, 3)]),
    "lstsq": (lambda x, y: np.linalg.lstsq(x, y, rcond=None)[0], [(5, 3), (5,)]),
    "matrix_power": (lambda x: np.linalg.matrix_power(x, 3) + np.linalg.matrix_power(x, -2), [square(3)]),
    "multi_dot": (lambda x, y, z: np.linalg.multi_dot([x, y, z]), [(2, 3), (3, 4), (4, 2)]),
    "norm": (
        lambda x: (
            np.linalg.norm(x) + np.linalg.norm(x, axis=1) + np.linalg.norm(x, axis=0, keepdims=True).sum()
        ),
        [A[::-1]],
    ),
    "vector norms": (lambda x: sum(np.linalg.norm(x, ord=p) for p in (1, 2, 3, np.inf, -np.inf)), [(5,)]),
    "matrix norms": (lambda x: sum(np.linalg.norm(x, p) for p in ("fro", "nuc", 1, 2, np.inf)), [A]),
    # shape
    "reshape": (lambda x: x.reshape(2, -1) @ np.reshape(x, (6, 2)) + x.T.reshape(-1)[:2], [A]),
    "reshape in F order": (lambda x: x.reshape(2, 6, order="F") + np.ravel(x, order="F").reshape(2, 6), [A]),
    "ravel and flatten": (
        lambda x: x.ravel() * x.flatten() + x.T.ravel() + x.flatten("F") + x.T.ravel("K"),
        [A],
    ),
    "transpose": (lambda x: x.T @ x + np.transpose(x) @ x.swapaxes(0, 1).T, [A]),
    "transpose of axes": (
        lambda x: x.transpose(2, 0, 1) + np.transpose(x, (2, 0, 1)) + np.moveaxis(x, -1, 0),
        [(2, 3, 4)],
    ),
    "squeeze": (lambda x: np.squeeze(x, axis=1) + x[:, 0] + np.expand_dims(x, 0).squeeze(), [(3, 1, 4)]),
    "new axes": (lambda x: x[:, None, :] * x[None] + np.expand_dims(x, 1) + x[..., np.newaxis, :], [A]),
    "atleast": (lambda x: np.atleast_2d(x[0]) + np.atleast_1d(x[0, 0]) + np.atleast_3d(x)[:, :, 0], [A]),
    "broadcast_to": (lambda x: np.broadcast_to(x, (2, 3, 4)) * 2 + np.broadcast_arrays(x, x[0])[1], [A]),
    "concatenate": (lambda x, y: np.concatenate([x, y, np.ones((1, 4))]) * 2, [A, (2, 4)]),
    "concatenate columns": (
        lambda x: np.concatenate((x, x[:, :1]), axis=1).sum(0) + np.concatenate([x, x], None)[3],
        [A],
    ),
    "stack": (lambda x, y: np.stack([x, y], axis=-1) + np.stack((x, y))[1][..., None], [A, A]),
    "stacks": (lambda x, y: np.vstack([x, y]) @ np.hstack([x, y]).T[:4] + np.dstack([x, y])[0, 0, 0], [A, A]),
    "stacks of vectors": (
        lambda x, y: np.vstack([x, y]) @ np.column_stack([x, y]) + np.hstack([x, y])[0],
        [(3,), (3,)],
    ),
    "block": (lambda x, y: np.block([[x, y], [np.zeros((1, 2)), np.ones((1, 3))]]), [(2, 2), (2, 3)]),
    "append": (lambda x: np.append(x, x[:1], axis=0) * 2 + np.append(x, 5)[3], [A]),
    "insert and delete": (lambda x: np.insert(x, 1, 7.0, axis=1)[:, :4] + np.delete(x, 1, axis=0).sum(), [A]),
    "insert values": (lambda x: np.insert(x, [1, 2], x[:, :2], axis=1), [A]),
    "split": (lambda x: sum(np.split(x, 2, axis=1)) + np.array_split(x, 3, 1)[0] + np.hsplit(x, 2)[1], [A]),
    "vsplit": (lambda x: np.vsplit(x, [1, 2])[1] * np.vsplit(x, 3)[0], [A]),
    "tile and repeat": (lambda x: np.tile(x, (2, 1)) * np.repeat(x, 2, axis=0) + x.repeat(2)[:4], [A]),
    "repeat counts": (lambda x: np.repeat(x, [1, 0, 2], axis=0), [A]),
    "roll and flip": (
        lambda x: np.roll(x, 1, axis=1) + np.flip(x) + np.fliplr(x) + x[::-1] + np.roll(x, 2),
        [A],
    ),
    "rot90": (lambda x: np.rot90(x) + np.rot90(x, 3)[::-1], [A]),
    "pad": (lambda x: np.pad(x, 1) + np.pad(x, ((1, 1), (1, 1)), constant_values=2), [A]),
    "pad some axes": (lambda x: np.pad(x, ((0, 0), (2, 1)), mode="constant"), [A]),
    "pad edge": (
        lambda x: np.pad(x, 1, mode="edge") + np.pad(x, 1, "reflect") + np.pad(x, 1, "symmetric"),
        [A],
    ),
    "pad wrap": (lambda x: np.pad(x, ((1, 2), (0, 1)), mode="wrap"), [A]),
    "pad statistics": (
        lambda x: np.pad(x, 1, "mean") + np.pad(x, 1, "maximum") + np.pad(x, 1, "linear_ramp"),
        [A],
    ),
    "tril and triu": (lambda x: np.tril(x) @ np.triu(x, 1).T, [A]),
    "diag": (lambda x: np.diag(x[:, 0]) + np.diag(np.diag(x)) + np.diagflat(x[0, :3]), [(3, 3)]),
    "diagonal": (lambda x: np.diagonal(x) * x.diagonal(1)[0] + np.diag(x, -1).sum(), [(3, 3)]),
    "meshgrid": (lambda x, y: np.meshgrid(x, y)[0] + np.meshgrid(x, y, indexing="ij")[1].T, [(3,), (4,)]),
    "resize": (lambda x: np.resize(x, (2, 5)), [(4,)]),
    "vander": (lambda x: np.vander(x, 3) + np.vander(x, 3, increasing=True), [(3,)]),
    "sliding windows": (lambda x: sliding_window_view(x, (2, 2)) * 2, [A]),
    "sliding windows by name": (
        lambda x: np.lib.stride_tricks.sliding_window_view(x, 3).sum(axis=-1),
        [(6,)],
    ),
    "as_strided": (lambda x: as_strided(x, (3, 2), (x.strides[0], x.strides[0])) * 2, [(4,)]),
    "as_strided blocks": (
        lambda x: as_strided(x, (2, 2, 2, 2), (8 * 8, 2 * 8, 4 * 8, 8)).max(axis=(2, 3)),
        [(4, 4)],
    ),
    # indexing
    "basic indices": (lambda x: x[0, 1] + x[1] + x[:, 1:3].sum() + x[-1, ::2].sum() + x[..., 0].sum(), [A]),
    "negative steps": (lambda x: x[::-1, ::-2] * 2 + x[2:0:-1, 1:3].sum(), [A]),
    "integer arrays": (lambda x: x[[0, 2, 2]] + x[np.array([1, 0, 1])] + x[:, [3, 0, 1, 1]], [A]),
    "pairs of integer arrays": (lambda x: x[[0, 1, 2], [3, 1, 1]] + x[np.arange(3), 0], [A]),
    "integer arrays apart": (lambda x: x[[0, 1], :, [1, 2]] + x[:, [0, 1, 2], [1, 2, 0]], [(2, 3, 3)]),
    "masks": (lambda x: x[x > 0].sum() + x[np.array([True, False, True])].sum(), [A]),
    "traced labels": (lambda p, y: np.log(p[np.arange(3), y]), [positive(3, 4), labels(4, 3)]),
    "traced labels of columns": (lambda p, y: p[y, np.arange(4)] ** 2, [A, labels(3, 4)]),
    "traced rows": (lambda e, y: e[y] * 2, [(5, 3), labels(5, 2, 2)]),
    "traced rows and slices": (
        lambda e, y: e[:, y] + e[:, y, None][..., 0] + e[1, y] + e[y[0], :4],
        [(5, 4), labels(4, 4)],
    ),
    "traced negative labels": (lambda x, y: x[y - 5], [(5,), labels(5, 3)]),
    "traced scalars": (lambda x, y: x[y[0], y[1]] * x[y[0]] + x[:, y[1]].sum(), [(4, 4), labels(4, 2)]),
    "traced labels apart": (lambda x, y: x[y, :, y] + x[y, 0, 1][:, None], [(3, 2, 3), labels(3, 2)]),
    "one-hot": (lambda x, y: np.eye(4)[y] * x, [A, labels(4, 3)]),
    "take": (
        lambda x, y: np.take(x, [0, 2], axis=1)[:, 0] + x.take(y, axis=1)[:, 0] + np.take(x, [5, 6, 1]),
        [A, labels(4, 2)],
    ),
    "take_along_axis": (lambda x: np.take_along_axis(x, np.argsort(x, axis=1), axis=1), [A]),
    "compress": (
        lambda x: np.compress([True, False, True], x, axis=0) + x.compress([True, True, False], axis=0),
        [A],
    ),
    "extract": (lambda x: np.extract(x > 0, x).sum(), [A]),
    "nonzero": (
        lambda x: x[np.nonzero(x > 0)].sum() + x[np.where(x < 0)].sum() + np.argwhere(x > 0).size,
        [A],
    ),
    "flat": (lambda x: x.flat[3] + x.flat[[0, 1]].sum() + sum(v for v in x.flat), [A]),
    "ix_": (lambda x: x[np.ix_([0, 2], [1, 3])] * 2, [A]),
    "sort": (
        lambda x: np.sort(x, axis=0) * np.arange(3)[:, None] + np.sort(x)[:, :1] + np.sort(x, None)[2],
        [A],
    ),
    "argsort": (lambda x: x[np.argsort(x)] * np.arange(5), [(5,)]),
    "top by argsort": (lambda x: x[np.argsort(-x)[:2]], [(5,)]),
    "partition": (lambda x: np.partition(x, 2)[:3].sum() + np.partition(x, 2)[2], [(6,)]),
    "unique": (lambda x, y: np.unique(x) * 2 + len(np.unique(y)), [(4,), labels(3, 5)]),
    "searchsorted": (lambda x: np.searchsorted(np.array([-1.0, 0.0, 1.0]), x) * x, [A]),
    "bincount": (lambda w, y: np.bincount(y, weights=w, minlength=4), [(5,), labels(4, 5)]),
    "iteration": (lambda x: sum(row @ row for row in x) + sum(x[0]), [A]),
    "unpacking": (lambda x: (lambda a, b, c: a * b - c)(*x), [A]),
    "enumerate": (lambda x: sum(k * row[k] for k, row in enumerate(x)), [A]),
    "zip and len": (lambda x, y: sum(a @ b for a, b in zip(x, y, strict=True)) / len(x), [A, A]),
    # analysis
    "interp": (lambda x, f: np.interp(x, [-2.0, -1.0, 0.0, 1.0, 2.0], f), [unit(4), (5,)]),
    "convolve": (
        lambda x, v: np.convolve(x, v)[:5] + np.convolve(x, v, "same") + np.convolve(v, x, "same"),
        [(5,), (3,)],
    ),
    "convolve even": (
        lambda x, v: np.convolve(x, v, "same") * np.convolve(v, x, mode="valid")[0],
        [(6,), (4,)],
    ),
    "correlate": (
        lambda x, v: np.correlate(x, v)[0] + np.correlate(x, v, "same") + np.correlate(v, x, "full")[:6],
        [(6,), (4,)],
    ),
    "correlate swapped": (lambda x, v: np.correlate(v, x, "same") + np.correlate(v, x)[0], [(6,), (3,)]),
    "polyval": (lambda c, x: np.polyval(c, x), [(3,), (4,)]),
    "linspace": (lambda x: np.linspace(x[0], x[1], 5), [(2,)]),
    "apply_along_axis": (lambda x: np.apply_along_axis(lambda v: v / np.sum(v**2), 0, x), [A]),
    "apply_along_axis to numbers": (lambda x: np.apply_along_axis(lambda v: v @ v, 1, x), [A]),
    "vectorize": (lambda x: np.vectorize(lambda v: v * v if v > 0 else 0.1 * v)(x), [A]),
    "vectorize two": (lambda x, y: np.vectorize(lambda a, b: a * math.exp(b))(x, y), [A, (4,)]),
    "fromfunction": (lambda x: np.fromfunction(lambda i, j: x[0] * i + x[1] * j, (2, 3)), [(2,)]),
    "fromiter": (lambda x: np.fromiter((v * v for v in x), dtype=float), [(4,)]),
    "nditer": (lambda x: sum(v * 2 for v in np.nditer(x)), [A]),
    "ndenumerate": (lambda x: sum(v * i for (i, j), v in np.ndenumerate(x)), [A]),
    "r_ and c_": (lambda x, y: np.r_[x, 1.0, y][:3] + np.c_[x, y][:, 0], [(3,), (3,)]),
    # making arrays
    "array of scalars": (lambda x: np.array([x[0], x[1] * x[0], 3.0]), [(2,)]),
    "array of rows": (lambda x: np.array([row * 2 for row in x]) + np.asarray([[1, 2, 3, x[0, 0]]] * 3), [A]),
    "array of lists": (lambda x: np.array([[x[0], 0], [x[1], x[0] * x[1]]]) @ np.ones(2), [(2,)]),
    "array of dtype": (lambda x: np.array([x[0], 1], dtype=np.float64) * np.asarray(x, dtype=float), [(2,)]),
    "full": (lambda x: np.full((2, 2), x[0]) + np.full_like(np.ones((2, 2)), x[1]), [(2,)]),
    "array copies": (
        lambda x: np.array(x) + np.copy(x) + np.ascontiguousarray(x.T).T + np.asfortranarray(x),
        [A],
    ),
    "astype": (lambda x: x.astype(np.float64) + (x > 0).astype(float) * x + (x * 9).astype(int), [A]),
    "zeros_like": (lambda x: np.zeros_like(x) + np.ones_like(x) * x + np.ones(x.shape) + np.eye(3) @ x, [A]),
    "copy method": (lambda x: x.copy() * x.real + x.conj() + np.real(x) + x.imag, [A]),
    # dtypes
    "single precision": (lambda x, w: np.tanh(x @ w + 1.0).sum(axis=0) * 2, [single(3, 4), single(4, 2)]),
    "mixed precision": (lambda x, y: x * y + x.sum() * np.float32(2), [single(3), (3,)]),
    "integers": (
        lambda y, x: (y // 2 + y % 3 + (y << 1) + -y) * x + y.mean() + y.sum() / 2,
        [labels(9, 4), (4,)],
    ),
    "integer and single": (lambda y, x: y * x, [labels(9, 4), single(4)]),
    "booleans": (
        lambda b, x: (b & True | ~b) * x + b * x + b.sum() + b.mean() + np.where(b, x, 0),
        [booleans(4), (4,)],
    ),
    "bool sums": (
        lambda b: (b + b).sum() + b.astype(int).max() + b.max() + np.add(b, b).sum(),
        [booleans(4)],
    ),
    # scalars and empty arrays
    "scalars": (lambda x: (x[0] * 2 + np.exp(x[1])) / x[0].sum() + x[1].reshape(1)[0] + x[0][()], [(2,)]),
    "zero-dimensional": (lambda x: x * 2 + np.sum(x) + x.reshape(1)[0] + x[()] + x[...], [()]),
    "empty": (lambda x: np.sum(x) + x.reshape(0, 2).sum(axis=0) + np.concatenate([x, np.ones(2)]), [(0,)]),
    "empty products": (lambda x: x.T @ x + x.sum(axis=0), [(0, 3)]),
    "empty slices": (lambda x: np.concatenate([x[:0], x[3:], x]) + x[5:].sum(), [(3,)]),
}

# Single precision rounds at 1e-7, and centred differences of it say nothing; the last case has no slope.
OPTIONS = {
    "single precision": {"tolerance": 1e-5, "slopes": False},
    "mixed precision": {"tolerance": 1e-6, "slopes": False},
    "integer and single": {"tolerance": 1e-6, "slopes": False},
    "bool sums": {"slopes": False},
}


@pytest.mark.parametrize("name", CASES)
def test_traced_function_computes_what_numpy_does(name, agrees):
    function, specs = CASES[name]
    agrees(function, specs, **OPTIONS.get(name, {}))
