"""The queue: findings of the audits in force, the worst first, as one reader may see them.

Breaches and signals are queues of their own. Talk of suicide stands in front of all other signals, whatever its severity.
"""

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any, Self, TypeVar
from urllib.parse import urlencode

import sqlalchemy as sa

from audit.errors import InputError
from audit.i18n import tr
from audit.model.call import CallMetadata
from audit.model.finding import Severity
from audit.model.review import ReviewState, Verdict
from audit.pii.redact import mask
from audit.report.redaction import masked_id
from audit.report.summary import local_start
from audit.report.urgent import SELF_HARM
from audit.store import tables as t
from audit.store.sampling import decided_lately, hides_something, is_hidden_from
from audit.store.search import Cover, Search, as_kept
from audit.store.tables import storable

ON_PAGE = 50
MOST_COUNTED = 1000
_MOST_CHOICES = 500
# Characters of one thing that is asked for, and how many there may be of one kind.
_LONGEST, _MOST_ITEMS = 200, 500
# Characters of a query string with filters that somebody can have chosen.
LONGEST_QUERY = 20_000
# Characters of the turn shown in front of the words of a finding, behind them, and of these words.
_BEFORE, _AFTER, _QUOTE = 14, 30, 90
# Characters of what cannot be asked for, shown in the message.
_SHOWN = 40

# To the letter as the indexes have it, which hold for one or the other.
_FAMILY, _SIGNAL = sa.literal_column("substr(findings.label, 1, 7)", sa.Text), sa.literal_column("'signal.'", sa.Text)
_f = t.findings.c
_Kind = TypeVar("_Kind", bound=StrEnum)


class Tab(StrEnum):
    """The two queues."""

    BREACHES = "breaches"
    SIGNALS = "signals"


@dataclass(frozen=True, slots=True)
class Filters:
    """What of a queue is looked at. Empty fields ask for nothing.

    `labels` are labels or families (`threat`), `first` and `last` days, `least` and `most` confidences (0..1), `waits` whether a person must
    listen before the finding counts; `appealed` asks for findings with an appeal that nobody has ruled on, `words` for calls in which
    they were said.
    """

    tab: Tab = Tab.BREACHES
    states: tuple[ReviewState, ...] = ()
    severities: tuple[Severity, ...] = ()
    labels: tuple[str, ...] = ()
    rule: str = ""
    agent: str = ""
    team: str = ""
    first: date | None = None
    last: date | None = None
    least: float | None = None
    most: float | None = None
    waits: bool | None = None
    appealed: bool = False
    words: str = ""

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> Self:
        """The filters that a query string says, lists with commas between; other names in it are left alone.

        Raises InputError CA837 for a value that cannot be, or is too long.
        """
        given = {key: _said(key, query.get(key, "")) for key in KEYS}
        return cls(
            tab=_one("tab", given, Tab) or Tab.BREACHES,
            states=_several("state", given, ReviewState),
            severities=_several("severity", given, Severity),
            labels=_parts("label", given),
            rule=given["rule"],
            agent=given["agent"],
            team=given["team"],
            first=_day("from", given),
            last=_day("to", given),
            least=_share("least", given),
            most=_share("most", given),
            waits=_yes_or_no("waits", given),
            appealed=bool(_yes_or_no("appealed", given)),
            words=given["q"],
        )

    def query(self) -> dict[str, str]:
        """The same as a query string has it; `Filters.from_query` reads it back."""
        said = {
            "tab": self.tab.value,
            "q": self.words,
            "state": ",".join(self.states),
            "severity": ",".join(self.severities),
            "label": ",".join(self.labels),
            "rule": self.rule,
            "agent": self.agent,
            "team": self.team,
            "from": self.first.isoformat() if self.first else "",
            "to": self.last.isoformat() if self.last else "",
            "least": "" if self.least is None else f"{self.least:g}",
            "most": "" if self.most is None else f"{self.most:g}",
            "waits": "" if self.waits is None else "yes" if self.waits else "no",
            "appealed": "yes" if self.appealed else "",
        }
        return {key: value for key, value in said.items() if value}

    def query_string(self) -> str:
        """The same as it stands in an address."""
        return urlencode(self.query())


