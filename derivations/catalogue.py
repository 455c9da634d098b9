"""The catalogue of the sources as data: what each of them claims, formula by formula.

The tables are the TOML files of the folder ``sources`` beside this module. Reading them needs neither SymPy
nor NumPy.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

__all__ = ["Equation", "Source", "equations", "sources"]


@dataclass(frozen=True)
class Source:
    """A text whose formulas are catalogued.

    Attributes:
        name: the name of its table, such as "ng-backprop".
        title: its title.
        language: in which language and state its text is.
        conventions: what the text takes for granted, such as its layout of derivatives, by subject.
    """

    name: str
    title: str
    language: str
    conventions: Mapping[str, str]


@dataclass(frozen=True)
class Equation:
    """One formula, claim or algorithm of a source.

    Attributes:
        id: its name in the catalogue, such as "ng-21".
        title: what it is about.
        statement: LaTeX, complete and corrected.
        shapes: "name: dims; name: dims", dims being "scalar" or sizes joined by " x ".
        kind: "definition", "derivative", "gradient", "jacobian", "vjp", "identity", "property", …
        claim: what has to be true, as one sentence that can be checked.
        conditions: where it holds, and what else must be known to read it; may be empty.
        erratum: what the source gets wrong and how to read it; may be empty.
        wrong_form: LaTeX of a formula that must be rejected; may be empty.
        source: the title of the source.
        section: the section of the source; empty for a source without sections.
        layout: how derivatives are laid out, where it matters.
        depends_on: the ids of the equations that it builds on.
    """

    id: str
    title: str
    statement: str
    shapes: str
    kind: str
    claim: str
    conditions: str
    erratum: str
    wrong_form: str
    source: str
    section: str
    layout: str
    depends_on: tuple[str, ...]


@cache
def sources() -> Mapping[str, Source]:
    """The sources by the name of their table, in the order of those names."""
    return MappingProxyType(
        {
            name: Source(name, head["title"], head["language"], MappingProxyType(head["conventions"]))
            for name, head in _heads().items()
        }
    )


@cache
def equations() -> Mapping[str, Equation]:
    """All catalogued equations by id: source after source, each in its own order.

    Raises:
        ValueError: two equations have the same id.
    """
    found: dict[str, Equation] = {}
    for name, table in _tables().items():
        for row in table["equation"]:
            if row["id"] in found:
                raise ValueError(
                    f"two equations have the id {row['id']!r}: rename one in derivations/sources/{name}.toml"
                )
            found[row["id"]] = _equation(row, table["source"]["title"])
    return MappingProxyType(found)


def _equation(row: Mapping[str, Any], source: str) -> Equation:
    return Equation(
        id=row["id"],
        title=row["title"],
        statement=row["statement"],
        shapes=row["shapes"],
        kind=row["kind"],
        claim=row["claim"],
        conditions=row.get("conditions", ""),
        erratum=row.get("erratum", ""),
        wrong_form=row.get("wrong_form", ""),
        source=source,
        section=row.get("section", ""),
        layout=row.get("layout", ""),
        depends_on=tuple(row["depends_on"]),
    )


@cache
def _tables() -> Mapping[str, Mapping[str, Any]]:
    folder = files("derivations") / "sources"
    found = sorted(
        (entry for entry in folder.iterdir() if entry.name.endswith(".toml")), key=lambda entry: entry.name
    )
    return {
        entry.name.removesuffix(".toml"): tomllib.loads(entry.read_text(encoding="utf-8")) for entry in found
    }


def _heads() -> Mapping[str, Mapping[str, Any]]:
    return {name: table["source"] for name, table in _tables().items()}
