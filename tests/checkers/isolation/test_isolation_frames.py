"""What crosses between judge and worker, and what the judge refuses to take for a frame."""

from __future__ import annotations

import json
import os
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from checkers.isolation.channel import (
    Channel,
    ChannelClosed,
    Output,
    TimeIsUp,
    _Polled,
    _Threaded,
    printable,
)
from checkers.isolation.inside import frames, tree

DTYPES = st.one_of(
    npst.boolean_dtypes(),
    npst.integer_dtypes(endianness="="),
    npst.floating_dtypes(endianness="=", sizes=(16, 32, 64)),
)
ARRAYS = npst.arrays(DTYPES, npst.array_shapes(min_dims=0, min_side=0, max_dims=3))
LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**64) + 1, 2**64 - 1), st.floats(), st.text(), ARRAYS
)
TREES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.lists(inner, max_size=3).map(tuple),
        st.dictionaries(st.one_of(st.text(), st.integers(0, 9)), inner, max_size=3),
    ),
    max_leaves=8,
)


def split(frame: bytes) -> tuple[bytes, bytes]:
    size = frames.PREFIX.size
    header, payload = frames.lengths(frame[:size], frames.LARGEST_REPLY, 1 << 30)
    assert len(frame) == size + header + payload
    return frame[size : size + header], frame[size + header :]


def crossed(value):
    encoder = tree.Encoder(lambda _: None, lambda v, s: ["h", 0, type(v).__name__, s])
    frame = frames.pack({"v": encoder.encode(value)}, encoder.arrays)
    header, arrays = frames.unpack(*split(frame))
    return tree.Decoder(arrays, lambda n, t, s: (n, t, s)).decode(header["v"])


@given(TREES)
@settings(deadline=None)
def test_a_tree_crosses_unchanged(value):
    back = crossed(value)
    assert type(back) is type(value)
    np.testing.assert_equal(back, value)


def frame_of(header: object, payload: bytes = b"") -> tuple[bytes, bytes]:
    return json.dumps(header).encode(), payload


@pytest.mark.parametrize(
    ("header", "payload"),
    [
        ([], b""),
        ({}, b""),
        ({"arrays": {}}, b""),
        ({"arrays": [["<f8", [2]]]}, bytes(8)),
        ({"arrays": [["<f8", [2]]]}, bytes(24)),
        ({"arrays": []}, b"x"),
        ({"arrays": [["|O", [1]]]}, bytes(8)),
        ({"arrays": [["<M8[s]", [1]]]}, bytes(8)),
        ({"arrays": [[["<f8"], [1]]]}, bytes(8)),
        ({"arrays": [["<f8", [-1]]]}, b""),
        ({"arrays": [["<f8", [1.0]]]}, bytes(8)),
        ({"arrays": [["<f8", [True]]]}, bytes(8)),
        ({"arrays": [["<f8", [1 << 60, 0]]]}, b""),
        ({"arrays": [["<f8", [0, 1 << 47, 1 << 47]]]}, b""),
        ({"arrays": [["<f8", [1] * 40]]}, bytes(8)),
        ({"arrays": [["<f8", 1]]}, bytes(8)),
        ({"arrays": [["<f8"]]}, bytes(8)),
    ],
)
def test_a_frame_whose_arrays_are_not_there_is_refused(header, payload):
    with pytest.raises(frames.FrameError):
        frames.unpack(*frame_of(header, payload))


@pytest.mark.parametrize(
    "text", [b"\xff", b"{", b"[" * 100_000, b'{"arrays": [], "n": ' + b"9" * 5000 + b"}"]
)
def test_a_header_that_is_no_json_is_refused(text):
    with pytest.raises(frames.FrameError):
        frames.unpack(text, b"")


@pytest.mark.parametrize("prefix", [(b"evil", 1, 1), (frames.MAGIC, 1 << 31, 0), (frames.MAGIC, 10, 1 << 40)])
def test_a_prefix_that_promises_too_much_is_refused(prefix):
    with pytest.raises(frames.FrameError):
        frames.lengths(frames.PREFIX.pack(*prefix), frames.LARGEST_REPLY, 1 << 20)


