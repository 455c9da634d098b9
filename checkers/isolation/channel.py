"""The judge's end of the pipes to a worker: writing and reading with a deadline, and what is printed.

Nothing here waits longer than it is told, whatever the other side does.
"""

from __future__ import annotations

import os
import queue
import select
import threading
import time
from typing import BinaryIO, Protocol

from checkers.isolation.inside import frames

_CHUNK = 1 << 16


class ChannelClosed(Exception):
    """The worker has closed its end: it is gone."""


class TimeIsUp(Exception):
    """The deadline has passed."""


class _Pipes(Protocol):
    def write(self, data: memoryview, deadline: float) -> int: ...
    def read(self, deadline: float) -> bytes: ...
    def pending(self) -> bool: ...
    def close(self) -> None: ...


class Output:
    """What a submission prints: the first so many bytes since it was last taken; the rest is dropped.

    Args:
        most: how many bytes are kept.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._pieces = bytearray()
        self._dropped = 0

    def add(self, data: bytes) -> None:
        """Keeps what there is room for."""
        room = max(self._most - len(self._pieces), 0)
        self._pieces += data[:room]
        self._dropped += max(len(data) - room, 0)

    def taken(self) -> str:
        """The text since the last time, without control characters."""
        text = printable(self._pieces.decode("utf-8", errors="replace"))
        if self._dropped:
            text += f"\n... {self._dropped} more bytes"
        self._pieces, self._dropped = bytearray(), 0
        return text


def printable(text: str) -> str:
    """The text with what a terminal obeys, hides or cannot write replaced; tabs and ends of lines stay.

    These are control characters, marks that turn the order of writing or take no room, separators of lines
    and paragraphs, and halves of surrogate pairs, which no file can hold either.
    """
    return text.replace("\r\n", "\n").translate(_REPLACED)


_REPLACED = dict.fromkeys(
    (
        *(code for code in (*range(32), *range(127, 160)) if chr(code) not in "\t\n"),
        0x061C, 0x180E, 0x200B, 0x200E, 0x200F, 0xFEFF, *range(0x2028, 0x202F), *range(0x2060, 0x2070),
        *range(0xFFF9, 0xFFFC), *range(0xD800, 0xE000), *range(0xE0000, 0xE0080),
    ),
    "\ufffd",
)  # fmt: skip


class Channel:
    """Frames to and from one worker.

    Args:
        requests: where the worker reads.
        replies: where it answers.
        printed: what it prints.
        output: keeps that.
        largest: the largest payload of an answer, in bytes.
    """

    def __init__(
        self, requests: BinaryIO, replies: BinaryIO, printed: BinaryIO, output: Output, largest: int
    ) -> None:
        kind = _Polled if hasattr(select, "poll") else _Threaded
        self._pipes: _Pipes = kind(requests, replies, printed, output)
        self._largest = largest
        self._buffer = bytearray()

    def send(self, frame: bytes, deadline: float) -> None:
        """Writes a whole frame.

        Raises:
            ChannelClosed: the worker is gone.
            TimeIsUp: it did not read in time.
            frames.FrameError: it has answered what it was not asked.
        """
        if self._buffer or self._pipes.pending():
            raise frames.FrameError("it wrote to the channel without being asked")
        view = memoryview(frame)
        while view:
            view = view[self._pipes.write(view, deadline) :]

    def receive(self, deadline: float) -> tuple[bytes, bytearray]:
        """The header and the payload of the next frame.

        Raises:
            ChannelClosed: the worker is gone.
            TimeIsUp: no whole frame came in time.
            frames.FrameError: what came is no frame, or too large.
        """
        size = frames.PREFIX.size
        self._fill(size, deadline)
        header, payload = frames.lengths(bytes(self._buffer[:size]), frames.LARGEST_REPLY, self._largest)
        self._fill(size + header + payload, deadline)
        text = bytes(self._buffer[size : size + header])
        body = self._buffer[size + header : size + header + payload]
        del self._buffer[: size + header + payload]
        return text, body

    def _fill(self, count: int, deadline: float) -> None:
        while len(self._buffer) < count:
            self._buffer += self._pipes.read(deadline)

    def drain(self) -> None:
        """Reads what has been printed so far."""
        self._pipes.pending()

    def close(self) -> None:
        """Lets go of the pipes."""
        self._pipes.close()


class _Polled:
    """Pipes on POSIX, in the thread of the caller."""

    def __init__(self, requests: BinaryIO, replies: BinaryIO, printed: BinaryIO, output: Output) -> None:
        self._files = (requests, replies, printed)
        self._requests, self._replies, self._printed = (f.fileno() for f in self._files)
        self._output = output
        for descriptor in (self._requests, self._replies, self._printed):
            os.set_blocking(descriptor, False)
        self._reading, self._writing = select.poll(), select.poll()
        for poll in (self._reading, self._writing):
            poll.register(self._printed, select.POLLIN)
        self._reading.register(self._replies, select.POLLIN)
        self._writing.register(self._requests, select.POLLOUT)

    def write(self, data: memoryview, deadline: float) -> int:
        while True:
            try:
                return os.write(self._requests, data[:_CHUNK])
            except BlockingIOError:
                self._wait(self._writing, deadline)
            except OSError as error:
                raise ChannelClosed from error

    def read(self, deadline: float) -> bytes:
        while True:
            ready = self._wait(self._reading, deadline)
            if self._replies in ready:
                piece = os.read(self._replies, _CHUNK)
                if not piece:
                    self.pending()
                    raise ChannelClosed
                return piece

    def pending(self) -> bool:
        """Whether an answer waits; what is printed is read on the way."""
        for _ in range(1000):
            ready = {descriptor for descriptor, _ in self._reading.poll(0)}
            if self._printed not in ready:
                return self._replies in ready
            self._take()
        return self._replies in ready

    def close(self) -> None:
        for file in self._files:
            try:
                file.close()
            except OSError:  # the rest of a request that nobody reads
                continue

    def _wait(self, poll: select.poll, deadline: float) -> set[int]:
        left = deadline - time.monotonic()
        ready = {descriptor for descriptor, _ in poll.poll(max(left, 0) * 1000)}
        if self._printed in ready:
            self._take()
        if left <= 0 or not ready:  # a worker that always has one more byte does not gain time by it
            raise TimeIsUp
        return ready

    def _take(self) -> None:
        piece = os.read(self._printed, _CHUNK)
        self._output.add(piece)
        if not piece:
            for poll in (self._reading, self._writing):
                poll.unregister(self._printed)


class _Threaded:
    """Pipes where they cannot be polled (Windows): a thread for each."""

    def __init__(self, requests: BinaryIO, replies: BinaryIO, printed: BinaryIO, output: Output) -> None:
        self._requests = requests
        self._files = (requests, replies, printed)
        self._pieces: queue.Queue[bytes] = queue.Queue(64)
        self._wanted: queue.Queue[bytes | None] = queue.Queue()
        self._written: queue.Queue[bool] = queue.Queue()
        self._output = output
        for target, file in ((self._read_replies, replies), (self._read_printed, printed)):
            threading.Thread(target=target, args=(file.fileno(),), daemon=True).start()
        threading.Thread(target=self._write_requests, args=(requests.fileno(),), daemon=True).start()

    def write(self, data: memoryview, deadline: float) -> int:
        piece = bytes(data[:_CHUNK])
        self._wanted.put(piece)
        try:
            written = self._written.get(timeout=max(deadline - time.monotonic(), 0))
        except queue.Empty:
            raise TimeIsUp from None
        if not written:
            raise ChannelClosed
        return len(piece)

    def read(self, deadline: float) -> bytes:
        try:
            piece = self._pieces.get(timeout=max(deadline - time.monotonic(), 0))
        except queue.Empty:
            raise TimeIsUp from None
        if not piece:
            raise ChannelClosed
        return piece

    def pending(self) -> bool:
        return not self._pieces.empty()

    def close(self) -> None:
        self._wanted.put(None)
        for file in self._files:
            try:
                file.close()
            except OSError:
                continue

    def _write_requests(self, descriptor: int) -> None:
        while (piece := self._wanted.get()) is not None:
            try:
                view = memoryview(piece)
                while view:
                    view = view[os.write(descriptor, view) :]
                self._written.put(True)
            except OSError:
                self._written.put(False)
                return

    def _read_replies(self, descriptor: int) -> None:
        piece = b"-"
        while piece:
            piece = _read_or_end(descriptor)
            self._pieces.put(piece)

    def _read_printed(self, descriptor: int) -> None:
        while piece := _read_or_end(descriptor):
            self._output.add(piece)


def _read_or_end(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, _CHUNK)
    except OSError:
        return b""
