"""Whether a store is sound: its rows fit together, its guards stand, its log is whole."""

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

import sqlalchemy as sa

from audit.model.review import Decision, Opinion, ReviewState, Ruling, UserRole, Verdict, review_state
from audit.store import chain, guards, search, violations, waiting
from audit.store import tables as t
from audit.store.database import Store
from audit.store.migrations.versions import GUARDS

_LAST_LINES = 1000

# What each kind of fault is called, after the row that it is about.
FAULTS: dict[str, tuple[str, str]] = {
    "file": ("文件损坏", "the file is damaged"),
    "guard": ("缺少防改触发器", "a guard against changes is missing"),
    "orphan": ("所指的记录不存在", "refers to a row that is not there"),
    "call": ("所指的记录属于另一通电话", "refers to a row of another call"),
    "word": ("不是已知的值", "is no known value"),
    "audit": ("没有有效的审核", "has no audit in force"),
    "count": ("记录数不符", "does not have the rows it says it has"),
    "superseded": ("与有效的审核不符", "does not agree with the audit in force"),
    "waited": ("首次决定前的时长不符", "does not say how long it waited for its first decision"),
    "state": ("状态与决定不符", "has a state that its decisions do not come to"),
    "search": (
        "检索索引缺失或与有效的审核不符；用 callaudit store reindex 修复",
        "is missing from the search, or is not what it finds; callaudit store reindex mends it",
    ),
    "purged": ("已清除的通话仍有内容", "was purged and still has content"),
    "decision": ("与日志不符", "is not what the log says"),
    "log_changed": ("内容被改动", "was changed"),
    "log_link": ("与上一行不相接", "does not follow the line before it"),
    "log_missing": ("该行缺失", "is missing"),
    "log_end": ("日志结尾不符", "is not where the log should end"),
}
_DECISION = ("id", "reviewer", "verdict", "undoes")


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that does not fit: `kind` as in docs/store.md, the row it is about, and what is wrong with it.

    Rows are named by table and number (`finding:12`), never by what they hold.
    """

    kind: str
    row: str
    detail: str = ""


def check(store: Store) -> list[Fault]:
    """What is wrong with the structure of the store: engine, foreign keys, guards, states, audits in force, the end of the log."""
    with store.reading() as connection:
        return [
            *_engine_faults(connection, store.is_sqlite),
            *_missing_guards(connection, store.is_sqlite),
            *_orphans(connection),
            *_unknown_words(connection),
            *_calls_without_audit(connection),
            *_wrong_counts(connection),
            *_wrong_states(connection),
            *_unsearchable(connection),
            *_wrong_violations(connection),
            *_wrong_waiting(connection),
            *_wrong_opinions(connection),
            *_purged_with_content(connection),
            *map(_of_break, chain.breaks(connection, _LAST_LINES)),
        ]


def verify(store: Store) -> tuple[list[Fault], int, str]:
    """What is wrong with the log, line by line from the first, and with decisions, opinions, appeals and rulings it does not bear out; its
    length and last hash.

    Who notes the last hash elsewhere can prove later that the log up to there is the same.
    """
    with store.reading() as connection:
        faults = [*map(_of_break, chain.breaks(connection)), *_unlogged(connection)]
        head = connection.execute(sa.select(t.log_head)).one_or_none()
        return faults, head.last if head else 0, head.hash if head else ""


def _of_break(found: chain.Break) -> Fault:
    token = "" if found.token is None else f" token:{found.token}"
    return Fault(f"log_{found.fault}", f"log:{found.line}", f"{found.action} {found.subject}{token}".strip())


def _engine_faults(connection: sa.Connection, sqlite: bool) -> Iterator[Fault]:
    if sqlite:
        for (message,) in connection.exec_driver_sql("PRAGMA quick_check"):
            if message != "ok":
                yield Fault("file", "", message.splitlines()[0])


def _missing_guards(connection: sa.Connection, sqlite: bool) -> Iterator[Fault]:
    query = (
        "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        if sqlite
        # O: it fires; one that was disabled guards nothing.
        else "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled = 'O' AND tgrelid IN "
        "(SELECT oid FROM pg_class WHERE relnamespace = current_schema()::regnamespace)"
    )
    there = {name for (name,) in connection.exec_driver_sql(query)}
    for name in sorted(guards.names(GUARDS, "sqlite" if sqlite else "postgresql") - there):
        yield Fault("guard", name)


def _orphans(connection: sa.Connection) -> Iterator[Fault]:
    """Rows that refer to rows that are not there, whatever the engine was told to enforce; and rows of one call that refer to another's."""
    for table in t.metadata.sorted_tables:
        for key in table.foreign_keys:
            column, target = key.parent, key.column.table.alias("target")
            missing = sa.select(column).outerjoin_from(table, target, column == target.c.id)
            for (value,) in connection.execute(missing.where(column.is_not(None), target.c.id.is_(None)).limit(10)):
                yield Fault("orphan", f"{table.name}.{column.name}:{value}")
            if "call" in table.c and "call" in target.c:
                across = sa.select(column).join_from(table, target, column == target.c.id)
                for (value,) in connection.execute(across.where(table.c.call != target.c.call).limit(10)):
                    yield Fault("call", f"{table.name}.{column.name}:{value}")


