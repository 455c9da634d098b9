"""A submission graded: every gradient found, judged, and answered in words.

The same for a file, a folder and a notebook; who runs the student's code is handed in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from checkers.compare import Comparison
from checkers.families import division, tutor
from checkers.families.judging import ENDLESS, Judge, Judgement, Seen
from checkers.families.outline import Class, Function, Outline, outline, unwritten
from checkers.families.play import ForwardCrash, Play
from checkers.families.reading import DEEP, Bundle, Source, made
from checkers.families.recognise import LOOKS_LIKE, Match, covered_by, matches, unrecognised
from checkers.families.schema import Family
from checkers.families.script import Misfit
from checkers.families.session import Session, StudentCrash

OUTCOMES = ("right", "wrong", "unfinished", "undecided", "crashed", "timed out")
"""What the answer on one function can be."""

DIFFERENT = 4
"""The rank of a gradient that is right for its function, when that is not what its name promises."""

MOST_DEFINITIONS = 600
"""Functions, methods and classes of a file that is read as coursework."""

REPLACED = 3
"""Replaced names that are listed."""

EXAMPLES = 4
"""Cases per gradient, if nobody asks for another number."""


@dataclass(frozen=True)
class Answer:
    """The answer on one function of a submission.

    Attributes:
        file: where it stands, relative to the submission.
        function: its name; ``Class.method`` for a method.
        line: the line of its ``def`` in the text.
        place: that line as its author would name it.
        outcome: one of ``OUTCOMES``.
        sentence: why, in one sentence.
        family, exercise: what it was recognised as; empty if it was not.
        notes: conventions and remarks, a sentence each.
        explanation: what a tutor says of a wrong one; None otherwise.
        traceback: the student's own, of a crash.
        records: every comparison made.
        detectable: the smallest relative error that would have been seen.
        seed: reproduces the cases.
    """

    file: str
    function: str
    line: int
    place: str
    outcome: str
    sentence: str
    family: str = ""
    exercise: str = ""
    notes: tuple[str, ...] = ()
    explanation: tutor.Explanation | None = None
    traceback: str = ""
    records: tuple[Comparison, ...] = ()
    detectable: float | None = None
    seed: int = 0


@dataclass
class Graded:
    """What is known of one source when it has been loaded.

    Attributes:
        bundle: the source and its helpers.
        outline: what it defines.
        matched: function → exercises.
        notes: what to say of the file as a whole.
        problem: why it could not be read or loaded; empty if it could.
        traceback: the student's own, if loading it raised.
        unknown: functions that look like gradients and belong to no exercise.
    """

    bundle: Bundle
    outline: Outline
    matched: dict[str, list[Match]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    problem: str = ""
    traceback: str = ""
    unknown: list[Function] = field(default_factory=list)


def survey(bundle: Bundle, families: Sequence[Family]) -> Graded:
    """What a source defines, and what of it belongs to a family; nothing is run."""
    try:
        own = outline(bundle.source)
        graded = Graded(bundle, own, notes=list(bundle.notes), problem=bundle.source.problem)
        count = len(own.functions) + sum(1 + len(one.methods) for one in own.classes.values())
        if count > MOST_DEFINITIONS:
            graded.problem = f"It defines {count} functions: coursework has less than {MOST_DEFINITIONS}"
            return graded
        supplied = dict.fromkeys(e.supplies for f in families for e in f.exercises if e.supplies)
        graded.matched = matches(own, _available(bundle, own, list(supplied)), families)
        graded.unknown = unrecognised(own, list(graded.matched))
    except RecursionError:
        return Graded(bundle, Outline(bundle.source, {}, {}), notes=list(bundle.notes), problem=DEEP)
    wanted = dict.fromkeys(m.exercise.supplies for found in graded.matched.values() for m in found)
    text = "\n".join([bundle.source.loadable, *filter(None, wanted)])
    graded.bundle = replace(bundle, source=replace(bundle.source, loadable=text))
    return graded


def _available(bundle: Bundle, own: Outline, supplied: Sequence[str] = ()) -> Outline:
    """What the file can call: its own definitions, its helper modules', and what the course supplies."""
    functions: dict[str, Function] = {}
    classes: dict[str, Class] = {}
    for path, text in [*bundle.modules.items(), *(("supplied.py", text) for text in supplied)]:
        helper = outline(made(path, text))
        functions.update(helper.functions)
        classes.update(helper.classes)
    return Outline(own.source, {**functions, **own.functions}, {**classes, **own.classes})


