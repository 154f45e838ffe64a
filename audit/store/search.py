"""Finding calls by what was said in them: the words of the transcript in force, masked as reports show them.

Chinese has no blanks between words, so the index holds every Han character and every two that stand together (most words that people look
for have two); letters and digits are whole words. Width, case and traditional characters are folded. The index says which calls
have all pieces of what is looked for; where that does not settle it, the folded words do (`instr`). Tokens are letters and digits only, so
nothing that somebody types is syntax of a query. Because identifiers are masked before, nobody finds out a number by searching for it.

SQLite has the index in FTS5 and needs its tokens back to take them out again; triggers keep it in step with the table. PostgreSQL has an
array with GIN: full text search would part Chinese by the locale of the database, and forgets places in long calls.
"""

import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any, Self

import sqlalchemy as sa

from audit.errors import InputError
from audit.model.call import Call, CallMetadata, Role, Source, Turn
from audit.model.span import CharSpan, TimeSpan
from audit.report.redaction import Redactor, masked_id
from audit.store import tables as t
from audit.store.tables import storable
from audit.text.normalise import fold

# Up to so many calls are looked up one by one; words of more calls are met soon enough by going through calls in order.
FEW = 5000
_TRIED = 500
ON_PAGE = 20
LAST_PAGE = 500
LONGEST = 200
_TURNS_SHOWN = 4
_SNIPPET = 90
BATCH = 200
_LONGEST_TOKEN = 64
_HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u3007\U00020000-\U0003ffff"
# Some recognisers write a blank after each character.
_GLUE = r"\s\u00ad\u200b-\u200f\u2060\ufeff"
_RUN = re.compile(rf"[{_HAN}](?:[{_GLUE}]*[{_HAN}])*|[^\W_{_HAN}]+")
_IS_HAN, _IS_GLUE = re.compile(f"[{_HAN}]"), re.compile(f"[{_GLUE}]")
_QUOTES = '"“”„＂「」『』'
_PIECE = re.compile(rf"[{_QUOTES}]([^{_QUOTES}]*)[{_QUOTES}]?|([^\s{_QUOTES}]+)")
_ROLES = tuple(Role)
# Covers more of a masked text than is covered, by the debtor's name; every character stays in its place.
Cover = Callable[[str | None, str], str]

_SQLITE_INDEX = (
    "CREATE VIRTUAL TABLE spoken_index USING fts5"
    "(tokens, content='spoken', content_rowid='call', detail='none', tokenize='ascii')",
    "CREATE TRIGGER spoken_insert AFTER INSERT ON spoken BEGIN "
    "INSERT INTO spoken_index(rowid, tokens) VALUES (NEW.call, NEW.tokens); END",
    "CREATE TRIGGER spoken_delete AFTER DELETE ON spoken BEGIN "
    "INSERT INTO spoken_index(spoken_index, rowid, tokens) VALUES ('delete', OLD.call, OLD.tokens); END",
    "CREATE TRIGGER spoken_update AFTER UPDATE ON spoken BEGIN "
    "INSERT INTO spoken_index(spoken_index, rowid, tokens) VALUES ('delete', OLD.call, OLD.tokens); "
    "INSERT INTO spoken_index(rowid, tokens) VALUES (NEW.call, NEW.tokens); END",
)
_POSTGRESQL_INDEX = (
    # Tokens and masked texts stand apart from their rows, so that the words that are looked at are near each other.
    "ALTER TABLE spoken SET (toast_tuple_target = 128)",
    "ALTER TABLE spoken "
    + ", ".join(f"ALTER {role} SET STORAGE MAIN" for role in ("agent", "debtor", "third_party", "unknown")),
    # Without a list of what is to be put in later, which every query would have to read.
    "CREATE INDEX ix_spoken_tokens ON spoken USING gin (tokens) WITH (fastupdate = off)",
)


def index_statements(connection: sa.Connection) -> tuple[str, ...]:
    """The SQL that makes the index on the table `spoken`."""
    return _SQLITE_INDEX if _is_sqlite(connection) else _POSTGRESQL_INDEX


def as_kept(name: str | None, text: str) -> str:
    """What covers nothing more of a masked text than officers' masks do; `name` is the debtor's."""
    return text


