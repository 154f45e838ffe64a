"""The language of everything a person reads: Simplified Chinese unless asked otherwise.

One process speaks one language: the command line sets it once, before any message is made.
"""

from typing import Literal

Lang = Literal["zh", "en"]
LANGUAGES: tuple[Lang, ...] = ("zh", "en")

_current: Lang = "zh"


def language() -> Lang:
    """The language in force, `zh` or `en`."""
    return _current


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
    return en if _current == "en" else zh