def _unknown_words(connection: sa.Connection) -> Iterator[Fault]:
    for column, words in (
        (t.findings.c.state, ReviewState),
        (t.decisions.c.verdict, Verdict),
        (t.opinions.c.verdict, Opinion),
        (t.rulings.c.verdict, Ruling),
        (t.users.c.role, UserRole),
    ):
        known = [word.value for word in words]
        query = sa.select(column.table.c.id).where(column.not_in(known)).limit(10)
        for (number,) in connection.execute(query):
            yield Fault("word", f"{column.table.name}:{number}", column.name)


def _calls_without_audit(connection: sa.Connection) -> Iterator[Fault]:
    in_force = sa.select(t.audits.c.call).where(t.audits.c.current)
    for (number,) in connection.execute(sa.select(t.calls.c.id).where(t.calls.c.id.not_in(in_force)).limit(10)):
        yield Fault("audit", f"calls:{number}")


def _wrong_counts(connection: sa.Connection) -> Iterator[Fault]:
    """Transcripts, audits and findings that do not have the rows they say they have."""
    for owner, number, part in (
        (t.transcripts, t.transcripts.c.turns, t.turns.c.transcript),
        (t.audits, t.audits.c.findings, t.sightings.c.audit),
    ):
        counted = sa.select(part.label("owner"), sa.func.count().label("rows")).group_by(part).subquery()
        rows = sa.func.coalesce(counted.c.rows, 0)
        query = (
            sa.select(owner.c.id)
            .join_from(owner, t.calls, owner.c.call == t.calls.c.id)
            .outerjoin(counted, counted.c.owner == owner.c.id)
            .where(number != rows)
        )
        if owner is t.transcripts:
            query = query.where(t.calls.c.purged_at.is_(None))
        for (found,) in connection.execute(query.limit(10)):
            yield Fault("count", f"{owner.name}:{found}")
    # What is current was seen by the audit in force, and only that.
    seen = (
        sa.select(t.sightings.c.finding).join(t.audits, t.audits.c.id == t.sightings.c.audit).where(t.audits.c.current)
    )
    current = t.findings.c.superseded_by.is_(None)
    for wrong in (
        sa.and_(current, t.findings.c.id.not_in(seen)),
        sa.and_(sa.not_(current), t.findings.c.id.in_(seen)),
    ):
        for (found,) in connection.execute(sa.select(t.findings.c.id).where(wrong).limit(10)):
            yield Fault("superseded", f"findings:{found}")


