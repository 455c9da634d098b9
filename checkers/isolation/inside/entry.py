"""Started by path, with ``-P -s -S``: loads the modules beside it privately and hands over to them.

The modules get a copy of the built-in names, and are taken out of ``sys.modules``: what a submission deletes
or replaces there does not reach them.
"""

from __future__ import annotations

import builtins
import json
import os
import sys
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from types import ModuleType
from typing import Any

PACKAGE = "_gradproof_worker"
MODULES = (
    "system", "rlimits", "privileges", "namespaces", "landlock", "mounts", "seccomp", "confine", "supervise"
)  # fmt: skip
NEEDING_NUMPY = (
    "frames",
    "tree",
    "alarm",
    "trouble",
    "survey",
    "modules",
    "replaced",
    "stepped",
    "load",
    "serve",
)


class Private:
    """Loads modules that a submission cannot reach by name.

    Args:
        folder: where they are.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._builtins = dict(vars(builtins))
        package = ModuleType(PACKAGE)
        package.__path__ = []
        sys.modules[PACKAGE] = package

    def load(self, name: str) -> Any:
        """One module beside this file."""
        return self._run(f"{PACKAGE}.{name}", self._folder / f"{name}.py")

    def renew(self, name: str) -> None:
        """A copy of a module of the standard library in place of the one that a submission can reach."""
        found = sys.modules[name].__spec__
        assert found is not None
        assert found.origin is not None
        sys.modules[name] = self._run(name, Path(found.origin))

    def hide(self) -> None:
        """Takes all of them, and JSON, out of ``sys.modules``."""
        for name in [n for n in sys.modules if n.partition(".")[0] in (PACKAGE, "json")]:
            del sys.modules[name]

    def _run(self, name: str, file: Path) -> ModuleType:
        spec = spec_from_loader(name, SourceFileLoader(name, str(file)))
        assert spec is not None
        assert spec.loader is not None
        module = module_from_spec(spec)
        module.__dict__["__builtins__"] = self._builtins
        sys.modules[name] = module
        parent, _, child = name.rpartition(".")
        spec.loader.exec_module(module)
        setattr(sys.modules[parent], child, module)
        return module


def main() -> None:
    """Reads the settings and runs the worker, or on POSIX its supervisor."""
    settings = json.loads(_settings())
    private = Private(Path(__file__).parent)
    for name in MODULES:
        private.load(name)
    sys.modules[f"{PACKAGE}.supervise"].main(settings, private, NEEDING_NUMPY)


def _settings() -> bytes:
    """What comes on the channel first: the length in eight bytes, and JSON. Nothing may be read beyond it."""
    return _exactly(int.from_bytes(_exactly(8), "little"))


def _exactly(count: int) -> bytes:
    pieces = []
    while count:
        piece = os.read(0, count)
        if not piece:
            os._exit(0)
        pieces.append(piece)
        count -= len(piece)
    return b"".join(pieces)


if __name__ == "__main__":
    main()
