"""Make a large store for the desk: calls over ninety days with turns, findings, decisions and a log, as `callaudit run --store` leaves them.

    python -m benchmarks.desk_store STORE [--calls 100000] [--findings 300000]

The words are those of the labelled corpus: exchanges (what was said before, and the line) are audited with the rules of this version,
and calls are put together from them, so that words are as frequent as in talk of such calls and every record has its real size. Two
users can sign in: `bench-officer` and `bench-lead`, with the password that is printed. Always the same store, but for times and password.
"""

import argparse
import hashlib
import json
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Any

import sqlalchemy as sa

from audit.model.call import Call, CallMetadata, Direction, Role, Source, Turn
from audit.model.finding import Finding
from audit.model.report import CallReport, risk_score, verdict
from audit.model.review import UserRole
from audit.model.span import TimeSpan
from audit.pii.redact import mask
from audit.pipeline import Auditor, Options
from audit.report.record import report_record, to_json
from audit.store import chain, search, violations, waiting
from audit.store import tables as t
from audit.store.database import Store, create
from audit.store.users import add_user
from audit.web.passwords import hashed

AGENTS, TEAMS, DAYS = 120, 8, 90
USERS = {"bench-officer": UserRole.OFFICER, "bench-lead": UserRole.LEAD}
PASSWORD = "a-store-of-many-calls"
_LAST_DAY = date(2026, 11, 20)
_BATCH = 1000
_EXCHANGES = 4000
_A_CALL = 4
_DECIDED = 0.25
_CORPUS = [f"c{number}" for number in (1, 2, 3, 4, 5, 6, 8, 9, 12)]
_SURNAMES, _GIVEN = "王李张刘陈杨黄赵吴周徐孙马朱胡", ("伟", "秀英", "建国", "丽华", "小明", "桂兰", "志强", "晓燕")


@dataclass(frozen=True, slots=True)
class Exchange:
    """What somebody said and what was said to it, and what the rules found in the two turns."""

    turns: tuple[Turn, ...]
    findings: tuple[Finding, ...]


def exchanges(dice: random.Random) -> tuple[list[Exchange], list[Exchange], CallReport]:
    """Exchanges with findings and without, and a report for what is the same in all."""
    auditor = Auditor(Options(), proved=True)
    found: list[Exchange] = []
    clean: list[Exchange] = []
    rows = list(_rows())
    dice.shuffle(rows)
    for row in rows[:_EXCHANGES]:
        other = Role.DEBTOR if row["role"] == "agent" else Role.AGENT
        said = [(other, row["prev"]), (Role(row["role"]), row["text"])]
        turns = [Turn(index, role, text) for index, (role, text) in enumerate(pair for pair in said if pair[1])]
        report = auditor.report(
            Call("x", CallMetadata(), tuple(turns), Source("calls.jsonl", "0" * 64, "callaudit-jsonl"))
        )
        in_turns = tuple(finding for finding in report.findings if finding.turn is not None)
        (found if in_turns else clean).append(Exchange(tuple(turns), in_turns))
    return found, clean, report


def _rows() -> Iterator[dict[str, Any]]:
    folder = files("audit.lexicons") / "corpus"
    for path in sorted(folder.iterdir(), key=lambda path: path.name):
        if path.name.partition("_")[0] in _CORPUS:
            yield from map(json.loads, path.read_text(encoding="utf-8").splitlines())


