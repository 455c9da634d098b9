"""What is going on while a run goes on: a live line in a terminal, plain lines elsewhere."""

from __future__ import annotations

from collections import Counter
from types import TracebackType
from typing import TYPE_CHECKING, Self

from reports.render.terminal import STYLES
from reports.render.words import count

if TYPE_CHECKING:
    from rich.console import Console


class Progress:
    """Shows how many subjects are done and what came of them; a context manager.

    Args:
        console: where; a live line only if it is a terminal.
        total: how many subjects there are.
    """

    def __init__(self, console: Console, total: int) -> None:
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
        from rich.progress import Progress as Live

        self._console = console
        self._total = total
        self._counts: Counter[str] = Counter()
        self._live = (
            Live(
                TextColumn("verifying"),
                BarColumn(bar_width=24),
                MofNCompleteColumn(),
                TextColumn("{task.description}"),
                TimeElapsedColumn(),
                console=console,
                transient=True,
            )
            if console.is_terminal
            else None
        )
        self._task = None if self._live is None else self._live.add_task("", total=total)

    def __enter__(self) -> Self:
        if self._live is not None:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live is not None:
            self._live.stop()

    def advance(self, name: str, outcome: str, entries: int, seconds: float) -> None:
        """One more subject is done."""
        self._counts[outcome] += 1
        if self._live is None or self._task is None:
            done = f"{self._counts.total()}/{self._total}"
            line = (
                f"{done} {name}: {outcome} ({count(entries, 'entry', 'entries')} compared, {seconds:.1f} s)"
            )
            self._console.print(line, markup=False, highlight=False, soft_wrap=True)
            return
        counts = ", ".join(
            f"[{STYLES[one]}]{number} {one}[/]" for one, number in sorted(self._counts.items())
        )
        self._live.update(self._task, advance=1, description=counts)
