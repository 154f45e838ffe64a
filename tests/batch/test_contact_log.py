"""The ledger as a log of calls, and rules that hang on what was heard in an earlier call."""

import json
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from audit.batch.ledger import Audited, Ledger
from audit.batch.runner import run
from audit.batch.work import PipelineAudit
from audit.ingest.find import find_inputs
from audit.ingest.items import CallInput
from audit.model.call import CallMetadata, Direction
from audit.pipeline import Options
from audit.rules.contact import ContactRecord, Records
from tests.batch.audits import info

BEGINS = datetime(2026, 3, 2, tzinfo=UTC)
contacts = st.lists(
    st.builds(
        lambda minute, debtor, number, spoke, heard: ContactRecord(
            "",
            CallMetadata(
                None if minute is None else BEGINS + timedelta(minutes=minute),
                direction=Direction.OUTBOUND,
                debtor_id=debtor,
                callee_number=number,
            ),
            spoke,
            heard,
        ),
        st.none() | st.integers(0, 100),
        st.sampled_from([None, "D1", "D2"]),
        st.sampled_from([None, "13800138000", "+86 138-0013-8000", "138****8000"]),
        st.booleans(),
        st.frozensets(st.sampled_from(["refused", "wrong_number?"])),
    ),
    max_size=12,
)


@settings(deadline=None, max_examples=25)  # a database a time
@given(contacts)
def test_the_ledger_is_the_log_that_its_calls_are(found: list[ContactRecord]) -> None:
    records = [ContactRecord(f"c{n:02}", r.metadata, r.both_spoke, r.heard) for n, r in enumerate(found)]
    with tempfile.TemporaryDirectory() as folder, Ledger(Path(folder)) as ledger:
        for record in records:
            item = CallInput(record.call_id, "calls.jsonl", "callaudit-jsonl", "0", record.metadata, 1)
            ledger.record(item, "key", Audited(record.metadata, record.both_spoke, record.heard, 0.0, -1))
        log = Records(records)
        assert ledger.begins() == log.begins()
        for key in ("debtor", "number"):
            assert list(ledger.by(key)) == list(log.by(key))


def spoken(call_id: str, started: str, number: str, *turns: str) -> str:
    roles = {"A": "agent", "T": "third_party", "D": "debtor"}
    said = [{"role": roles[turn[0]], "text": turn[3:]} for turn in turns]
    metadata = {"started_at": started, "direction": "outbound", "callee_number": number, "debtor_id": "D1"}
    return json.dumps({"call_id": call_id, "metadata": metadata, "turns": said}, ensure_ascii=False)


def test_what_was_heard_in_one_call_weighs_on_the_next_and_own_findings_of_the_same_rule_stay(tmp_path: Path) -> None:
    pressed = ("A: 请问是王强吗", "T: 打错了，我不认识他", "A: 你必须配合我们，他在哪")
    lines = [
        spoken("first", "2026-03-02T10:00:00+08:00", "13800138000", *pressed),
        spoken("again", "2026-03-03T10:00:00+08:00", "13800138000", *pressed),
        spoken("other", "2026-03-03T11:00:00+08:00", "13800138001", "A: 请问是王强吗", "D: 我是"),
    ]
    (tmp_path / "calls.jsonl").write_text("\n".join(lines), encoding="utf-8")
    (tmp_path / "log.csv").write_text(
        "call_id,started_at,direction,connected,callee_number,debtor_id\nrow,2026-03-04 10:00:00,outbound,no,138 0013 8000,D1\n",
        encoding="utf-8",
    )
    out = tmp_path / "out"
    out.mkdir()
    for _ in range(2):  # the second time everything is known already
        items = find_inputs([str(tmp_path / "calls.jsonl")], tmp_path / "log.csv")
        run(items, PipelineAudit(Options()), out, info, executor_name="serial")
        written = (out / "findings.jsonl").read_text(encoding="utf-8").splitlines()
        found = [
            (f["call_id"], f["turn"])
            for f in map(json.loads, written)
            if f["rule"] == "contact.wrong_number/persisting"
        ]
        assert sorted(found, key=str) == [("again", 2), ("again", None), ("first", 2), ("row", None)]
