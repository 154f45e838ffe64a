"""Bytes to characters: which encoding, and is it text at all."""

import codecs
import hashlib
import json
import re
from pathlib import Path
from typing import TypeAlias

from audit.errors import InputError
from audit.i18n import tr

TRANSCRIPT_BYTES = 64 * 1024 * 1024
Hash: TypeAlias = "hashlib._Hash"
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_MAGIC = (
    b"RIFF",
    b"ID3",
    b"OggS",
    b"fLaC",
    b"PK\x03\x04",
    b"%PDF",
    b"\x89PNG",
    b"\x1f\x8b",
    b"#!AMR",
    b"\xd0\xcf\x11\xe0",
)
_CONTROL = bytes(set(range(32)) - set(b"\t\n\r\f")) + b"\x7f"
_HEAD = 65_536
_CHUNK = 1_048_576
# Half of a Traditional text lies inside GB2312, of random bytes read as GB18030 a third.
_COMMON_SHARE = 0.5
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_HAN = re.compile("[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\u3000-\u303f]")


def clean(text: str) -> str:
    """`text` with control characters and lone surrogates replaced one for one by U+FFFD: no report could show them.

    >>> clean("还\\x00钱")
    '还\ufffd钱'
    """
    return _UNPRINTABLE.sub("\ufffd", text)


def join(left: str, right: str) -> str:
    """Two pieces of one utterance: written together in Chinese, with a space between Latin words.

    >>> join("你要是再不", "还钱"), join("pay", "now")
    ('你要是再不还钱', 'pay now')
    """
    return left + separator(left, right) + right


def separator(left: str, right: str) -> str:
    """What stands between two pieces of one utterance: nothing beside Chinese, else a space."""
    if not left or not right or _HAN.match(left[-1]) or _HAN.match(right[0]):
        return ""
    return " "


def read_bytes(path: str) -> bytes:
    """The bytes of a transcript file.

    Raises InputError when it cannot be read, is empty, or is larger than one call's transcript can be.
    """
    try:
        size = Path(path).stat().st_size
        if size > TRANSCRIPT_BYTES:
            raise InputError("CA107", path, megabytes=size // 1_000_000, limit=TRANSCRIPT_BYTES // 1_000_000)
        data = Path(path).read_bytes()
    except OSError as error:
        raise InputError("CA105", path, reason=error.strerror or type(error).__name__) from error
    if not data.strip():
        raise InputError("CA106", path)
    return data


def file_sha256(path: str) -> Hash:
    """SHA-256 of a file of any size, to be updated further or read.

    Raises InputError when the file cannot be read.
    """
    try:
        with Path(path).open("rb") as stream:
            return hashlib.file_digest(stream, "sha256")
    except OSError as error:
        raise InputError("CA105", path, reason=error.strerror or type(error).__name__) from error


def sha256(data: bytes) -> Hash:
    """SHA-256 of `data`, to be updated further or read."""
    return hashlib.sha256(data)


def decode(data: bytes, where: str) -> str:
    """The characters of `data`: UTF-8, UTF-16 with a byte order mark, or GB18030.

    Raises InputError when `data` is no text or in none of these encodings.
    """
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return _decode_as(data, encoding, where)
    if is_binary(data[:_HEAD]):
        raise InputError("CA108", where)
    try:
        return data.decode()
    except UnicodeDecodeError:
        text = _decode_as(data, "gb18030", where)
    if _is_broken_utf8(data) or not _reads_as_chinese(text):
        raise InputError("CA109", where)
    return text


def encoding_of(path: str) -> str:
    """The encoding of a text file of any size, by the same rules as `decode`.

    Raises InputError as `decode` does, and when the file cannot be read.
    """
    try:
        with Path(path).open("rb") as stream:
            head = stream.read(_HEAD)
            for bom, encoding in _BOMS:
                if head.startswith(bom):
                    return encoding
            if is_binary(head):
                raise InputError("CA108", path)
            decoder = codecs.getincrementaldecoder("utf-8")()
            stream.seek(0)
            try:
                while chunk := stream.read(_CHUNK):
                    decoder.decode(chunk)
                decoder.decode(b"", final=True)
            except UnicodeDecodeError:
                return _gb18030(path, head)
            return "utf-8"
    except OSError as error:
        raise InputError("CA105", path, reason=error.strerror or type(error).__name__) from error


# What Python's reader of JSON finds wrong.
_JSON_PROBLEMS = {
    "Expecting value": "此处应有一个值",
    "Expecting ',' delimiter": "此处应有逗号",
    "Expecting ':' delimiter": "此处应有冒号",
    "Expecting property name enclosed in double quotes": "此处应有双引号括起的名称",
    "Unterminated string starting at": "文字没有结束的引号",
    "Invalid control character at": "文字里有换行等控制字符",
    "Invalid \\escape": "反斜杠后的字符不对",
    "Invalid \\uXXXX escape": "\\u 后应有四位十六进制数",
    "Extra data": "结束之后还有内容",
    "Illegal trailing comma before end of object": "最后一项之后多了逗号",
    "Illegal trailing comma before end of array": "最后一项之后多了逗号",
}


def json_problem(message: str) -> str:
    """What Python's reader of JSON says is wrong, in the language in force."""
    return tr(_JSON_PROBLEMS.get(message, message), message)


def parse_json(text: str, where: str) -> object:
    """The JSON value in `text`. Raises InputError naming line and column when it is none or nested too deeply."""
    try:
        value: object = json.loads(text)
    except json.JSONDecodeError as error:
        raise InputError("CA110", f"{where}:{error.lineno}:{error.colno}", reason=json_problem(error.msg)) from error
    except ValueError as error:
        raise InputError("CA110", where, reason=str(error)) from error
    except RecursionError as error:
        raise InputError("CA111", where) from error
    return value


def _decode_as(data: bytes, encoding: str, where: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise InputError("CA109", where) from error


def _gb18030(path: str, head: bytes) -> str:
    decoder = codecs.getincrementaldecoder("gb18030")()
    read = ""
    with Path(path).open("rb") as stream:
        try:
            while chunk := stream.read(_CHUNK):
                decoded = decoder.decode(chunk)
                read = read or decoded
            decoder.decode(b"", final=True)
        except UnicodeDecodeError as error:
            raise InputError("CA109", path) from error
    if _is_broken_utf8(head) or not _reads_as_chinese(read):
        raise InputError("CA109", path)
    return "gb18030"


def is_binary(head: bytes) -> bool:
    """Whether the first bytes of a file are no text: a known magic number, or too many control characters."""
    if head.startswith(_MAGIC):
        return True
    controls = len(head) - len(head.translate(None, _CONTROL))
    return controls > len(head) / 100


def _is_broken_utf8(data: bytes) -> bool:
    """Whether most of it is Chinese in UTF-8 after all: read as GB18030 it would turn into harmless nonsense."""
    text = data[: 4 * _HEAD].decode(errors="replace")
    return len(_HAN.findall(text)) > text.count("\ufffd")


def _reads_as_chinese(text: str) -> bool:
    foreign = [char for char in text[:_HEAD] if char > "\x7f"]
    common = sum(1 for char in foreign if char.encode("gb2312", "ignore"))
    return common >= _COMMON_SHARE * len(foreign)
