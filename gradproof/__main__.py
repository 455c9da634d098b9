"""``python -m gradproof``: the command line."""

from __future__ import annotations

from gradproof.cli import main

if __name__ == "__main__":
    main()
