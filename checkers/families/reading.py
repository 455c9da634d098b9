"""Reading a submission: a file, a folder or a notebook becomes source texts that can be loaded.

Only what defines something is kept: imports, functions, classes, and assignments that need no data. Calls at
the top of a script (training, plotting, reading files that are not there) are left out, line by line, so that
every line keeps its number. Helper modules are taken from beside the file or above it; what is nowhere to be
found becomes a stub. Nothing here runs the student's code.
"""

from __future__ import annotations

import ast
import builtins
import json
import re
import warnings
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path

from checkers.errors import InputError
from checkers.isolation.channel import printable

SKIPPED = {".git", ".venv", "venv", "__pycache__", "node_modules", ".ipynb_checkpoints", "site-packages"}
"""Folders that hold no coursework."""

SUPPLIED = {
    "numpy", "math", "cmath", "random", "copy", "collections", "itertools", "functools", "typing",
    "dataclasses", "abc", "operator", "numbers", "string", "re", "time", "warnings", "enum",
    "types", "__future__", "json", "datetime", "decimal", "fractions", "statistics", "contextlib",
    "inspect", "os", "sys", "struct", "io", "gzip", "pickle", "glob", "pathlib", "logging",
    "textwrap", "pprint", "bisect", "heapq", "array", "tempfile", "builtins", "threading",
    "subprocess", "socket", "ctypes", "gc", "signal", "multiprocessing", "shutil", "importlib",
    "atexit", "traceback", "asyncio", "platform", "weakref", "autograd", "jax", "torch",
    "tensorflow", "sympy", "gradproof", "reference_impl", "checkers", "derivations", "reports",
}  # fmt: skip
"""Modules that are left to the interpreter (and to the policy) that will load the file."""

_INSTALLED = {"scipy", "scipy.special"} if find_spec("scipy") else set()

HELPERS = Path(__file__).parent / "helpers"
"""Stand-ins for helper modules that courses hand out and students do not hand in."""

DEEP = "Python cannot read it: an expression is nested too deeply"
"""The problem of a file that is no coursework."""

MOST_HELPERS = 100
"""Modules of a submission that are read for one file."""

UPWARDS = 3
"""How many folders above the file are searched for the modules that it imports."""

FALLBACK = """

def __getattr__(name):
    if name.startswith("__"):
        raise AttributeError(name)
    return lambda *args, **kwargs: None
"""
"""What stands in for the rest of a helper module: plots, data, updates."""

COMMONS = (HELPERS / "commons.py.txt").read_text(encoding="utf-8")
"""Functions that stand in where a file uses one by its usual name and nobody defines it."""

LARGEST = 2_000_000
"""Bytes of a file that are read; coursework is smaller."""

LARGEST_NOTEBOOK = 64_000_000
"""The same of a notebook, whose pictures take room."""

_NAMES_OF_2 = re.compile(r"\b(xrange|unicode|raw_input|basestring|iteritems|itervalues|cPickle)\b")


@dataclass(frozen=True)
class Source:
    """One text of a submission.

    Attributes:
        path: where it stands, relative to the submission, as a terminal can show it.
        text: the student's own text; of a notebook its code cells one below the other.
        loadable: the same lines, with what must not run left out; empty if it is no Python at all.
        tree: the syntax tree of ``loadable``.
        python2: the text is Python 2 and was read as such.
        problem: why it cannot be read; empty if it can.
        cells: of a notebook: (first line of the text, number of the cell), in order.
    """

    path: str
    text: str
    loadable: str
    tree: ast.Module
    python2: bool = False
    problem: str = ""
    cells: tuple[tuple[int, int], ...] = ()

    def place(self, line: int) -> str:
        """How a line of the text is named to its author: ``line 7``, or ``cell 3, line 2``."""
        inside = bisect_right(self.cells, line, key=lambda pair: pair[0])
        if not inside:
            return f"line {line}"
        first, cell = self.cells[inside - 1]
        return f"cell {cell}, line {line - first + 1}"

    def line(self, number: int) -> str:
        """The text of a line, without the space around it."""
        lines = self.text.splitlines()
        return printable(lines[number - 1].strip()) if 0 < number <= len(lines) else ""


