"""Every mistake of the table gets its name, and none gets another's."""

from __future__ import annotations

import pytest
from mistakes import MISTAKES

import gradproof
from derivations.catalogue import equations

ORACLES = ("autodiff", "finite_difference")
EXAMPLES = 60


def verdict_on(mistake):
    return gradproof.check_vjp(
        mistake.forward, mistake.vjp, examples=EXAMPLES, oracles=ORACLES, **mistake.options
    )


@pytest.mark.parametrize("mistake", MISTAKES, ids=str)
def test_the_mistake_is_named(mistake):
    diagnosis = verdict_on(mistake).diagnosis
    assert diagnosis is not None
    assert diagnosis.code in mistake.codes, diagnosis.sentence
    if mistake.argument:
        assert diagnosis.argument == mistake.argument
    assert diagnosis.sentence.endswith(".")
    assert set(diagnosis.code) <= set("abcdefghijklmnopqrstuvwxyz0123456789+-")
    assert not diagnosis.equation or diagnosis.equation in equations()


def test_there_are_at_least_thirty_mistakes_by_name():
    assert len({mistake.codes[0] for mistake in MISTAKES}) >= 30
