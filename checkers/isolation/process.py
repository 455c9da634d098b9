"""One start of a worker: its process, its pipes, and its end."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import select
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from checkers.errors import IsolationError
from checkers.isolation import scratch
from checkers.isolation.channel import Channel, ChannelClosed, Output, TimeIsUp
from checkers.isolation.inside import frames

_ENTRY = Path(__file__).parent / "inside" / "entry.py"
START_SECONDS = 60.0
_END_SECONDS = 2.0
_KEPT = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT", "TZ")


@dataclass(frozen=True)
class Ended:
    """How a worker ended.

    Attributes:
        code: its exit code; None if a signal ended it, or if it is not known.
        signal: the number of the signal; None if none did.
        cpu: the processor time that it used, in seconds.
    """

    code: int | None = None
    signal: int | None = None
    cpu: float = 0.0


class Process:
    """A worker that has been started; its answers come by ``channel``.

    Args:
        settings: what the worker is told at the start; the paths and numbers of this start are added.
        output_bytes: how much is kept of what it prints.
        largest: the largest payload of an answer.

    Attributes:
        channel: the frames to and from it.
        output: what it prints.
        scratch: its scratch folder.
    """

    def __init__(self, settings: dict[str, Any], output_bytes: int, largest: int) -> None:
        self.output = Output(output_bytes)
        self._open = False
        self._status: int | None = None
        self._lifeline: int | None = None
        self.scratch = scratch.made()
        environment = {name: os.environ[name] for name in _KEPT if name in os.environ}
        home = str(self.scratch)
        environment |= {
            "HOME": home, "TMPDIR": home, "TEMP": home, "TMP": home, "USERPROFILE": home,
            "PATH": os.defpath, "LANG": "C.UTF-8", "MPLBACKEND": "Agg", "MPLCONFIGDIR": home,
            "PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1", "VECLIB_MAXIMUM_THREADS": "1",
            "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1",
        }  # fmt: skip
        passed: list[int] = []
        try:
            if os.name == "posix":
                self._status, status = os.pipe()
                passed = [status]
                lifeline, self._lifeline = os.pipe()
                passed = [status, lifeline]
                settings = {**settings, "status": status, "lifeline": lifeline}
            self._popen = subprocess.Popen(
                [sys.executable, "-P", "-s", "-S", "-X", "utf8", str(_ENTRY)],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                bufsize=0, cwd=home, env=environment, close_fds=True, pass_fds=passed,
                start_new_session=os.name == "posix",
            )  # fmt: skip
        except BaseException:
            for descriptor in (self._status, self._lifeline):
                if descriptor is not None:
                    os.close(descriptor)
            scratch.removed(self.scratch)
            raise
        finally:
            for descriptor in passed:
                os.close(descriptor)
        stdin, stdout, stderr = self._popen.stdin, self._popen.stdout, self._popen.stderr
        assert stdin is not None
        assert stdout is not None
        assert stderr is not None
        self.channel = Channel(stdin, stdout, stderr, self.output, largest)  # type: ignore[arg-type]
        self._open = True
        user = 0x70000000 + secrets.randbelow(0x08000000)
        text = json.dumps({**settings, "scratch": home, "user": user}).encode()
        self._hello = len(text).to_bytes(8, "little") + text

    @property
    def pid(self) -> int:
        """The process that was started: the supervisor, where there is one."""
        return self._popen.pid

    def greet(self, nonce: str) -> list[Any]:
        """Sends the settings and waits until the worker has confined itself; its layers.

        Raises:
            IsolationError: the worker did not start. No line of a submission has run by then.
        """
        deadline = time.monotonic() + START_SECONDS
        try:
            self.channel.send(self._hello, deadline)
            header, _ = frames.unpack(*self.channel.receive(deadline))
        except (ChannelClosed, TimeIsUp, frames.FrameError) as error:
            self.end()
            said = self.output.taken().strip()[-1000:]
            raise IsolationError(
                f"the worker process did not start ({type(error).__name__}){': ' + said if said else ''};"
                f" it runs {sys.executable} with NumPy and needs to read {_ENTRY}"
            ) from error
        if header.get("n") != nonce:
            self.end()
            raise IsolationError("the worker process answered what it was not asked: nothing was run")
        rows: list[Any] = header["protections"]
        return rows

    def end(self, patience: float = 0.0) -> Ended:
        """Kills the worker, if it still runs, and all that it has started; removes its scratch folder.

        Args:
            patience: seconds to wait for it to end by itself, so that its exit code is its own.
        """
        if not self._open:
            return Ended()
        self._open = False
        ended = None
        try:
            ended = self._told(patience) if patience else None
            if self._lifeline is not None:
                os.close(self._lifeline)
                self._lifeline = None
                ended = ended or self._told(_END_SECONDS)
        finally:  # also where somebody has grown tired of waiting and has interrupted the judge
            if os.name == "posix":
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.killpg(self._popen.pid, signal.SIGKILL)
            self._popen.kill()
            self._popen.wait()
            for descriptor in (self._status, self._lifeline):
                if descriptor is not None:
                    os.close(descriptor)
            self.channel.drain()
            self.channel.close()
            scratch.removed(self.scratch)
        return ended or Ended()

    def _told(self, seconds: float) -> Ended | None:
        """How the worker ended, if it does in that time: what the supervisor says, or its own exit code."""
        if self._status is None:
            try:
                return Ended(code=self._popen.wait(timeout=seconds))
            except subprocess.TimeoutExpired:
                return None
        poll = select.poll()
        poll.register(self._status, select.POLLIN)
        if not poll.poll(seconds * 1000):
            return None
        try:
            row = json.loads(os.read(self._status, 4096))  # one write of the supervisor, in one piece
            return Ended(row["code"], row["signal"], row["cpu"])
        except (ValueError, KeyError, TypeError):
            return None
