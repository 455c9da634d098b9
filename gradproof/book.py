"""The theorems of ``derivations`` as the book that ``reports`` renders; the catalogue with what covers it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from inspect import cleandoc
from multiprocessing import get_context
from statistics import mean
from typing import TYPE_CHECKING

from checkers.errors import InputError
from derivations.catalogue import equations
from derivations.reviewed import checked, set_aside, wrong_forms
from gradproof.running import usable_cpus
from reports.coverage import Catalogue, Strength, catalogue
from reports.derivation import Book, Chapter, Claim, Derivation, Mutant, Step

if TYPE_CHECKING:
    from derivations import proof as checking
    from derivations import theorem as stated
    from derivations.kernel.formula import Formula

MEANINGS = {
    "proved for all dimensions": "Both sides have the same normal form while the dimensions stay letters.",
    "proved by induction": "The base case and the step from one layer to the next are proved, and with"
    " them every number of layers.",
    "proved for named shapes": "Both sides, written out at the sizes that are named, are equal exactly.",
    "identity-tested": "Equal in exact arithmetic at random points; the probability of an error is stated.",
    "witnessed": "Equal at points in interval arithmetic, to the digits that are stated.",
    "definition": "It gives something a name; there is nothing to prove.",
    "assumption": "It is taken for granted; theorems that rest on it say so.",
    "failed": "A claim, a step or a wrong form did not come out as it must.",
}
"""Status → what it means."""

STRENGTHS: dict[str, Strength] = {
    "proved for all dimensions": "proved",
    "proved by induction": "proved",
    "proved for named shapes": "proved",
    "identity-tested": "tested",
    "witnessed": "tested",
    "definition": "definition",
    "assumption": "assumption",
    "failed": "failed",
}
"""Status → what kind of status it is, the best first."""


RELATIONS = {"≤": r"\le", "≥": r"\ge", "→": r"\to"}
"""The relation of a claim → its LaTeX; others stand for themselves."""


def read_all() -> Book:
    """All theorems, checked now."""
    from derivations.theorems import subjects

    names = {key: [theorem.name for theorem in found] for key, found in subjects().items()}
    if usable_cpus() == 1 or len(names) < 2:
        return _book([one for key in names for one in _checked(key, names[key])])
    with ProcessPoolExecutor(min(usable_cpus(), len(names)), mp_context=get_context("spawn")) as pool:
        return _book([one for some in pool.map(_checked, names, names.values()) for one in some])


def read(names: Iterable[str]) -> Book:
    """The theorems of those names and what they use, checked now."""
    from derivations.theorems import subjects, theorems

    wanted = {other for name in names for other in (name, *theorems()[name].needs)}
    chosen = {key: [one.name for one in found if one.name in wanted] for key, found in subjects().items()}
    return _book([one for key, some in chosen.items() for one in _checked(key, some)])


def named(words: Iterable[str]) -> list[str]:
    """The names of the theorems that words ask for: a name, or the id of an equation that theorems cover.

    Raises:
        InputError: a word is neither.
    """
    from derivations.theorems import theorems

    found: list[str] = []
    for word in words:
        asked = [word] if word in theorems() else [n for n, one in theorems().items() if word in one.covers]
        if not asked and word in equations():
            raise InputError(
                f"no theorem covers {word}: see 'gradproof sources {word}' for what does,"
                " or 'gradproof derive' for all theorems"
            )
        if not asked:
            raise InputError(_unknown("theorem and no catalogued formula", word, [*theorems(), *equations()]))
        found += [name for name in asked if name not in found]
    return found


def read_catalogue(ids: Sequence[str] = ()) -> Catalogue:
    """The catalogue with what covers each formula, of which theorems are checked now.

    Args:
        ids: only these entries; all if there are none.

    Raises:
        InputError: an id is not catalogued.
    """
    for one in ids:
        if one not in equations():
            raise InputError(_unknown("catalogued formula", one, list(equations())))
    return covered(read(_about(ids)) if ids else read_all(), ids)


def covered(book: Book, ids: Sequence[str] = ()) -> Catalogue:
    """The catalogue with what covers each formula.

    Args:
        book: the theorems.
        ids: only these entries; all if there are none.
    """
    from reference_impl import formulas

    by_id: dict[str, list[str]] = {}
    for formula in formulas().values():
        for name in formula.sources:
            by_id.setdefault(name, []).append(formula.name)
    chosen = {name: one for name, one in equations().items() if not ids or name in ids}
    proofs = {name: [one.proof for one in book.covering(name)] for name in chosen}
    refuting = {name: book.refuting(name) for name in chosen}
    return catalogue(chosen, proofs, by_id, set_aside(), checked(), wrong_forms(), refuting)


def of_source(found: Catalogue, source: str) -> Catalogue:
    """The entries whose ids begin with the short name of a source.

    Raises:
        InputError: there is no such source.
    """
    prefixes = list(dict.fromkeys(name.partition("-")[0] for name in equations()))
    if source not in prefixes:
        raise InputError(f"there is no source {source!r}: give one of {', '.join(prefixes)}")
    return found.chosen(name for name in found.entries if name.startswith(f"{source}-"))


def with_status(found: Catalogue, status: str) -> Catalogue:
    """The entries with a status, given by its name or the beginning of it.

    Raises:
        InputError: no entry has such a status.
    """
    chosen = {name for name, entry in found.entries.items() if entry.status.startswith(status)}
    if not chosen:
        raise InputError(
            f"no entry has the status {status!r}: those that occur are {', '.join(found.counts)}"
        )
    return found.chosen(chosen)


def _unknown(what: str, word: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(word, known, n=3) or list(known)[:3]
    return f"there is no {what} {word!r}: did you mean {' or '.join(near)}?"


def _about(ids: Sequence[str]) -> list[str]:
    """The names of the theorems that cover an equation or have its wrong form as a mutant."""
    from derivations.theorems import theorems

    return [
        name
        for name, one in theorems().items()
        if {*one.covers, *(mutant.source for mutant in one.mutants)}.intersection(ids)
    ]


def _book(found: Iterable[Derivation]) -> Book:
    by_name = {one.name: one for one in found}
    chapters = [_chapter(key) for key in _chapters()]
    ordered = [one for chapter in chapters for one in by_name.values() if one.chapter == chapter.key]
    return Book(chapters, {one.name: one for one in ordered}, equations())


def _chapters() -> list[str]:
    """The modules of theorems: those first on which the most others rest, then those that rest on little."""
    from derivations.theorems import subjects, theorems

    home = {one.name: key for key, found in subjects().items() for one in found}
    below: dict[str, set[str]] = {}
    depths: dict[str, int] = {}
    for name, theorem in theorems().items():  # whatever a theorem uses stands before it
        below[name] = {other for used in theorem.needs for other in (used, *below[used])}
        depths[name] = 1 + max((depths[used] for used in theorem.needs), default=0)

    def place(key: str) -> tuple[int, float, str]:
        resting = {home[name] for name, used in below.items() if key in {home[other] for other in used}}
        return -len(resting - {key}), mean(depths[one.name] for one in subjects()[key]), key

    return sorted((key for key, found in subjects().items() if found), key=place)


def _chapter(key: str) -> Chapter:
    """A module of theorems as a chapter, which its docstring opens."""
    from importlib import import_module

    told = cleandoc(import_module(f"derivations.theorems.{key}").__doc__ or "")
    return Chapter(key.replace("_", "-"), key.replace("_", " ").capitalize(), " ".join(told.split()))


def _checked(key: str, names: Sequence[str]) -> list[Derivation]:
    from derivations.theorems import proof, theorems

    found = []
    for name in names:
        try:
            found.append(_derivation(key.replace("_", "-"), proof(name)))
        except Exception as error:  # one theorem that cannot be checked does not take the others with it
            trouble = f"Checking it ended in {type(error).__name__}: {error}"
            found.append(_failed(key.replace("_", "-"), theorems()[name], trouble))
    return found


def _failed(chapter: str, one: stated.Theorem, trouble: str) -> Derivation:
    rank = list(STRENGTHS).index("failed")
    return Derivation(
        name=one.name,
        title=one.title,
        chapter=chapter,
        claims=(),
        status="failed",
        rank=rank,
        strength="failed",
        evidence=(trouble,),
        sources=one.covers,
    )


def _derivation(chapter: str, proof: checking.Proof) -> Derivation:
    from derivations.kernel.typeset import latex

    one, status = proof.theorem, proof.status.value
    hypotheses = (f"{h.words}: ${latex(h.left)} = {latex(h.right)}$" for h in one.hypotheses)
    return Derivation(
        name=one.name,
        title=one.title,
        chapter=chapter,
        claims=tuple(map(_claim, one.claims)),
        status=status,
        rank=list(STRENGTHS).index(status),
        strength=STRENGTHS[status],
        evidence=tuple(_evidence(proof)),
        introduction=one.introduction,
        conclusion=one.conclusion,
        conditions=(*hypotheses, *one.conditions),
        definitions=tuple(_definitions(one)),
        letters=tuple(_letters(one)),
        uses=one.needs,
        sources=one.covers,
        mutants=tuple(_mutant(one, result) for result in proof.mutants),
    )


def _claim(claim: stated.Claim) -> Claim:
    from derivations.kernel.typeset import latex
    from derivations.theorem import Inequality

    relation = RELATIONS.get(claim.relation, claim.relation)
    start = claim.right - claim.left if isinstance(claim, Inequality) else claim.left
    return Claim(
        f"{latex(claim.left)} {relation} {latex(claim.right)}",
        latex(start),
        tuple(
            Step(
                latex(step.formula),
                step.rule,
                step.reason,
                "" if step.of is None else latex(step.of),
                step.uses,
            )
            for step in claim.steps
        ),
        claim.label or {"base": "the base case", "step": "the induction step"}.get(claim.role, ""),
    )


def _mutant(theorem: stated.Theorem, result: checking.MutantResult) -> Mutant:
    from derivations.kernel.typeset import latex
    from derivations.notation import ShapeError

    mutant, claim = result.mutant, theorem.claims[result.mutant.claim]
    relation = RELATIONS.get(claim.relation, claim.relation)
    try:
        right = mutant.right() if callable(mutant.right) else mutant.right or claim.right
        shown = f"{latex(mutant.left or claim.left)} {relation} {latex(right)}"
    except ShapeError:
        shown = ""
    return Mutant(shown, f"{mutant.mistake} ({result.how})", result.refuted, mutant.source)


def _definitions(theorem: stated.Theorem) -> Iterator[str]:
    """What the names of intermediate results in the claims stand for."""
    from derivations.kernel.formula import Map, Named
    from derivations.kernel.typeset import latex

    found: dict[str, str] = {}
    for part in _parts(theorem):
        if isinstance(part, Named):
            found[part.array.symbol] = f"{latex(part)} = {latex(part.value)}"
        elif isinstance(part, Map):
            found[part.array.symbol] = f"{latex(part)} = {latex(part)}\\left({latex(part.of)}\\right)"
    yield from found.values()


def _letters(theorem: stated.Theorem) -> Iterator[tuple[str, str]]:
    """The arrays in the claims that are given, each with its shape."""
    from derivations.kernel.formula import Array, Map, Named
    from derivations.kernel.typeset import latex

    parts = list(_parts(theorem))
    computed = {part.array.symbol for part in parts if isinstance(part, (Named, Map))}
    given = {part.symbol: part for part in parts if isinstance(part, Array)}
    for symbol, array in given.items():
        if symbol not in computed:
            yield latex(array), _shape(array)


def _parts(theorem: stated.Theorem) -> Iterator[Formula]:
    from derivations.kernel.formula import walk

    for claim in theorem.claims:
        for side in (claim.left, claim.right):
            yield from walk(side)


def _shape(array: Formula) -> str:
    from derivations.kernel.formula import Constant
    from derivations.kernel.typeset import latex

    rows, columns = (latex(Constant(size)) for size in array.shape)
    if (rows, columns) == ("1", "1"):
        return "a number"
    return f"a column of ${rows}$" if columns == "1" else f"a ${rows} \\times {columns}$ matrix"


def _evidence(proof: checking.Proof) -> Iterator[str]:
    """Sentences on what the status rests on."""
    for number, claim in enumerate(proof.claims, 1):
        if claim.trouble:
            of = f"Claim {number}: " if len(proof.claims) > 1 else ""
            yield f"{of}{claim.trouble}."
    agreeing = [claim.sizes for claim in proof.claims if claim.agrees]
    sizes = dict.fromkeys(", ".join(f"{d} = {n}" for d, n in some.items()) for some in agreeing if some)
    if agreeing:
        at = f" with {', and with '.join(sizes)}" if sizes else ""
        yield f"Written out in full{at}, both sides agree."
    if proof.rests_on:
        yield f"It rests on {', '.join(proof.rests_on)}."
    if proof.weakest:
        yield f"Its status is that of {proof.weakest}, which it uses."