# What a query string may say.
KEYS = (
    "tab", "q", "state", "severity", "label", "rule", "agent", "team", "from", "to", "least", "most", "waits", "appealed",
)  # fmt: skip
_LISTS = ("state", "severity", "label")
WAITING = Filters(states=(ReviewState.OPEN,))


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Words of a finding with some of the turn around them, masked; `…` where something was left out."""

    before: str
    words: str
    after: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A finding in the queue. `excerpt` is None for what is about a whole call, then `reason` says what it is about.

    `state` is as the reader may know it. `started_at` is by the clock at the debtor's place, where known. `appealed`: there is an appeal
    that nobody has ruled on.
    """

    number: int
    call: int
    call_id: str
    label: str
    rule: str
    severity: Severity
    confidence: float
    state: ReviewState
    waits: bool
    appealed: bool
    day: date
    started_at: datetime | None
    agent: str | None
    team: str | None
    excerpt: Excerpt | None
    reason: str

    @property
    def is_urgent(self) -> bool:
        """Whether somebody must act before anything is reviewed."""
        return self.label == SELF_HARM


@dataclass(frozen=True, slots=True)
class Page:
    """Some of the queue in its order; `following` is what to give as `after` for what comes next, None at the end."""

    entries: tuple[Entry, ...]
    following: int | None


@dataclass(frozen=True, slots=True)
class Counts:
    """How many findings there are by state and severity. With `capped` there are at least so many."""

    cells: Mapping[tuple[ReviewState, Severity], int]
    capped: bool

    def of_state(self, state: ReviewState, filters: Filters) -> int:
        """How many are in the state, of the severities looked at."""
        return self._sum((state,), filters.severities)

    def of_severity(self, severity: Severity, filters: Filters) -> int:
        """How many are of the severity, in the states looked at."""
        return self._sum(filters.states, (severity,))

    def total(self, filters: Filters) -> int:
        """How many are looked at."""
        return self._sum(filters.states, filters.severities)

    def decided(self, filters: Filters) -> tuple[int, int]:
        """How many are confirmed or dismissed, and how many there are, whatever states are looked at."""
        done = self._sum((ReviewState.CONFIRMED, ReviewState.DISMISSED), filters.severities)
        return done, self._sum((), filters.severities)

    def _sum(self, states: tuple[ReviewState, ...], severities: tuple[Severity, ...]) -> int:
        return sum(
            number
            for (state, severity), number in self.cells.items()
            if state in (states or ReviewState) and severity in (severities or Severity)
        )


@dataclass(frozen=True, slots=True)
class Progress:
    """What was decided since a moment: findings, by the user and by everybody, and in how many calls."""

    own: int
    by_all: int
    calls: int


@dataclass(frozen=True, slots=True)
class Choices:
    """What there is to choose from; no more than can be looked through. Codes of agents and teams with a telephone number in them are left
    out: nobody sees them whole, and masked they would find nothing."""

    agents: tuple[str, ...]
    teams: tuple[str, ...]
    labels: tuple[str, ...]
    rules: tuple[str, ...]


def queue(
    connection: sa.Connection,
    filters: Filters,
    user: int,
    *,
    after: int | None = None,
    limit: int = ON_PAGE,
    cover: Cover = as_kept,
) -> Page:
    """The findings that stand behind the finding `after` (None: the first), the worst first, as the user may see them; `cover` covers more
    of their turns.

    Raises InputError CA611 when there is no finding `after`.
    """
    view = _View(connection, filters, user)
    query = view.behind(after).order_by(*_ORDER).limit(limit + 1)
    numbers = list(connection.execute(query).scalars())
    following = numbers[limit - 1] if len(numbers) > limit else None
    return Page(_entries(connection, view, numbers[:limit], cover), following)


