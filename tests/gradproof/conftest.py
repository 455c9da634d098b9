from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import handmade
import pytest

from checkers.verify import Verified

FORMULAS = (
    "affine",
    "mean_squared_error",
    "binary_step",
    "feed_forward_3_linear_l2_by_activation_errors_one_by_one",
)


@pytest.fixture
def verified(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Replaces the verification: a formula gives its handmade result, or raises what is given for it."""
    made = {result.name: result for result in handmade.results()}

    def install(*names: str, **raised: BaseException) -> None:
        chosen = names or FORMULAS

        def verify(names: Sequence[str], examples: int, seed: int, jobs: int) -> Iterator[Verified]:
            for name in names:
                if name in raised:
                    raise raised[name]
                yield made[name]

        def selected(names: Sequence[str]) -> list[str]:
            return [name for name in chosen if not names or name in names]

        monkeypatch.setattr("checkers.verify.selected", selected)
        monkeypatch.setattr("gradproof.running.verify", verify)

    return install


@pytest.fixture
def run(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Runs the command line in an empty working directory."""
    from click.testing import CliRunner

    from gradproof.cli import cli

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "120")
    return lambda *words: CliRunner().invoke(cli, words)