def grade(graded: Graded, session: Session, examples: int = EXAMPLES, seed: int = 0) -> Iterator[Answer]:
    """The answers on a source's functions, one after the other.

    Args:
        graded: from ``survey``.
        session: runs the student's functions.
        examples: cases per gradient.
        seed: reproduces them.
    """
    supplied = [m.exercise.supplies for found in graded.matched.values() for m in found]
    classes = frozenset(_available(graded.bundle, graded.outline, supplied).classes)
    for name, found in graded.matched.items():
        function = graded.outline.function(name)
        if function is not None:
            answer = _answer(graded, function, name, found, classes, session, examples, seed)
            if answer is not None and answer.outcome != "right" and _is_part(graded, name, found):
                continue
            if answer is not None:
                yield _unless_replaced(answer, session.replaced())
    for function in graded.unknown:
        why = function.unfinished
        yield _made(
            graded,
            function,
            function.name,
            "unfinished" if why else "undecided",
            f"{why}."
            if why
            else "No family knows a function of this name and signature; describe it in an"
            " assignment file and give it with --assignment.",
        )


def _unless_replaced(answer: Answer, names: Sequence[str]) -> Answer:
    """The answer; a right one is left open where parts of NumPy or Python are not what they were.

    Then the functions do not compute what their text says, and a wrong gradient may seem right.
    """
    if not names or answer.outcome not in ("right", "wrong"):
        return answer
    listed = ", ".join(names[:REPLACED]) + (" and more" if len(names) > REPLACED else "")
    said = f"The file replaces {listed}: what it computes is not what its text says."
    if answer.outcome == "wrong":
        return replace(answer, notes=(*answer.notes, said))
    return replace(answer, outcome="undecided", sentence=f"{said} Without that it could be judged.")


def _in_turn(
    judges: Sequence[tuple[Match, Judge]], enough: Callable[[], bool]
) -> Iterator[tuple[Match, Judge]]:
    """Names that are known come first, and what computes what the exercise is about.

    Args:
        judges: of one function.
        enough: whether a known name has been borne out; then signatures are not tried.
    """
    for pattern in (False, True):
        group = [pair for pair in judges if pair[0].pattern == pattern]
        if pattern and enough():
            return
        standings: list[int] = []
        for _, judge in group if len(group) > 1 else ():
            hopeless = standings[-1:] == [ENDLESS]  # whatever is tried next would not come to an end either
            standings.append(ENDLESS if hopeless else judge.standing())
        order = sorted(range(len(group)), key=lambda k: standings[k]) if standings else range(len(group))
        yield from (group[k] for k in order)


def _answer(
    graded: Graded,
    function: Function,
    name: str,
    found: Sequence[Match],
    classes: frozenset[str],
    session: Session,
    examples: int,
    seed: int,
) -> Answer | None:
    if function.unfinished:
        match = found[0]
        return _made(graded, function, name, "unfinished", f"{_capital(function.unfinished)}.", match)
    todo = graded.outline.marked_todo(function) or bool(unwritten(function))
    judges = []
    for match in found:
        play = Play(match.exercise, match.names, classes, session, match.parameters)
        judges.append((match, Judge(play, examples, seed, graded.outline.has_epsilon, todo)))
    best: tuple[float, Match, Judge, Judgement] | None = None
    trouble: tuple[int, Match, Exception] | None = None

    def enough() -> bool:
        return best is not None and best[0] >= DIFFERENT

    for match, judge in _in_turn(judges, enough):
        try:
            judgement = _judged_anyhow(judge, graded.bundle.source)
        except (StudentCrash, Misfit) as error:
            gravity = _gravity(error, match, bool(graded.bundle.stubs))
            if trouble is None or gravity > trouble[0]:
                trouble = (gravity, match, error)
            if isinstance(error, StudentCrash) and error.kind == "timed out":
                break
            continue
        rank = _rank(judgement, match)
        if best is None or rank > best[0]:
            best = (rank, match, judge, judgement)
        # What the caller fits to an object fits no other exercise, except with another loss.
        fitted = bool(match.exercise.methods) and not match.exercise.assumed
        settled = _settled(judgement, match) or (
            fitted
            and not match.exercise.assumed
            and not judgement.misshapen
            and (judgement.outcome != "undecided" or bool(match.exercise.open))
        )
        if rank != DIFFERENT and (judgement.outcome == "right" or settled):
            break
    if best is not None:
        _, match, judge, judgement = best
        if judgement.brief:
            judgement = judge.judge()
        return _judged(graded, function, name, match, judge, judgement, seed)
    assert trouble is not None
    _, match, met = trouble
    return _crashed(graded, function, name, match, met)