def said(call: Call) -> dict[str, Any]:
    """What the store keeps of a call to search in, but for its numbers: the turns as reports show them."""
    redactor = Redactor(call)
    return spoken_values(
        (turn.index, turn.role, turn.time.start_s if turn.time else None, redactor.turn(turn.index))
        for turn in call.turns
    )


def spoken_values(turns: Iterable[tuple[int, Role, float | None, str]]) -> dict[str, Any]:
    """The same, from number, role, start in seconds and masked text of each turn."""
    masked: list[tuple[int, str, float | None, str]] = []
    lines: dict[Role, list[str]] = {role: [] for role in _ROLES}
    tokens: set[str] = set()
    for number, role, start_s, text in turns:
        runs = _runs(text)
        masked.append((number, role.value, start_s, text))
        lines[role].append(_line(runs))
        for run in runs:
            tokens |= _kept_tokens(run.text)
    words = {role.value: "\n".join(lines[role]) for role in _ROLES}
    return {"masked": json.dumps(masked, ensure_ascii=False), **words, "tokens": sorted(tokens)}


def keep(connection: sa.Connection, call: int, transcript: int, values: dict[str, Any]) -> None:
    """Put what `said` made of a transcript in place of what is searched of its call."""
    connection.execute(t.spoken.delete().where(t.spoken.c.call == call))
    connection.execute(t.spoken.insert().values(call=call, transcript=transcript, **values))


def fill(connection: sa.Connection) -> int:
    """Put in what is missing or of another transcript than that in force, of calls that were not purged; how many calls."""
    numbers = unsearchable(connection)
    for first in range(0, len(numbers), BATCH):
        for call, (transcript, values) in said_in_force(connection, numbers[first : first + BATCH]).items():
            keep(connection, call, transcript, values)
    return len(numbers)


def said_in_force(connection: sa.Connection, calls: Sequence[int]) -> dict[int, tuple[int, dict[str, Any]]]:
    """By call, the number of the transcript in force and what `said` makes of it; without those that were purged."""
    in_force = sa.and_(t.audits.c.call == t.calls.c.id, t.audits.c.current)
    rows = connection.execute(
        sa.select(t.calls.c.id, t.calls.c.metadata, t.audits.c.transcript)
        .join(t.audits, in_force)
        .where(t.calls.c.id.in_(calls), t.calls.c.purged_at.is_(None))
    ).all()
    return {row.id: (row.transcript, said(_stored_call(connection, row.transcript, row.metadata))) for row in rows}


def unsearchable(connection: sa.Connection) -> list[int]:
    """The numbers of all calls whose words in force are not what is searched."""
    return list(connection.execute(_unsearchable()).scalars())


def out_of_step(connection: sa.Connection) -> Iterator[int]:
    """The numbers of calls whose words cannot be found, or can be found though they are no longer in force; some of them, if many."""
    yield from connection.execute(_unsearchable().limit(10)).scalars()
    yield from not_as_indexed(connection)


def not_as_indexed(connection: sa.Connection) -> list[int]:
    """The numbers of calls that only the index has, or that it lacks; some of them, if many."""
    if not _is_sqlite(connection):
        return []  # the index is part of the table
    # What the index has says this table of its own.
    query = (
        "SELECT call FROM spoken WHERE call NOT IN (SELECT id FROM spoken_index_docsize) UNION "
        "SELECT id FROM spoken_index_docsize WHERE id NOT IN (SELECT call FROM spoken) LIMIT 10"
    )
    return list(connection.exec_driver_sql(query).scalars())


def remake_index(connection: sa.Connection) -> None:
    """Make all parts of the index anew from what is kept in `spoken`, whatever is left of them."""
    if _is_sqlite(connection):
        for trigger in ("insert", "delete", "update"):
            connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS spoken_{trigger}")
        connection.exec_driver_sql("DROP TABLE IF EXISTS spoken_index")
    else:
        connection.exec_driver_sql("DROP INDEX IF EXISTS ix_spoken_tokens")
    for statement in index_statements(connection):
        connection.exec_driver_sql(statement)
    if _is_sqlite(connection):
        connection.exec_driver_sql("INSERT INTO spoken_index(spoken_index) VALUES ('rebuild')")


