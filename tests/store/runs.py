"""Runs and their reports, written as `callaudit run` writes them. All people and numbers are invented."""

from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa

from audit.model.call import Call, CallMetadata, Direction, Role, Source, Turn
from audit.model.finding import Explanation, Finding, Severity
from audit.model.report import AuditInfo, CallReport
from audit.model.review import UserRole
from audit.model.span import CharSpan
from audit.report import run_json
from audit.report.registry import write_call
from audit.report.run import Run
from audit.report.summary import RunInfo
from audit.store import tables as t
from audit.store.calls import Imported, Taken, import_run
from audit.store.database import Store
from audit.store.users import add_user

BAD, NUMBER, NAME = "打断你的腿", "13800138000", "欧阳小明"
RULES = AuditInfo("0.1.0", "9c1e" * 16, "default")
OTHER_RULES = replace(RULES, rules_sha256="77ab" * 16)


def report(call_id: str = "c1", said: Sequence[str] = (BAD,), *, day: int = 2, rules: AuditInfo = RULES) -> CallReport:
    """A call in which the agent says each of `said`; what holds `BAD` is a finding each time it is said."""
    metadata = CallMetadata(
        datetime(2026, 3, day, 9, tzinfo=UTC), 60.0, Direction.OUTBOUND, agent_id="A07", team="一组",
        debtor_name=NAME, callee_number=NUMBER,
    )  # fmt: skip
    turns = tuple(Turn(index, Role.AGENT, text) for index, text in enumerate(said))
    call = Call(call_id, metadata, turns, Source("calls.jsonl", "0" * 64, "callaudit-jsonl", 1))
    places = [(turn, i) for turn in turns for i in range(len(turn.text)) if turn.text.startswith(BAD, i)]
    return CallReport(call, tuple(finding(call_id, turn.index, start) for turn, start in places), rules)


def finding(call_id: str, turn: int, start: int, severity: Severity = Severity.CRITICAL) -> Finding:
    return Finding(
        call_id=call_id,
        turn=turn,
        label="threat.violence",
        rule="threat.violence/example",
        severity=severity,
        confidence=0.9,
        role=Role.AGENT,
        quote=BAD,
        span=CharSpan(start, start + len(BAD)),
        time=None,
        clauses=(),
        why=Explanation({"zh": "例", "en": "Example"}, {"zh": "例。", "en": "Example."}, (BAD,)),
        fingerprint="f" * 16,
    )


def write(folder: Path, reports: Iterable[CallReport], hour: int = 12) -> list[Path]:
    """The folder of a run that began at that hour; the reports it wrote."""
    moment = datetime(2026, 3, 20, hour, tzinfo=UTC)
    paths = [write_call(made, folder, ("json",))[0] for made in reports]
    with closing(Run([], [], RunInfo(moment, moment.replace(minute=30)))) as run:
        run_json.write(run, folder / "run.json")
    return paths


def take_in(store: Store, folder: Path, *reports: CallReport, hour: int = 12) -> Imported:
    """Write the reports as a run and take it in."""
    return import_run(store, folder, write(folder, reports, hour), "test")


def became(imported: Imported) -> dict[str, int]:
    """What became of the reports, without zeroes."""
    return {kind.value: imported.counts[kind] for kind in Taken if imported.counts[kind]}


def reviewers(store: Store, *names: str) -> None:
    for name in names:
        add_user(store, name, UserRole.OFFICER, "test")


def rows(store: Store, table: sa.Table) -> list[dict[str, object]]:
    """All rows of a table, by number."""
    with store.reading() as connection:
        return [dict(row) for row in connection.execute(sa.select(table).order_by(*table.primary_key)).mappings()]


def numbers(store: Store, table: sa.Table = t.findings) -> list[int]:
    with store.reading() as connection:
        return list(connection.execute(sa.select(table.c.id).order_by(table.c.id)).scalars())
