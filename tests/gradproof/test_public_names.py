from __future__ import annotations

import importlib.metadata
import subprocess
import sys

import pytest

import gradproof


def test_every_public_name_is_there_and_listed():
    assert set(gradproof.__all__) <= set(dir(gradproof))
    for name in gradproof.__all__:
        assert getattr(gradproof, name) is not None


def test_public_names_are_those_of_the_rooms_behind():
    from checkers import check, diagnosis, errors, verdict

    for name in ("check_vjp", "check_grad", "check_jvp", "assert_vjp", "assert_grad", "assert_jvp"):
        assert getattr(gradproof, name) is getattr(check, name)
    assert gradproof.Verdict is verdict.Verdict
    assert gradproof.Mismatch is verdict.Mismatch
    assert gradproof.Diagnosis is diagnosis.Diagnosis
    assert gradproof.GradientMismatch is errors.GradientMismatch


def test_every_exception_of_the_checkers_is_public():
    from checkers import errors

    exceptions = {
        name
        for name, thing in vars(errors).items()
        if isinstance(thing, type) and issubclass(thing, Exception)
    }
    assert exceptions <= set(gradproof.__all__)


def test_the_version_is_that_of_the_installed_package():
    assert gradproof.__version__ == importlib.metadata.version("gradproof")


def test_another_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="module 'gradproof' has no attribute 'check_vpj'"):
        gradproof.check_vpj  # noqa: B018


def test_a_star_import_gives_the_public_names():
    names: dict[str, object] = {}
    exec("from gradproof import *", names)
    assert set(gradproof.__all__) <= set(names)


def test_importing_gradproof_imports_neither_numpy_nor_anything_heavy():
    heavy = ("numpy", "sympy", "jax", "click", "rich", "checkers")
    code = f"import sys, gradproof; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