def missing_parts(connection: sa.Connection) -> list[str]:
    """The names of parts of the index that are not there."""
    if _is_sqlite(connection):
        tables = ("", "_config", "_data", "_docsize", "_idx")
        wanted = {*(f"spoken_index{part}" for part in tables), "spoken_insert", "spoken_delete", "spoken_update"}
        query = "SELECT name FROM sqlite_master WHERE name LIKE 'spoken%'"
    else:
        wanted = {"ix_spoken_tokens"}
        query = (
            "SELECT relname FROM pg_class JOIN pg_index ON indexrelid = oid "
            "WHERE indisvalid AND relnamespace = current_schema()::regnamespace AND relname LIKE 'ix_spoken%%'"
        )
    return sorted(wanted - set(connection.exec_driver_sql(query).scalars()))


def forget(connection: sa.Connection) -> None:
    """Have the index let go of what was taken out: SQLite's only marks it until its parts are merged."""
    if _is_sqlite(connection):
        connection.exec_driver_sql("INSERT INTO spoken_index(spoken_index) VALUES ('optimize')")


@dataclass(frozen=True, slots=True)
class Filters:
    """Which calls and whose words are searched: days from `since` to `until`, of an agent, of a team, said by `role`."""

    since: date | None = None
    until: date | None = None
    agent: str | None = None
    team: str | None = None
    role: Role | None = None

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> Self:
        """The filters that a query string says (`from`, `to`, `agent`, `team`, `role`); other names in it are left alone.

        Raises InputError CA837 for a value that cannot be.
        """
        given = {key: storable(query.get(key, "").strip()) for key in ("from", "to", "agent", "team", "role")}
        if given["role"] not in ("", *_ROLES):
            raise InputError("CA837", "role", given=given["role"])
        return cls(
            since=_day("from", given["from"]),
            until=_day("to", given["to"]),
            agent=given["agent"] or None,
            team=given["team"] or None,
            role=Role(given["role"]) if given["role"] else None,
        )

    def query(self) -> dict[str, str]:
        """The same as a query string has it."""
        days = {"from": self.since and self.since.isoformat(), "to": self.until and self.until.isoformat()}
        said = days | {"agent": self.agent, "team": self.team, "role": self.role}
        return {key: value for key, value in said.items() if value}


def _day(key: str, given: str) -> date | None:
    try:
        return date.fromisoformat(given) if given else None
    except ValueError:
        raise InputError("CA837", key, given=given) from None


@dataclass(frozen=True, slots=True)
class FoundTurn:
    """A turn with some of the words. `text` is masked, and cut where it is long (`cut_before`, `cut_after`); `marks` are places in it.

    `severity` is that of the gravest finding in the turn.
    """

    number: int
    role: Role
    start_s: float | None
    text: str
    marks: tuple[CharSpan, ...]
    cut_before: bool
    cut_after: bool
    severity: str | None

    @property
    def pieces(self) -> tuple[tuple[str, bool], ...]:
        """The text in pieces, and whether each is marked."""
        places = [0, *(place for span in self.marks for place in (span.start, span.end)), len(self.text)]
        cut = (self.text[start:end] for start, end in pairwise(places))
        return tuple((piece, bool(number % 2)) for number, piece in enumerate(cut))


@dataclass(frozen=True, slots=True)
class FoundCall:
    """A call with all of the words, masked: the turns to show, and in how many more turns some of the words stand."""

    number: int
    call_id: str
    day: date
    agent: str | None
    team: str | None
    verdict: str
    turns: tuple[FoundTurn, ...]
    more: int


@dataclass(frozen=True, slots=True)
class Results:
    """One page of what was found, the newest calls first. `total` calls in all, None for more than `FEW`; `more`: there is a next page."""

    calls: tuple[FoundCall, ...]
    total: int | None
    more: bool


def has_words(words: str) -> bool:
    """Whether there is anything to look for: a letter, a digit or a Han character."""
    return bool(_parsed(words))