def next_finding(connection: sa.Connection, filters: Filters, user: int, after: int) -> tuple[int, int] | None:
    """The number of the finding that stands behind `after`, and that of its call; None at the end of the queue.

    `after` itself need not fit the filters (any more). Raises InputError CA611 when there is no such finding.
    """
    query = _View(connection, filters, user).behind(after).add_columns(_f.call).order_by(*_ORDER).limit(1)
    row = connection.execute(query).one_or_none()
    return None if row is None else (row.id, row.call)


def counts(connection: sa.Connection, filters: Filters, user: int, *, exact: bool = False) -> Counts:
    """How many findings the filters let through, whatever they say of states and severities.

    Where words are searched, each finding costs a look at what was said: unless `exact`, no more than `MOST_COUNTED` are counted.
    """
    view = _View(connection, replace(filters, states=(), severities=()), user)
    if filters.words and not exact:
        part = view.select(view.state.label("state"), _f.severity).limit(MOST_COUNTED).subquery()
        cells = _cells(connection, sa.select(part.c.state, part.c.severity, sa.func.count()), part.c)
        return Counts(cells, capped=sum(cells.values()) == MOST_COUNTED)
    by = "_counted" if view.is_whole else ""
    cells = _cells(connection, view.select(_f.state, _f.severity, sa.func.count(), by=by), _f)
    if view.blind is not None:
        # What is hidden is counted again, as the user knows it: it is less than all there is.
        moved = view.select(_f.state, _f.severity, view.alone.label("seen"), by=by).where(_decided, view.blind)
        of = moved.subquery()
        for state, severity, seen, number in connection.execute(sa.select(of, sa.func.count()).group_by(*of.c)):
            cells[ReviewState(state), Severity(severity)] -= number
            cells[ReviewState(seen), Severity(severity)] += number
    return Counts(cells, capped=False)


def _cells(connection: sa.Connection, query: sa.Select[Any], columns: Any) -> Counter[tuple[ReviewState, Severity]]:
    rows = connection.execute(query.group_by(columns.state, columns.severity))
    return Counter({(ReviewState(state), Severity(severity)): number for state, severity, number in rows})


def urgent(connection: sa.Connection, user: int) -> int:
    """How many signs of suicide wait for somebody."""
    filters = Filters(tab=Tab.SIGNALS, states=(ReviewState.OPEN,), labels=(SELF_HARM,))
    query = _View(connection, filters, user).select(sa.func.count()).where(_f.rank >= len(Severity))
    return int(connection.execute(query).scalar_one())


def progress(connection: sa.Connection, user: int, since: datetime) -> Progress:
    """What was decided since a moment and not taken back."""
    d = t.decisions.c
    undo = t.decisions.alias()
    holds = sa.and_(
        # By reviewer and time there is an index.
        d.reviewer.in_(sa.select(t.users.c.id)),
        d.decided_at >= since,
        d.verdict != Verdict.UNDO.value,
        sa.not_(sa.exists().where(undo.c.undoes == d.id)),
    )
    own = sa.case((d.reviewer == user, d.finding))
    counted = (
        sa.func.count(sa.distinct(own)),
        sa.func.count(sa.distinct(d.finding)),
        sa.func.count(sa.distinct(d.call)),
    )
    row = connection.execute(sa.select(*counted).where(holds)).one()
    return Progress(row[0], row[1], row[2])


def choices(connection: sa.Connection) -> Choices:
    """The agents, teams, labels and rules of findings in the queue."""
    agents, teams = (
        tuple(code for code in values_of(connection, column, _MOST_CHOICES) if masked_id(code) == code)
        for column in (_f.agent_id, _f.team)
    )
    return Choices(
        agents, teams, values_of(connection, _f.label, _MOST_CHOICES), values_of(connection, _f.rule, _MOST_CHOICES)
    )


