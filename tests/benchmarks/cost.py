"""What a verdict costs, as ratios measured side by side in one run: ``python -m tests.benchmarks.cost``.

A table of functions: the time of one forward and backward pass, of a verdict at that point once everything is
imported, and of SciPy's ``check_grad`` there (finite differences alone, one number out), and what the two
cost in passes. Then the start of the command line beside that of ``import numpy``. Needs the extra ``bench``.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table
from scipy.optimize import check_grad

import gradproof
from reference_impl.feed_forward import flat_functions
from reference_impl.softmax import softmax, softmax_vjp

REPEATS = 5


def seconds(action: Callable[[], Any], repeats: int = REPEATS) -> float:
    """The median time of ``action``, after one run that does not count."""
    action()
    times = []
    for _ in range(repeats):
        started = time.perf_counter()
        action()
        times.append(time.perf_counter() - started)
    return statistics.median(times)


def network(
    widths: tuple[int, ...], examples: int
) -> tuple[Callable[..., Any], Callable[..., Any], tuple[Any, ...]]:
    """A tanh network with a softmax output, its vjp, and a point."""
    rng = np.random.default_rng(0)
    forward, vjp = flat_functions(("tanh",) * (len(widths) - 2) + ("softmax",), penalised=False)
    labels = np.eye(widths[-1])[:, rng.integers(widths[-1], size=examples)]
    parameters = [
        array
        for below, above in pairwise(widths)
        for array in (rng.normal(size=(above, below)) / np.sqrt(below), rng.normal(size=(above, 1)))
    ]
    return forward, vjp, (rng.normal(size=(widths[0], examples)), labels, *parameters)


def scipy_check(
    forward: Callable[..., Any], vjp: Callable[..., Any], point: tuple[Any, ...]
) -> Callable[[], Any]:
    """SciPy's check of the gradient by all parameters at once, flattened as it wants them."""
    given, parameters = point[:-4] if len(point) > 4 else (), point[-4:]
    shapes = [p.shape for p in parameters]
    ends = np.cumsum([p.size for p in parameters])[:-1]

    def apart(flat: Any) -> list[Any]:
        return [part.reshape(shape) for part, shape in zip(np.split(flat, ends), shapes, strict=True)]

    def loss(flat: Any) -> float:
        return float(np.sum(forward(*given, *apart(flat))))

    def grad(flat: Any) -> Any:
        delta = np.ones_like(forward(*given, *apart(flat)))
        gradients = vjp(delta, *given, *apart(flat))
        gradients = gradients if isinstance(gradients, tuple) else (gradients,)
        return np.concatenate([g.ravel() for g in gradients[len(given) :]])

    start = np.concatenate([p.ravel() for p in parameters])
    return lambda: check_grad(loss, grad, start)


def verdicts() -> Table:
    """Verdicts at a point, in passes of the code they judge."""
    table = Table("function", "entries", "one pass", "verdict", "in passes", "SciPy check_grad", "in passes")
    rows = [
        ("softmax of 5", softmax, softmax_vjp, (np.random.default_rng(0).normal(size=5),)),
        ("network 4-5-3, 6 examples", *network((4, 5, 3), 6)),
        ("network 30-20-10, 50 examples", *network((30, 20, 10), 50)),
        ("network 784-128-10, 64 examples", *network((784, 128, 10), 64)),
    ]
    for name, forward, vjp, point in rows:
        entries = sum(np.size(a) for a in point)
        delta = np.ones_like(forward(*point))
        one_pass = seconds(lambda f=forward, v=vjp, p=point, d=delta: (f(*p), v(d, *p)), 20)
        verdict = seconds(lambda f=forward, v=vjp, p=point: gradproof.assert_vjp(f, v, args=p))
        if entries < 5000:
            by_scipy = seconds(scipy_check(forward, vjp, point))
            peer = f"{by_scipy * 1e3:.1f} ms", f"{by_scipy / one_pass:.0f}"
        else:
            peer = "left out", f"about {entries}"
        table.add_row(
            name,
            f"{entries}",
            f"{one_pass * 1e3:.3f} ms",
            f"{verdict * 1e3:.1f} ms",
            f"{verdict / one_pass:.0f}",
            *peer,
        )
    return table


def start_up() -> str:
    """The start of ``gradproof --help`` beside that of ``import numpy``, each run in turn."""
    help_, numpy = [], []
    for _ in range(15):
        for times, command in ((help_, ["-m", "gradproof", "--help"]), (numpy, ["-c", "import numpy"])):
            started = time.perf_counter()
            subprocess.run([sys.executable, *command], check=True, capture_output=True)
            times.append(time.perf_counter() - started)
    ratio = statistics.median(a / b for a, b in zip(help_, numpy, strict=True))
    return f"gradproof --help takes {ratio:.2f} times as long as python -c 'import numpy'"


if __name__ == "__main__":
    console = Console()
    console.print(verdicts())
    console.print(start_up())
