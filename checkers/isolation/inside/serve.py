"""The loop of the worker: reads a request, does it, answers; a submission can spoil only its own answer."""

from __future__ import annotations

import os
import random
import sys
import time
from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np

from . import alarm, frames, load, modules, replaced, stepped, tree
from .trouble import Files, described

Row: TypeAlias = "dict[str, Any]"

# Taken before any line of the submission runs, so that it cannot replace them for us.
_read, _write, _exit, _clock = os.read, os.write, os._exit, time.perf_counter
_seed_numpy, _seed_random = np.random.seed, random.seed
_shares, _may_share, _ndarray = np.shares_memory, np.may_share_memory, np.ndarray
_MOST_WORK: Any = 10_000
_DEEPEST, _MOST_PARTS = 9, 10_000


class Server:
    """Answers the judge until it closes the channel.

    Args:
        requests: the descriptor to read.
        replies: the descriptor to write.
        settings: what the judge says about the file, the limits and the policy.
        ours: our own files, which no traceback shows.
    """

    def __init__(self, requests: int, replies: int, settings: Row, ours: frozenset[str]) -> None:
        self._requests, self._replies, self._settings = requests, replies, settings
        self._files = Files(settings["file"], ours, settings["folder"])
        self._kept: dict[int, Any] = {}
        self._next = 0
        self._buffer = bytearray()
        self._out = sys.stdout
        self._err = sys.stderr
        self._submission: load.Submission | None = None
        self._watch = replaced.Watch()
        self._gate = modules.Gate(
            settings["refused"], settings["inert"], settings["stubs"], settings["watched"]
        )

    def announce(self, protections: list[Any]) -> None:
        """The first frame: which protections are in force."""
        self._reply({"n": self._settings["nonce"], "protections": protections}, [])

    def serve(self) -> None:
        """Reads and answers until the channel ends."""
        while True:
            prefix = self._exactly(frames.PREFIX.size)
            header_length, payload_length = frames.lengths(prefix, frames.LARGEST_REQUEST, 1 << 40)
            text = self._exactly(header_length)
            header, arrays = frames.unpack(text, self._exactly(payload_length))
            for number in header.get("release", ()):
                self._kept.pop(number, None)
            getattr(self, f"_do_{header['op']}")(header, arrays)

    def _exactly(self, count: int) -> bytes:
        while len(self._buffer) < count:
            piece = _read(self._requests, 1 << 20)
            if not piece:
                _exit(0)
            self._buffer += piece
        taken = bytes(self._buffer[:count])
        del self._buffer[:count]
        return taken

    def _reply(self, header: Row, arrays: list[Any]) -> None:
        try:
            for stream in (self._out, self._err):
                stream.flush()
        except BaseException:  # the submission closed it
            pass
        try:
            frame = frames.pack(header, arrays)
        except frames.FrameError as error:
            refused = {"crash": "refused", "error": "", "message": str(error), "traceback": "", "line": None}
            frame = frames.pack({"n": header["n"], "k": header.get("k", 0), **refused}, [])
        view = memoryview(frame)
        while view:
            view = view[_write(self._replies, view[: 1 << 20]) :]

    def _do_survey(self, header: Row, arrays: list[Any]) -> None:
        del arrays
        self._files.relabel(header["labels"])
        name = self._settings["module"]
        self._submission = load.Submission(header["source"], self._settings["file"], name, self._files)
        for stub, source in self._settings["stubs"].items():
            self._files.add(f"<{stub}>", source)
        self._reply({"n": header["n"], **self._submission.survey()}, [])

    def _do_load(self, header: Row, arrays: list[Any]) -> None:
        del arrays
        assert self._submission is not None
        self._gate.install()
        if self._settings["python2_names"]:
            load.define_names_of_python2()
        started = _clock()
        try:
            failures = self._submission.run(self._settings["keep_going"], header["seconds"])
            alarm.start(header["seconds"])
            listing = self._submission.listing()
            alarm.stop()
        except BaseException as error:
            alarm.off()
            row = described(error, self._files)
            self._reply({"n": header["n"], **row}, [])
            return
        row = {
            "failures": failures,
            "noted": self._gate.noted[:200],
            "seconds": _clock() - started,
            "replaced": self._watch.anywhere(),
            **listing,
        }
        self._reply({"n": header["n"], **row}, [])

    def _do_run(self, header: Row, arrays: list[Any]) -> None:
        if header["stepped"]:
            with stepped.followed(self._namespaces()):
                self._run(header, [a.view(stepped.Stepped) if a.dtype.kind == "c" else a for a in arrays])
        else:
            self._run(header, arrays)

    def _namespaces(self) -> list[Row]:
        """The global names of the submission and of its helper modules."""
        assert self._submission is not None
        found = [sys.modules.get(name) for name in self._settings["stubs"]]
        return [self._submission.names, *(vars(module) for module in found if module is not None)]

    def _run(self, header: Row, arrays: list[Any]) -> None:
        results: list[Any] = []
        for k, step in enumerate(header["steps"]):
            started = _clock()
            encoder = tree.Encoder(_unknown, self._keep)
            row: Row
            try:
                row = self._step(step, arrays, results, encoder, header["seconds"])
            except BaseException as error:
                alarm.off()
                row = described(error, self._files)
                encoder.arrays.clear()
                results += [_FAILED] * (k + 1 - len(results))
            row["n"], row["k"], row["seconds"] = header["n"], k, _clock() - started
            if k == len(header["steps"]) - 1:
                row["replaced"] = self._watch.in_public()
            self._reply(row, encoder.arrays)

    def _step(
        self, step: Row, arrays: list[Any], results: list[Any], encoder: tree.Encoder, seconds: float
    ) -> Row:
        def reference(number: int, path: tuple[Any, ...]) -> Any:
            if results[number] is _FAILED:
                raise _Skipped(f"it needs the result of step {number}, which has none")
            return _part(results[number], path)

        def handle(number: int, _type: str, _sentence: str) -> Any:
            if number not in self._kept:
                raise _Skipped("it needs an object that is no longer there")
            return self._kept[number]

        decoder = tree.Decoder(arrays, handle, reference)
        try:
            function, args, kwargs = self._prepared(step, decoder)
        except _Skipped as skipped:
            results.append(_FAILED)
            return {"crash": "refused", "error": "", "message": str(skipped), "traceback": "", "line": None}
        watched = _leaves(args, kwargs) if step.get("watch") else []
        if step.get("seed") is not None:
            _seed_numpy(step["seed"])
            _seed_random(step["seed"])
        alarm.start(seconds)
        value = function(*args, **kwargs)
        alarm.stop()
        results.append(value)
        row: Row = {}
        send = step["send"]
        if send is not False:
            alarm.start(seconds)  # a value can take its time to be read: a list that grows, a hostile mapping
            part = value if send is True else _part(value, tuple(send))
            row["v"] = self._keep(part, "") if step["do"] == "construct" else encoder.encode(part)
            if watched:
                row["aliased"] = _aliased(part, watched)
            alarm.stop()
        if watched:
            row["changed"] = [path for path, array, before in watched if array.tobytes() != before]
        if step.get("keep"):
            row["whole"] = self._keep(value, "")
        return row

    def _prepared(
        self, step: Row, decoder: tree.Decoder
    ) -> tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any]]:
        assert self._submission is not None
        names, do = self._submission.names, step["do"]
        if do in ("get", "set"):
            owner = decoder.decode(step["object"])
            if do == "get":
                return (_get, (names, owner, step["name"]), {})
            return (_set, (names, owner, step["name"], step["key"], decoder.decode(step["value"])), {})
        args, kwargs = decoder.decode(step["args"]), decoder.decode(step["kwargs"])
        if do == "method":
            target = getattr(decoder.decode(step["object"]), step["name"])
        elif type(step["target"]) is str:
            first, *rest = step["target"].split(".")
            target = names[first]
            for name in rest:
                target = getattr(target, name)
        else:
            target = decoder.decode(step["target"])
        return target, args, kwargs

    def _keep(self, value: Any, sentence: str) -> list[Any]:
        number = self._next
        self._next += 1
        self._kept[number] = value
        name = type(value).__name__
        return ["h", number, name[:200] if type(name) is str else "object", sentence]