def _judged_anyhow(judge: Judge, source: Source) -> Judgement:
    """A judgement; where a fraction stands for a size, of what it is with Python 2's division.

    In Python 3 such a function crashes, so nothing but that is held against it.
    """
    try:
        return judge.judge(briefly=True)
    except StudentCrash as crash:
        session = judge.play.session.dividing() if division.wanted(crash.sentence) else None
        if session is None:
            raise
        play = judge.play
        again = Play(play.exercise, play.names, play.classes, session, play.parameters)
        judgement = Judge(again, judge.examples, judge.seed, judge.epsilon, judge.todo).judge()
        if judgement.outcome != "right" and not source.python2:
            raise
        judgement.notes.append(
            "It was judged with Python 2's division of whole numbers: in Python 3, / makes a fraction of"
            f" them, and {crash.sentence}. Write // for sizes."
        )
        return judgement


def _settled(judgement: Judgement, match: Match) -> bool:
    """Whether no other reading of a function can be meant than the one in which it is not right."""
    if judgement.forward != "agrees" or match.pattern or judgement.outcome == "undecided":
        return False
    return not match.exercise.assumed or bool(judgement.borne_out)


def _rank(judgement: Judgement, match: Match) -> float:
    """How good a match a judgement is: of several readings of a function the best counts.

    A function of a known name that is right for itself, but is not what the name promises, is not saved by a
    family that promises nothing.
    """
    if judgement.outcome == "right":
        if judgement.forward in ("agrees", "near"):
            return 6
        if judgement.forward == "differs" and match.exercise.specification:
            return DIFFERENT
        return 3 if match.pattern else 5
    if judgement.outcome == "wrong":
        return 2 + 0.5 * bool(judgement.borne_out) + 0.25 * (judgement.forward == "agrees")
    return {"unfinished": 2, "crashed": 2, "undecided": 1}[judgement.outcome]


def _is_part(graded: Graded, name: str, found: Sequence[Match]) -> bool:
    """Whether a method known by a pattern only is called by another of its class, and judged with that."""
    owner = name.rpartition(".")[0]
    if not owner or not all(match.pattern for match in found):
        return False
    others = [other for other in graded.matched if other != name and other.rpartition(".")[0] == owner]
    return name.rpartition(".")[2] in covered_by(graded.outline, others)


def _gravity(error: Exception, match: Match, stubs: bool) -> int:
    if stubs and isinstance(error, StudentCrash) and _of_a_stub(error):
        return 4
    if isinstance(error, ForwardCrash):
        return 1
    if isinstance(error, StudentCrash):
        return 2 if match.pattern else 3
    # What the caller finds not to fit says little.
    return 0 if isinstance(error.__cause__, StudentCrash) else 2


