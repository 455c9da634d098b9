"""What part an argument plays in the forward, to point at the equation that is about it."""

from __future__ import annotations

from checkers.diagnosis.tape import REARRANGING, Step, Tape
from checkers.diagnosis.witness import Witness


def role(witness: Witness, name: str) -> str:
    """What it is: "weights", "bias", "input", or "other" where the forward has no matrix product.

    A weight is what is multiplied and called so; a bias is what is added without being multiplied.
    """
    tape = witness.tape
    if tape is None or name not in witness.arguments:
        return "other"
    used = _used_by(tape, tape.arguments[list(witness.arguments).index(name)])
    if "dot_general" in used:
        array = witness.arguments[name]
        return "weights" if name[:1] in "Ww" or (array.ndim == 2 and name[:1] not in "XxAa") else "input"
    if "dot_general" not in {step.name for step in tape.steps}:
        return "other"
    return "bias" if used <= {"add", "sub"} and used else "input"


def used_by(witness: Witness, name: str) -> set[str]:
    """The primitives that take an argument, past mere rearrangements; none without a tape."""
    if witness.tape is None:
        return set()
    return _used_by(witness.tape, witness.tape.arguments[list(witness.arguments).index(name)])


def _used_by(tape: Tape, slot: int) -> set[str]:
    """The primitives that take the value, past mere rearrangements."""
    names: set[str] = set()
    for step, _ in tape.users.get(slot, []):
        if step.name in REARRANGING:
            names |= _used_by(tape, step.outputs[0])
        else:
            names.add(step.name)
    return names


def has(witness: Witness, *primitives: str) -> bool:
    """Whether the forward uses one of these primitives."""
    return witness.tape is not None and any(step.name in primitives for step in witness.tape.steps)


def squares(witness: Witness) -> bool:
    """Whether the forward squares something."""
    return witness.tape is not None and any(
        step.name == "square" or (step.name == "integer_pow" and step.parameters.get("y") == 2)
        for step in witness.tape.steps
    )


def is_cost(witness: Witness) -> bool:
    """Whether the forward gives a single number."""
    return all(output.size == 1 for output in witness.outputs)


def is_sigmoid(witness: Witness) -> bool:
    """Whether the forward is a function of one argument built on the sigmoid."""
    return len(witness.arguments) == 1 and (
        has(witness, "logistic")
        or (has(witness, "exp") and has(witness, "div") and not has(witness, "reduce_sum"))
    )


def averages_over(witness: Witness, name: str, *sizes: str) -> bool | None:
    """Whether the forward divides by the product of these sizes on the way from that argument to the output.

    None where there is no tape to tell.
    """
    tape = witness.tape
    if tape is None:
        return None
    length = 1.0
    for size in sizes:
        length *= witness.sizes.get(size, 0)
    return (
        any(factor in (length, 1 / length) for factor in constant_factors(witness, name)) if length else None
    )


def constant_factors(witness: Witness, name: str) -> list[float]:
    """The numbers by which the forward multiplies on the way from an argument (or from any) to the output."""
    tape = witness.tape
    if tape is None:
        return []
    names = list(witness.arguments)
    inside = {tape.arguments[names.index(name)]} if name in names else set(tape.arguments)
    found: dict[float, None] = {}
    for step in tape.steps:
        if any(slot in inside for slot in step.inputs):
            inside.update(step.outputs)
            factor = abs(_constant_factor(tape, step))
            if factor:
                found[1 / factor if step.name == "div" else factor] = None
    return list(found)


def _constant_factor(tape: Tape, step: Step) -> float:
    """The number that a step multiplies or divides by; 0 if there is none."""
    if step.name not in ("mul", "div"):
        return 0.0
    constants = [tape.values[slot] for slot in step.inputs if not tape.varying[slot]]
    if len(constants) != 1 or constants[0].size != 1 or constants[0].dtype.kind != "f":
        return 0.0
    return float(constants[0].reshape(-1)[0])


def equation_of_mean(witness: Witness, name: str) -> str:
    """Where the sources say that the gradient of a mean is the mean of the gradients."""
    return {"weights": "ng-30", "bias": "ng-31", "input": "ng-29"}.get(
        role(witness, name), "calculus-15" if squares(witness) and is_cost(witness) else "ng-34"
    )


def equation_of_factor(witness: Witness, c: float) -> str:
    """Where a constant factor of a derivative comes from."""
    if is_cost(witness) and squares(witness):
        return "calculus-12" if has(witness, "dot_general") else "calculus-8"
    if is_cost(witness) and c < 0 and has(witness, "log") and len(witness.arguments) > 1:
        return "ng-4"
    return "nndl-54"


def equation_of_gradient(witness: Witness, name: str) -> str:
    """The equation that the gradient for an argument follows in a layer, if it has that part."""
    batched = has(witness, "dot_general") and any(
        a.ndim > 1 for n, a in witness.arguments.items() if n[:1] in "XxAaZz"
    )
    return {
        "weights": "article-252" if batched else "nndl-46",
        "bias": "article-249" if batched else "nndl-47",
        "input": "article-254" if batched else "cs182-23",
    }.get(role(witness, name), "")