def search(
    connection: sa.Connection, words: str, filters: Filters | None = None, page: int = 1, cover: Cover = as_kept
) -> Results:
    """The calls in which all of `words` were said (see `Search`), the newest first, `ON_PAGE` of them from `page` (1, 2 …); `cover` covers
    more of the turns shown."""
    filters = filters or Filters()
    looked_for = Search(connection, words, filters.role)
    if not looked_for.words:
        return Results((), 0, more=False)
    chosen = [looked_for.condition(t.calls.c.id), *_conditions(filters)]
    total = None
    if looked_for.few is not None:
        counted = sa.select(sa.func.count()).select_from(t.calls).where(*chosen)
        total = connection.execute(counted).scalar_one()
    rows = connection.execute(
        sa.select(t.calls)
        .where(*chosen)
        .order_by(t.calls.c.day.desc(), t.calls.c.id.desc())
        .limit(ON_PAGE + 1)
        .offset((page - 1) * ON_PAGE)
    ).all()
    found = _found_calls(connection, rows[:ON_PAGE], looked_for.words, filters.role, cover)
    return Results(found, total, more=len(rows) > ON_PAGE)


def _conditions(filters: Filters) -> Iterator[sa.ColumnElement[bool]]:
    if filters.since:
        yield t.calls.c.day >= filters.since
    if filters.until:
        yield t.calls.c.day <= filters.until
    if filters.agent:
        yield t.calls.c.agent_id == filters.agent
    if filters.team:
        yield t.calls.c.team == filters.team


@dataclass(frozen=True, slots=True)
class _Run:
    """Characters that belong together, folded: Han characters, or letters and digits. `places` are theirs in the text."""

    text: str
    places: Sequence[int]

    @property
    def is_han(self) -> bool:
        return _IS_HAN.match(self.text) is not None


@dataclass(frozen=True, slots=True)
class _Word:
    """What is looked for, in one piece. `folded` stands in the folded words of who said it; `tokens` are in the index then.

    `is_settled`: the index alone says that it was said.
    """

    folded: str
    tokens: tuple[str, ...]
    is_settled: bool


def _runs(text: str) -> list[_Run]:
    folded = fold(text)
    runs = []
    for found in _RUN.finditer(folded):
        if _IS_GLUE.search(found[0]):
            places: Sequence[int] = [i for i in range(found.start(), found.end()) if not _IS_GLUE.match(folded[i])]
            runs.append(_Run("".join(folded[place] for place in places), places))
        else:
            runs.append(_Run(found[0], range(found.start(), found.end())))
    return runs


def _line(runs: Sequence[_Run]) -> str:
    return f" {' '.join(run.text for run in runs)} "


def _kept_tokens(run: str) -> set[str]:
    if _IS_HAN.match(run):
        return {*run, *map("".join, pairwise(run))}
    return {run[:_LONGEST_TOKEN]}


def _parsed(words: str) -> list[_Word]:
    pieces = (quoted or single for quoted, single in _PIECE.findall(words))
    return list(dict.fromkeys(_word(runs) for piece in pieces if (runs := _runs(piece))))


def _word(runs: Sequence[_Run]) -> _Word:
    tokens: list[str] = []
    for run in runs:
        if run.is_han and len(run.text) > 1:
            tokens.extend(map("".join, pairwise(run.text)))
        else:
            tokens.append(run.text[:_LONGEST_TOKEN])
    folded = " ".join(run.text for run in runs)
    # A word of letters does not begin in the middle of another.
    folded = f"{'' if runs[0].is_han else ' '}{folded}{'' if runs[-1].is_han else ' '}"
    settled = len(tokens) == 1 and tokens[0] == folded.strip() and len(tokens[0]) < _LONGEST_TOKEN
    return _Word(folded, tuple(dict.fromkeys(tokens)), settled)


