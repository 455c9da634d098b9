"""The judge's side of a submission: it asks, the worker's process answers, and only bytes come back."""

from __future__ import annotations

import re
import secrets
import signal
import sys
import time
import weakref
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from checkers.errors import InputError
from checkers.isolation import answers, readable
from checkers.isolation.channel import ChannelClosed, TimeIsUp
from checkers.isolation.inside import frames, tree
from checkers.isolation.limits import Limits
from checkers.isolation.policy import Policy, own_packages
from checkers.isolation.process import Process
from checkers.isolation.results import Crash, CrashKind, Handle, ImportInfo, Loaded, Protection, Result
from checkers.isolation.steps import Call, Construct, GetAttribute, Method, Ref, SetAttribute, Step

_GRACE = 0.3
"""Seconds from the alarm in the worker until the judge kills it: the code catches everything, or is in C."""

_LARGEST_SOURCE = 8 << 20
_WORD = re.compile(r"\w+")


class Worker:
    """One submission in a process of its own.

    The process starts with the ``with`` statement and ends with it. A crash that ends the process leaves the
    worker dead: every later call answers with the same crash until ``restart``.

    Args:
        path: the file; with ``source`` it only names the text.
        limits: what it may use.
        policy: what it may import.
        folder: the submission's folder, which it may read and import from; None if it is this one file.
        source: the text, where it is not that of the file (the cells of a notebook, joined).
        labels: (label, line) for each line of ``source``, for tracebacks: ("homework.ipynb, cell 3", 2).

    Raises:
        InputError: the file cannot be read, or is no text.
    """

    def __init__(
        self,
        path: str | Path,
        limits: Limits | None = None,
        policy: Policy | None = None,
        *,
        folder: str | Path | None = None,
        source: str | None = None,
        labels: Sequence[tuple[str, int]] = (),
    ) -> None:
        self._path = Path(path)
        self._limits = limits or Limits()
        self._policy = policy or Policy()
        self._folder = str(Path(folder).resolve()) if folder is not None else ""
        self._source = _read(self._path) if source is None else source
        self._labels = _runs(labels) or [[1, self._path.name, 1]]
        self._process: Process | None = None
        self._dead: Crash | None = None
        self._generation = 0
        self._released: list[int] = []
        self._protections: tuple[Protection, ...] = ()
        self._spent = 0.0

    def __enter__(self) -> Worker:
        self._start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Ends the process and removes what it has left; a second time does nothing."""
        if self._process is not None:
            self._process.end()
            self._process = None

    @property
    def alive(self) -> bool:
        """Whether the process answers."""
        return self._process is not None and self._dead is None

    @property
    def exhausted(self) -> bool:
        """Whether it has used up the time for all it is asked to do."""
        return self._spent >= self._limits.total_seconds

    @property
    def protections(self) -> tuple[Protection, ...]:
        """The layers of isolation, each in force or not; waits until the process has confined itself.

        Raises:
            IsolationError: the process did not start.
        """
        if not self._protections and self._process is not None and self._dead is None:
            rows = self._process.greet(self._nonce)
            self._protections = tuple(Protection(str(n), bool(f), str(w)) for n, f, w in rows)
        return self._protections

    def restart(self) -> Loaded | Crash:
        """Starts a new process and loads the file again; handles of the old one are void.

        A submission that has used up its time is not started again.
        """
        self.close()
        if self._dead is not None and self.exhausted:
            return self._dead
        self._start()
        return self.load()

    def load(self) -> Loaded | Crash:
        """Runs the file once; what it defines.

        Raises:
            IsolationError: the process did not start.
        """
        if self._dead is not None or self._process is None:
            return self._gone()
        assert self.protections  # nothing is sent before the process has confined itself
        seconds = self._limits.load_seconds
        survey = self._ask(
            {"op": "survey", "source": self._source, "labels": self._labels}, [], seconds, "the file"
        )
        if isinstance(survey, Crash):
            return survey
        row, _ = survey
        try:
            signs = answers.signs(row.get("python2"))
            if row.get("syntax") is not None:
                crash = answers.crash(row["syntax"], "the file", seconds, "")
                return _unparsed(crash, signs)
            refused = self._refused(row.get("imports"))
        except frames.FrameError as error:
            return self._broken(error, "the file")
        if refused is not None:
            return refused
        loaded = self._ask({"op": "load", "seconds": seconds}, [], seconds, "the file")
        if isinstance(loaded, Crash):
            return loaded
        try:
            return self._loaded(loaded[0], row, signs)
        except frames.FrameError as error:
            return self._broken(error, "the file")

    def call(
        self,
        target: str | Handle,
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
        *,
        seed: int | None = None,
        watch: bool = True,
        send: bool | tuple[str | int, ...] = True,
        keep: bool = False,
    ) -> Result | Crash:
        """Calls a function by name ("f", "Layer.method") or by handle; see ``Call``."""
        step = Call(
            args=args, kwargs=kwargs or {}, seed=seed, watch=watch, send=send, keep=keep, target=target
        )
        return self.run([step])[0]

    def call_method(
        self,
        handle: Handle,
        name: str,
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
        *,
        seed: int | None = None,
        watch: bool = True,
        send: bool | tuple[str | int, ...] = True,
        keep: bool = False,
    ) -> Result | Crash:
        """Calls a method of an object; see ``Call``."""
        step = Method(args, kwargs or {}, seed, watch, send, keep, object=handle, name=name)
        return self.run([step])[0]

    def construct(
        self,
        name: str,
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
        *,
        seed: int | None = None,
    ) -> Result | Crash:
        """Makes an object of a class; the value of the result is its handle."""
        return self.run([Construct(args, kwargs or {}, seed, name=name)])[0]

    def get_attribute(self, handle: Handle, name: str) -> Result | Crash:
        """An attribute of an object."""
        return self.run([GetAttribute(handle, name)])[0]

    def set_attribute(
        self, handle: Handle, name: str, value: Any, key: str | int | None = None
    ) -> Result | Crash:
        """Writes an attribute of an object, or with ``key`` one entry: ``object.params["W1"] = value``."""
        return self.run([SetAttribute(handle, name, value, key)])[0]

    def get_global(self, name: str) -> Result | Crash:
        """A global name of the file: a constant, an array, or a function as a handle."""
        return self.run([GetAttribute(None, name)])[0]

    def set_global(self, name: str, value: Any) -> Result | Crash:
        """Writes a global name of the file."""
        return self.run([SetAttribute(None, name, value)])[0]

    def run(self, program: Sequence[Step], stepped: bool = False) -> list[Result | Crash]:
        """Does all steps in one round trip; one result for each.

        Args:
            program: the steps, in order.
            stepped: take the imaginary parts of complex arguments for derivatives, and let the code compute
                with them as with real numbers. A worker that has done so is good for nothing else: what it
                has kept may hold such numbers.

        A step that crashes does not end the program, but steps that refer to it are refused. What is printed
        stands in the result after which it arrived; in a program that need not be the step that printed it.

        Raises:
            InputError: an argument is of a type that does not cross, or a handle of another worker.
        """
        if self._dead is not None or self._process is None:
            return [self._gone()] * len(program)
        if not program:
            return []
        encoder = tree.Encoder(self._known, _does_not_cross)
        steps = [self._encoded(step, encoder) for step in program]
        seconds = self._limits.call_seconds
        request = {"op": "run", "steps": steps, "seconds": seconds, "stepped": stepped}
        results: list[Result | Crash] = []
        started = time.monotonic()
        nonce = secrets.token_hex(8)
        what = _named(program[0])
        try:
            self._send(request, nonce, encoder.arrays, self._deadline(seconds))
            for k, step in enumerate(program):
                what = _named(step)
                text, payload = self._process.channel.receive(self._deadline(seconds, started))
                row, arrays = frames.unpack(text, payload)
                _answering(row, nonce)
                if row.get("k") != k:
                    raise frames.FrameError("it answered another step")
                results.append(self._result(row, arrays, what))
        except (ChannelClosed, TimeIsUp, frames.FrameError) as error:
            ended = self._ended(error, what, seconds, started)
            return results + [ended] * (len(program) - len(results))
        self._spent += time.monotonic() - started
        return results

    # -- the process

    def _start(self) -> None:
        self._dead, self._protections = None, ()
        self._generation += 1
        self._released = []
        self._nonce = secrets.token_hex(8)
        policy, limits = self._policy, self._limits
        refused = policy.refused | own_packages()
        file = str(Path(self._folder, self._path.name)) if self._folder else self._path.name
        settings = {
            "nonce": self._nonce,
            "file": file,
            "module": _module_name(self._path.stem),
            "folder": self._folder,
            "site": list(readable.site_folders()),
            "paths": readable.shown(self._folder, policy.hidden, policy.refused | self._unnamed()),
            "needed": [*readable.needed(), *([self._folder] if self._folder else [])],
            "there": [*readable.there(), *([self._folder] if self._folder else [])],
            "limits": vars(limits),
            "refused": sorted(refused),
            "watched": sorted(policy.moot),
            "inert": sorted(policy.inert),
            "stubs": dict(policy.stubs),
            "keep_going": policy.keep_going,
            "python2_names": policy.python2_names,
            "without": sorted(policy.without),
        }
        self._process = Process(settings, limits.output_kib << 10, limits.reply_mib << 20)

    def _named(self) -> dict[str, int]:
        """The packages that make the exercise moot and that the text imports, as it seems, with the lines."""
        found: dict[str, int] = {}
        texts = (self._source, *self._policy.stubs.values())
        for text in texts:
            for number, line in enumerate(text.splitlines(), 1):
                if "import" in line:
                    for word in _WORD.findall(line.partition("#")[0]):
                        if word in self._policy.moot:
                            found.setdefault(word, number if text is self._source else 0)
        return found

    def _unnamed(self) -> frozenset[str]:
        """Those that it does not import: they are kept out of its sight, or it could use them unseen."""
        return frozenset() if self._folder else self._policy.moot - self._named().keys()

    def _deadline(self, seconds: float, started: float | None = None) -> float:
        """When an answer must be there: the limit for one step, or the end of the total."""
        now = time.monotonic()
        spent = self._spent + (now - started if started is not None else 0.0)
        return now + min(seconds + _GRACE, max(self._limits.total_seconds - spent, 0.0))

    def _send(self, request: dict[str, Any], nonce: str, arrays: list[Any], deadline: float) -> None:
        assert self._process is not None
        release = self._released[:]
        del self._released[: len(release)]
        header = {**request, "n": nonce, "release": release}
        self._process.channel.send(frames.pack(header, arrays, frames.LARGEST_REQUEST), deadline)

    def _ask(
        self, request: dict[str, Any], arrays: list[Any], seconds: float, what: str
    ) -> tuple[dict[str, Any], list[Any]] | Crash:
        assert self._process is not None
        nonce = secrets.token_hex(8)
        started = time.monotonic()
        try:
            self._send(request, nonce, arrays, self._deadline(seconds))
            row, returned = frames.unpack(*self._process.channel.receive(self._deadline(seconds, started)))
            _answering(row, nonce)
        except (ChannelClosed, TimeIsUp, frames.FrameError) as error:
            return self._ended(error, what, seconds, started)
        self._spent += time.monotonic() - started
        return row, returned

    def _ended(self, error: Exception, what: str, seconds: float, started: float) -> Crash:
        """Ends the process after a request that it did not answer as it should; why."""
        self._spent += time.monotonic() - started
        if isinstance(error, frames.FrameError):
            return self._broken(error, what)
        assert self._process is not None
        if isinstance(error, TimeIsUp):
            self._process.end()
            if self.exhausted:
                return self._died("timed out", f"the submission used up its {self._limits.total_seconds:g} s")
            return self._died("timed out", f"{what} took longer than {seconds:g} s")
        ended = self._process.end(patience=1.0)
        if ended.cpu >= self._limits.cpu_seconds - 0.5:
            return self._died(
                "timed out", f"{what} used up its {self._limits.cpu_seconds} s of processor time"
            )
        if ended.signal is not None:
            return self._died("killed", f"{what} was ended by the system: {_signal_name(ended.signal)}")
        if ended.code is None:
            return self._died("refused", f"{what} closed the channel to the judge")
        return self._died(
            "exited", f"{what} ended its process with exit code {ended.code}, without an answer"
        )

    def _broken(self, error: Exception, what: str) -> Crash:
        if self._process is not None:
            self._process.end()
        return self._died("refused", f"{what} broke the protocol: {error}")

    def _died(self, kind: CrashKind, sentence: str) -> Crash:
        assert self._process is not None
        self._dead = Crash(kind, sentence, output=self._process.output.taken())
        return self._dead

    def _gone(self) -> Crash:
        if self._dead is not None:
            return self._dead
        return Crash("exited", "the worker is not running: use it in a with statement")

    # -- requests and answers

    def _known(self, value: Any) -> list[Any] | None:
        if isinstance(value, Handle):
            if value.generation != self._generation:
                raise InputError(
                    f"{value!r} belongs to an earlier start of the worker: make the object again"
                )
            return ["h", value.number, "", ""]
        if isinstance(value, Ref):
            return ["r", value.step, list(value.path)]
        return None

    def _encoded(self, step: Step, encoder: tree.Encoder) -> dict[str, Any]:
        if isinstance(step, GetAttribute):
            return {
                "do": "get",
                "object": encoder.encode(step.object),
                "name": step.name,
                "send": _sent(step.send),
                "keep": step.keep,
            }
        if isinstance(step, SetAttribute):
            return {
                "do": "set",
                "object": encoder.encode(step.object),
                "name": step.name,
                "key": step.key,
                "value": encoder.encode(step.value),
                "send": False,
            }
        row: dict[str, Any] = {
            "args": encoder.encode(list(step.args)),
            "kwargs": encoder.encode(dict(step.kwargs)),
            "seed": step.seed,
            "watch": step.watch,
            "send": _sent(step.send),
            "keep": step.keep,
        }
        if isinstance(step, Method):
            return {**row, "do": "method", "object": encoder.encode(step.object), "name": step.name}
        if isinstance(step, Construct):
            return {**row, "do": "construct", "target": step.name}
        target = step.target if isinstance(step.target, str) else encoder.encode(step.target)
        return {**row, "do": "call", "target": target}

    def _handle(self, number: int, type_name: str, sentence: str) -> Handle:
        handle = Handle(number, answers.words(type_name), answers.words(sentence, 500), self._generation)
        weakref.finalize(handle, self._released.append, number)
        return handle

    def _result(self, row: dict[str, Any], arrays: list[Any], what: str) -> Result | Crash:
        assert self._process is not None
        output = self._process.output.taken()
        if "crash" in row:
            return answers.crash(row, what, self._limits.call_seconds, output)
        decoder = tree.Decoder(arrays, self._handle)
        value = decoder.decode(row.get("v"))
        seconds = row.get("seconds")
        whole = decoder.decode(row["whole"]) if "whole" in row else None
        return Result(
            value=value,
            output=output,
            inputs_changed=answers.paths(row.get("changed", [])),
            aliased=answers.pairs(row.get("aliased", [])),
            types=decoder.types,
            seconds=seconds if type(seconds) is float else 0.0,
            handle=whole if isinstance(whole, Handle) else None,
            replaced=answers.names(row.get("replaced", [])),
        )

    def _loaded(self, row: dict[str, Any], survey: dict[str, Any], signs: Any) -> Loaded | Crash:
        assert self._process is not None
        seconds, output = self._limits.load_seconds, self._process.output.taken()
        if "crash" in row:
            return answers.crash(row, "the file", seconds, output)
        ran = row.get("seconds")
        return Loaded(
            functions=answers.functions(row.get("functions")),
            classes=answers.classes(row.get("classes")),
            constants=answers.constants(row.get("constants")),
            imports=self._imports(answers.imports(survey.get("imports"), row.get("noted"), self._policy)),
            output=output,
            python2=bool(signs),
            python2_signs=signs,
            failures=answers.failures(row.get("failures"), seconds),
            seconds=ran if type(ran) is float else 0.0,
            replaced=answers.names(row.get("replaced")),
        )

    def _imports(self, listed: tuple[ImportInfo, ...]) -> tuple[ImportInfo, ...]:
        """The imports, with those that only the look of the text shows: their packages are in sight."""
        known = {i.name.partition(".")[0] for i in listed}
        more = self._named().items()
        return (*listed, *(ImportInfo(n, line, "moot", "text") for n, line in more if n not in known))

    def _refused(self, listed: object) -> Crash | None:
        """A refusal, if the text imports what must not be imported."""
        for found in answers.imports(listed, [], self._policy):
            if found.status in ("own", "refused"):
                package = found.name.partition(".")[0]
                why = (
                    "it belongs to the judge" if found.status == "own" else "the assignment does not allow it"
                )
                return Crash(
                    "refused",
                    f"the file imports {package} in line {found.line}: {why}; it was not run",
                    line=found.line,
                )
        return None


def _runs(labels: Sequence[tuple[str, int]]) -> list[list[Any]]:
    """[first line, label, its number there] for every run of lines that follow each other under one label."""
    runs: list[list[Any]] = []
    expected: tuple[str, int] | None = None
    for line, place in enumerate(labels, 1):
        if place != expected:
            runs.append([line, *place])
        expected = (place[0], place[1] + 1)
    return runs


def _module_name(stem: str) -> str:
    """The name that the file has as a module: its own, unless a library that it may import has that name."""
    taken = stem in sys.stdlib_module_names or stem in ("numpy", "scipy") or stem in own_packages()
    return "submission" if taken or not stem.isidentifier() else stem


def _read(path: Path) -> str:
    try:
        if not path.is_file():
            raise InputError(f"{path} cannot be read (it is no file): give the path of a Python file")
        if path.stat().st_size > _LARGEST_SOURCE:
            raise InputError(f"{path} is larger than {_LARGEST_SOURCE >> 20} MiB: give a Python file")
        data = path.read_bytes()
    except OSError as error:
        raise InputError(
            f"{path} cannot be read ({error.strerror}): give the path of a Python file"
        ) from error
    return _decoded(data)


def _decoded(data: bytes) -> str:
    """The text of a source file: UTF-8 with or without a mark, else Latin-1, as old course files are."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("latin-1")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _answering(row: dict[str, Any], nonce: str) -> None:
    if row.get("n") != nonce:
        raise frames.FrameError("it answered what it was not asked")


