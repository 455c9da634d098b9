"""Every hostile file gets its named outcome in time; the judge lives, and nothing is left behind."""

from __future__ import annotations

import time

import numpy as np
import pytest
from attacks import ANSWERS, ATTACKS, LOADS, PROJECT, Attack

from checkers.isolation import Crash, Loaded, Result, Worker

X = np.array([1.0, 2.0, 3.0])


def test_there_are_at_least_forty_attacks():
    assert len({attack.name for attack in ATTACKS}) == len(ATTACKS) >= 40


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda a: a.name.replace(" ", "-"))
def test_an_attack_is_contained(attack: Attack, short, nothing_left, monkeypatch):
    monkeypatch.setenv("GRADPROOF_SECRET", "the reference")
    readme = (PROJECT / "README.md").read_bytes()
    with Worker("homework.py", short, source=attack.source) as worker:
        held = {p.name for p in worker.protections if p.in_force}
        if attack.needs and attack.needs not in held:
            pytest.skip(f"{attack.needs} is not available here")
        started = time.monotonic()
        loaded = worker.load()
        assert time.monotonic() - started < short.load_seconds + 2
        assert _outcome(loaded) in attack.load, loaded
        if isinstance(loaded, Loaded):
            started = time.monotonic()
            answer = worker.call("f", (X.copy(),))
            assert time.monotonic() - started < short.call_seconds + 2
            assert _outcome(answer) in attack.call, answer
        else:
            answer = loaded
        if isinstance(answer, Result):
            _check_value(attack, answer)
        else:
            _check_crash(attack, answer)
    assert nothing_left() == []
    assert (PROJECT / "README.md").read_bytes() == readme
    assert X.tolist() == [1.0, 2.0, 3.0]


def _outcome(answer: Loaded | Result | Crash) -> str:
    if isinstance(answer, Crash):
        return answer.kind
    return LOADS if isinstance(answer, Loaded) else ANSWERS


def _check_value(attack: Attack, answer: Result) -> None:
    if attack.value == "any":
        return
    assert type(answer.value) is np.ndarray
    assert answer.value.dtype == np.float64
    assert answer.value.tolist() == ([0.0] * 3 if attack.value == "zero" else [2.0, 4.0, 6.0])
    assert len(answer.output) < 9000
    assert "\x1b" not in answer.output


def _check_crash(attack: Attack, answer: Crash) -> None:
    told = (attack.says,) if isinstance(attack.says, str) else attack.says
    assert any(words in answer.sentence + answer.traceback for words in told)
    assert answer.sentence
    assert len(answer.sentence) < 1000
    assert len(answer.traceback) < 21_000
    assert str(PROJECT / "checkers") not in answer.traceback
    assert "serve.py" not in answer.traceback