_ORDER = (_f.rank.desc(), _f.confidence.desc(), _f.id)
# Of what nobody decided, nothing is hidden: most findings need no look at their samples. As a list, so that an index can be read by it.
_decided = _f.state.in_([state.value for state in ReviewState if state is not ReviewState.OPEN])
_OWN_STATE = {
    Verdict.CONFIRM.value: ReviewState.CONFIRMED.value,
    Verdict.DISMISS.value: ReviewState.DISMISSED.value,
    Verdict.UNSURE.value: ReviewState.UNSURE.value,
}


class _View:
    """The queue as one user may see it. What others said of a finding is hidden from who owes a blind opinion on it."""

    def __init__(self, connection: sa.Connection, filters: Filters, user: int) -> None:
        self._connection, self._filters = connection, filters
        self.state: sa.ColumnElement[str] = _f.state
        self.blind = is_hidden_from(user, _f.id) if hides_something(connection, user) else None
        # The state of what is hidden: if nobody but the user had said anything.
        own = sa.func.coalesce(_own_state(user), ReviewState.OPEN.value)
        self.alone = sa.case((decided_lately(user, _f.id), own), else_=ReviewState.OPEN.value)
        if self.blind is not None:
            self.state = sa.case((sa.and_(_decided, self.blind), self.alone), else_=_f.state)
        self._search = Search(connection, filters.words) if filters.words else None
        which, asked = self._which(), self._asked()
        self._conditions = [*which, *asked]
        # Whether it is all of the queue.
        self.is_whole = len(which) == 2 and not asked

    def select(self, *columns: Any, by: str = "") -> sa.Select[Any]:
        """What of the queue is looked at, in no order. `by` is the end of the name of the index to be read."""
        # SQLite guesses how many rows a value has; this index is never far from the best, but where words are in few calls.
        rare = self._search is not None and self._search.is_rare
        index = "ix_findings_call" if rare else f"ix_findings_{self._filters.tab}{by}"
        query = sa.select(*columns).with_hint(t.findings, f"INDEXED BY {index}", "sqlite")
        return query.where(*self._conditions)

    def behind(self, after: int | None) -> sa.Select[Any]:
        """The numbers of what stands behind the finding `after`."""
        query = self.select(_f.id)
        if after is None:
            return query
        key = self._connection.execute(sa.select(_f.rank, _f.confidence).where(_f.id == after)).one_or_none()
        if key is None:
            raise InputError("CA611", str(after))
        later = sa.or_(_f.confidence < key.confidence, sa.and_(_f.confidence == key.confidence, _f.id > after))
        return query.where(_f.rank <= key.rank, sa.or_(_f.rank < key.rank, later))

    def appealed(self) -> sa.ColumnElement[bool]:
        """Whether a finding has an appeal that nobody has ruled on."""
        ruled = sa.exists().where(t.rulings.c.appeal == t.appeals.c.id)
        waits = _f.id.in_(sa.select(t.appeals.c.finding).where(sa.not_(ruled)))
        return waits if self.blind is None else sa.and_(waits, sa.not_(self.blind))

    def _in_states(self, states: Sequence[str]) -> sa.ColumnElement[bool]:
        """Whether a finding is in one of the states as the user sees it. As a condition on `state` it would be dearer."""
        there = _f.state.in_(states)
        if self.blind is None:
            return there
        seen = sa.and_(there, sa.not_(sa.and_(_decided, self.blind)))
        # Nobody alone is at odds.
        if alone := [state for state in states if state != ReviewState.DISPUTED.value]:
            return sa.or_(seen, sa.and_(_decided, self.alone.in_(alone), self.blind))
        return seen

    def _which(self) -> list[sa.ColumnElement[bool]]:
        """What makes a finding one of this queue."""
        of_kind = _FAMILY == _SIGNAL if self._filters.tab is Tab.SIGNALS else _FAMILY != _SIGNAL
        found = [_f.superseded_by.is_(None), of_kind]
        # Of calls from before a purge nothing is left to listen to.
        if kept_since := self._connection.execute(sa.select(sa.func.max(t.purges.c.before))).scalar():
            found.append(_f.day >= kept_since)
        return found

    def _asked(self) -> list[sa.ColumnElement[bool]]:
        wanted, found = self._filters, list[sa.ColumnElement[bool]]()
        if wanted.states:
            found.append(self._in_states([state.value for state in wanted.states]))
        if wanted.severities:
            found.append(_f.severity.in_([severity.value for severity in wanted.severities]))
        if wanted.labels:
            found.append(_labelled(wanted.labels))
        for column, value in ((_f.rule, wanted.rule), (_f.agent_id, wanted.agent), (_f.team, wanted.team)):
            if value:
                found.append(column == value)
        if wanted.first:
            found.append(_f.day >= wanted.first)
        if wanted.last:
            found.append(_f.day <= wanted.last)
        if wanted.least is not None:
            found.append(_f.confidence >= wanted.least)
        if wanted.most is not None:
            found.append(_f.confidence <= wanted.most)
        if wanted.waits is not None:
            found.append(_f.waits == wanted.waits)
        if wanted.appealed:
            found.append(self.appealed())
        if self._search is not None:
            found.append(self._search.condition(_f.call))
        return found


