"""The imports of a running submission: what is refused, what a stand-in replaces, and a note of the rest."""

from __future__ import annotations

import builtins
import sys
from collections.abc import Iterator, Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any, cast


class Inert:
    """Accepts every use and does nothing: what a plotting library is where there is no screen."""

    def __init__(self, name: str = "") -> None:
        self._name = name

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        return Inert(name)

    def __call__(self, *args: Any, **_kwargs: Any) -> Any:
        """Two of them for ``subplots``, what is wrapped for a progress bar, one of them for the rest."""
        if self._name == "subplots":
            return Inert(), Inert()
        if self._name in ("tqdm", "trange", "tnrange", "tqdm_notebook") and args:
            return range(args[0]) if isinstance(args[0], int) else args[0]
        return Inert()

    def __getitem__(self, key: Any) -> Any:
        return Inert()

    def __setitem__(self, key: Any, value: Any) -> None:
        return None

    def __iter__(self) -> Iterator[Any]:
        return iter(())

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *exception: object) -> None:
        return None


class _InertModule(ModuleType):
    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        return Inert(name)


class Gate:
    """A finder that comes before all others.

    Args:
        refused: packages that raise ImportError.
        inert: packages that a stand-in replaces.
        stubs: source text by module name.
        watched: packages whose import is noted.

    Attributes:
        noted: the modules of ``refused`` and ``watched`` that were asked for, with their dots.
    """

    def __init__(
        self, refused: Sequence[str], inert: Sequence[str], stubs: dict[str, str], watched: Sequence[str]
    ) -> None:
        self.noted: list[str] = []
        self._refused, self._inert, self._watched = frozenset(refused), frozenset(inert), frozenset(watched)
        self._stubs = stubs
        self._packages = {
            ".".join(name.split(".")[:count]) for name in stubs for count in range(1, name.count(".") + 1)
        }

    def find_spec(self, name: str, path: Any = None, _target: Any = None) -> ModuleSpec | None:
        """The module that stands in for this name; None where the other finders shall look.

        Raises:
            ImportError: the package is refused.
        """
        package = name.partition(".")[0]
        if package in self._refused or package in self._watched:
            self.noted.append(name)
        if package in self._refused:
            raise ImportError(f"{package} must not be used here", name=name)
        if package in self._inert or name in self._stubs or name in self._packages:
            if name in self._stubs or name in self._packages:
                beside = self._beside(name, path)
                if beside is not None:
                    return beside
            return ModuleSpec(
                name, cast(Any, self), is_package=package in self._inert or name in self._packages
            )
        return None

    @staticmethod
    def _beside(name: str, path: Any) -> ModuleSpec | None:
        """The module of that name in the submission's own folder."""
        from importlib.machinery import PathFinder

        return PathFinder.find_spec(name, path)

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """The empty module."""
        return _InertModule(spec.name) if spec.name.partition(".")[0] in self._inert else None

    def exec_module(self, module: ModuleType) -> None:
        """Runs the text of a stub in its module."""
        source = self._stubs.get(module.__name__)
        if source is not None:
            file = f"<{module.__name__}>"
            module.__file__ = file
            module.__dict__["__builtins__"] = builtins
            exec(compile(source, file, "exec"), module.__dict__)
        elif isinstance(module, _InertModule):
            module.__dict__.setdefault("__all__", [])

    def install(self) -> None:
        """Puts the gate before all other finders."""
        sys.meta_path.insert(0, cast(Any, self))
