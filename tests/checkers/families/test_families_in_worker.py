"""Programs that go to the worker together: each has its own answer, whatever becomes of its neighbours."""

from __future__ import annotations

import pytest

from checkers.families.in_worker import TOGETHER, InWorker
from checkers.families.reading import read
from checkers.families.script import Ref, Step
from checkers.families.session import Reply, StudentCrash

CODE = """\
import os
calls = []

def double(x):
    if x == 13:
        raise ValueError("thirteen")
    if x == 40:
        os._exit(3)
    calls.append(x)
    return 2 * x, "cache"

def follow(pair):
    return pair[0] + 1
"""


@pytest.fixture(scope="module")
def session(tmp_path_factory):
    path = tmp_path_factory.mktemp("student") / "homework.py"
    path.write_text(CODE)
    (bundle,) = read(path)
    with InWorker(bundle) as started:
        started.load()
        yield started


def program(x):
    return [Step("call", "double", None, (x,)), Step("call", "follow", None, (Ref(0),))]


def test_every_program_has_its_own_answer(session):
    numbers = [x for x in range(TOGETHER + 10) if x != 40]
    replies = session.run_many([program(x) for x in numbers])
    for x, reply in zip(numbers, replies, strict=True):
        if x == 13:
            assert isinstance(reply, StudentCrash)
            assert "thirteen" in reply.sentence
        else:
            assert reply == Reply(((2 * x, "cache"), 2 * x + 1))


def test_one_that_kills_the_worker_does_not_take_the_others_along(session):
    replies = session.run_many([program(x) for x in (1, 13, 40, 2, 3)])
    assert [isinstance(reply, StudentCrash) for reply in replies] == [False, True, True, False, False]
    assert "exit code 3" in replies[2].sentence
    assert replies[4].values[1] == 7
    assert session.run(program(5)).values[1] == 11