class Maker:
    """Makes the rows of one call after another; numbers are given here, so that rows need not be read back."""

    def __init__(self, calls: int, findings: int, seed: int = 5) -> None:
        self._dice = random.Random(seed)
        self._found, self._clean, self._like = exchanges(self._dice)
        self._calls, self._findings = calls, findings
        self._left = findings
        self._numbers = {"findings": 0, "decisions": 0}
        self.log: list[tuple[datetime, str, str, str, dict[str, Any]]] = []

    def rows(self, number: int) -> dict[str, list[dict[str, Any]]]:
        """The rows of the call with this number, by table."""
        dice = self._dice
        turns, findings = self._words(number)
        day = _LAST_DAY - timedelta(days=dice.randrange(DAYS))
        agent = dice.randrange(AGENTS)
        moment = datetime(day.year, day.month, day.day, dice.randrange(1, 11), dice.randrange(60), tzinfo=UTC)
        name = dice.choice(_SURNAMES) + dice.choice(_GIVEN)
        metadata = CallMetadata(
            moment, turns[-1].time.end_s if turns[-1].time else None, Direction.OUTBOUND, True, f"A{agent:03}",
            team=f"{agent % TEAMS + 1}组", debtor_id=f"D{number}", debtor_name=name, callee_number=f"139{number:08}",
            lender="东海银行", agency="恒诚", case_no=f"N{number}",
        )  # fmt: skip
        digest = hashlib.sha256(str(number).encode()).hexdigest()
        call = Call(
            f"{day:%Y%m%d}-{number:06}",
            metadata,
            tuple(turns),
            Source("calls.jsonl", digest, "callaudit-jsonl", number),
        )
        report = replace(self._like, call=call, findings=tuple(findings), dialogue=())
        return self._written(number, report, day, digest)

    def _words(self, number: int) -> tuple[list[Turn], list[Finding]]:
        """The turns of a call and its findings. Half the calls have none; in the others they are as many as are still wanted."""
        dice = self._dice
        calls_left = self._calls - number + 1
        wanted = (
            0 if dice.random() < 0.5 and calls_left > 1 else round(2 * self._left / calls_left * dice.uniform(0.6, 1.4))
        )
        if calls_left == 1:
            wanted = self._left
        chosen: list[Exchange] = []
        while wanted > 0:
            one = dice.choice(self._found)
            chosen.append(replace(one, findings=one.findings[:wanted]))
            wanted -= len(chosen[-1].findings)
        chosen += (dice.choice(self._clean) for _ in range(max(1, _A_CALL - len(chosen) + dice.randrange(2))))
        dice.shuffle(chosen)
        turns: list[Turn] = []
        findings: list[Finding] = []
        at = 0.0
        for exchange in chosen:
            first = len(turns)
            for turn in exchange.turns:
                end = at + 0.8 + 0.22 * len(turn.text)
                turns.append(replace(turn, index=len(turns), time=TimeSpan(round(at, 2), round(end, 2))))
                at = end + 0.4
            for finding in exchange.findings:
                place = first + (finding.turn or 0)
                findings.append(replace(finding, turn=place, time=turns[place].time))
        self._left -= len(findings)
        return turns, findings

    def _written(self, number: int, report: CallReport, day: date, digest: str) -> dict[str, list[dict[str, Any]]]:
        record = report_record(report)
        call = record["call"]
        metadata, turns, found = call.pop("metadata"), call.pop("turns"), record.pop("findings")
        of_call = {"day": day, "agent_id": metadata["agent_id"], "team": metadata["team"]}
        judged = {"verdict": verdict(report.findings).value, "score": risk_score(report.findings)}
        audited = datetime(day.year, day.month, day.day, 20, tzinfo=UTC)
        source = {
            "source_path": "calls.jsonl",
            "source_sha256": digest,
            "source_kind": "callaudit-jsonl",
            "source_line": number,
        }
        started = report.call.metadata.started_at
        made: dict[str, list[dict[str, Any]]] = {
            "calls": [
                {"id": number, "call_id": report.call.call_id, "started_at": started, "metadata": to_json(metadata)}
                | source | of_call | judged
            ],
            "transcripts": [{"id": number, "call": number, "digest": digest, "turns": len(turns)}],
            "turns": [
                {"transcript": number, "number": turn["index"], "call": number, "role": turn["role"], "text": turn["text"]}
                | {"record": to_json(turn)}
                for turn in turns
            ],
            "spoken": [{"call": number, "transcript": number} | _spoken(report.call)],
            "audits": [
                {"id": number, "call": number, "run": 1, "transcript": number, "digest": digest, "policy": "default"}
                | {"rules_sha256": report.audit.rules_sha256, "callaudit_version": report.audit.callaudit_version}
                | {"audited_at": audited, "imported_at": audited, "findings": len(found), "record": to_json(record)}
                | {"current": True} | judged
            ],
            "findings": [], "sightings": [], "decisions": [],
        }  # fmt: skip
        for place, (finding, one) in enumerate(zip(report.findings, found, strict=True)):
            self._file(made, number, place, finding, one, of_call, audited)
        return made

    def _file(
        self, made: dict[str, list[dict[str, Any]]], call: int, place: int, finding: Finding, record: dict[str, Any],
        of_call: dict[str, Any], audited: datetime,
    ) -> None:  # fmt: skip
        """The rows of a finding, with a decision on some."""
        self._numbers["findings"] += 1
        number = self._numbers["findings"]
        same = {
            "label": finding.label,
            "rule": finding.rule,
            "severity": record["severity"],
            "confidence": record["confidence"],
        }
        state = "open"
        if self._dice.random() < _DECIDED:
            state = self._decide(made, call, number, audited)
        made["findings"].append(
            {"id": number, "call": call, "fingerprint": finding.fingerprint, "superseded_by": None, "state": state}
            | {"turn": finding.turn, "start_char": record["start_char"], "waits": bool(finding.why.review)}
            | {"rank": 4 if finding.label == "signal.self_harm" else finding.severity.rank}
            | same | of_call
        )  # fmt: skip
        made["sightings"].append(
            {"id": number, "finding": number, "audit": call, "call": call, "number": place, "quote": finding.quote}
            | {"record": to_json(record)} | same
        )  # fmt: skip

    def _decide(self, made: dict[str, list[dict[str, Any]]], call: int, finding: int, audited: datetime) -> str:
        self._numbers["decisions"] += 1
        number, reviewer = self._numbers["decisions"], self._dice.randrange(len(USERS))
        said, state = self._dice.choices(
            [("confirm", "confirmed"), ("dismiss", "dismissed"), ("unsure", "unsure")], (6, 3, 1)
        )[0]
        moment = audited + timedelta(minutes=self._dice.randrange(60 * 48))
        made["decisions"].append(
            {
                "id": number,
                "finding": finding,
                "call": call,
                "sighting": finding,
                "reviewer": reviewer + 1,
                "verdict": said,
            }
            | {"undoes": None, "reason": "misheard" if said == "dismiss" else "", "comment": "", "decided_at": moment}
        )
        facts = {"decision": number, "verdict": said, "state": state}
        self.log.append((moment, list(USERS)[reviewer], "decide", f"finding:{finding}", facts))
        return state


