from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from reports.store import load


def verify(folder: Path, jobs: int) -> subprocess.CompletedProcess[str]:
    words = ["verify", "linear", "tanh", "--examples", "3", "--jobs", str(jobs), "--report", str(folder)]
    return subprocess.run([sys.executable, "-m", "gradproof", *words], capture_output=True, text=True)


def test_formulas_are_verified_alike_in_one_process_and_in_two(tmp_path):
    for jobs in (1, 2):
        done = verify(tmp_path / str(jobs), jobs)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "2 formulas agree" in done.stdout
        assert [line.split(":")[0] for line in done.stderr.splitlines()] == ["1/2 linear", "2/2 tanh"]
        subjects = load(tmp_path / str(jobs)).summary.subjects
        assert {name: subject.cases for name, subject in subjects.items()} == {"linear": 3, "tanh": 3}
        assert all(subject.entries for subject in subjects.values())
    for name in ("comparisons.jsonl", "verdicts.jsonl", "summary.json"):
        assert (tmp_path / "1" / name).read_bytes() == (tmp_path / "2" / name).read_bytes()