@dataclass(frozen=True)
class Bundle:
    """A source and everything that must lie beside it for it to load.

    Attributes:
        source: the text to be judged.
        modules: path → loadable text, of the helper modules that it imports.
        stubs: the names of modules for which nothing was found.
        supplied: the names of modules that a stand-in of ours replaces.
        missing: names that the source uses and nobody defines, for which something usual stands in.
        notes: what a reader should know of how the text was read.
        file: where the source was read.
    """

    source: Source
    modules: dict[str, str] = field(default_factory=dict)
    stubs: tuple[str, ...] = ()
    supplied: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    file: Path = Path()
    missing: tuple[str, ...] = ()


STUB = '''\
"""Stands for a module that is not here: everything in it exists and does nothing."""

import abc

import _commons


class _Nothing(abc.ABCMeta):
    def __getattr__(cls, name):
        if name.startswith("__") or cls is not Nothing:
            raise AttributeError(name)
        return cls

    def __call__(cls, *args, **kwargs):
        return cls if cls is Nothing else super().__call__(*args, **kwargs)

    def __iter__(cls):
        return iter(())

    def __getitem__(cls, key):
        return cls

    def __enter__(cls):
        return cls

    def __exit__(cls, *args):
        return False


class Nothing(metaclass=_Nothing):
    def __init__(self, *args, **kwargs):
        pass

    def __init_subclass__(cls, **kwargs):
        pass


__all__ = []
__path__ = []


def __getattr__(name):
    if name.startswith("__"):
        raise AttributeError(name)
    return getattr(_commons, name, Nothing)
'''
"""The text of a stub."""


def read(path: Path) -> list[Bundle]:
    """The sources of a submission, each with its helpers.

    Args:
        path: a Python file, a notebook, or a folder that holds such.

    Raises:
        InputError: there is no such file or folder, or it holds no Python.
    """
    if path.is_dir():
        files = sorted(_files(path))
        if not files:
            raise InputError(f"{path} holds no Python file and no notebook: give the folder of a submission")
        return [_bundle_of_many(file, path) for file in files]
    if not path.exists():
        raise InputError(f"{path} does not exist: give a Python file, a notebook or a folder")
    if path.suffix not in (".py", ".ipynb"):
        raise InputError(f"{path} is neither a Python file (.py) nor a notebook (.ipynb)")
    return [_bundle(path, path.parent)]


def _bundle_of_many(path: Path, root: Path) -> Bundle:
    """A file of a folder; one that cannot be read does not keep the others from being judged."""
    try:
        return _bundle(path, root, root)
    except InputError as error:
        name = _shown(path.relative_to(root).as_posix())
        source = Source(name, "", "", ast.Module([], []), problem=str(error).replace(str(path), "It"))
        return Bundle(source, file=path)


def _files(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        if (
            path.is_symlink()
        ):  # it may lead anywhere, to other submissions and to what only the judge may read
            continue
        if path.is_dir():
            if path.name not in SKIPPED:
                yield from _files(path)
        elif (
            path.suffix in (".py", ".ipynb")
            and path.name not in ("setup.py", "__init__.py")
            and path.is_file()  # and no pipe, which would be read for ever
        ):
            yield path


def _bundle(path: Path, root: Path, top: Path | None = None) -> Bundle:
    """A file with its helpers; those of a folder are looked for in it, and not in the folders of others."""
    source = source_of(path, root)
    notes = []
    if source.python2:
        notes.append(
            "This is Python 2 code; it was read as if written for Python 3, where / divides whole numbers"
            " into fractions."
        )
    modules: dict[str, str] = {}
    stubs: dict[str, None] = {}
    supplied: dict[str, None] = {}
    _resolve(source, path, top, modules, stubs, supplied)
    if supplied:
        who = "a stand-in of ours took its" if len(supplied) == 1 else "stand-ins of ours took their"
        notes.append(f"Not found beside it, so {who} place: {', '.join(supplied)}.")
    missing = _missing(source, modules)
    if missing:
        notes.append(f"It uses {', '.join(missing)}, which the file does not define: the usual stands in.")
    return Bundle(source, modules, tuple(stubs), tuple(supplied), tuple(notes), path, missing)


def _missing(source: Source, modules: dict[str, str]) -> tuple[str, ...]:
    """The usual names that a source uses and nobody defines."""
    wanted = _uses(source.tree) - _defines(source.tree) - set(dir(builtins))
    if any(isinstance(n, ast.ImportFrom) and n.names[0].name == "*" for n in ast.walk(source.tree)):
        for text in modules.values():
            wanted -= _defines(ast.parse(text))
    return tuple(sorted(wanted & {name for name in _defines(ast.parse(COMMONS)) if not name.startswith("_")}))


def _uses(tree: ast.Module) -> set[str]:
    return {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}


def _defines(tree: ast.Module) -> set[str]:
    """Every name that is bound anywhere in a module, in whatever scope."""
    names = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and not isinstance(n.ctx, ast.Load)}
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            names.add(node.name)
        elif isinstance(node, ast.arg):
            names.add(node.arg)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            names |= {(alias.asname or alias.name).partition(".")[0] for alias in node.names}
    return names


