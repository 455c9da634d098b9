"""The README shows what really comes out."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

README = Path(__file__).parents[1] / "README.md"


def test_first_example_prints_what_the_readme_shows(tmp_path):
    code, shown = re.search(
        r"```python\n(.*?)```\n\n```text\n(.*?)```", README.read_text("utf-8"), re.S
    ).groups()
    (tmp_path / "example.py").write_text(code, encoding="utf-8")
    printed = subprocess.run(
        [sys.executable, str(tmp_path / "example.py")], capture_output=True, text=True, check=True
    ).stdout
    # The README breaks long lines.
    assert printed.split() == shown.split()
