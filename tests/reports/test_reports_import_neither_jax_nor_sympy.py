from __future__ import annotations

import subprocess
import sys

CODE = """
import sys
from pathlib import Path
from derivations.catalogue import equations
from reports.render import html, markdown, plots, progress, terminal, write_files
from reports.run import describe
from reports.store import Recorder, load

folder = Path(sys.argv[1])
Recorder(folder, describe(["gradproof"], 0, 0, 1)).finish()
write_files(load(folder), equations())
heavy = ("jax", "sympy", "flint", "matplotlib.pyplot", "matplotlib.backends.backend_agg")
print([name for name in heavy if name in sys.modules])
print(load(folder).run["versions"]["jax"] is not None)
"""


def test_rendering_imports_neither_jax_nor_sympy_and_still_knows_their_versions(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", CODE, str(tmp_path / "r")], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["[]", "True"]