def source_of(path: Path, root: Path) -> Source:
    """One file read.

    Raises:
        InputError: it is too large, or a notebook that is no notebook.
    """
    try:
        size, most = path.stat().st_size, LARGEST_NOTEBOOK if path.suffix == ".ipynb" else LARGEST
        if not path.is_file() or size > most:
            raise InputError(f"{path} has {size} bytes: a file of coursework has some, and less than {most}")
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}") from error
    text = data.decode("utf-8-sig", errors="replace")
    cells: list[tuple[int, int]] = []
    if path.suffix == ".ipynb":
        text, cells = _of_notebook(text, path)
    name = path.relative_to(root).as_posix() if path.is_relative_to(root) else path.name
    return made(_shown(name), text, cells)


def _shown(name: str) -> str:
    """The name of a file, which may hold anything, on one line."""
    return printable(name).replace("\n", "\ufffd").replace("\t", "\ufffd")


def made(name: str, text: str, cells: Sequence[tuple[int, int]] = ()) -> Source:
    """A source from its text."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")
    tree, problem, python2 = _parsed(text)
    try:
        if tree is None and cells:
            text, tree = _cell_by_cell(text, cells)
            problem = "" if tree.body else problem
        if tree is not None:
            lines = _translated(text) if python2 else text
            loadable = _tolerant(_absolute(_definitions_only(lines, tree)))
            return Source(name, text, loadable, ast.parse(loadable), python2, "", tuple(cells))
    except (RecursionError, MemoryError):
        problem = DEEP
    return Source(name, text, "", ast.Module([], []), python2, problem, tuple(cells))


def _parsed(text: str) -> tuple[ast.Module | None, str, bool]:
    """The tree; why there is none; whether it is Python 2."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            old = bool(_NAMES_OF_2.search(text)) and not re.search(
                r"xrange\s*=|past\.builtins|six\.moves", text
            )
            return ast.parse(text), "", old
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            first = error
        try:
            return ast.parse(_translated(text)), "", True
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            line = getattr(first, "lineno", None)
            place = f" at line {line}" if line else ""
            return None, f"Python cannot read it: {getattr(first, 'msg', None) or first}{place}", False


def _translated(text: str) -> str:
    """Python 2 as Python 3, line for line: print statements, names, octal and exception syntax."""
    lines = text.expandtabs(8).split("\n")
    out = []
    for line in lines:
        found = re.match(
            r"^(\s*(?:(?:if|for|while|else|elif|try)\b[^\n#'\"]*:\s*)?)print\b(?!\s*\()(.*)$", line
        )
        if found and not re.match(r"^\s*=", found.group(2)):
            rest = re.sub(r"^\s*>>\s*[\w.]+\s*,?", "", found.group(2)).strip()
            line = f"{found.group(1)}{rest if _goes_on(rest) else 'pass'}"
        line = re.sub(r"\bexcept\s+([\w.]+)\s*,\s*(\w+)\s*:", r"except \1 as \2:", line)
        line = re.sub(r"\braise\s+(\w+)\s*,\s*(.+)$", r"raise \1(\2)", line)
        line = re.sub(r"\.(iter)(items|keys|values)\(", r".\2(", line)
        line = re.sub(r"\bxrange\b", "range", line)
        line = re.sub(r"<>", "!=", line) if "<>" in line and "'" not in line else line
        line = re.sub(r"\bcPickle\b", "pickle", line)
        out.append(line)
    return "\n".join(out)


