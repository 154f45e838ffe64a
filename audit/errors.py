"""Coded errors and warnings, all in one place.

A `Problem` is a value: a code, a place, and facts. The same catalogue serves errors that are raised (`CallauditError`),
failures that a batch writes down and goes on, and warnings. Every entry says what is wrong and what to do about it, in
both languages; `tests/test_errors.py` holds that every code is documented in docs/errors.md.

Ranges: CA1xx input and manifest · CA2xx rules, lexicons, policies · CA3xx speech · CA4xx output and batch · CA9xx usage.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from audit.i18n import Lang, language


@dataclass(frozen=True, slots=True)
class Entry:
    """What a code says, with `{fact}` fields: the text and the remedy, in Chinese and English."""

    zh: str
    en: str
    remedy_zh: str
    remedy_en: str


CATALOGUE: dict[str, Entry] = {
    # CA1xx: input and manifest
    # CA2xx: rules, lexicons, policies
    # CA3xx: speech
    # CA4xx: output and batch
    # CA9xx: usage
}


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong, as a value: `code`, `where` it is (file, row, column) and the `facts` its text needs."""

    code: str
    where: str = ""
    facts: Mapping[str, object] = field(default_factory=dict)

    def text(self, lang: Lang | None = None) -> str:
        """What is wrong, in `lang` (the language in force when None)."""
        entry = CATALOGUE[self.code]
        return (entry.en if (lang or language()) == "en" else entry.zh).format(**self.facts)

    def remedy(self, lang: Lang | None = None) -> str:
        """What to do about it."""
        entry = CATALOGUE[self.code]
        return (entry.remedy_en if (lang or language()) == "en" else entry.remedy_zh).format(**self.facts)

    def line(self, lang: Lang | None = None) -> str:
        """One line for a log or a terminal: `[CA101] place: text remedy`."""
        place = f" {self.where}:" if self.where else ""
        return f"[{self.code}]{place} {self.text(lang)} {self.remedy(lang)}".rstrip()


class CallauditError(Exception):
    """A problem that stops what is being done: one input, or the command.

    >>> from audit.errors import InputError
    """

    def __init__(self, code: str, where: str = "", **facts: object) -> None:
        self.problem = Problem(code, where, facts)
        super().__init__(code)

    def __str__(self) -> str:
        return self.problem.line()


class InputError(CallauditError):
    """One input cannot be audited; a batch writes it down and goes on (exit code 3)."""


class ConfigError(CallauditError):
    """Usage or configuration is wrong; nothing is audited (exit code 2)."""
