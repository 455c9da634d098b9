"""All layers in their order, and which of them hold: tried one by one, the result reported."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Callable
from typing import Any, TypeAlias

from . import landlock, mounts, namespaces, privileges, rlimits, seccomp, system

Row: TypeAlias = "tuple[str, bool, str]"

_NOT_HERE = f"{sys.platform} does not offer it"


class Guard:
    """Confines one worker.

    Args:
        settings: limits, paths and user, as the judge gives them.
    """

    def __init__(self, settings: dict[str, Any]) -> None:
        self._settings = settings
        self._left_out = frozenset(settings["without"])
        self._rows: list[Row] = [("separate process", True, "the judge never imports the submission")]
        self._scratch_is_no_mount = _NOT_HERE
        self._alone = False  # the user of the worker has no other tasks than its own
        self._namespaces: dict[str, str] = dict.fromkeys(
            ("user", "processes", "network", "mounts"), _NOT_HERE
        )

    def before_fork(self) -> None:
        """In the supervisor: another user, namespaces, orphans."""
        if not system.LINUX:
            return
        if os.geteuid() == 0:
            why = "left out"
            if "unprivileged user" not in self._left_out:
                s = self._settings
                why = privileges.leave_root(s["user"], s["needed"], s["scratch"])
            self._alone = not why
            self._note("unprivileged user", not why, why or "the worker does not run as root")
        else:
            self._note("unprivileged user", True, "gradproof was not started as root")
        left_out = {n.partition(" ")[0] for n in self._left_out if n.endswith(" namespace")}
        rename = {"process": "processes", "mount": "mounts"}
        self._namespaces = namespaces.enter(frozenset(rename.get(n, n) for n in left_out))
        with contextlib.suppress(OSError):
            privileges.adopt_orphans()

    def before_numpy(self) -> None:
        """In the worker: it dies with its supervisor, and gets its own scratch folder and its limits."""
        settings, reasons = self._settings, self._namespaces
        if system.LINUX:
            with contextlib.suppress(OSError):
                privileges.die_with_parent()
        scratch = reasons["mounts"] or namespaces.mount_scratch(
            settings["scratch"], settings["limits"]["file_mib"]
        )
        self._scratch_is_no_mount = scratch and f"it needs a mount namespace: {scratch}"
        os.chdir(settings["scratch"])
        self._note("user namespace", not reasons["user"], reasons["user"] or "no rights outside the worker")
        self._note(
            "process namespace",
            not reasons["processes"],
            reasons["processes"] or "the worker sees no other process, and all it starts ends with it",
        )
        self._note("network namespace", not reasons["network"], reasons["network"] or "no network interface")
        self._note(
            "mount namespace", not scratch, scratch or "the scratch folder is in memory, and of limited size"
        )
        done, failed = rlimits.set_limits(settings["limits"], self._tasks())
        why = ", ".join(done) + (f"; not: {', '.join(failed)}" if failed else "")
        self._note("resource limits", bool(done), why)

    def confined(self) -> list[list[Any]]:
        """In the worker, when all it needs is loaded: the last doors close. All layers, as rows."""
        if system.LINUX:
            self._try("own file tree", self._enter_own_tree)
            self._try("no new privileges", self._gain_nothing)
            self._try("file system", self._show_files)
            self._try("system-call filter", self._filter)
        else:
            for name in ("own file tree", "no new privileges", "file system", "system-call filter"):
                self._note(name, False, _NOT_HERE)
        self._note("clean environment", True, "no variable of the caller, a scratch folder as home")
        posix = hasattr(os, "fork")
        self._note(
            "supervisor",
            posix,
            "ends the worker with the judge" if posix else "only the worker itself is killed",
        )
        return [list(row) for row in self._rows]

    def end_descendants(self, worker: int) -> None:
        """In the supervisor, when the worker has ended: kills what it has left behind."""
        with contextlib.suppress(OSError):
            own = os.getpid()
            for _ in range(1000):
                children = self._children(own) - {worker}
                if not children:
                    return
                for child in children:
                    os.kill(child, signal.SIGKILL)
                    os.waitpid(child, 0)

    def remove_scratch(self) -> None:
        """In the supervisor, at the end: the judge may not be there any more to do it."""
        scratch = self._settings["scratch"]
        if not self._namespaces["mounts"]:
            with contextlib.suppress(OSError):
                namespaces.unmount(scratch)
        with contextlib.suppress(OSError):  # without a file system of its own it may hold files
            os.rmdir(scratch)  # noqa: PTH106 -- no new objects here

    @staticmethod
    def _children(own: int) -> set[int]:
        with open(f"/proc/{own}/task/{own}/children", encoding="ascii") as file:  # noqa: PTH123 -- no new objects
            return {int(word) for word in file.read().split()}

    def _tasks(self) -> int | None:
        """The limit on tasks of the user: itself and its supervisor, and what the limits allow."""
        limits = self._settings["limits"]
        more: int = limits["processes"] + limits["threads"]
        if not system.LINUX or (os.geteuid() == 0 and not self._alone):
            return None  # the kernel does not count those of root, macOS counts all the user's programs
        if self._alone or not self._namespaces["user"]:
            return 2 + more
        return rlimits.tasks_of_user() + more

    @staticmethod
    def _gain_nothing() -> str:
        privileges.gain_no_more()
        privileges.drop_capabilities()
        return "no capability, and no program gives one"

    def _enter_own_tree(self) -> str:
        if self._scratch_is_no_mount:
            raise OSError(self._scratch_is_no_mount)
        settings = self._settings
        paths = [(path, right) for path, right in settings["paths"]]
        mounts.enter(paths, settings["scratch"], settings["there"])
        return "nothing of the disk exists but Python's libraries, read-only, and the scratch folder"

    def _show_files(self) -> str:
        paths = [tuple(pair) for pair in self._settings["paths"]]
        abi = landlock.restrict([*paths, (self._settings["scratch"], "own")])
        network = "" if abi < 4 else ", no TCP"
        return f"Landlock {abi}: Python's libraries can be read, only the scratch folder written{network}"

    def _filter(self) -> str:
        seccomp.restrict(self._settings["limits"]["processes"])
        return "seccomp: no network, no signals to others, no other programs"

    def _try(self, name: str, layer: Callable[[], str]) -> None:
        if name in self._left_out:
            self._note(name, False, "left out")
            return
        try:
            self._note(name, True, layer())
        except OSError as error:
            self._note(name, False, error.strerror or str(error))

    def _note(self, name: str, in_force: bool, why: str) -> None:
        self._rows.append((name, in_force, why))
