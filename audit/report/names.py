"""File names for calls: what an officer recognises, safe on every file system, never the same for two calls."""

import hashlib
import re
import unicodedata

_UNSAFE = re.compile(r"[^0-9A-Za-z._\-\u3400-\u9fff]+")
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
# An id that looks like a name made here gets a hash as well: two ids never share a name.
_HASHED = re.compile(r"-[0-9a-f]{8}$")
_MAX_BYTES = 120


def file_stem(call_id: str) -> str:
    """The name of a call's files without extension.

    A call id of letters, digits, Han characters and `._-` is its own name; any other gets eight digits of its hash, so
    that ids that differ only in what a file name cannot hold never overwrite each other.

    >>> file_stem("2026-03-02_A07_001")
    '2026-03-02_A07_001'
    >>> file_stem("组一/1.wav"), file_stem("组一:1.wav")
    ('组一_1.wav-dd445f02', '组一_1.wav-15256c94')
    """
    safe = _UNSAFE.sub("_", unicodedata.normalize("NFC", call_id)).strip(".-")
    cut = safe.encode()[:_MAX_BYTES].decode(errors="ignore").rstrip(".")
    if cut and cut == call_id and not _RESERVED.fullmatch(cut) and not _HASHED.search(cut):
        return cut
    digest = hashlib.sha256(call_id.encode(errors="surrogatepass")).hexdigest()[:8]
    return f"{cut or 'call'}-{digest}"
