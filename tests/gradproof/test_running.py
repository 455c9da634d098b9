from __future__ import annotations

import multiprocessing
from concurrent.futures.process import BrokenProcessPool

import handmade
import pytest

from gradproof import running
from gradproof.running import Crashed, records_of, results, subject_of, usable_cpus


class Verification:
    """Stands for ``checkers.verify.verify``: raises where it is told to, and keeps how it was called."""

    def __init__(self, **raised: Exception) -> None:
        self.raised = raised
        self.calls: list[tuple[list[str], int]] = []
        self.made = {result.name: result for result in handmade.results()}

    def __call__(self, names, examples, seed, jobs):  # noqa: ARG002
        self.calls.append((list(names), jobs))
        for name in names:
            if name in self.raised:
                raise self.raised[name]
            yield self.made[name]


@pytest.fixture
def verification(monkeypatch):
    def install(**raised: Exception) -> Verification:
        stand_in = Verification(**raised)
        monkeypatch.setattr(running, "verify", stand_in)
        return stand_in

    return install


def outcomes(*names: str, jobs: int = 1) -> list[tuple[str, bool]]:
    return [(one.name, isinstance(one, Crashed)) for one in results(names, 1, 0, jobs)]


def test_without_crashes_everything_is_passed_on(verification):
    calls = verification().calls
    assert outcomes("affine", "binary_step") == [("affine", False), ("binary_step", False)]
    assert calls == [(["affine", "binary_step"], 1)]


@pytest.mark.parametrize("crashing", ["affine", "binary_step", "mean_squared_error"])
def test_a_crash_costs_one_result_wherever_it_happens(verification, crashing):
    verification(**{crashing: ValueError()})
    names = ["affine", "binary_step", "mean_squared_error"]
    assert outcomes(*names) == [(name, name == crashing) for name in names]


def test_all_may_crash(verification):
    verification(affine=ValueError(), binary_step=ValueError())
    assert outcomes("affine", "binary_step") == [("affine", True), ("binary_step", True)]


def test_when_a_process_dies_the_next_formula_is_tried_alone_in_a_process_of_its_own(verification):
    calls = verification(binary_step=BrokenProcessPool()).calls
    assert outcomes("affine", "binary_step", "mean_squared_error", jobs=4) == [
        ("affine", False),
        ("binary_step", True),
        ("mean_squared_error", False),
    ]
    assert calls[1:] == [(["binary_step"], 2), (["mean_squared_error"], 4)]


def test_a_formula_that_was_not_the_cause_is_not_blamed(monkeypatch):
    made = {result.name: result for result in handmade.results()}
    dying = [True]

    def verify(names, examples, seed, jobs):
        if dying:
            dying.clear()
            raise BrokenProcessPool
        yield from (made[name] for name in names)

    monkeypatch.setattr(running, "verify", verify)
    assert outcomes("affine", "binary_step", jobs=2) == [("affine", False), ("binary_step", False)]


def test_processes_still_at_work_are_interrupted_when_the_run_is_left(monkeypatch):
    context = multiprocessing.get_context("spawn")
    mine = context.Process(target=handmade.wait_for_ever)
    mine.start()

    def verify(names, examples, seed, jobs):
        worker = context.Process(target=handmade.wait_for_ever)
        worker.start()
        yield handmade.affine()
        pytest.fail("the run went on")

    monkeypatch.setattr(running, "verify", verify)
    stream = results(["affine", "binary_step"], 1, 0, 2)
    next(stream)
    workers = set(multiprocessing.active_children()) - {mine}
    stream.close()
    for worker in workers:
        worker.join(30)
    assert [worker.is_alive() for worker in workers] == [False]
    assert mine.is_alive()
    mine.terminate()
    mine.join(30)


def test_a_crashed_formula_keeps_its_sources(verification):
    crashed = Crashed("affine", ValueError("no"))
    assert "cs182-6" in subject_of(crashed).sources
    comparisons, verdicts = records_of(crashed)
    assert list(comparisons) == []
    assert [verdict["outcome"] for verdict in verdicts] == ["crashed"]
    assert subject_of(Crashed("no longer there", ValueError())).sources == ()


def test_both_verdicts_of_a_formula_are_recorded():
    comparisons, verdicts = records_of(handmade.affine())
    assert [verdict["check"] for verdict in verdicts] == ["vjp", "jvp"]
    assert {record["check"] for record in comparisons} == {"vjp", "jvp"}


def test_there_is_at_least_one_usable_cpu(monkeypatch):
    assert usable_cpus() >= 1
    monkeypatch.delattr("os.sched_getaffinity", raising=False)
    monkeypatch.setattr("os.cpu_count", lambda: None)
    assert usable_cpus() == 1