class _Skipped(Exception):
    pass


_FAILED = object()


def _unknown(value: Any) -> None:
    del value


def _get(names: dict[str, Any], owner: Any, name: str) -> Any:
    return names[name] if owner is None else getattr(owner, name)


def _set(names: dict[str, Any], owner: Any, name: str, key: Any, value: Any) -> None:
    if key is not None:
        _get(names, owner, name)[key] = value
    elif owner is None:
        names[name] = value
    else:
        setattr(owner, name, value)


def _part(value: Any, path: tuple[Any, ...]) -> Any:
    for step in path:
        value = getattr(value, step) if type(step) is str and not isinstance(value, dict) else value[step]
    return value


def _leaves(args: Any, kwargs: Any) -> list[tuple[list[Any], Any, bytes]]:
    """(path, array, its bytes before the call) of the arrays in the arguments."""
    found: list[tuple[list[Any], Any, bytes]] = []
    for path, array in _arrays_in([*enumerate(args), *kwargs.items()]):
        found.append((path, array, array.tobytes()))
    return found


def _aliased(value: Any, watched: list[tuple[list[Any], Any, bytes]]) -> list[Any]:
    found = []
    for path, array in _arrays_in([("", value)]):
        found += [
            [path[1:], source]
            for source, given, _ in watched
            if _may_share(array, given) and _overlap(array, given)
        ]
    return found[:100]


def _overlap(one: Any, other: Any) -> bool:
    try:
        return _shares(one, other, _MOST_WORK)
    except Exception:  # strides so entangled that it would take too long to tell
        return True


def _arrays_in(pairs: Any) -> list[tuple[list[Any], Any]]:
    """(path, array) of the arrays in a tree, in its first so many parts: a list may hold itself."""
    found: list[tuple[list[Any], Any]] = []
    pending = [([key], item) for key, item in pairs]
    for path, item in pending:  # grows as it goes
        kind = type(item)
        if kind is _ndarray:
            if not item.dtype.hasobject:
                found.append((path, item))
        elif len(path) < _DEEPEST and len(pending) < _MOST_PARTS and kind in (tuple, list):
            pending += [([*path, k], part) for k, part in enumerate(item)]
        elif len(path) < _DEEPEST and len(pending) < _MOST_PARTS and kind is dict:
            pending += [([*path, k], part) for k, part in item.items() if type(k) in (str, int)]
    return found