def _wrong_states(connection: sa.Connection) -> Iterator[Fault]:
    """Findings whose state is not what their decisions and their last ruling come to."""
    decided, ruled = sa.select(t.decisions.c.finding), sa.select(t.rulings.c.finding)
    touched = sa.or_(t.findings.c.id.in_(decided), t.findings.c.id.in_(ruled))
    never = sa.select(t.findings.c.id).where(t.findings.c.state != ReviewState.OPEN, sa.not_(touched))
    for (number,) in connection.execute(never.limit(10)):
        yield Fault("state", f"findings:{number}")
    last = {
        row.finding: Ruling(row.verdict)
        for row in connection.execute(sa.select(t.rulings).order_by(t.rulings.c.id))
        if row.verdict in set(Ruling)
    }
    query = (
        sa.select(t.findings.c.id.label("finding"), t.findings.c.state, *(t.decisions.c[name] for name in _DECISION))
        .outerjoin(t.decisions, t.findings.c.id == t.decisions.c.finding)
        .where(touched)
        .order_by(t.findings.c.id, t.decisions.c.id)
    )
    known = {verdict.value for verdict in Verdict}
    for finding, group in groupby(connection.execute(query), key=lambda row: row.finding):
        rows = list(group)
        said = [
            Decision(row.id, row.reviewer, Verdict(row.verdict), row.undoes) for row in rows if row.verdict in known
        ]
        if rows[0].state != review_state(said, last.get(finding)).value:
            yield Fault("state", f"findings:{finding}")


def _wrong_violations(connection: sa.Connection) -> Iterator[Fault]:
    """Calls that do not have as many violations as they say they have."""
    counted = violations.counted_by_call().subquery()
    other = [t.calls.c[one.value] != sa.func.coalesce(counted.c[one.value], 0) for one in violations.Counting]
    query = sa.select(t.calls.c.id).outerjoin(counted, counted.c.call == t.calls.c.id).where(sa.or_(*other))
    for (number,) in connection.execute(query.limit(10)):
        yield Fault("count", f"calls:{number}")


def _wrong_waiting(connection: sa.Connection) -> Iterator[Fault]:
    """Findings that do not say how long they waited for their first decision, or something else."""
    said = sa.select(t.findings.c.id, t.findings.c.waited_s).where(t.findings.c.waited_s.is_not(None))
    waited: dict[int, float] = {row.id: row.waited_s for row in connection.execute(said)}
    for row in connection.execute(waiting.first_decisions()):
        seconds = (row.decided_at - row.audited_at).total_seconds()
        if abs(waited.pop(row.finding, math.inf) - seconds) > 0.001:
            yield Fault("waited", f"findings:{row.finding}")
    for finding in waited:
        yield Fault("waited", f"findings:{finding}")


def _wrong_opinions(connection: sa.Connection) -> Iterator[Fault]:
    """Opinions that are not their decision, or on a sample that is none of their kind; samples with more opinions than asked for,
    or that say wrongly whether they lack some."""
    same = sa.and_(
        t.decisions.c.finding == t.samples.c.finding,
        t.decisions.c.reviewer == t.opinions.c.reviewer,
        t.decisions.c.verdict == t.opinions.c.verdict,
    )
    of_finding = t.samples.c.finding.is_not(None)
    wrong = sa.or_(
        sa.and_(of_finding, sa.or_(t.decisions.c.id.is_(None), sa.not_(same))),
        sa.and_(sa.not_(of_finding), t.opinions.c.decision.is_not(None)),
    )
    joined = t.opinions.join(t.samples).outerjoin(t.decisions, t.decisions.c.id == t.opinions.c.decision)
    for (number,) in connection.execute(sa.select(t.opinions.c.id).select_from(joined).where(wrong).limit(10)):
        yield Fault("opinion", f"opinions:{number}")
    given = sa.select(t.opinions.c.sample, sa.func.count().label("given")).group_by(t.opinions.c.sample).subquery()
    more = (
        sa.select(t.samples.c.id)
        .join(given, given.c.sample == t.samples.c.id)
        .join(t.plans, t.plans.c.id == t.samples.c.plan)
        .where(given.c.given > t.plans.c.opinions)
    )
    for (number,) in connection.execute(more.limit(10)):
        yield Fault("opinion", f"samples:{number}")
    takes = sa.and_(
        t.plans.c.closed_at.is_(None),
        t.calls.c.purged_at.is_(None),
        sa.func.coalesce(given.c.given, 0) < t.plans.c.opinions,
    )
    other = (
        sa.select(t.samples.c.id)
        .join(t.plans, t.plans.c.id == t.samples.c.plan)
        .join(t.calls, t.calls.c.id == t.samples.c.call)
        .outerjoin(given, given.c.sample == t.samples.c.id)
        .where(sa.case((t.samples.c.lacking, sa.not_(takes)), else_=takes))
        .order_by(t.samples.c.id)
    )
    for (number,) in connection.execute(other.limit(10)):
        yield Fault("opinion", f"samples:{number}")


