"""Which imports a submission may use: the lists of ``imports.toml``, and what an assignment says of them."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

_TABLE = Path(__file__).with_name("imports.toml")


@cache
def _listed(table: str) -> frozenset[str]:
    names: list[str] = tomllib.loads(_TABLE.read_text(encoding="utf-8"))[table]["packages"]
    return frozenset(names)


def moot_packages() -> frozenset[str]:
    """The packages that differentiate for their user, so that the exercise is moot (``imports.toml``)."""
    return _listed("moot")


def own_packages() -> frozenset[str]:
    """The packages of this project: no submission can import them."""
    return _listed("own")


def inert_packages() -> frozenset[str]:
    """The packages that draw or display: a stand-in takes their place (``imports.toml``)."""
    return _listed("inert")


@dataclass(frozen=True)
class Policy:
    """What a submission may import, and how its file is run.

    Attributes:
        moot: packages whose use is reported.
        refused: packages that cannot be imported, besides this project's own.
        inert: packages that a stand-in replaces; it accepts every use and does nothing.
        stubs: source text by module name ("dnn_utils", "cs231n.layers"), for helper modules that a course
            supplies; a module of that name in the submission's folder comes first.
        keep_going: run the file statement by statement and go on after one that fails; the failures are
            listed in ``Loaded.failures``. For notebooks, whose cells often miss their data.
        python2_names: define ``xrange``, ``raw_input``, ``unicode``, ``long``, ``basestring``, ``reduce`` and
            ``cPickle``, for files that use these names of Python 2 and else parse as Python 3.
        hidden: further paths that must not be read, where the system can see to it.
        without: protections to leave out, by name, for tests of the others.
    """

    moot: frozenset[str] = field(default_factory=moot_packages)
    refused: frozenset[str] = frozenset()
    inert: frozenset[str] = field(default_factory=inert_packages)
    stubs: Mapping[str, str] = field(default_factory=dict)
    keep_going: bool = False
    python2_names: bool = False
    hidden: tuple[Path, ...] = ()
    without: frozenset[str] = frozenset()