def _goes_on(printed: str) -> bool:
    """Whether what is printed does not end in its line: it stays there then, as an expression."""
    opens = printed.count("(") + printed.count("[") - printed.count(")") - printed.count("]")
    quoted = any(printed.count(quote) % 2 for quote in ('"""', "'''"))
    return opens > 0 or quoted or printed.endswith("\\")


def _cell_by_cell(text: str, cells: Sequence[tuple[int, int]]) -> tuple[str, ast.Module]:
    """A notebook with the cells left out that are no Python."""
    lines = text.split("\n")
    bounds = [*(first for first, _ in cells), len(lines) + 1]
    for start, end in pairwise(bounds):
        part = "\n".join(lines[start - 1 : end - 1])
        try:
            ast.parse(part)
        except (SyntaxError, ValueError):
            translated = _translated(part)
            try:
                ast.parse(translated)
                lines[start - 1 : end - 1] = translated.split("\n")
            except (SyntaxError, ValueError):
                lines[start - 1 : end - 1] = [""] * (end - start)
    text = "\n".join(lines)
    return text, ast.parse(text)


def _of_notebook(text: str, path: Path) -> tuple[str, list[tuple[int, int]]]:
    """The code cells of a notebook one below the other, magics made comments, and where each begins."""
    try:
        book = json.loads(text)
        cells = book["cells"] if "cells" in book else [c for w in book["worksheets"] for c in w["cells"]]
        sources = [
            (number, "".join(cell.get("source", cell.get("input", ""))))
            for number, cell in enumerate(cells, 1)
            if cell["cell_type"] == "code"
        ]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise InputError(f"{path} is not a notebook that can be read: it is no JSON with cells") from error
    lines: list[str] = []
    starts = []
    if sum(len(content) for _, content in sources) > LARGEST:
        raise InputError(f"{path} has cells of more than {LARGEST} characters: coursework has less")
    for number, content in sources:
        if re.match(r"\s*%%(?!time|timeit|capture|prun)", content):
            continue
        starts.append((len(lines) + 1, number))
        lines += [
            re.sub(r"^(\s*)([%!?].*)$", r"\1pass  # \2", line) if re.match(r"\s*[%!?]", line) else line
            for line in content.split("\n")
        ]
    return "\n".join(lines) + "\n", starts


def _definitions_only(text: str, tree: ast.Module) -> str:
    """The text with every statement blanked that is not kept."""
    lines = text.split("\n")
    known: set[str] = set(dir(builtins))
    for node in tree.body:
        if _kept(node, known):
            known |= _bound(node)
        else:
            _blank(lines, node)
    return "\n".join(lines)


def _tolerant(text: str) -> str:
    """``float`` and ``int`` within functions replaced by what takes arrays of one entry, as they once did."""
    try:
        tree = ast.parse(text)
    except SyntaxError:
        return text
    if {"float", "int"} & _defines(tree):
        return text
    places = {
        (node.func.lineno, node.func.col_offset, node.func.id)
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef)
        for inner in function.body
        for node in ast.walk(inner)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in ("float", "int")
        and len(node.args) == 1
    }
    lines = text.split("\n")
    for row, column, name in sorted(places, reverse=True):
        data = lines[row - 1].encode()
        lines[row - 1] = (data[:column] + b"_" + name.encode() + data[column + len(name) :]).decode()
    return "\n".join(lines)


def _absolute(text: str) -> str:
    """Relative imports made absolute: every module of a bundle can be imported from its top."""
    text = re.sub(r"^([ \t]*from[ \t]+)\.+(?=\w)", r"\1", text, flags=re.M)
    return re.sub(r"^([ \t]*)from[ \t]+\.+[ \t]+import\b", r"\1import", text, flags=re.M)