def _spoken(call: Call) -> dict[str, Any]:
    """What is searched. Each line of the corpus is masked once, and not once a call: names take a model to be found."""
    starts = (turn.time.start_s if turn.time else None for turn in call.turns)
    texts = (_masked(turn.text) for turn in call.turns)
    return search.spoken_values(
        (turn.index, turn.role, start, text) for turn, start, text in zip(call.turns, starts, texts, strict=True)
    )


@cache
def _masked(text: str) -> str:
    return mask(text)


def fill(store: Store, calls: int, findings: int) -> None:
    """Put the calls into an empty store."""
    for name, role in USERS.items():
        add_user(store, name, role, "benchmark", hashed(PASSWORD, name))
    moment = datetime(2026, 11, 20, 20, tzinfo=UTC)
    maker = Maker(calls, findings)
    with store.writing() as connection:
        run = {"sha256": "0" * 64, "started_at": moment, "finished_at": moment, "record": "{}"}
        connection.execute(t.runs.insert().values(id=1, **run))
    order = ("calls", "transcripts", "turns", "spoken", "audits", "findings", "sightings", "decisions")
    for first in range(1, calls + 1, _BATCH):
        rows: dict[str, list[dict[str, Any]]] = {name: [] for name in order}
        for number in range(first, min(first + _BATCH, calls + 1)):
            for name, more in maker.rows(number).items():
                rows[name].extend(more)
        with store.writing() as connection:
            for name in order:
                if rows[name]:
                    connection.execute(t.metadata.tables[name].insert(), rows[name])
            _log(connection, maker)
    _settle(store, order)


def _log(connection: sa.Connection, maker: Maker) -> None:
    """The lines of a batch, chained as `chain.append` chains them, written together."""
    last, previous = connection.execute(sa.select(t.log_head.c.last, t.log_head.c.hash)).one()
    lines = []
    for moment, actor, action, subject, facts in maker.log:
        said = json.dumps(facts, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        last += 1
        at = moment.isoformat(timespec="microseconds")
        digest = chain.line_hash(previous, last, at, actor, action, subject, said)
        lines.append(
            {"id": last, "at": at, "actor": actor, "action": action, "subject": subject, "facts": said}
            | {"previous": previous, "hash": digest}
        )
        previous = digest
    if lines:
        connection.execute(t.log.insert(), lines)
        connection.execute(t.log_head.update().values(last=last, hash=previous))
    maker.log.clear()


def _settle(store: Store, tables: tuple[str, ...]) -> None:
    """What is kept with calls and findings; what the engine does by itself in time: count on from the numbers given here, vacuum, gather
    statistics."""
    with store.writing() as connection:
        violations.keep_counts(connection)
        waiting.keep_all(connection)
    if store.is_sqlite:
        with store.writing() as connection:
            search.forget(connection)
        return
    with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for name in ("runs", *tables):
            if "id" in t.metadata.tables[name].c:
                next_one = f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), (SELECT max(id) FROM {name}))"
                connection.exec_driver_sql(next_one)
        connection.exec_driver_sql("VACUUM ANALYZE")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("store")
    parser.add_argument("--calls", type=int, default=100_000)
    parser.add_argument("--findings", type=int, default=300_000)
    given = parser.parse_args()
    began = time.monotonic()
    create(given.store)
    with Store(given.store) as store:
        fill(store, given.calls, given.findings)
    print(
        f"{given.calls:,} calls, {given.findings:,} findings in {time.monotonic() - began:,.0f} s; password: {PASSWORD}"
    )


if __name__ == "__main__":
    main()
