"""The exit codes of the command line."""

from __future__ import annotations

AGREED = 0
"""Everything agrees."""

DISAGREED = 1
"""Something disagrees; or a formula crashed, so that it is not verified."""

UNUSABLE = 2
"""Bad usage or input, or a report that cannot be read or written."""

UNDECIDED = 3
"""Nothing disagrees, but something is undecided, or there is nothing to agree."""

INTERRUPTED = 130
"""Ctrl-C; what was verified until then is in the report."""
