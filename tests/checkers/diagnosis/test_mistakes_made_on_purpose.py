"""A sample of the benchmark of the diagnosis; the whole of it is slow."""

from __future__ import annotations

import pytest

from tests.benchmarks.diagnosis import MISTAKES, ask
from tests.benchmarks.mistaken import held_out
from tests.benchmarks.mistaken.making import NAMELESS

EVERY = 29
WHOLE = [*MISTAKES, *held_out.MISTAKES]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("mistake", MISTAKES[::EVERY], ids=str)
def test_the_mistake_is_named_or_described(mistake):
    told = ask(mistake, "drawn")
    assert told.wrong
    assert told.score == "named" or (NAMELESS in mistake.codes and told.score == "described"), str(told)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("mistake", WHOLE, ids=str)
def test_nothing_false_is_said(mistake):
    assert ask(mistake, "drawn").score != "FALSE"


def test_no_two_mistakes_are_the_same():
    assert len({str(mistake) + mistake.shapes for mistake in WHOLE}) == len(WHOLE)
