"""Regular expressions that are compiled when first asked.

A hundred long ones stand in the code, each takes a millisecond to compile, and a short text asks for a few.
"""

import re
from typing import Any, cast


class _Lazy:
    """A pattern's source; becomes the pattern with the first question."""

    def __init__(self, source: str) -> None:
        self._source = source

    def __getattr__(self, name: str) -> Any:
        if "_compiled" not in self.__dict__:
            self._compiled = re.compile(self._source)
        found = getattr(self._compiled, name)
        setattr(self, name, found)  # the next one is answered without a detour
        return found


def lazily(source: str) -> re.Pattern[str]:
    """The pattern of a source that is known to be right: `re.error` would only come with the first use.

    >>> lazily("a+").search("baa").group()
    'aa'
    """
    return cast(re.Pattern[str], _Lazy(source))
