"""The gradient checkers that people use, each asked the same question: is this backward right at this point?

A checker takes a forward and a backward in plain NumPy, a point and a cotangent, and answers "accepts",
"rejects" or "undecided". All run with their own defaults. Those that have no verdict of their own are read as
their handbooks or courses say:

- SciPy's ``check_grad`` returns a norm: above 1e-5 is a rejection, as its users have it;
- CS231n: the largest relative error of an entry, central differences with h = 1e-5: above 1e-4 is a
  rejection (below it is "okay" by the notes for objectives with kinks);
- the Coursera course: the relative distance of the whole gradients, central differences with h = 1e-7: above
  2e-7 "there is a mistake".

A checker that wants a scalar gets Σ δ f. An exception that is no verdict counts as undecided.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

Answer = Literal["accepts", "rejects", "undecided"]


@dataclass(frozen=True)
class Question:
    """A claimed backward at a point.

    Attributes:
        forward: ``forward(*args) -> array``.
        vjp: ``vjp(delta, *args)`` -> one gradient per argument, None for those that are given.
        point: the arguments.
        delta: a cotangent of the shape of the output.
    """

    forward: Callable[..., Any]
    vjp: Callable[..., Any]
    point: tuple[np.ndarray, ...]
    delta: np.ndarray

    def arguments(self) -> tuple[np.ndarray, ...]:
        """The point, for the checker to keep."""
        return tuple(a.copy() for a in self.point)

    def gradients(self, delta: Any, *arguments: Any) -> list[Any]:
        """What the backward returns, as a list."""
        returned = self.vjp(delta, *arguments)
        return list(returned) if isinstance(returned, (tuple, list)) else [returned]

    def differentiated(self) -> list[int]:
        """The numbers of the arguments that the backward gives a gradient for."""
        returned = self.gradients(self.delta.copy(), *self.arguments())
        return [k for k, gradient in enumerate(returned) if gradient is not None]

    def along(self, wrt: Sequence[int], values: Sequence[Any]) -> list[Any]:
        """All arguments, those in ``wrt`` with new values."""
        arguments = list(self.arguments())
        for k, value in zip(wrt, values, strict=True):
            arguments[k] = value
        return arguments


def by_torch(question: Question, fast: bool = False) -> Answer:
    """``torch.autograd.gradcheck`` of an autograd.Function around the two."""
    import torch
    from torch.autograd.gradcheck import GradcheckError, gradcheck

    wrt = question.differentiated()

    class Function(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, *inputs: Any) -> Any:
            ctx.save_for_backward(*inputs)
            value = question.forward(*question.along(wrt, [x.detach().numpy() for x in inputs]))
            return torch.from_numpy(np.array(value))

        @staticmethod
        def backward(ctx: Any, delta: Any) -> Any:
            inputs = [x.detach().numpy().copy() for x in ctx.saved_tensors]
            gradients = question.gradients(delta.numpy().copy(), *question.along(wrt, inputs))
            made = tuple(torch.from_numpy(np.array(gradients[k])) for k in wrt)
            return made if len(made) > 1 else made[0]

    inputs = tuple(torch.from_numpy(question.point[k].copy(order="C")).requires_grad_() for k in wrt)
    try:
        gradcheck(Function.apply, inputs, fast_mode=fast)
    except GradcheckError:
        return "rejects"
    return "accepts"


def by_torch_fast(question: Question) -> Answer:
    """The same in its fast mode."""
    return by_torch(question, fast=True)


def by_jax(question: Question) -> Answer:
    """``jax.test_util.check_grads`` in reverse mode of a ``custom_vjp`` around the two, in 64 bits."""
    import jax
    from jax.test_util import check_grads

    wrt = question.differentiated()

    @jax.custom_vjp
    def function(*inputs: Any) -> Any:
        return jax.numpy.asarray(question.forward(*question.along(wrt, [np.array(x) for x in inputs])))

    def forward(*inputs: Any) -> Any:
        return function(*inputs), inputs

    def backward(inputs: Any, delta: Any) -> Any:
        gradients = question.gradients(np.array(delta), *question.along(wrt, [np.array(x) for x in inputs]))
        return tuple(jax.numpy.asarray(gradients[k]) for k in wrt)

    function.defvjp(forward, backward)
    with jax.enable_x64(True):
        inputs = tuple(jax.numpy.asarray(question.point[k]) for k in wrt)
        try:
            check_grads(function, inputs, order=1, modes=("rev",))
        except AssertionError:
            return "rejects"
    return "accepts"


def by_autograd(question: Question) -> Answer:
    """HIPS autograd's ``check_grads`` in reverse mode of a primitive around the two."""
    from autograd.extend import defvjp_argnums, primitive
    from autograd.test_util import check_grads

    wrt = question.differentiated()

    @primitive
    def function(*inputs: Any) -> Any:
        return np.array(question.forward(*question.along(wrt, inputs)))

    def maker(argnums: Any, value: Any, inputs: Any, options: Any) -> Any:
        def vjp(delta: Any) -> Any:
            gradients = question.gradients(
                np.array(delta), *question.along(wrt, [np.array(x) for x in inputs])
            )
            return tuple(np.asarray(gradients[wrt[k]]) for k in argnums)

        return vjp

    defvjp_argnums(function, maker)
    inputs = [np.array(question.point[k]) for k in wrt]
    # It draws its direction from NumPy's global generator, so that is seeded and put back.
    before = np.random.get_state()  # noqa: NPY002
    np.random.seed(0)  # noqa: NPY002
    try:
        check_grads(function, modes=["rev"], order=1)(*inputs)
    except AssertionError:
        return "rejects"
    finally:
        np.random.set_state(before)  # noqa: NPY002
    return "accepts"