def _unsearchable(connection: sa.Connection) -> Iterator[Fault]:
    """Parts of the index of words that are not there; calls whose words it does not have, or has though they are not in force."""
    missing = search.missing_parts(connection)
    yield from (Fault("search", name) for name in missing)
    if not missing:
        yield from (Fault("search", f"calls:{number}") for number in search.out_of_step(connection))


def _purged_with_content(connection: sa.Connection) -> Iterator[Fault]:
    purged = sa.select(t.calls.c.id).where(t.calls.c.purged_at.is_not(None))
    for table, kept in (
        (t.turns, sa.true()),
        (t.spoken, sa.true()),
        (t.sightings, sa.or_(t.sightings.c.quote != "", t.sightings.c.record != "{}")),
        (t.corrections, t.corrections.c.value != ""),
        (t.decisions, sa.or_(t.decisions.c.reason != "", t.decisions.c.comment != "")),
        (t.missed, sa.or_(t.missed.c.quote != "", t.missed.c.comment != "")),
        (t.opinions, t.opinions.c.comment != ""),
        (t.appeals, t.appeals.c.statement != ""),
        (t.rulings, t.rulings.c.comment != ""),
    ):
        for (number,) in connection.execute(sa.select(table.c.call).where(table.c.call.in_(purged), kept).limit(10)):
            yield Fault("purged", f"calls:{number}", table.name)


def _unlogged(connection: sa.Connection) -> Iterator[Fault]:
    """Decisions, opinions, appeals and rulings that the log does not bear out: there is no line of them, or it says something else."""
    for table, action, subject, by in (
        (t.decisions, "decide", "finding", t.decisions.c.reviewer),
        (t.opinions, "opinion", "sample", t.opinions.c.reviewer),
        (t.appeals, "appeal", "finding", t.appeals.c.filed_by),
        (t.rulings, "rule", "finding", t.rulings.c.reviewer),
    ):
        kind = table.name.removesuffix("s")
        lines = connection.execution_options(yield_per=1000).execute(
            sa.select(t.log.c.subject, t.log.c.actor, t.log.c.facts)
            .where(t.log.c.action == action)
            .order_by(t.log.c.id)
        )
        logged = {}
        for line in lines:
            facts = _facts(line.facts)
            logged[facts.get(kind)] = (line.subject, line.actor, facts.get("verdict"))
        query = sa.select(table, t.users.c.name).outerjoin(t.users, t.users.c.id == by).order_by(table.c.id)
        for row in connection.execute(query):
            said = getattr(row, "verdict", None)
            if logged.pop(row.id, None) != (f"{subject}:{getattr(row, subject)}", row.name, said):
                yield Fault(kind, f"{table.name}:{row.id}")
        for number in logged:
            yield Fault(kind, f"{table.name}:{number}")


def _facts(text: str) -> dict[str, object]:
    try:
        facts = json.loads(text)
    except ValueError:
        return {}
    return facts if isinstance(facts, dict) else {}