def _does_not_cross(value: Any, sentence: str) -> list[Any]:
    raise InputError(
        f"a value of type {type(value).__name__} cannot be sent to the worker"
        f"{': ' + sentence if sentence else ''}; send arrays, numbers, strings, trees of them, or a handle"
    )


def _sent(send: bool | tuple[str | int, ...]) -> bool | list[str | int]:
    return send if isinstance(send, bool) else list(send)


def _named(step: Step) -> str:
    if isinstance(step, Call):
        return step.target if isinstance(step.target, str) else "the function"
    return step.name


def _unparsed(crash: Crash, signs: tuple[tuple[int, str], ...]) -> Crash:
    """A file that does not parse; if it is Python 2, that is said."""
    if not signs:
        return Crash(
            "crashed",
            f"the file is no valid Python: {crash.sentence}",
            crash.traceback,
            crash.error,
            crash.line,
        )
    line, what = signs[0]
    sentence = (
        f"the file is written in Python 2 ({what} in line {line}): convert it to Python 3, and check it again"
    )
    return Crash("crashed", sentence, crash.traceback, crash.error, line, python2=True)


def _signal_name(number: int) -> str:
    try:
        name = signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
    reasons = {
        "SIGSEGV": "a segmentation fault, most often endless recursion",
        "SIGKILL": "out of memory, or killed",
    }
    return f"{name} ({reasons[name]})" if name in reasons else name
