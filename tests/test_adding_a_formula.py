"""A new formula is two files and nothing else: shown on a copy of the packages, where it is verified."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("derivations", "reference_impl", "checkers", "reports", "gradproof")
COMPLETENESS = "test_every_formula_has_its_definition.py"

FORMULA = '''\
"""Softplus, a smooth ReLU: a_i = ln(1 + e^{z_i}), with g'(z) = σ(z).   z, a: (n)."""

import numpy as np

from reference_impl.elementwise import sigmoid
from reference_impl.formula import Formula


def softplus(z):
    """a = ln(1 + e^z), without an overflow.   z, a: (n)."""
    return np.logaddexp(0, z)


def softplus_vjp(delta, z):
    """σ(z) δ.   δ, z: (n)."""
    return sigmoid(z) * delta


FORMULAS = (Formula("softplus", softplus, softplus_vjp, "(n)->(n)", ()),)
'''

DEFINITION = '''\
"""Softplus, entry by entry: a_i = ln(1 + e^{z_i})."""

import sympy as sp

from derivations.definition import Definition
from derivations.notation import Index, Tensor, dimensions

(_n,) = dimensions("n")
_i = Index("i", _n)
_z = Tensor("z", _n)

DEFINITIONS = (Definition("softplus", (_z,), (_i,), sp.log(1 + sp.exp(_z[_i]))),)
'''


class Copy:
    """The packages in a folder of their own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for package in PACKAGES:
            shutil.copytree(ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))

    def write(self, path: str, text: str) -> None:
        assert not (self.folder / path).exists()
        (self.folder / path).write_text(text, encoding="utf-8")

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run Python in the folder, with the packages of the copy before all others."""
        return subprocess.run(
            [sys.executable, *words],
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": str(self.folder), "PYTHONIOENCODING": "utf-8"},
            capture_output=True,
            encoding="utf-8",
            check=False,
        )

    def verify(self, *names: str) -> subprocess.CompletedProcess[str]:
        return self.run("-m", "gradproof", "verify", *names, "--examples", "10", "--jobs", "1", "--quiet")

    def completeness(self) -> subprocess.CompletedProcess[str]:
        """The completeness test over the copy."""
        shutil.copy(ROOT / "tests" / COMPLETENESS, self.folder)
        return self.run("-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", COMPLETENESS)


@pytest.fixture
def copy(tmp_path):
    return Copy(tmp_path)


def test_the_copy_is_what_runs(copy):
    code = "import gradproof, checkers, reports, derivations, reference_impl as r; print(r.__file__)"
    assert copy.run("-c", code).stdout.startswith(str(copy.folder))


def test_a_formula_in_two_new_files_is_verified(copy):
    copy.write("reference_impl/softplus.py", FORMULA)
    copy.write("derivations/softplus.py", DEFINITION)
    done = copy.verify("softplus")
    assert done.returncode == 0, done.stdout + done.stderr
    assert copy.completeness().returncode == 0


def test_a_wrong_backward_in_the_new_file_is_rejected(copy):
    copy.write("reference_impl/softplus.py", FORMULA.replace("sigmoid(z) * delta", "np.tanh(z) * delta"))
    copy.write("derivations/softplus.py", DEFINITION)
    done = copy.verify("softplus")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "softplus" in done.stdout
    assert "gradient for z is wrong" in done.stdout


def test_a_wrong_forward_in_the_new_file_is_rejected(copy):
    copy.write("reference_impl/softplus.py", FORMULA.replace("logaddexp(0, z)", "logaddexp(1, z)"))
    copy.write("derivations/softplus.py", DEFINITION)
    done = copy.verify("softplus")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "definition" in done.stdout


@pytest.mark.parametrize(
    ("written", "text", "missing"),
    [
        ("reference_impl/softplus.py", FORMULA, "derivations/softplus.py"),
        ("derivations/softplus.py", DEFINITION, "reference_impl/softplus.py"),
    ],
)
def test_with_one_half_only_the_file_that_is_missing_is_named(copy, written, text, missing):
    copy.write(written, text)
    done = copy.completeness()
    assert done.returncode == 1
    assert f"{missing} is missing" in done.stdout


def test_verify_says_in_a_sentence_that_a_definition_is_missing(copy):
    copy.write("reference_impl/softplus.py", FORMULA)
    done = copy.verify("softplus")
    assert done.returncode != 0
    assert "Traceback" not in done.stderr
    assert "derivations/softplus.py" in done.stdout + done.stderr
