"""Office files are zip archives: looked over before anything unpacks them."""

import struct
import zipfile
import zlib
from io import BytesIO

from audit.errors import InputError
from audit.i18n import tr

UNPACKED_BYTES = 64 * 1024 * 1024
ENTRIES = 5_000
_COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# Office keeps a document with a password in a compound file with a stream of this name.
_ENCRYPTED_STREAM = "EncryptedPackage".encode("utf-16-le")
_ENCRYPTED_FLAG = 0x1
_LOCAL_HEADER = struct.Struct("<4s22xHH")
_LOCAL_MAGIC = b"PK\x03\x04"
_CHUNK = 65_536
# What zipfile raises over archives that were cut or made up, when it opens or reads them.
BROKEN = (zipfile.BadZipFile, zlib.error, struct.error, NotImplementedError, OverflowError, EOFError, OSError)


def guard(data: bytes, where: str) -> None:
    """Nothing, when `data` is a zip archive that can be unpacked within bounds.

    Raises InputError when it is no archive or a broken one (CA500), would unpack to too much, or to more than it declares (CA501),
    or asks for a password (CA503).
    """
    if data.startswith(_COMPOUND):
        if _ENCRYPTED_STREAM in data:
            raise InputError("CA503", where)
        raise InputError("CA500", where, reason=tr("旧版 Office 格式", "an old Office format"))
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            entries = archive.infolist()
    except (*BROKEN, ValueError) as error:
        raise broken(where) from error
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > UNPACKED_BYTES or len(entries) > ENTRIES:
        raise _too_large(where, unpacked, len(entries))
    # Entries that share their bytes would be unpacked over and over.
    if sum(entry.compress_size for entry in entries) > len(data):
        raise broken(where)
    for entry in entries:
        if entry.flag_bits & _ENCRYPTED_FLAG:
            raise InputError("CA503", where)
        if _is_longer_than_declared(data, entry, where):
            raise _too_large(where, unpacked, len(entries))


def _is_longer_than_declared(data: bytes, entry: zipfile.ZipInfo, where: str) -> bool:
    """Whether an entry unpacks to more than the directory says: Python's reader stops there, others need not."""
    header = data[entry.header_offset : entry.header_offset + _LOCAL_HEADER.size]
    if len(header) < _LOCAL_HEADER.size:
        raise broken(where)
    magic, name_length, extra_length = _LOCAL_HEADER.unpack(header)
    if magic != _LOCAL_MAGIC or entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise broken(where)
    start = entry.header_offset + _LOCAL_HEADER.size + name_length + extra_length
    if entry.compress_type == zipfile.ZIP_STORED:
        return entry.compress_size > entry.file_size
    return _unpacked_size(data, start, start + entry.compress_size, entry.file_size, where) > entry.file_size


def _unpacked_size(data: bytes, start: int, end: int, limit: int, where: str) -> int:
    """How many bytes a deflated stream gives, counted up to `limit` and one more chunk."""
    unpack = zlib.decompressobj(-zlib.MAX_WBITS)
    size = 0
    try:
        for at in range(start, end, _CHUNK):
            rest = data[at : min(at + _CHUNK, end)]
            while rest and not unpack.eof and size <= limit:
                size += len(unpack.decompress(rest, _CHUNK))
                rest = unpack.unconsumed_tail
            if unpack.eof or size > limit:
                break
        # What one more chunk of output left inside the decompressor.
        size += len(unpack.flush()) if not unpack.eof and size <= limit else 0
    except zlib.error as error:
        raise broken(where) from error
    return size


def broken(where: str) -> InputError:
    """The error for an archive that was cut or made up."""
    return InputError("CA500", where, reason=tr("不是完整的压缩包", "no whole archive"))


def _too_large(where: str, unpacked: int, entries: int) -> InputError:
    megabytes, limit = unpacked // 1_000_000, UNPACKED_BYTES // 1_000_000
    return InputError("CA501", where, megabytes=megabytes, limit=limit, entries=entries, most=ENTRIES)
