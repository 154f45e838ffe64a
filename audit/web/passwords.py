"""Passwords: argon2id (RFC 9106, the recommendation for little memory, as argon2-cffi has it by default)."""

import secrets
import threading
import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from audit.errors import InputError

SHORTEST, LONGEST = 10, 256
# Read from a screen, typed on another: nothing that looks like something else.
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
_HASHER = PasswordHasher()
# Each takes 64 MiB and a core for a moment: a flood of sign-ins must not take the machine's memory.
_AT_ONCE = threading.BoundedSemaphore(2)
# Of a password that nobody knows: unknown names take as long as known ones.
_NOBODYS = _HASHER.hash(b"\xff")


def hashed(password: str, name: str) -> str:
    """The hash to be kept of the password of the user `name`.

    Raises InputError CA802 when it is shorter than `SHORTEST` or longer than `LONGEST` characters, or much the same as the name.
    """
    plain, like = _normal(password), _normal(name)
    if not SHORTEST <= len(plain) <= LONGEST or plain.casefold().strip("0123456789!. ") == like.casefold():
        raise InputError("CA802", shortest=SHORTEST, longest=LONGEST)
    with _AT_ONCE:
        return _HASHER.hash(_bytes(password))


def matches(kept: str | None, password: str) -> bool:
    """Whether `password` is the one of the hash `kept`. None (no such user, no password) is as much work, and never matches."""
    if len(password) > LONGEST:
        return False
    with _AT_ONCE:
        try:
            right = _HASHER.verify(kept or _NOBODYS, _bytes(password))
        except (VerificationError, InvalidHashError):
            return False
    return right and kept is not None


def outdated(kept: str) -> bool:
    """Whether a hash was made with weaker parameters than ours of today: hash again at the next sign-in."""
    return _HASHER.check_needs_rehash(kept)


def one_time() -> str:
    """A password that somebody is told, with 79 random bits: four groups of four letters."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(4))


def _normal(text: str) -> str:
    # The same characters typed on another keyboard or machine.
    return unicodedata.normalize("NFKC", text)


def _bytes(password: str) -> bytes:
    return _normal(password).encode(errors="surrogatepass")