def _own_state(user: int) -> sa.ScalarSelect[str]:
    """The state of a finding if nobody but the user had said anything; NULL when nor did the user."""
    d, undo = t.decisions.c, t.decisions.alias()
    holds = sa.and_(d.verdict != Verdict.UNDO.value, sa.not_(sa.exists().where(undo.c.undoes == d.id)))
    own = sa.select(sa.case(_OWN_STATE, value=d.verdict)).where(d.finding == _f.id, d.reviewer == user, holds)
    return own.order_by(d.id.desc()).limit(1).correlate(t.findings).scalar_subquery()


def _labelled(labels: Sequence[str]) -> sa.ColumnElement[bool]:
    """Whether a finding has one of these labels, or one of a family (which has no dot)."""
    prefixes = [f"{label}." for label in labels if "." not in label]
    of_family = [sa.func.substr(_f.label, 1, len(prefix)) == prefix for prefix in prefixes]
    return sa.or_(_f.label.in_(labels), *of_family)


def _entries(connection: sa.Connection, view: _View, numbers: list[int], cover: Cover) -> tuple[Entry, ...]:
    in_force = sa.and_(t.audits.c.call == _f.call, t.audits.c.current)
    seen = sa.and_(t.sightings.c.finding == _f.id, t.sightings.c.audit == t.audits.c.id)
    query = (
        sa.select(
            t.findings,
            view.state.label("state_seen"),
            view.appealed().label("appealed"),
            t.calls.c.call_id,
            t.calls.c.metadata,
            t.sightings.c.quote,
            t.spoken.c.masked,
            sa.case((_f.turn.is_(None), t.sightings.c.record)).label("whole"),
        )
        .join(t.calls, t.calls.c.id == _f.call)
        .join(t.audits, in_force)
        .join(t.sightings, seen)
        .outerjoin(t.spoken, t.spoken.c.call == _f.call)
        .where(_f.id.in_(numbers))
    )
    found = {row.id: _entry(row, cover) for row in connection.execute(query)}
    return tuple(found[number] for number in numbers)


def _entry(row: sa.Row[Any], cover: Cover) -> Entry:
    metadata = json.loads(row.metadata)
    return Entry(
        number=row.id,
        call=row.call,
        call_id=masked_id(row.call_id),
        label=row.label,
        rule=row.rule,
        severity=Severity(row.severity),
        confidence=row.confidence,
        state=ReviewState(row.state_seen),
        waits=row.waits,
        appealed=row.appealed,
        day=row.day,
        started_at=_started_at(metadata),
        agent=row.agent_id and masked_id(row.agent_id),
        team=row.team and masked_id(row.team),
        excerpt=_excerpt(row, lambda text: cover(metadata["debtor_name"], text)),
        reason=_reason(row.whole) if row.whole is not None else "",
    )


