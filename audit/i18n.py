"""The language of everything a person reads: Simplified Chinese unless asked otherwise.

The command line sets the language of its process once, before any message is made; who serves several people at once speaks to each
in their own (`speaking`).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Literal

Lang = Literal["zh", "en"]
LANGUAGES: tuple[Lang, ...] = ("zh", "en")

_current: Lang = "zh"
_here: ContextVar[Lang | None] = ContextVar("language", default=None)


def language() -> Lang:
    """The language in force, `zh` or `en`."""
    return _here.get() or _current


def set_language(lang: str) -> None:
    """Make `lang` the language of all later messages.

    Raises ValueError for a language that is not spoken here.
    """
    global _current
    if lang not in LANGUAGES:
        raise ValueError(f"unknown language {lang!r}, expected one of {', '.join(LANGUAGES)}")
    _current = lang


def tr(zh: str, en: str) -> str:
    """The text in the language in force.

    >>> tr("通话", "call")
    '通话'
    """
    return en if language() == "en" else zh


@contextmanager
def speaking(lang: Lang) -> Iterator[None]:
    """Speak `lang` until the block ends, in this task or thread only."""
    token = _here.set(lang)
    try:
        yield
    finally:
        _here.reset(token)
