"""Automatic differentiation on the notes' graph of f(x; w, b) = 1 / (exp(−(w x + b)) + 1), and on any graph.

The nodes are h^(1) = w x, h^(2) = h^(1) + b, h^(3) = −h^(2), h^(4) = exp h^(3), h^(5) = h^(4) + 1 and
h^(6) = 1 / h^(5) = f. A dot marks the tangent of a node (forward mode), a bar its cotangent (reverse mode).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import sympy as sp

from derivations.kernel.formula import Array, Formula, Map, Named, Partial, ScalarFunction, Sum, formula
from derivations.kernel.functions import activation, exp, log, prime, sigmoid
from derivations.notation import Index, dimensions
from derivations.theorem import Equality, Mutant, Step, Theorem

_x, _w, _b = Array("x"), Array("w"), Array("b")


def _graph(w: Formula = _w, b: Formula = _b, x: Formula = _x) -> tuple[Named, ...]:
    """The six nodes, in the order of the computation."""
    h1 = Named(Array("h", layer="1"), w * x)
    h2 = Named(Array("h", layer="2"), h1 + b)
    h3 = Named(Array("h", layer="3"), -h2)
    h4 = Named(Array("h", layer="4"), exp(h3))
    h5 = Named(Array("h", layer="5"), h4 + 1)
    h6 = Named(Array("h", layer="6"), 1 / h5)
    return h1, h2, h3, h4, h5, h6


_nodes = _graph()
_h1, _h2, _h3, _h4, _h5, _f = _nodes


def _elementary() -> Theorem:
    x = Array("x")
    u_of, v_of = activation("u"), activation("v")
    u, v = u_of(x), v_of(x)
    du, dv = prime(u_of)(x), prime(v_of)(x)
    sin, cos = ScalarFunction("sin", sp.sin), ScalarFunction("cos", sp.cos)

    def outer(f: ScalarFunction, slope: Formula) -> tuple[Step, ...]:
        y = Named(Array("y"), u)
        return (
            Step(Partial(f(y), y) * Partial(y, x), "chain rule", "The argument is the function y = u(x)."),
            Step(slope, "derivative of the operation", "It is taken at u(x)."),
        )

    return Theorem(
        "elementary-operations",
        "The elementary operations and their derivatives",
        introduction="u and v are any differentiable functions of the number x.",
        conditions=("v(x) ≠ 0 in the quotient", "u(x) > 0 in the logarithm"),
        positive=(u,),
        claims=(
            Equality(Partial(u + v, x), du + dv, "sum"),
            Equality(Partial(u - v, x), du - dv, "difference"),
            Equality(Partial(u * v, x), du * v + u * dv, "product"),
            Equality(
                Partial(u / v, x),
                (du * v - u * dv) / v**2,
                "quotient",
                (
                    Step(
                        du / v - u * dv / v**2, "product rule", "u/v is u times 1/v, whose slope is −v′/v²."
                    ),
                    Step((du * v - u * dv) / v**2, "common denominator", "The first term is extended by v."),
                ),
            ),
            Equality(Partial(exp(u), x), exp(u) * du, "exponential", outer(exp, exp(u) * du)),
            Equality(Partial(log(u), x), du / u, "logarithm", outer(log, du / u)),
            Equality(Partial(sin(u), x), du * cos(u), "sine", outer(sin, du * cos(u))),
            Equality(Partial(cos(u), x), -du * sin(u), "cosine", outer(cos, -du * sin(u))),
        ),
        uses=("chain-rule-scalars",),
        covers=("nndl-54",),
        mutants=(
            Mutant("the product of the slopes is taken", du * dv, claim=2),
            Mutant("the terms are exchanged", (u * dv - du * v) / v**2, claim=3),
            Mutant("the denominator is not squared", (du * v - u * dv) / v, claim=3),
            Mutant("the slope of the argument is missing", exp(u), claim=4),
            Mutant("the slope of the argument is missing", 1 / u, claim=5),
            Mutant("sine and cosine are exchanged", du * sin(u), claim=6),
            Mutant("the sign is lost", du * sin(u), claim=7),
        ),
    )


def _local_derivatives() -> Theorem:
    return Theorem(
        "graph-local-derivatives",
        "The nodes of the graph and their local derivatives",
        claims=(
            Equality(
                _f,
                sigmoid(_w * _x + _b),
                "the six steps compute f",
                (
                    Step(1 / (exp(_h3) + 1), "definition", "The last three steps."),
                    Step(1 / (exp(-(_w * _x + _b)) + 1), "definition", "The first three steps."),
                    Step(
                        sigmoid(_w * _x + _b),
                        "definition of the sigmoid",
                        "The terms of a sum may be exchanged.",
                    ),
                ),
            ),
            Equality(Partial(_h1, _w), _x, "product, by its first factor"),
            Equality(Partial(_h1, _x), _w, "product, by its second factor"),
            Equality(Partial(_h2, _h1), formula(1), "sum, by its first term"),
            Equality(Partial(_h2, _b), formula(1), "sum, by its second term"),
            Equality(Partial(_h3, _h2), -formula(1), "change of sign"),
            Equality(Partial(_h4, _h3), exp(_h3), "exponential"),
            Equality(Partial(_h5, _h4), formula(1), "sum with 1"),
            Equality(Partial(_f, _h5), -(1 / _h5**2), "reciprocal"),
        ),
        uses=("elementary-operations",),
        covers=("nndl-55", "nndl-56"),
        mutants=(
            Mutant(
                "the signs + are lost: the factors b and 1 are multiplied",
                1 / exp(-(_w * _x * _b)),
                source="nndl-55",
            ),
            Mutant("the factors are exchanged", _w, claim=1),
            Mutant("the sign is lost", formula(1), claim=5),
            Mutant("the exponential is taken at the wrong node", exp(_h2), claim=6),
            Mutant("the sign is lost", 1 / _h5**2, claim=8),
        ),
    )


def _path(start: Formula, *nodes: Named) -> Formula:
    """The product of the local derivatives on the path from ``start`` through ``nodes``, the last first."""
    product: Formula = Partial(nodes[0], start)
    for below, above in pairwise(nodes):
        product = Partial(above, below) * product
    return product


def _along_the_path() -> Theorem:
    slope = _f * (1 - _f)
    values = exp(_h3) / _h5**2
    at_w, at_b = Named(Array("w"), formula(0)), Named(Array("b"), formula(0))
    there = _graph(at_w, at_b, formula(1))[-1]
    quarter = formula(1) / 4
    return Theorem(
        "graph-path-products",
        "The product of the derivatives along a path",
        introduction="One path leads from w to f, and one from b.",
        claims=(
            Equality(
                Partial(_f, _w),
                _x * slope,
                "by w",
                (
                    Step(
                        _path(_w, *_nodes),
                        "chain rule",
                        "The local derivatives on the path from w to f are multiplied.",
                        uses="chain-rule-scalars",
                    ),
                    Step(
                        -(1 / _h5**2) * 1 * exp(_h3) * (-formula(1)) * 1 * _x,
                        "local derivatives",
                        "Each is the derivative of one step alone.",
                        uses="graph-local-derivatives",
                    ),
                    Step(_x * values, "product of numbers", "The two signs cancel."),
                    Step(_x * slope, "definition", "1/h^(5) = f, and exp h^(3) = h^(5) − 1."),
                ),
            ),
            Equality(
                Partial(_f, _b),
                slope,
                "by b",
                (
                    Step(
                        _path(_b, *_nodes[1:]),
                        "chain rule",
                        "The path from b enters at h^(2).",
                        uses="chain-rule-scalars",
                    ),
                    Step(slope, "local derivatives", "As before, without the factor x."),
                ),
            ),
            Equality(Partial(there, at_w), quarter, "by w, at x = 1, w = 0, b = 0"),
            Equality(Partial(there, at_b), quarter, "by b, at x = 1, w = 0, b = 0"),
        ),
        covers=("nndl-57",),
        mutants=(
            Mutant("the factor x is missing", slope),
            Mutant("a sign is lost on the path", -_x * slope),
            Mutant("the factor x stands for b, too", _x * slope, claim=1),
            Mutant("the value is 1/2", formula(1) / 2, claim=2),
        ),
    )


def _forward_mode() -> Theorem:
    x_dot, w_dot, b_dot = Array("x_dot"), Array("w_dot"), Array("b_dot")

    def tangent(number: int, value: Formula) -> Named:
        return Named(Array("h_dot", layer=str(number)), value)

    t1 = tangent(1, Partial(_h1, _x) * x_dot + Partial(_h1, _w) * w_dot)
    t2 = tangent(2, Partial(_h2, _h1) * t1 + Partial(_h2, _b) * b_dot)
    t3 = tangent(3, Partial(_h3, _h2) * t2)
    t4 = tangent(4, Partial(_h4, _h3) * t3)
    t5 = tangent(5, Partial(_h5, _h4) * t4)
    t6 = tangent(6, Partial(_f, _h5) * t5)
    written = (
        (t1, _w * x_dot + _x * w_dot),
        (t2, t1 + b_dot),
        (t3, -t2),
        (t4, exp(_h3) * t3),
        (t5, t4),
        (t6, -t5 / _h5**2),
    )
    result = Partial(_f, _x) * x_dot + Partial(_f, _w) * w_dot + Partial(_f, _b) * b_dot
    return Theorem(
        "graph-forward-mode",
        "Forward mode on the graph, step by step",
        introduction=(
            "The tangents of the inputs are seeds. With the seed 1 at one input and 0 at the others every "
            "tangent is the derivative of its node by that input."
        ),
        claims=(
            *(Equality(t, right, f"tangent of node {k}") for k, (t, right) in enumerate(written, 1)),
            *(
                Equality(
                    t,
                    Partial(node, _x) * x_dot + Partial(node, _w) * w_dot + Partial(node, _b) * b_dot,
                    f"it is the change of node {k} along the seeds",
                )
                for k, (t, node) in enumerate(zip((t1, t2, t3, t4, t5), _nodes, strict=False), 1)
            ),
            Equality(
                t6,
                result,
                "the tangent of f holds its derivatives by all inputs, one for each seed",
                (
                    Step(-t5 / _h5**2, "local derivative", "That of the reciprocal."),
                    Step(-(exp(_h3) * t3) / _h5**2, "tangents below", "Of the nodes 5 and 4."),
                    Step(exp(_h3) * (t1 + b_dot) / _h5**2, "tangents below", "Of the nodes 3 and 2."),
                    Step(
                        _f * (1 - _f) * (_w * x_dot + _x * w_dot + b_dot),
                        "tangent below",
                        "Of node 1; and exp h^(3) / (h^(5))² = f (1 − f).",
                        uses="graph-path-products",
                    ),
                    Step(
                        result,
                        "derivatives of f",
                        "They are w f (1 − f), x f (1 − f) and f (1 − f).",
                        uses="graph-path-products",
                    ),
                ),
            ),
        ),
        uses=("graph-local-derivatives", "chain-rule"),
        covers=("nndl-59",),
        mutants=(
            Mutant("the tangent of w is forgotten", _w * x_dot),
            Mutant("the sign is lost", t2, claim=2),
            Mutant(
                "the tangent of b is forgotten", Partial(_f, _x) * x_dot + Partial(_f, _w) * w_dot, claim=11
            ),
        ),
    )


def _reverse_mode() -> Theorem:
    def cotangent(number: int, value: Formula) -> Named:
        return Named(Array("h_bar", layer=str(number)), value)

    r6 = cotangent(6, formula(1))
    r5 = cotangent(5, r6 * Partial(_f, _h5))
    r4 = cotangent(4, r5 * Partial(_h5, _h4))
    r3 = cotangent(3, r4 * Partial(_h4, _h3))
    r2 = cotangent(2, r3 * Partial(_h3, _h2))
    r1 = cotangent(1, r2 * Partial(_h2, _h1))
    w_bar = Named(Array("w_bar"), r1 * Partial(_h1, _w))
    x_bar = Named(Array("x_bar"), r1 * Partial(_h1, _x))
    b_bar = Named(Array("b_bar"), r2 * Partial(_h2, _b))
    written = ((r5, -r6 / _h5**2), (r4, r5), (r3, r4 * exp(_h3)), (r2, -r3), (r1, r2))
    slope = _f * (1 - _f)
    return Theorem(
        "graph-reverse-mode",
        "Reverse mode on the graph, step by step",
        introduction=(
            "The cotangent of f is the seed 1. Backwards through the graph every cotangent is the "
            "derivative of f by its node, so that one pass gives the derivatives by all inputs."
        ),
        claims=(
            *(
                Equality(r, right, f"cotangent of node {k}")
                for k, (r, right) in zip((5, 4, 3, 2, 1), written, strict=True)
            ),
            *(
                Equality(r, Partial(_f, node), f"it is the derivative of f by node {k}")
                for k, r, node in ((5, r5, _h5), (4, r4, _h4), (3, r3, _h3), (2, r2, _h2), (1, r1, _h1))
            ),
            Equality(w_bar, Partial(_f, _w), "the derivative by w"),
            Equality(b_bar, Partial(_f, _b), "the derivative by b"),
            Equality(x_bar, Partial(_f, _x), "the derivative by x"),
            Equality(
                w_bar,
                _x * slope,
                "the value for w",
                (
                    Step(r1 * _x, "local derivative", "That of the product by w is x."),
                    Step(-(r4 * exp(_h3)) * _x, "cotangents above", "Of the nodes 2 and 3."),
                    Step(r6 / _h5**2 * exp(_h3) * _x, "cotangents above", "Of the nodes 4 and 5."),
                    Step(_x * slope, "definition", "The seed is 1, 1/h^(5) = f, and exp h^(3) = h^(5) − 1."),
                ),
            ),
            Equality(b_bar, slope, "the value for b"),
            Equality(x_bar, _w * slope, "the value for x"),
        ),
        uses=("graph-local-derivatives", "graph-path-products"),
        covers=("nndl-60",),
        mutants=(
            Mutant("the sign is lost", r3, claim=3),
            Mutant("the factors of the product are exchanged", _w * slope, claim=13),
            Mutant("b gets the cotangent of w", w_bar, left=b_bar, claim=11),
        ),
    )


def _sum_over_paths() -> Theorem:
    n, m = dimensions("n m")
    k, j = Index("k", n), Index("j", m)
    theta = Array("theta")
    y = Named(Array("y", n), Map(Array("y", n), theta, Array("g", 1, n)))
    z = Named(Array("z", m), Map(Array("z", m), y, Array("G", n, m)))
    f = Named(Array("f"), Map(Array("f"), z, Array("d", m)))
    edges = Partial(y[k], theta) * Partial(z[j], y[k]) * Partial(f, z[j])
    u, v, both = activation("u"), activation("v"), Array("theta")
    first, second = Named(Array("p"), u(both)), Named(Array("q"), v(both))
    product = Named(Array("f"), first * second)
    paths: Sequence[Formula] = (
        Partial(product, first) * Partial(first, both),
        Partial(product, second) * Partial(second, both),
    )
    return Theorem(
        "sum-over-paths",
        "The derivative is the sum over all paths",
        introduction=(
            "θ leads to n nodes y_k, each of these to m nodes z_j, and these to f: a path is a choice of k "
            "and j. y, z and f are any differentiable functions. A graph with more layers has more sums, "
            "by the same step once more."
        ),
        claims=(
            Equality(
                Partial(f, theta),
                Sum(Sum(edges, j), k),
                "all paths through two layers of nodes",
                (
                    Step(
                        Sum(Partial(y[k], theta) * Partial(f, y[k]), k),
                        "multivariate chain rule",
                        "f depends on θ through every y_k.",
                        uses="chain-rule",
                    ),
                    Step(
                        Sum(Partial(y[k], theta) * Sum(Partial(z[j], y[k]) * Partial(f, z[j]), j), k),
                        "multivariate chain rule",
                        "f depends on y_k through every z_j.",
                        uses="chain-rule",
                    ),
                    Step(
                        Sum(Sum(edges, j), k),
                        "distributive law",
                        "One term for every path: the product of the derivatives along it.",
                    ),
                ),
            ),
            Equality(Partial(product, both), paths[0] + paths[1], "two paths, to a product f = p q"),
        ),
        covers=("nndl-58",),
        mutants=(
            Mutant("one path is taken for all", edges, source="nndl-58"),
            Mutant("the second path is forgotten", paths[0], claim=1, source="nndl-58"),
            Mutant("the paths are multiplied", paths[0] * paths[1], claim=1),
        ),
    )


THEOREMS = (
    _elementary(),
    _local_derivatives(),
    _along_the_path(),
    _forward_mode(),
    _reverse_mode(),
    _sum_over_paths(),
)