def _crashed(graded: Graded, function: Function, name: str, match: Match, error: Exception) -> Answer | None:
    if isinstance(error, Misfit):
        if match.pattern and not LOOKS_LIKE.search(name.rpartition(".")[2]):
            return None
        if match.pattern:
            return _made(
                graded, function, name, "undecided",
                f"It could not be told how it is meant to be called: {error}.", match,
            )  # fmt: skip
        return _made(
            graded,
            function,
            name,
            "undecided",
            f"It was called as {match.exercise.about}, but {error}.",
            match,
        )
    assert isinstance(error, StudentCrash)
    if graded.bundle.stubs and _of_a_stub(error):
        missing = ", ".join(graded.bundle.stubs)
        return _made(
            graded, function, name, "undecided",
            f"It needs a module that is not here ({missing}): put it beside the file.", match,
        )  # fmt: skip
    if match.pattern and not LOOKS_LIKE.search(name.rpartition(".")[2]):
        return None
    if unwritten(function):
        names = " and ".join(unwritten(function))
        return _made(
            graded, function, name, "unfinished", f"It returns {names}, into which nothing is put.", match
        )
    if error.error == "NotImplementedError" and graded.outline.has_children(name.rpartition(".")[0]):
        return None  # it is there for its subclasses, with which it is judged
    if error.error == "NotImplementedError":
        return _made(graded, function, name, "unfinished", "It raises NotImplementedError.", match)
    if "NoneType" in error.sentence:
        blank = _blank(graded, function, match, isinstance(error, ForwardCrash))
        if blank:
            sentence = f"{blank} is not finished: a value in it is still None."
            return _made(graded, function, name, "unfinished", sentence, match, traceback=error.traceback)
    outcome = "timed out" if error.kind == "timed out" else "crashed"
    which = "the forward it belongs to" if isinstance(error, ForwardCrash) else "it"
    sentence = f"Called as {match.exercise.about}, {which} does not come to an end: {error.sentence}"
    if isinstance(error, ForwardCrash) and outcome == "crashed":
        return _made(graded, function, name, "undecided", sentence, match, traceback=error.traceback)
    return _made(graded, function, name, outcome, sentence, match, traceback=error.traceback)


def _blank(graded: Graded, function: Function, match: Match, forward: bool) -> str:
    """The function of an exercise in which a TODO still stands; empty if there is none.

    Args:
        graded: the source.
        function: the one that is judged.
        match: the exercise.
        forward: it was the forward that did not come to an end.
    """
    called = [match.names.get(c.name, c.name) for c in match.exercise.forward.called]
    for name in [*called, function.name] if forward else [function.name, *called]:
        one = graded.outline.function(name)
        if one is not None and graded.outline.marked_todo(one):
            return one.name
    return ""


def _of_a_stub(crash: StudentCrash) -> bool:
    """Whether the crash comes from a stub that stands where the student's helper should be."""
    return any(
        sign in crash.sentence + crash.traceback for sign in ("_Nothing", "Nothing'", "Inert", "got 0)")
    )


def _judged(
    graded: Graded, function: Function, name: str, match: Match, judge: Judge, judgement: Judgement, seed: int
) -> Answer:
    records = tuple(r for one in judgement.seen if one.examined for r in one.examined.comparisons)
    detectable = _detectable(records)
    outcome, sentence = judgement.outcome, tutor.sentence(judgement, match.exercise)
    explanation = None
    forward_wrong = judgement.forward == "differs" and match.exercise.specification
    if outcome == "right" and forward_wrong:
        outcome = "wrong"
    if outcome == "wrong":
        shrinks = (
            judgement.outcome == "wrong"
            and judgement.wrong
            and not judgement.misshapen
            and not judgement.cause
        )
        small: Seen = judge.smallest(judgement) if shrinks else judgement.seen[0]
        judgement.smallest = small
        explanation = tutor.explain(judgement, match.exercise, graded.outline, function, small)
    return _made(
        graded,
        function,
        name,
        outcome,
        sentence,
        match,
        tuple(dict.fromkeys(judgement.notes)),
        explanation,
        judgement.traceback,
        records=records,
        detectable=detectable,
        seed=seed,
    )


def _made(
    graded: Graded,
    function: Function,
    name: str,
    outcome: str,
    sentence: str,
    match: Match | None = None,
    notes: tuple[str, ...] = (),
    explanation: tutor.Explanation | None = None,
    traceback: str = "",
    records: tuple[Comparison, ...] = (),
    detectable: float | None = None,
    seed: int = 0,
) -> Answer:
    source: Source = graded.bundle.source
    return Answer(
        source.path,
        name,
        function.line,
        source.place(function.line),
        outcome,
        sentence,
        match.exercise.family if match else "",
        match.exercise.name if match else "",
        notes,
        explanation,
        traceback,
        records,
        detectable,
        seed,
    )


def _detectable(records: Sequence[Comparison]) -> float | None:
    best: dict[str, float] = {}
    for record in records:
        if record.detectable is not None:
            best[record.argument] = min(best.get(record.argument, record.detectable), record.detectable)
    return max(best.values(), default=None)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