class Search:
    """Calls in which all of `words` were said (by `role`, if given). Words are parted by blanks, "…" keeps them together.

    `few` are the numbers of the calls, None where there are more than `FEW`; none where there is no letter, digit or character to look for.
    """

    def __init__(self, connection: sa.Connection, words: str, role: Role | None = None) -> None:
        self.words = _parsed(words)
        self._sqlite = _is_sqlite(connection)
        self._spoken_by = [t.spoken.c[one.value] for one in ([role] if role else _ROLES)]
        settled = role is None
        self._doubtful = [word for word in self.words if not (settled and word.is_settled)]
        self.few = self._few(connection) if self.words else []

    @property
    def is_rare(self) -> bool:
        """Whether it is sooner to go through what belongs to these calls than through all there is in its order."""
        return self.few is not None and len(self.few) <= FEW // 5

    def condition(self, call: sa.ColumnElement[int]) -> sa.ColumnElement[bool]:
        """The condition that the call whose number is in the column has the words. It is fast with `ORDER BY … LIMIT`: few calls come as their
        numbers, others as a look at each call in the order that is asked for. To count those takes long."""
        if self.few is None:
            here = t.spoken.c.call == call
            return sa.exists().where(here, *map(self._is_said, self.words)).correlate_except(t.spoken)
        if self._sqlite:
            # One value, however many numbers.
            numbers = sa.func.json_each(json.dumps(self.few)).table_valued("value")
            return call.in_(sa.select(numbers.c.value))
        return call == sa.any_(sa.literal(self.few, sa.ARRAY(sa.Integer)))

    def _few(self, connection: sa.Connection) -> list[int] | None:
        with _through_the_index(connection):
            return self._found_by_index(connection)

    def _found_by_index(self, connection: sa.Connection) -> list[int] | None:
        found = list(connection.execute(self._matching(())).scalars())
        if not self._doubtful:
            return found if len(found) <= FEW else None
        if len(found) > FEW:
            # Looking at all of them is only worth while where hardly any will be left.
            tried = t.spoken.c.call.in_(found[:: max(1, FEW // _TRIED)])
            query = sa.select(sa.func.count()).select_from(t.spoken).where(tried, *map(self._is_said, self._doubtful))
            if connection.execute(query).scalar_one() > _TRIED // 50:
                return None
        found = list(connection.execute(self._matching(self._doubtful)).scalars())
        return found if len(found) <= FEW else None

    def _matching(self, doubtful: Sequence[_Word]) -> sa.Select[int]:
        """The first `FEW` and one calls that the index names and that have the words of which it is not sure."""
        return self._indexed(doubtful).limit(FEW + 1)

    def _indexed(self, doubtful: Sequence[_Word]) -> sa.Select[int]:
        tokens = [token for word in self.words for token in word.tokens]
        if not self._sqlite:
            has = t.spoken.c.tokens.op("@>")(sa.literal(tokens, sa.ARRAY(sa.Text)))
            return sa.select(t.spoken.c.call).where(has, *map(self._is_said, doubtful))
        index = sa.table("spoken_index", sa.column("rowid", sa.Integer), sa.column("spoken_index", sa.Text))
        has = index.c.spoken_index.op("MATCH")(" ".join(f'"{token}"' for token in tokens))
        if not doubtful:
            return sa.select(index.c.rowid).where(has)
        joined = index.join(t.spoken, t.spoken.c.call == index.c.rowid)
        return sa.select(index.c.rowid).select_from(joined).where(has, *map(self._is_said, doubtful))

    def _is_said(self, word: _Word) -> sa.ColumnElement[bool]:
        place = sa.func.instr if self._sqlite else sa.func.strpos
        return sa.or_(*(place(column, word.folded) > 0 for column in self._spoken_by))


@contextmanager
def _through_the_index(connection: sa.Connection) -> Iterator[None]:
    """For words of very many calls PostgreSQL would read the table: it does not know that the tokens stand apart from it."""
    if _is_sqlite(connection):
        yield
        return
    before = connection.execute(sa.select(sa.func.current_setting("enable_seqscan"))).scalar_one()
    connection.execute(sa.select(sa.func.set_config("enable_seqscan", "off", True)))
    yield
    connection.execute(sa.select(sa.func.set_config("enable_seqscan", before, True)))


def _found_calls(
    connection: sa.Connection, rows: Sequence[sa.Row[Any]], words: Sequence[_Word], role: Role | None, cover: Cover
) -> tuple[FoundCall, ...]:
    numbers = [row.id for row in rows]
    query = sa.select(t.spoken.c.call, t.spoken.c.masked).where(t.spoken.c.call.in_(numbers))
    masked = {row.call: row.masked for row in connection.execute(query)}
    severities = _severities(connection, numbers)
    found = []
    for row in rows:
        name = json.loads(row.metadata)["debtor_name"]
        turns = [
            (number, said_by, start_s, text, marks)
            for number, said_by, start_s, kept in json.loads(masked[row.id])
            # What is looked for is seldom in more than a few turns.
            if role in (None, said_by)
            and any(_marks(kept, word) for word in words)
            and any(marks := [_marks(text := cover(name, kept), word) for word in words])
        ]
        if not turns:
            continue  # nothing that this reader may see has any of the words
        # Those with the most of the words; then in the order of the call.
        shown = sorted(sorted(turns, key=lambda turn: -sum(map(bool, turn[4])))[:_TURNS_SHOWN])
        found.append(
            FoundCall(
                row.id, masked_id(row.call_id), row.day,
                row.agent_id and masked_id(row.agent_id), row.team and masked_id(row.team), row.verdict,
                tuple(_found_turn(*turn, severities[row.id].get(turn[0])) for turn in shown),
                len(turns) - len(shown),
            )
        )  # fmt: skip
    return tuple(found)


def _severities(connection: sa.Connection, calls: Sequence[int]) -> dict[int, dict[int, str]]:
    """By call and turn, the severity of the gravest finding that stands."""
    stands = sa.and_(t.findings.c.call.in_(calls), t.findings.c.superseded_by.is_(None), t.findings.c.turn.is_not(None))
    query = sa.select(t.findings.c.call, t.findings.c.turn, t.findings.c.severity).where(stands)
    gravest: dict[int, dict[int, str]] = defaultdict(dict)
    for call, turn, severity in connection.execute(query.order_by(t.findings.c.rank)):
        gravest[call][turn] = severity
    return gravest


def _found_turn(
    number: int, role: str, start_s: float | None, text: str, marks: Sequence[Sequence[CharSpan]], severity: str | None
) -> FoundTurn:
    spans = _merged(span for of_word in marks for span in of_word)
    first = max(0, min(spans[0].start - _SNIPPET // 3, len(text) - _SNIPPET))
    last = min(len(text), max(first + _SNIPPET, spans[0].end))
    inside = (CharSpan(max(span.start, first), min(span.end, last)) for span in spans if span.start < last)
    return FoundTurn(
        number=number,
        role=Role(role),
        start_s=start_s,
        text=text[first:last],
        marks=tuple(CharSpan(span.start - first, span.end - first) for span in inside),
        cut_before=first > 0,
        cut_after=last < len(text),
        severity=severity,
    )


def _marks(text: str, word: _Word) -> list[CharSpan]:
    """Where a word stands in the text of a turn."""
    runs = _runs(text)
    line = _line(runs)
    places: list[int] = []
    for run in runs:
        places.extend((-1, *run.places))  # a blank stands before each
    looked_for, marks, at = word.folded, [], -1
    while (at := line.find(looked_for, at + 1)) >= 0:
        start = at + len(looked_for) - len(looked_for.lstrip())
        end = at + len(looked_for.rstrip())
        marks.append(CharSpan(places[start], places[end - 1] + 1))
    return marks


def _merged(spans: Iterable[CharSpan]) -> list[CharSpan]:
    merged: list[CharSpan] = []
    for span in sorted(spans):
        if merged and span.start <= merged[-1].end:
            merged[-1] = CharSpan(merged[-1].start, max(span.end, merged[-1].end))
        else:
            merged.append(span)
    return merged


def _unsearchable() -> sa.Select[int]:
    """Calls whose words in force are not what is searched."""
    in_force = t.calls.join(t.audits, sa.and_(t.audits.c.call == t.calls.c.id, t.audits.c.current))
    query = sa.select(t.calls.c.id).select_from(in_force.outerjoin(t.spoken, t.spoken.c.call == t.calls.c.id))
    stale = sa.or_(t.spoken.c.call.is_(None), t.spoken.c.transcript != t.audits.c.transcript)
    return query.where(t.calls.c.purged_at.is_(None), stale).order_by(t.calls.c.id)


def _stored_call(connection: sa.Connection, transcript: int, metadata: str) -> Call:
    """As much of a stored call as is needed to mask its turns."""
    of_transcript = t.turns.c.transcript == transcript
    query = sa.select(t.turns.c.number, t.turns.c.role, t.turns.c.record).where(of_transcript)
    turns = []
    for number, role, record in connection.execute(query.order_by(t.turns.c.number)):
        read = json.loads(record)
        start_s = read["start_s"]
        time = None if start_s is None else TimeSpan(start_s, read["end_s"])
        turns.append(Turn(number, Role(role), read["text"], time))
    named = CallMetadata(debtor_name=json.loads(metadata)["debtor_name"])
    return Call("", named, tuple(turns), Source("", "", ""))


def _is_sqlite(connection: sa.Connection) -> bool:
    return connection.dialect.name == "sqlite"
