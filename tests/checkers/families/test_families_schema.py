"""Family files, assignment files and the language of their scripts."""

from __future__ import annotations

import numpy as np
import pytest

from checkers.errors import InputError
from checkers.families import reference
from checkers.families.schema import families, load
from checkers.families.script import Misfit, Plan, Script, evaluated

ASSIGNMENT = """
name = "hw1"
[[gradient]]
name = "scaled"
about = "the scaled sum"
arguments = { x = "n", c = "" }
forward = "s = scale(x, c)"
backward = "gx, gc = scale_backward(delta, x, c)"
gradients = { x = "gx", c = "gc" }
references = ["solution.py:scale"]
"""


def test_every_family_loads_and_names_references_that_exist():
    assert len(families()) >= 10
    for family in families().values():
        for exercise in family.exercises:
            assert exercise.gradients
            for one in exercise.references:
                reference.find(one.function, one.given, one.path)


def test_every_exercise_points_at_an_equation_or_a_formula_that_exists():
    from derivations.catalogue import equations
    from reference_impl import formulas

    named = {e.equation for family in families().values() for e in family.exercises} - {""}
    assert named
    assert {name for name in named if name not in equations() and name not in formulas()} == set()


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('name = "hw1"', 'name = "hw1"\nsize = 3', "key 'size'"),
        ('arguments = { x = "n", c = "" }\n', "", "'arguments' is missing"),
        ('gradients = { x = "gx", c = "gc" }', 'gradients = { y = "gx" }', "'y', which is no argument"),
        ("gx, gc = scale_backward(delta, x, c)", "for x in y: pass", "neither an assignment nor a call"),
        ('x = "n"', 'x = "n+1"', "size"),
        ("references", 'domains = { x = "odd" }\nreferences', "domain 'odd'"),
        ("solution.py:scale", "nowhere.py:scale", "does not exist"),
    ],
)
def test_a_mistake_in_an_assignment_is_named(tmp_path, old, new, says):
    (tmp_path / "solution.py").write_text("def scale(x, c):\n    return (x * c).sum()\n")
    path = tmp_path / "hw.toml"
    path.write_text(ASSIGNMENT)
    assert load(path).exercises[0].kind == "vjp"
    path.write_text(ASSIGNMENT.replace(old, new))
    with pytest.raises(InputError, match=says):
        load(path)


def test_an_assignment_with_a_hidden_reference_judges(desk, tmp_path):
    (tmp_path / "solution.py").write_text("def scale(x, c):\n    return (x * c).sum()\n")
    (tmp_path / "hw.toml").write_text(ASSIGNMENT)
    right = "def scale(x, c):\n    return (c * x).sum()\ndef scale_backward(delta, x, c):\n    return delta * c + 0 * x, delta * x.sum()\n"
    desk.write("mine.py", right)
    family = load(tmp_path / "hw.toml")
    assert desk.answers("mine.py", given=[family])["scale_backward"].outcome == "right"
    desk.write("mine.py", right.replace("(c * x).sum()", "2 * (c * x).sum()"))
    assert desk.answers("mine.py", given=[family])["scale_backward"].outcome == "wrong"


def test_a_plan_refers_to_earlier_results_and_takes_them_apart():
    plan = Plan({"x": np.ones(2)}, {"f": "their_f"}, frozenset({"Layer"}))
    plan.add(Script("(a, b), cache = f(x)\nlayer = Layer(a)\nlayer.W = x\ng = layer.backward(b)[0]"))
    assert [(step.kind, step.name) for step in plan.steps] == [
        ("call", "their_f"), ("construct", "Layer"), ("set", "W"), ("method", "backward"),
    ]  # fmt: skip
    values = plan.results([((1, 2), 3), None, None, [7]])
    assert (values["a"], values["b"], values["cache"], values["g"]) == (1, 2, 3, 7)
    with pytest.raises(Misfit, match="2 values are expected"):
        plan.results([(1, 2, 3), None, None, [7]])


@pytest.mark.parametrize(
    "text", ["import os", "x = __import__('os')()", "f(lambda: 1)", "f(x for x in y)", "x = [1][0].real"]
)
def test_a_script_is_no_python(text):
    with pytest.raises(InputError):
        Plan({"y": [1]}, {}, frozenset()).add(Script(text))


def test_an_expression_that_asks_for_what_is_not_there_does_not_fit():
    assert evaluated("grads['dW'] * 2", {"grads": {"dW": 3.0}}) == 6
    with pytest.raises(Misfit, match="dW"):
        evaluated("grads['dW']", {"grads": {"db": 3.0}})


def test_complex_steps_give_the_gradient_to_the_last_digits():
    rng = np.random.default_rng(0)
    x, w, b, delta = (rng.standard_normal(s) for s in ((3, 4), (4, 2), (2,), (3, 2)))
    forward = reference.find("affine_relu", {}, None)
    answer = reference.gradients(forward, {"x": x, "w": w, "b": b}, ["x", "w", "b"], [delta])
    masked = delta * (x @ w + b > 0)
    for estimate, expected in zip(
        answer.estimates, (masked @ w.T, x.T @ masked, masked.sum(axis=0)), strict=True
    ):
        assert (np.abs(estimate.value - expected) <= estimate.bound).all()
        assert estimate.bound.max() < 1e-12
        assert not (np.abs(estimate.value - 1.0001 * expected) <= estimate.bound).all()
