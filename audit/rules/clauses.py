"""The clauses findings rest on: which may be cited, on what day, for whom, and in what words (lexicons/clauses.yaml)."""

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from audit.model.finding import Citation

_LAW = frozenset({"law", "judicial interpretation", "judicial guidance"})
_KIND_ZH = {
    "national standard (recommended)": "（推荐性国家标准）",
    "industry guideline": "（行业指引）",
    "self-regulatory pact": "（行业自律公约）",
}
# Nearest first: what the trade wrote for collectors, then what ministries did, then laws.
_RANKS = {
    "national standard (recommended)": 0,
    "industry guideline": 0,
    "self-regulatory pact": 0,
    "ministry rule": 1,
    "normative document": 1,
    "administrative regulation": 2,
}
_LAW_RANK = 3
_STATE_EN = {"verbatim": "verbatim", "paraphrase": "in substance, not the original words"}


@dataclass(frozen=True, slots=True)
class Clause:
    """One record of clauses.yaml, as its head describes the fields; `check` and `sources` are for those who verify, not for reports.

    `replaces` is the key of the clause that said the same before, under another number.
    """

    key: str
    name: str
    number: str | None
    article: str | None
    jurisdiction: str
    force: str
    applies_to: str
    effective_from: date | None
    effective_to: date | None
    text: str
    gist: str
    state: str
    cite: bool
    replaces: str | None = None

    @property
    def rank(self) -> int:
        """0 for what stands nearest to a collection call, 3 for laws."""
        return _RANKS.get(self.force, _LAW_RANK)

    def in_force(self, day: date | None) -> bool:
        """Whether it was in force on the local day of the call; without a day, whether it is in force still."""
        if day is None:
            return self.effective_to is None
        return (self.effective_from is None or self.effective_from <= day) and (
            self.effective_to is None or day <= self.effective_to
        )

    def citation(self) -> Citation:
        """Ready to print (RULES.md 1.2): quotation marks only around verbatim text, 可能涉及 for laws, never 构成."""
        number = f"（{self.number}）" if self.number and self.number not in self.name else ""
        title = f"{self.name}{number}{self.article or ''}{_KIND_ZH.get(self.force, '')}"
        lead = "可能涉及" if self.force in _LAW else "依据："
        words = f"：“{self.text}”" if self.state == "verbatim" else f"（大意，非原文）：{self.text}"
        words_en = f"“{self.text}” – {self.gist}" if self.state == "verbatim" else self.gist
        lead_en = "May touch " if self.force in _LAW else "Under "
        return Citation(
            key=self.key,
            zh=f"{lead}{title}{words}",
            en=f"{lead_en}{title} [{self.force}; {_STATE_EN[self.state]}]: {words_en}",
            state=self.state,
            sha256=hashlib.sha256(self.text.encode()).hexdigest(),
        )


def effective_day(value: str | None) -> date | None:
    """The first day on which a clause may be cited: where only a month or year is known, the day after it.

    >>> effective_day("2011-01"), effective_day("2018"), effective_day("2025-02-28")
    (datetime.date(2011, 2, 1), datetime.date(2019, 1, 1), datetime.date(2025, 2, 28))
    """
    if value is None:
        return None
    match = re.fullmatch(r"(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?", value)
    if not match:
        raise ValueError(f"not a date: {value!r}")
    year, month, day = int(match[1]), match[2], match[3]
    if day:
        return date(year, int(month), int(day))
    if month:
        return (date(year, int(month), 28) + timedelta(days=4)).replace(day=1)
    return date(year + 1, 1, 1)


class ClauseBook:
    """All clauses by key."""

    def __init__(self, clauses: Iterable[Clause]) -> None:
        self._by_key = {clause.key: clause for clause in clauses}
        self._citations = {key: clause.citation() for key, clause in self._by_key.items() if clause.cite}
        self._cited = lru_cache(maxsize=4096)(self._cite)

    def __reduce__(self) -> tuple[type["ClauseBook"], tuple[tuple[Clause, ...]]]:
        return ClauseBook, (tuple(self._by_key.values()),)

    def __contains__(self, key: str) -> bool:
        return key in self._by_key

    def keys(self) -> list[str]:
        """All keys."""
        return list(self._by_key)

    def cite(
        self, keys: Sequence[str], day: date | None, applies_to: frozenset[str] | None, jurisdiction: str = "CN"
    ) -> tuple[Citation, ...]:
        """The citable ones of `keys`, nearest first: in force on `day`, of the jurisdiction, and binding this kind of lender.

        Before a clause was in force, the one it replaces stands for it. `applies_to` are the `applies_to` values that bind the
        lender; None when the kind of lender is not known.
        """
        return self._cited(tuple(keys), day, applies_to, jurisdiction)

    def _cite(
        self, keys: Sequence[str], day: date | None, applies_to: frozenset[str] | None, jurisdiction: str
    ) -> tuple[Citation, ...]:
        clauses = dict.fromkeys(self._on(key, day) for key in keys)
        return tuple(
            self._citations[clause.key]
            for clause in sorted(clauses, key=lambda clause: clause.rank)
            if clause.cite
            and clause.jurisdiction == jurisdiction
            and clause.in_force(day)
            and (applies_to is None or clause.applies_to in applies_to)
        )

    def get(self, key: str) -> Clause:
        """The clause of that key. Raises KeyError."""
        return self._by_key[key]

    def _on(self, key: str, day: date | None) -> Clause:
        """The clause, or the one before it that was in force on that day."""
        clause = self._by_key[key]
        while clause.replaces and not clause.in_force(day):
            clause = self._by_key[clause.replaces]
        return clause


def clause_from(record: Mapping[str, object]) -> Clause:
    """A clause from its YAML record. Raises KeyError or ValueError for records that are not as described."""

    def text(name: str) -> str:
        return str(record[name])

    def optional(name: str) -> str | None:
        value = record[name]
        return None if value is None else str(value)

    end = optional("effective_to")
    return Clause(
        key=text("key"),
        name=text("name"),
        number=optional("number"),
        article=optional("article"),
        jurisdiction=text("jurisdiction"),
        force=text("force"),
        applies_to=text("applies_to"),
        effective_from=effective_day(optional("effective_from")),
        effective_to=date.fromisoformat(end) if end else None,
        text=text("text"),
        gist=text("gist"),
        state=text("state"),
        cite=bool(record["cite"]),
        replaces=optional("replaces") if "replaces" in record else None,
    )
