"""The pytest plugin: a fixture with the checks, seeded from the test's name, and a report of all of them.

    def test_affine(gradproof):
        gradproof.assert_vjp(affine, affine_vjp, signature="(m,n),(n),(m)->(m)")

The fixture is called ``gradproof``; in a test that asks for it the name means the fixture, elsewhere the
package. With ``--gradproof-report DIR`` every check leaves its records in a report. They travel with the
reports of the tests, so that pytest-xdist may spread the tests over processes.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Generator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zlib import crc32

import pytest

if TYPE_CHECKING:
    from checkers.verdict import Verdict
    from reports.store import Recorder, Report

    Made = list[tuple[str, Verdict]]

MADE: pytest.StashKey[Made] = pytest.StashKey()
"""The checks that a test has made since its last report: kind and verdict."""

NUMBER: pytest.StashKey[int] = pytest.StashKey()
"""How many checks a test has reported."""

ATTRIBUTE = "gradproof_records"
"""The attribute of a test's report that the records travel in."""


class Checks:
    """The checks of ``gradproof`` for one test; each is seeded from the test's name unless a seed is given.

    Args:
        item: the test.
    """

    def __init__(self, item: pytest.Item) -> None:
        self._item = item
        self._made = item.stash.setdefault(MADE, [])

    @property
    def seed(self) -> int:
        """The seed of this test: the CRC-32 of its node id."""
        return crc32(self._item.nodeid.encode())

    def check_vjp(self, *args: Any, **options: Any) -> Verdict:
        """``gradproof.check_vjp``."""
        from checkers.check import check_vjp

        return self._check("vjp", check_vjp, args, options)

    def check_grad(self, *args: Any, **options: Any) -> Verdict:
        """``gradproof.check_grad``."""
        from checkers.check import check_grad

        return self._check("grad", check_grad, args, options)

    def check_jvp(self, *args: Any, **options: Any) -> Verdict:
        """``gradproof.check_jvp``."""
        from checkers.check import check_jvp

        return self._check("jvp", check_jvp, args, options)

    def assert_vjp(self, *args: Any, **options: Any) -> None:
        """``gradproof.assert_vjp``."""
        __tracebackhide__ = True
        self.check_vjp(*args, **options).raise_if_not_ok()

    def assert_grad(self, *args: Any, **options: Any) -> None:
        """``gradproof.assert_grad``."""
        __tracebackhide__ = True
        self.check_grad(*args, **options).raise_if_not_ok()

    def assert_jvp(self, *args: Any, **options: Any) -> None:
        """``gradproof.assert_jvp``."""
        __tracebackhide__ = True
        self.check_jvp(*args, **options).raise_if_not_ok()

    def _check(
        self, kind: str, check: Callable[..., Verdict], args: tuple[Any, ...], options: dict[str, Any]
    ) -> Verdict:
        # A seed may also have been given by position.
        if "seed" not in inspect.signature(check).bind_partial(*args, **options).arguments:
            options["seed"] = self.seed
        verdict = check(*args, **options)
        self._made.append((kind, verdict))
        return verdict


@pytest.fixture(name="gradproof")
def checks(request: pytest.FixtureRequest) -> Checks:
    """The checks check_* and assert_* for vjp, grad and jvp, seeded from the test's name."""
    return Checks(request.node)


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options of the plugin."""
    group = parser.getgroup("gradproof")
    group.addoption(
        "--gradproof-report",
        metavar="DIR",
        type=Path,
        help="write a report of all gradient checks into DIR; an earlier report stays, and the new one goes"
        " into DIR-2, DIR-3, …",
    )
    group.addoption(
        "--gradproof-overwrite", action="store_true", help="replace an earlier report in DIR instead"
    )


def pytest_configure(config: pytest.Config) -> None:
    """In the process that has all results: collect them."""
    if (
        config.getoption("gradproof_report")
        and not hasattr(config, "workerinput")
        and not config.getoption("collectonly")
    ):
        config.pluginmanager.register(Collector(config), "gradproof-collector")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Send the records of a test along with its report."""
    report = yield
    made = item.stash.get(MADE, [])
    if made and item.config.getoption("gradproof_report"):
        setattr(report, ATTRIBUTE, _records(item, made))
    made.clear()
    return report


def _records(item: pytest.Item, made: Made) -> list[tuple[str, str]]:
    """The lines of comparisons and the line of the verdict of every check."""
    from reports.record import Subject, comparison_record, line, lines, verdict_record

    found = []
    for kind, verdict in made:
        item.stash[NUMBER] = number = item.stash.get(NUMBER, 0) + 1
        subject = Subject(item.nodeid if number == 1 else f"{item.nodeid} #{number}")
        comparisons = lines(comparison_record(comparison, subject, kind) for comparison in verdict.records)
        found.append((comparisons, line(verdict_record(verdict, subject, kind))))
    return found


class Collector:
    """Puts the records of all tests into one report.

    Args:
        config: of the run.
    """

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._recorder: Recorder | None = None
        self._report: Report | None = None

    def pytest_sessionstart(self) -> None:
        """Open the report folder, before any time is spent on tests."""
        from checkers.errors import InputError
        from reports.run import describe
        from reports.store import Recorder

        folder: Path = self._config.getoption("gradproof_report")
        command = ["pytest", *map(str, self._config.invocation_params.args)]
        try:
            run = describe(command, None, None, None, made_by="pytest")
            self._recorder = Recorder(folder, run, self._config.getoption("gradproof_overwrite"))
        except (InputError, OSError) as error:
            raise pytest.UsageError(f"--gradproof-report: {error}") from error

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take the records that came with a test's report."""
        import json

        if self._recorder is None:
            return
        for comparisons, verdict in getattr(report, ATTRIBUTE, ()):
            self._recorder.add(map(json.loads, comparisons.splitlines()), [json.loads(verdict)])

    def pytest_sessionfinish(self, exitstatus: int) -> None:
        """Render the report."""
        from derivations.catalogue import equations
        from reports.render import write_files

        if self._recorder is not None:
            interrupted = exitstatus in (pytest.ExitCode.INTERRUPTED, pytest.ExitCode.INTERNAL_ERROR)
            self._report = self._recorder.finish("interrupted" if interrupted else "finished")
            write_files(self._report, equations())

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say what the checks came to and where the report is."""
        if self._report is not None:
            from reports.render.terminal import closing

            terminalreporter.section("gradient checks")
            terminalreporter.write_line(closing(self._report).plain)