@pytest.mark.parametrize(
    "spec",
    [
        {}, [], ["a"], ["a", 7], ["a", -1], ["a", "0"], ["a", True], ["t", 1], ["d", [[1]]],
        ["d", [[["l", []], 1]]],
        ["d", [[["t", [1]], 2]]], ["d", [[["d", []], 2]]], ["d", [[1 << 64, 2]]], 1 << 64,
        ["h", 1, 2, 3], ["h", "x", "y", "z"], ["r", 0, []], ["z", 1], ["c", "x", 1], [["a"], 1], ["n", 5],
    ],
)  # fmt: skip
def test_a_value_that_is_not_what_its_tag_says_is_refused(spec):
    with pytest.raises(frames.FrameError):
        tree.Decoder([np.zeros(1)], lambda *a: a).decode(spec)


def test_a_value_nested_too_deeply_is_refused():
    spec: object = 1
    for _ in range(100):
        spec = ["l", [spec]]
    with pytest.raises(frames.FrameError, match="deeply"):
        tree.Decoder([], lambda *a: a).decode(spec)


def test_what_is_left_over_says_why():
    assert "objects" in crossed(np.array([None]))[2]
    assert "dtype <U1" in crossed(np.array(["a"]))[2]
    assert crossed(1 << 70)[2] == "it is too large"
    assert crossed([{(1, "a"): 2.0}])[0][1] == "dict"  # such keys can be made to collide
    assert crossed([{1: 2.0, "a": 3.0, None: 4.0}]) == [{1: 2.0, "a": 3.0, None: 4.0}]
    assert crossed({frozenset(): 1})[1] == "dict"


def test_control_characters_do_not_reach_the_terminal():
    assert printable("a\x1b[31mb\r\n\tc\x07\u202e") == "a\ufffd[31mb\n\tc\ufffd\ufffd"


def test_what_no_file_can_hold_is_replaced():
    text = printable("\ud800 π \u200b \U000e0041 é")
    assert text == "\ufffd π \ufffd \ufffd é"
    text.encode()


def test_an_array_without_entries_has_no_endless_axis():
    header = {"arrays": [["<f8", [1 << 40, 0]]]}
    with pytest.raises(frames.FrameError, match="without entries"):
        frames.unpack(*frame_of(header, b""))
    assert frames.unpack(*frame_of({"arrays": [["<f8", [3, 0]]]}, b""))[1][0].shape == (3, 0)


def test_output_is_cut_off():
    output = Output(4)
    output.add(b"abcdef")
    output.add(b"gh")
    assert output.taken() == "abcd\n... 4 more bytes"
    assert output.taken() == ""


@pytest.fixture(params=[_Polled, _Threaded])
def ends(request, monkeypatch):
    """A channel, and the three descriptors at its other end: requests, replies, output."""
    if request.param is _Threaded:
        monkeypatch.delattr("select.poll")
    requests, replies, printed = os.pipe(), os.pipe(), os.pipe()
    files = [
        os.fdopen(d, mode, buffering=0)
        for d, mode in ((requests[1], "wb"), (replies[0], "rb"), (printed[0], "rb"))
    ]
    output = Output(100)
    channel = Channel(*files, output, 1 << 20)
    others = [requests[0], replies[1], printed[1]]
    yield channel, others, output
    for descriptor in others:
        try:
            os.close(descriptor)
        except OSError:
            continue
    channel.close()


def soon() -> float:
    return time.monotonic() + 5


def test_a_channel_carries_frames_both_ways(ends):
    channel, (request, reply, _), _ = ends
    channel.send(b"hello", soon())
    assert os.read(request, 100) == b"hello"
    first, second = frames.pack({"k": 1}, [np.ones(3)]), frames.pack({"k": 2}, [])
    os.write(reply, first + second)
    for number in (1, 2):
        header, _arrays = frames.unpack(*channel.receive(soon()))
        assert header["k"] == number


def test_a_channel_does_not_wait_beyond_its_deadline(ends):
    channel, (_, reply, _), _ = ends
    os.write(reply, b"gprf")
    with pytest.raises(TimeIsUp):
        channel.receive(time.monotonic() + 0.05)
    channel._buffer.clear()
    with pytest.raises(TimeIsUp):
        channel.send(bytes(1 << 22), time.monotonic() + 0.05)


def test_a_closed_channel_is_noticed(ends):
    channel, others, _ = ends
    os.close(others[1])
    with pytest.raises(ChannelClosed):
        channel.receive(soon())


def test_an_answer_that_nobody_asked_for_is_noticed(ends):
    channel, (_, reply, _), _ = ends
    first = frames.pack({"k": 1}, [])
    os.write(reply, first + first)
    channel.receive(soon())
    with pytest.raises(frames.FrameError, match="without being asked"):
        channel.send(b"x", soon())