def _started_at(metadata: Mapping[str, Any]) -> datetime | None:
    started_at = metadata["started_at"] and datetime.fromisoformat(metadata["started_at"])
    return local_start(CallMetadata(started_at, callee_timezone=metadata["callee_timezone"]))


def _excerpt(row: sa.Row[Any], cover: Callable[[str], str]) -> Excerpt | None:
    """The words as the masked turn has them: by themselves, half a number would not look like one."""
    if row.turn is None or row.masked is None:
        return None
    text = cover(next((text for number, _, _, text in json.loads(row.masked) if number == row.turn), ""))
    start = row.start_char or 0
    end = start + len(row.quote)
    words, rest = text[start:end], text[end:]
    if len(words) > _QUOTE:
        return Excerpt(_ending(text[:start]), f"{words[:_QUOTE]}…", "")
    return Excerpt(_ending(text[:start]), words, rest if len(rest) <= _AFTER else f"{rest[:_AFTER]}…")


def _ending(text: str) -> str:
    return text if len(text) <= _BEFORE else f"…{text[-_BEFORE:]}"


def _reason(record: str) -> str:
    reason = json.loads(record)["why"]["reason"]
    return _masked(tr(reason.get("zh", ""), reason.get("en", "")))


# Rules say the same of many calls, and looking for names takes time.
@lru_cache(maxsize=1000)
def _masked(text: str) -> str:
    return mask(text)


def values_of(connection: sa.Connection, column: sa.ColumnElement[str], most: int | None = None) -> tuple[str, ...]:
    """The values that a column of findings in the queue has, read by jumping from each to the next in an index that begins with it."""
    current = _f.superseded_by.is_(None)
    values = sa.select(sa.func.min(column).label("value")).where(current).cte(recursive=True)
    following = sa.select(sa.func.min(column)).where(current, column > values.c.value).scalar_subquery()
    values = values.union_all(sa.select(following).where(values.c.value.is_not(None)))
    query = sa.select(values.c.value).where(values.c.value.is_not(None)).limit(most)
    return tuple(connection.execute(query).scalars())


def _cannot_be(key: str, given: str) -> InputError:
    return InputError("CA837", key, given=given if len(given) <= _SHOWN else f"{given[:_SHOWN]}…")


def _said(key: str, value: str) -> str:
    """What a query string says under a name. What is too long is refused: with a part of it other findings would be looked at."""
    said = storable(value.strip())
    parts = said.split(",") if key in _LISTS else [said]
    for part in parts:
        if len(part) > _LONGEST:
            raise _cannot_be(key, part)
    if len(parts) > _MOST_ITEMS:
        raise _cannot_be(key, said)
    return said


def _parts(key: str, given: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part for part in given[key].split(",") if part))


def _one(key: str, given: Mapping[str, str], kind: type[_Kind]) -> _Kind | None:
    return next(iter(_several(key, given, kind)), None)


def _several(key: str, given: Mapping[str, str], kind: type[_Kind]) -> tuple[_Kind, ...]:
    parts = _parts(key, given)
    for part in parts:
        if part not in set(kind):
            raise _cannot_be(key, part)
    return tuple(map(kind, parts))


def _day(key: str, given: Mapping[str, str]) -> date | None:
    try:
        return date.fromisoformat(given[key]) if given[key] else None
    except ValueError:
        raise _cannot_be(key, given[key]) from None


def _share(key: str, given: Mapping[str, str]) -> float | None:
    if not given[key]:
        return None
    try:
        value = float(given[key])
    except ValueError:
        raise _cannot_be(key, given[key]) from None
    if not 0 <= value <= 1:
        raise _cannot_be(key, given[key])
    return value


def _yes_or_no(key: str, given: Mapping[str, str]) -> bool | None:
    if given[key] not in ("", "yes", "no"):
        raise _cannot_be(key, given[key])
    return given[key] == "yes" if given[key] else None
