"""The house: what each package may import, what starts up with it, and that public names are explained."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("derivations", "reference_impl", "checkers", "reports", "gradproof")

BELOW = {
    "derivations": set(),
    "reference_impl": set(),
    "checkers": {"derivations", "reference_impl"},
    "reports": {"derivations", "reference_impl", "checkers"},
    "gradproof": {"derivations", "reference_impl", "checkers", "reports"},
}
"""The packages that a package may import besides itself: data flows one way."""

LIBRARIES = {
    "derivations": {"sympy"},
    "reference_impl": {"numpy"},
    "checkers": {"numpy", "sympy", "mpmath", "flint", "jax", "hypothesis"},
    "reports": {"numpy", "matplotlib", "jinja2", "markupsafe", "rich", "latex2mathml"},
    "gradproof": {"numpy", "click", "rich", "pytest"},
}
"""The libraries that a package may import."""

DISTRIBUTIONS = {"flint": "python-flint"}
"""The libraries whose name at the package index is not that of the module."""

UNDECLARED = {"pytest"}
"""What only its own plugin imports, when it is there."""

HEAVY = ("jax", "sympy", "matplotlib", "hypothesis", "flint", "rich", "jinja2")
VAGUE = {"utils", "util", "helpers", "helper", "misc", "common", "tools", "manager", "core"}


def sources(package: str) -> list[Path]:
    return sorted((ROOT / package).rglob("*.py"))


MODULES = [
    pytest.param(package, path, id=path.relative_to(ROOT).as_posix())
    for package in PACKAGES
    for path in sources(package)
]


def imported(code: str) -> set[str]:
    """The packages that a module imports, wherever in it: at the top, in a function, or for types only."""
    found = set()
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found.add((node.module or "").partition(".")[0])
        elif isinstance(node, ast.Call) and _called(node) in ("import_module", "__import__"):
            found |= {_package_of(node.args[0])} if node.args else set()
    return found - {""}


def _called(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _package_of(name: ast.expr) -> str:
    """The package in a name that is written out, or begins with text: ``f"reports.{kind}"``."""
    if isinstance(name, ast.JoinedStr) and name.values:
        name = name.values[0]
    if isinstance(name, ast.Constant) and isinstance(name.value, str):
        return name.value.partition(".")[0]
    return ""


def undocumented(code: str) -> list[str]:
    """The public functions, classes and methods of a module that have no docstring, and the module itself."""
    tree = ast.parse(code)
    missing = [] if ast.get_docstring(tree) or not tree.body else ["the module"]
    return missing + [
        name for name, node in public(tree) if not ast.get_docstring(node) and not _says_it_elsewhere(node)
    ]


def public(node: ast.Module | ast.ClassDef, prefix: str = "") -> Iterator[tuple[str, ast.AST]]:
    """The definitions in a module or class whose name does not begin with an underscore."""
    for child in node.body:
        if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            if child.name.startswith("_"):
                continue
            yield prefix + child.name, child
            if isinstance(child, ast.ClassDef):
                yield from public(child, f"{child.name}.")


def _says_it_elsewhere(node: ast.AST) -> bool:
    """An overload; its text stands at the implementation."""
    return any(isinstance(d, ast.Name) and d.id == "overload" for d in node.decorator_list)


def test_there_is_a_package_of_every_name():
    assert all(sources(package) for package in PACKAGES)


@pytest.mark.parametrize(("package", "path"), MODULES)
def test_imports_run_one_way(package, path):
    ours = imported(path.read_text(encoding="utf-8")) & set(PACKAGES)
    assert ours - {package} <= BELOW[package]


@pytest.mark.parametrize(("package", "path"), MODULES)
def test_a_package_imports_its_own_libraries_only(package, path):
    found = imported(path.read_text(encoding="utf-8")) - set(PACKAGES) - set(sys.stdlib_module_names)
    assert found <= LIBRARIES[package]


def test_every_library_is_a_declared_dependency():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = {re.match(r"[\w-]+", requirement)[0] for requirement in project["dependencies"]}
    libraries = set().union(*LIBRARIES.values()) - UNDECLARED
    assert {DISTRIBUTIONS.get(name, name) for name in libraries} - declared == set()


def test_what_a_module_imports_is_found_wherever_it_stands():
    code = (
        "import numpy.linalg as la\n"
        "from typing import TYPE_CHECKING\n"
        "from .beside import thing\n"
        "if TYPE_CHECKING:\n    from checkers.draw import Case\n"
        "def f():\n    from reports import run\n    import jax\n"
        "class C:\n    def g(self, name):\n"
        "        import_module('gradproof.cli')\n"
        "        importlib.import_module(f'derivations.{name}')\n"
    )
    assert imported(code) == {"numpy", "typing", "checkers", "reports", "jax", "gradproof", "derivations"}


@pytest.mark.parametrize(("package", "path"), MODULES)
def test_a_module_is_named_after_its_subject(package, path):
    assert path.stem not in VAGUE


@pytest.mark.parametrize(("package", "path"), MODULES)
def test_every_public_name_has_a_docstring(package, path):
    assert undocumented(path.read_text(encoding="utf-8")) == []


def test_a_missing_docstring_is_found():
    code = (
        "def _private(): pass\n"
        "def bare(): pass\n"
        'class Told:\n    """What it is."""\n    def method(self): pass\n    def _hidden(self): pass\n'
        '    def told(self):\n        """What it does."""\n'
        "@overload\ndef several(): ...\n"
    )
    assert undocumented(code) == ["the module", "bare", "Told.method"]
    assert undocumented('"""A module."""\n') == []
    assert undocumented("") == []


@pytest.mark.parametrize(
    "statement",
    ["import gradproof", "import gradproof.cli", "import checkers, reports", "import reference_impl"],
)
def test_nothing_heavy_is_imported_at_the_start(statement):
    code = f"import sys; {statement}; print([name for name in {HEAVY!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_import_gradproof_does_not_even_import_numpy():
    code = "import sys, gradproof; print('numpy' in sys.modules, callable(gradproof.check_vjp))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True"]


def test_a_name_of_the_face_brings_what_it_needs():
    code = "import sys, gradproof; gradproof.check_vjp; print('numpy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "True"
