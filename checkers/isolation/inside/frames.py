"""Frames between judge and worker: a JSON header and the raw bytes of arrays.

Layout: magic (4 bytes), length of the header (uint32), length of the payload (uint64), all little-endian; the
header in UTF-8; the arrays one after the other in C order. ``header["arrays"]`` lists (dtype, shape) of each.
"""

from __future__ import annotations

import json.decoder
import json.encoder
import struct
from typing import Any

import numpy as np
from numpy.typing import NDArray

PREFIX = struct.Struct("<4sIQ")
MAGIC = b"gprf"
LARGEST_REQUEST, LARGEST_REPLY = 128 << 20, 8 << 20
"""How long a header may be: that of the judge holds a file's text, that of a worker is not to be trusted."""
MOST_AXES = 32
LARGEST_EMPTY = 1 << 20
"""How large the axes of an array without entries may be, those of length 0 aside."""

_DTYPES = {
    np.dtype(code).str: np.dtype(code)
    for code in (
        "?", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8",
        "f2", "f4", "f8", "longdouble", "c8", "c16", "clongdouble",
    )
}  # fmt: skip

# Taken once: a submission may replace what the module json offers.
_encode = json.encoder.JSONEncoder(ensure_ascii=True, separators=(",", ":")).encode
_decode = json.decoder.JSONDecoder().decode
_frombuffer, _prefix, _unprefix = np.frombuffer, PREFIX.pack, PREFIX.unpack


class FrameError(Exception):
    """Bytes that are no frame; the sentence says why."""


def sendable(dtype: np.dtype[Any]) -> bool:
    """Whether arrays of this dtype cross: Booleans, integers, floats and complex numbers in native order."""
    return dtype.str in _DTYPES


def pack(header: dict[str, Any], arrays: list[NDArray[Any]], longest: int = LARGEST_REPLY) -> bytes:
    """One frame; ``header`` gains the entry "arrays".

    Args:
        header: what is said.
        arrays: what it numbers.
        longest: how long the header may be, in bytes.

    Raises:
        FrameError: an array of a dtype that does not cross, or a header that is too long.
    """
    listed = []
    for a in arrays:
        if a.dtype.str not in _DTYPES:
            raise FrameError(f"arrays of dtype {a.dtype} do not cross")
        listed.append([a.dtype.str, list(a.shape)])
    header["arrays"] = listed
    text = _encode(header).encode()
    if len(text) > longest:
        raise FrameError(f"a header of {len(text)} bytes is longer than {longest}")
    pieces = [a.tobytes() for a in arrays]
    return b"".join((_prefix(MAGIC, len(text), sum(map(len, pieces))), text, *pieces))


def lengths(prefix: bytes, largest_header: int, largest_payload: int) -> tuple[int, int]:
    """The lengths of header and payload.

    Args:
        prefix: the first bytes of a frame.
        largest_header: the longest header that is read.
        largest_payload: the longest payload.

    Raises:
        FrameError: it is no prefix of a frame, or one of them is too long.
    """
    magic, header, payload = _unprefix(prefix)
    if magic != MAGIC:
        raise FrameError("the bytes are no frame")
    if header > largest_header:
        raise FrameError(f"a header of {header} bytes is longer than {largest_header}")
    if payload > largest_payload:
        raise FrameError(f"arrays of {payload} bytes are more than {largest_payload}")
    return header, payload


def unpack(text: bytes, payload: bytes | bytearray | memoryview) -> tuple[dict[str, Any], list[NDArray[Any]]]:
    """Header and arrays: plain ndarrays that own their memory.

    Raises:
        FrameError: the header is no JSON object, or names arrays that the payload does not hold.
    """
    try:
        header = _decode(text.decode())
    except (ValueError, RecursionError) as error:
        raise FrameError("the header is no JSON") from error
    if type(header) is not dict or type(header.get("arrays")) is not list:
        raise FrameError("the header lists no arrays")
    arrays, offset = [], 0
    for entry in header["arrays"]:
        dtype, shape, count = _form(entry)
        end = offset + count * dtype.itemsize
        if end > len(payload):
            raise FrameError(f"the arrays take more than the {len(payload)} bytes that came")
        arrays.append(
            _frombuffer(payload, dtype, count, offset).reshape(shape).copy()
            if count
            else np.zeros(shape, dtype)
        )
        offset = end
    if offset != len(payload):
        raise FrameError(f"{len(payload)} bytes came for arrays of {offset}")
    return header, arrays


def _form(entry: object) -> tuple[np.dtype[Any], tuple[int, ...], int]:
    if type(entry) is not list or len(entry) != 2:
        raise FrameError("an array is listed without dtype and shape")
    name, shape = entry
    dtype = _DTYPES.get(name) if type(name) is str else None
    if dtype is None:
        raise FrameError("an array has a dtype that does not cross")
    if type(shape) is not list or len(shape) > MOST_AXES:
        raise FrameError("an array has no shape")
    count = around = 1
    for size in shape:
        if type(size) is not int or not 0 <= size < 1 << 48:
            raise FrameError("an array has a size that is no size")
        count *= size
        around *= size or 1
    if not count and around > LARGEST_EMPTY:  # no entry to send, and yet endless to whoever walks its rows
        raise FrameError(f"an array without entries cannot have the shape {tuple(shape)}")
    return dtype, tuple(shape), count