def _blank(lines: list[str], node: ast.stmt) -> None:
    first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))])
    last = node.end_lineno or node.lineno
    data = lines[last - 1].encode()
    rest = data[node.end_col_offset or len(data) :].decode(errors="replace")
    before = lines[first - 1].encode()[: node.col_offset].decode(errors="replace")
    for number in range(first - 1, last):
        lines[number] = ""
    kept = before.rstrip().rstrip(";") if before.strip() else ""
    if rest.strip().startswith(";"):
        kept = f"{kept}; {rest.strip()[1:]}" if kept else rest.strip()[1:].strip()
    lines[last - 1] = kept


def _kept(node: ast.stmt, known: set[str]) -> bool:
    """Whether a statement at the top of a file is run when it is loaded."""
    if isinstance(node, (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef)):
        return True
    if isinstance(node, (ast.Assign, ast.AnnAssign)):
        value = node.value
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        if value is None or any(isinstance(t, ast.Subscript) for t in targets):
            return False
        return _harmless(value, known)
    if isinstance(node, ast.Try):
        return all(
            isinstance(n, (ast.Import, ast.ImportFrom, ast.Pass)) or _kept(n, known) for n in node.body
        )
    if isinstance(node, ast.If):
        return not _is_main(node.test) and all(_kept(n, known) for n in [*node.body, *node.orelse])
    return False


def _harmless(value: ast.expr, known: set[str]) -> bool:
    """Whether an assigned value needs nothing but numbers, earlier names and NumPy."""
    inner = _inner(value)
    for node in ast.walk(value):
        if isinstance(node, ast.Name) and node.id not in known and node.id not in inner:
            return False
        if isinstance(node, ast.Call) and not _harmless_call(node.func):
            return False
    return True


def _inner(value: ast.expr) -> set[str]:
    """The names bound within the expression: by its lambdas and comprehensions."""
    bound: set[str] = set()
    for node in ast.walk(value):
        if isinstance(node, ast.Lambda):
            bound |= {a.arg for a in node.args.args}
        elif isinstance(node, ast.comprehension):
            bound |= {n.id for n in ast.walk(node.target) if isinstance(n, ast.Name)}
    return bound


_CALLED = {
    "range", "len", "int", "float", "list", "dict", "tuple", "set", "min", "max", "abs", "sum", "zip",
    "vectorize", "namedtuple", "partial",
}  # fmt: skip
_DATA = {"load", "loadtxt", "genfromtxt", "fromfile", "save", "memmap"}


def _harmless_call(func: ast.expr) -> bool:
    if isinstance(func, ast.Name):
        return func.id in _CALLED
    parts = ast.unparse(func).split(".")
    return parts[0] in ("np", "numpy", "math", "collections", "functools") and parts[-1] not in _DATA


def _bound(node: ast.stmt) -> set[str]:
    """The names that a statement binds."""
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        return {node.name}
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        return {(alias.asname or alias.name).partition(".")[0] for alias in node.names}
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)} | {
        (alias.asname or alias.name).partition(".")[0]
        for n in ast.walk(node)
        if isinstance(n, (ast.Import, ast.ImportFrom))
        for alias in n.names
    }


def _is_main(test: ast.expr) -> bool:
    return "__name__" in ast.dump(test)


def _resolve(
    source: Source,
    path: Path,
    top: Path | None,
    modules: dict[str, str],
    stubs: dict[str, None],
    supplied: dict[str, None],
) -> None:
    """Find the modules that a source imports; those beside it are read, the others become stubs."""
    pending = [(source, path)]
    for importing, place in pending:  # grows as it goes
        for name in dict.fromkeys(_imports(importing.tree)):
            if name.partition(".")[0] in SUPPLIED or name in _INSTALLED or name in stubs:
                continue
            found = _find(name, place, top)
            if found is None and place.suffix != ".txt":
                stand_in = _stand_in(name, importing.text)
                if stand_in is not None:
                    found = stand_in, name.replace(".", "/") + ".py"
                    if not name.endswith("builtins") and "moves" not in name:
                        supplied.setdefault(name)
            if found is None or (found[1] not in modules and len(modules) >= MOST_HELPERS):
                if len(stubs) < MOST_HELPERS:
                    stubs.setdefault(name)
                continue
            file, key = found
            if key in modules or file == path:
                continue
            try:
                helper = source_of(file, file.parent)
            except InputError:  # too large, or a notebook that is none: then the import fails
                stubs.setdefault(name)
                continue
            exported = (
                _exporting(helper.tree, {*_defined(source.tree), *_defined(importing.tree)})
                if name in supplied
                else ""
            )
            rest = FALLBACK if file.parent == HELPERS else ""
            modules[key] = f"{helper.loadable}\nfrom _commons import _float, _int\n{exported}{rest}"
            pending.append((helper, file))


