"""Regular expressions that are compiled when first asked, and such as need not be compiled again.

A hundred long ones stand in the code, each takes a millisecond to compile, and a short text asks for a few. Those of `dialogue.yaml` are
asked by every text, and all together take a tenth of a second: Python compiles character classes of Chinese slowly.
"""

import re
from array import array
from dataclasses import dataclass
from functools import cached_property
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


@dataclass(frozen=True)
class Regex:
    """A regular expression that keeps its compiled form when it is pickled, for the same build of Python.

    `form` is what Python's compiler hands to its matcher; None where that cannot be had, then it is compiled with the first use.
    """

    source: str
    form: tuple[object, ...] | None = None

    @classmethod
    def compile(cls, source: str) -> "Regex":
        """Raises re.error."""
        return cls(source, _form(source, re.compile(source)))

    def __getstate__(self) -> dict[str, object]:
        return {"source": self.source, "form": self.form}

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """Ready to search."""
        return re.compile(self.source) if self.form is None else _from_form(self.source, self.form)


def _form(source: str, pattern: re.Pattern[str]) -> tuple[object, ...] | None:
    """The compiled form, if a pattern made from it is the same as Python's own: the modules asked here are Python's private ones."""
    try:
        from re import _compiler, _parser  # type: ignore[attr-defined]

        parsed = _parser.parse(source)
        code = array("I", _compiler._code(parsed, 0))
        names: dict[str, int] = dict(parsed.state.groupdict)
        form = (parsed.state.flags, code.tobytes(), parsed.state.groups - 1, names)
        return form if _from_form(source, form) == pattern else None
    except (ImportError, AttributeError, TypeError, ValueError, RuntimeError, OverflowError):
        return None  # another Python, other ways


def _from_form(source: str, form: tuple[Any, ...]) -> re.Pattern[str]:
    import _sre  # type: ignore[import-not-found]

    flags, code, groups, names = form
    by_number = {number: name for name, number in names.items()}
    listed = tuple(by_number.get(number) for number in range(groups + 1))
    pattern: re.Pattern[str] = _sre.compile(source, flags, list(memoryview(code).cast("I")), groups, names, listed)
    return pattern
