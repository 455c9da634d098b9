"""The process between judge and worker: starts the worker, tells how it ended, and ends it with the judge.

It runs none of the submission's code. It keeps no descriptor of the channel, so that the judge sees the end
of the worker at once; when the judge lets go of the lifeline, or dies, it kills the worker and all that came
from it.
"""

from __future__ import annotations

import json
import os
import select
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeAlias

from . import confine

Settings: TypeAlias = "dict[str, Any]"


def main(settings: Settings, private: Any, modules: Sequence[str]) -> None:
    """Runs the worker in a process of its own; where there is no fork, in this one."""
    guard = confine.Guard(settings)
    if not hasattr(os, "fork"):
        _work(settings, guard, private, modules)
    guard.before_fork()
    status, lifeline = settings["status"], settings["lifeline"]
    woken, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.set_wakeup_fd(wake)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    worker = os.fork()
    if worker == 0:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for descriptor in (status, lifeline, woken, wake):
            os.close(descriptor)
        _work(settings, guard, private, modules)
    for descriptor in (0, 1, 2):
        os.close(descriptor)
    _watch(worker, lifeline, woken)
    guard.end_descendants(worker)
    try:
        _, code, usage = os.wait4(worker, 0)
        ended = {
            "code": os.WEXITSTATUS(code) if os.WIFEXITED(code) else None,
            "signal": os.WTERMSIG(code) if os.WIFSIGNALED(code) else None,
            "cpu": usage.ru_utime + usage.ru_stime,
        }
        guard.remove_scratch()
        os.write(status, json.dumps(ended).encode())
    except OSError:  # the judge is gone
        pass
    os._exit(0)


def _watch(worker: int, lifeline: int, woken: int) -> None:
    """Waits until the worker ends by itself; kills it when the lifeline ends."""
    poll = select.poll()
    poll.register(lifeline, select.POLLIN)
    poll.register(woken, select.POLLIN)
    while True:
        ready = {descriptor for descriptor, _ in poll.poll()}
        if lifeline in ready:
            os.kill(worker, signal.SIGKILL)
            return
        os.read(woken, 512)
        if not hasattr(os, "waitid"):  # macOS, where no orphans come to this process
            return
        if os.waitid(os.P_PID, worker, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None:
            return


def _work(settings: Settings, guard: confine.Guard, private: Any, modules: Sequence[str]) -> None:
    """Becomes the worker: moves the channel away from the standard descriptors, confines itself, serves."""
    status = 70
    try:
        requests, replies = _private_channel()
        guard.before_numpy()
        sys.path += settings["site"]

        import numpy as np
        import numpy.fft
        import numpy.ma
        import numpy.random

        for name in ("json.encoder", "json.decoder"):
            private.renew(name)
        loaded = {name: private.load(name) for name in modules}
        np.seterr(all="warn")
        ours = frozenset(str(file) for file in Path(__file__).parent.glob("*.py")) | {
            "<frozen importlib._bootstrap>"
        }
        if settings["folder"]:
            sys.path.insert(0, settings["folder"])
        sys.argv[:] = [settings["file"]]
        sys.orig_argv[:] = []
        _define_exit()
        private.hide()
        server = loaded["serve"].Server(requests, replies, settings, ours)
        loaded["alarm"].install()
        server.announce(guard.confined())
        server.serve()
    except BaseException as error:
        try:
            os.write(2, f"\n{type(error).__name__}: {error}\n".encode())
        except BaseException:  # the submission closed it, or left nothing that could be written
            status = 71
    finally:
        os._exit(status)


def _private_channel() -> tuple[int, int]:
    """Requests come on 0 and replies go out on 1 at the start; afterwards those are empty and the output."""
    requests, replies = os.dup(0), os.dup(1)
    empty = os.open(os.devnull, os.O_RDONLY)
    os.dup2(empty, 0)
    os.close(empty)
    os.dup2(2, 1)
    return requests, replies


def _define_exit() -> None:
    """``exit()`` and ``quit()``, which ``-S`` leaves out."""
    import builtins
    from typing import cast

    names = cast(Any, builtins)
    names.exit = names.quit = sys.exit
