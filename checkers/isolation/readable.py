"""What a worker may read: Python's libraries and the submission's folder, and nothing of this project."""

from __future__ import annotations

import os
import sys
import sysconfig
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

import numpy as np

from checkers.isolation.policy import own_packages

_LIBRARIES = (
    "/usr/lib", "/usr/lib64", "/usr/local/lib", "/lib", "/lib64", "/usr/share/zoneinfo", "/usr/share/fonts",
    "/etc/ld.so.cache", "/etc/alternatives", "/etc/localtime", "/etc/fonts", "/sys/devices/system/cpu",
    "/opt/homebrew/lib",
)  # fmt: skip
_DEVICES = ("/dev/null", "/dev/zero", "/dev/random", "/dev/urandom")


@cache
def site_folders() -> tuple[str, ...]:
    """The folders of installed packages, as this process sees them; that of NumPy is among them."""
    folders = [p for p in sys.path if Path(p).name in ("site-packages", "dist-packages") and Path(p).is_dir()]
    numpy = str(Path(np.__file__).parent.parent)
    return tuple(dict.fromkeys([*folders, numpy]))


def needed() -> tuple[str, ...]:
    """Paths without which a worker cannot start."""
    return (
        sysconfig.get_path("stdlib"),
        str(Path(np.__file__)),
        str(Path(__file__).parent / "inside" / "entry.py"),
    )


def there() -> tuple[str, ...]:
    """Files without which a worker cannot go on, where it sees nothing but what it is shown."""
    return (str(Path(os.__file__)), str(Path(np.__file__)))


def shown(folder: str, hidden: Sequence[Path], packages: frozenset[str]) -> list[tuple[str, str]]:
    """(path, right) of all that a worker may use besides its scratch folder.

    Args:
        folder: that of the submission; empty if it has none.
        hidden: paths that stay out.
        packages: installed packages that stay out.
    """
    project = Path(__file__).parents[2]
    out = {*(project / name for name in own_packages()), project / "tests", *hidden}
    out |= {Path(site) / name for site in site_folders() for name in packages | own_packages()}
    real = frozenset(os.path.realpath(path) for path in out)
    rows = list(_libraries(frozenset(path for path in real if os.path.lexists(path))))
    rows += [(device, "use") for device in _DEVICES]
    return [*rows, *_below(folder, real)] if folder else rows


@cache
def _libraries(hidden: frozenset[str]) -> tuple[tuple[str, str], ...]:
    base = os.path.realpath(sys.base_prefix)
    roots = [
        sysconfig.get_path("stdlib"),
        sysconfig.get_path("platstdlib"),
        str(Path(base, "lib")),
        *site_folders(),
    ]
    roots += [root for root in _LIBRARIES if Path(root).exists()]
    rows = [row for root in dict.fromkeys(map(os.path.realpath, roots)) for row in _below(root, hidden)]
    return tuple(dict.fromkeys(rows))


def _below(root: str, hidden: frozenset[str]) -> Iterator[tuple[str, str]]:
    """The root, or, where something below it is hidden, everything in it but that."""
    real = os.path.realpath(root)
    if not any(path == real or path.startswith(real + os.sep) for path in hidden):
        yield root, "read"
        return
    if real in hidden:
        return
    yield root, "list"
    try:
        entries = sorted(entry.path for entry in os.scandir(root))
    except OSError:  # not readable for us either
        return
    for entry in entries:
        if not _is_inside(os.path.realpath(entry), hidden):
            yield from _below(entry, hidden)


def _is_inside(path: str, hidden: frozenset[str]) -> bool:
    return any(path == h or path.startswith(h + os.sep) for h in hidden)