def _defined(tree: ast.Module) -> list[str]:
    """The functions and classes at the top of a text."""
    return [node.name for node in tree.body if isinstance(node, (ast.FunctionDef, ast.ClassDef))]


def _exporting(stand_in: ast.Module, own: set[str]) -> str:
    """A line for a stand-in, so that ``from it import *`` replaces nothing of the student's."""
    names = _defined(stand_in)
    for node in stand_in.body:
        if isinstance(node, ast.Assign):
            names += [n.id for target in node.targets for n in ast.walk(target) if isinstance(n, ast.Name)]
    return f"\n__all__ = {[name for name in names if name not in own]}\n"


def _imports(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def _find(name: str, path: Path, top: Path | None) -> tuple[Path, str] | None:
    """The file of a module, and the path under which it must be importable; no link is followed."""
    parts = name.split(".")
    folder = path.parent
    for _ in range(UPWARDS + 1):
        for suffix in (".py", ".ipynb"):
            file = folder.joinpath(*parts[:-1], parts[-1] + suffix)
            if _is_there(file):
                return file, "/".join(parts) + ".py"
        package = folder.joinpath(*parts, "__init__.py")
        if _is_there(package):
            return package, "/".join([*parts, "__init__.py"])
        if folder == top:
            break
        folder = folder.parent
    # A module of a package whose folders were not handed in: the last part may lie beside the file.
    beside = path.parent / f"{parts[-1]}.py"
    if len(parts) > 1 and _is_there(beside) and beside != path:
        return beside, "/".join(parts) + ".py"
    return None


def _is_there(file: Path) -> bool:
    try:
        return file.is_file() and not file.is_symlink()
    except OSError:  # a name that is too long
        return False


_LAYERS = {
    "layers": "cs231n_layers",
    "layer_utils": "cs231n_layers",
    "fast_layers": "cs231n_layers",
    "rnn_layers": "cs231n_rnn_layers",
}
"""Modules of CS231n whose names other courses use too, and their stand-ins."""

_USES_LAYERS = re.compile(r"\b(affine|conv|batchnorm|max_pool|rnn|lstm)_\w*(forward|backward)\b")

_OF_CS224N = (("softmax", "q1_softmax"), ("sigmoid", "q2_sigmoid"), ("grad_?check", "q2_gradcheck"))
"""Parts of names under which students keep the modules of CS224n, and their stand-ins."""


_PAIRS = re.compile(
    r"\w\s*,\s*\w+\s*=\s*(\w+\.)?(sigmoid|relu|tanh)\w*\(|\b(sigmoid|relu|tanh)\([^()]*\)\[|act\w*_?cache"
)
"""How a text shows that its activations return (A, cache)."""


def _stand_in(name: str, text: str) -> Path | None:
    """Our stand-in for a helper module that a text imports, if there is one."""
    *packages, last = name.split(".")
    last = re.sub(r"_v[0-9].*$", "", last)
    if last in ("dnn_utils", "dnn_app_utils") and not _PAIRS.search(text):
        last = "activations"  # the same names, with activations that return A alone
    if last in _LAYERS:
        last = _LAYERS[last] if packages[:1] == ["cs231n"] or _USES_LAYERS.search(text) else ""
    elif packages and last == "utils":
        last = "cs224n_utils" if "normalizeRows" in text else ""
    else:
        last = next((stand for part, stand in _OF_CS224N if re.search(part, last, re.I)), last)
    path = HELPERS / f"{last}.py.txt"
    return path if last and path.is_file() else None