class _Flat:
    """Σ δ f and its claimed gradient as functions of all differentiated entries in one vector."""

    def __init__(self, question: Question) -> None:
        self.question = question
        self.wrt = question.differentiated()
        self.shapes = [question.point[k].shape for k in self.wrt]
        self.start = np.concatenate([np.ravel(question.point[k]) for k in self.wrt] or [np.zeros(0)])

    def _arguments(self, flat: np.ndarray) -> list[Any]:
        ends = np.cumsum([int(np.prod(shape)) for shape in self.shapes])[:-1]
        parts = [part.reshape(s) for part, s in zip(np.split(flat, ends), self.shapes, strict=True)]
        return self.question.along(self.wrt, [part.copy() for part in parts])

    def value(self, flat: np.ndarray) -> float:
        return float(np.sum(self.question.delta * self.question.forward(*self._arguments(flat))))

    def gradient(self, flat: np.ndarray) -> np.ndarray:
        gradients = self.question.gradients(self.question.delta.copy(), *self._arguments(flat))
        return np.concatenate([np.ravel(gradients[k]) for k in self.wrt])

    def central(self, h: float) -> np.ndarray:
        """(f(x + h) − f(x − h)) / 2h, one entry after the other."""
        quotients = np.zeros(self.start.size)
        for k in range(self.start.size):
            moved = self.start.copy()
            moved[k] = self.start[k] + h
            above = self.value(moved)
            moved[k] = self.start[k] - h
            quotients[k] = (above - self.value(moved)) / (2 * h)
        return quotients


def by_scipy(question: Question) -> Answer:
    """SciPy's ``check_grad``: the norm of the difference from forward differences."""
    from scipy.optimize import check_grad

    flat = _Flat(question)
    return "rejects" if not check_grad(flat.value, flat.gradient, flat.start) <= 1e-5 else "accepts"


def by_cs231n(question: Question) -> Answer:
    """The largest relative error of CS231n's assignments."""
    flat = _Flat(question)
    numerical, analytic = flat.central(1e-5), flat.gradient(flat.start)
    error = np.abs(numerical - analytic) / np.maximum(1e-8, np.abs(numerical) + np.abs(analytic))
    return "rejects" if np.max(error, initial=0.0) > 1e-4 else "accepts"


def by_coursera(question: Question) -> Answer:
    """The relative distance of the deep learning course: a comparison with NaN says "no mistake"."""
    flat = _Flat(question)
    numerical, analytic = flat.central(1e-7), flat.gradient(flat.start)
    with np.errstate(all="ignore"):
        distance = np.linalg.norm(analytic - numerical) / (
            np.linalg.norm(analytic) + np.linalg.norm(numerical)
        )
    return "rejects" if distance > 2e-7 else "accepts"


@dataclass(frozen=True)
class Checker:
    """A gradient checker.

    Attributes:
        name: what the table calls it.
        needs: the library without which it is absent.
        ask: its answer to a question.
    """

    name: str
    needs: str
    ask: Callable[[Question], Answer]

    @property
    def present(self) -> bool:
        """Whether its library is installed."""
        return importlib.util.find_spec(self.needs) is not None

    def answer(self, question: Question) -> Answer:
        """Its answer; undecided if it fails without a verdict, or asks for what the function cannot do."""
        with np.errstate(all="ignore"):
            try:
                return self.ask(question)
            except Exception:
                return "undecided"


PEERS = (
    Checker("PyTorch gradcheck", "torch", by_torch),
    Checker("PyTorch gradcheck, fast mode", "torch", by_torch_fast),
    Checker("jax.test_util.check_grads", "jax", by_jax),
    Checker("HIPS autograd check_grads", "autograd", by_autograd),
    Checker("SciPy check_grad", "scipy", by_scipy),
    Checker("CS231n relative error", "numpy", by_cs231n),
    Checker("Coursera relative distance", "numpy", by_coursera),
)
