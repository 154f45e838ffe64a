"""A way of auditing for tests of the runner: no rules to load, everything else real."""

import os
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from audit.batch.ledger import NAME, Audited
from audit.batch.runner import Item, Outcome, run
from audit.batch.work import audited
from audit.errors import InputError
from audit.i18n import language, set_language
from audit.ingest.items import Attempt, CallInput
from audit.model.call import Call, CallMetadata, Direction, Role, Source, Turn
from audit.model.finding import Explanation, Finding, Severity
from audit.model.report import AuditInfo, CallReport
from audit.model.span import CharSpan
from audit.report.registry import write_call
from audit.report.summary import RunInfo
from audit.rules.contact import ContactLog

INFO = AuditInfo("0.1.0", "9c1e" * 16, "default")
BAD = "打断你的腿"
CAP = 2


def call(
    call_id: str, text: str = "您好", *, debtor: str = "D1", hour: int = 9, path: str = "calls.jsonl"
) -> CallInput:
    """A call in which the agent says `text` and the debtor answers; `text` `broken` or `fatal` cannot be audited."""
    started = datetime(2026, 3, 2, hour, tzinfo=UTC)
    metadata = CallMetadata(started, 60.0, Direction.OUTBOUND, debtor_id=debtor, callee_number="13800138000")
    return CallInput(call_id, path, "callaudit-jsonl", sha256(text.encode()).hexdigest(), metadata, 1, text)


def attempt(call_id: str, *, debtor: str = "D1", hour: int = 9) -> Attempt:
    return Attempt(call_id, CallMetadata(datetime(2026, 3, 2, hour, tzinfo=UTC), debtor_id=debtor), "manifest.csv", 2)


def finding(call_id: str, turn: int | None, rule: str, quote: str = "") -> Finding:
    return Finding(
        call_id=call_id,
        turn=turn,
        label=rule.partition("/")[0],
        rule=rule,
        severity=Severity.CRITICAL if turn is not None else Severity.MAJOR,
        confidence=0.9,
        role=Role.AGENT if turn is not None else None,
        quote=quote,
        span=CharSpan(0, len(quote)) if quote else None,
        time=None,
        clauses=(),
        why=Explanation({"zh": "例", "en": "Example"}, {"zh": "例。", "en": "Example."}),
        fingerprint=f"{rule}:{quote}",
    )


def report(item: CallInput) -> CallReport:
    text = item.payload or ""
    turns = (Turn(0, Role.AGENT, text), Turn(1, Role.DEBTOR, "我知道了"))
    source = Source(item.path, item.content_sha256, item.kind, item.line)
    found = (finding(item.call_id, 0, "threat.violence/example", BAD),) if BAD in text else ()
    return CallReport(Call(item.call_id, item.metadata, turns, source), found, INFO)


@dataclass(frozen=True, slots=True)
class Setup:
    out: Path
    lang: str

    def __call__(self) -> Callable[[CallInput], Audited]:
        set_language(self.lang)
        return self.work

    def work(self, item: CallInput) -> Audited:
        if item.payload == "broken":
            raise InputError("CA440", item.path)
        if item.payload == "fatal":
            os._exit(3)
        if item.payload == "stop":
            raise KeyboardInterrupt
        made = report(item)
        write_call(made, self.out)
        return audited(made)


@dataclass
class ToyAudit:
    """More than two contacts with a debtor are one too many: that call and each later one gets a finding."""

    key: str = "key"
    across: frozenset[str] = frozenset({"contact.frequency/example"})

    def setup(self, jobs: int, out: Path) -> Setup:
        return Setup(out, language())

    def attempt(self, attempt: Attempt) -> CallReport:
        return CallReport(
            Call(attempt.call_id, attempt.metadata, (), Source(attempt.path, "", "attempt", attempt.row)), (), INFO
        )

    def findings_across(self, log: ContactLog) -> Iterator[Finding]:
        contacts: Counter[str] = Counter()
        for debtor, record in log.by("debtor"):
            contacts[debtor] += 1
            if contacts[debtor] > CAP:
                yield finding(record.call_id, None, "contact.frequency/example")


def info() -> RunInfo:
    moment = datetime(2026, 3, 3, tzinfo=UTC)
    return RunInfo(moment, moment)


def audit_all(items: Iterable[Item], out: Path, audit: ToyAudit | None = None, again: bool = False) -> Outcome:
    """Run over `items` in this process."""
    out.mkdir(exist_ok=True)
    return run(items, audit or ToyAudit(), out, info, executor_name="serial", again=again)


def audits(out: Path) -> dict[str, int]:
    """How often each call known to the ledger of `out` was audited."""
    database = sqlite3.connect(out / NAME)
    try:
        return dict(database.execute("SELECT call_id, audits FROM calls"))
    finally:
        database.close()


def contents(out: Path) -> dict[str, bytes]:
    """Every file of `out` but the ledger, by its path."""
    files = (path for path in out.rglob("*") if path.is_file() and not path.name.startswith(NAME))
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in files}
