from __future__ import annotations

import subprocess
import sys

import pytest

from derivations.catalogue import equations
from derivations.reviewed import checked, set_aside, wrong_forms
from reference_impl import formulas
from reports.coverage import NEEDS_THEOREM


def test_what_is_set_aside_is_catalogued_and_says_why_in_a_sentence():
    assert set(set_aside()) <= set(equations())
    assert all(reason.endswith(".") and reason[0].isupper() for reason in set_aside().values())


def test_nothing_that_can_be_proved_or_is_wrong_in_the_source_is_set_aside():
    for name in set_aside():
        equation = equations()[name]
        assert equation.kind in ("definition", "example"), name
        assert equation.kind not in NEEDS_THEOREM
        assert not equation.wrong_form, name


def test_an_id_that_a_reason_points_to_is_catalogued():
    named = {word.strip(".,;:") for reason in set_aside().values() for word in reason.split() if "-" in word}
    pointing = {
        name for name in named if name.partition("-")[0] in ("article", "ng", "nndl", "cs182", "calculus")
    }
    assert pointing
    assert pointing <= set(equations())


def test_nothing_that_is_implemented_is_set_aside_or_left_to_a_test():
    implemented = {name for formula in formulas().values() for name in formula.sources}
    assert not implemented & set(set_aside())
    assert not implemented & set(checked())
    assert not set(set_aside()) & set(checked())


def test_every_wrong_form_names_a_formula_that_is_shipped_or_a_counterexample():
    assert set(wrong_forms()) == {name for name, one in equations().items() if one.wrong_form}
    for name, refutation in wrong_forms().items():
        assert bool(refutation.formula) != bool(refutation.counterexample), name
        assert not refutation.formula or refutation.formula in formulas()
        assert refutation.part in (("forward", "backward") if refutation.formula else ("",))


def test_the_tables_cannot_be_changed():
    with pytest.raises(TypeError):
        set_aside()["ng-1"] = "It is gone."  # type: ignore[index]


def test_reading_the_tables_imports_nothing_heavy():
    code = (
        "import sys\n"
        "from derivations.reviewed import checked, set_aside, wrong_forms\n"
        "set_aside(), checked(), wrong_forms()\n"
        "print([name for name in ('numpy', 'sympy', 'jax', 'flint') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
