from datetime import datetime
from pathlib import Path

import pytest

from audit.batch.transcripts import FORMATS
from audit.ingest.find import find_inputs
from audit.ingest.items import CallInput
from audit.ingest.read import read_call
from audit.model.call import Call, CallMetadata, Direction, Role, Source, Turn
from audit.model.span import TimeSpan

METADATA = CallMetadata(
    started_at=datetime.fromisoformat("2026-03-02T10:15:00+08:00"),
    duration_s=70.5,
    direction=Direction.OUTBOUND,
    agent_id="A7",
    extra={"批次": "三月"},
)
TURNS = (
    Turn(0, Role.AGENT, "您好，请问是本人吗？", TimeSpan(0.5, 2.25), confidence=0.914),
    Turn(1, Role.DEBTOR, "我是", TimeSpan(3.0, 3.4), confidence=0.8),
    Turn(2, Role.THIRD_PARTY, "谁的电话", TimeSpan(3661.0, 3662.5), role_confidence=0.45),
    Turn(3, Role.UNKNOWN, "喂", TimeSpan(3670.0, 3671.0), doubts=("phantom", "loop")),
)
CALL = Call("c1", METADATA, TURNS, Source("c1.wav", "ab" * 32, "recording"))


@pytest.mark.parametrize("name", FORMATS)
def test_run_reads_what_transcribe_writes(name: str, tmp_path: Path) -> None:
    path = tmp_path / f"c1.{name}"
    path.write_text(FORMATS[name](CALL), encoding="utf-8")
    (item,) = find_inputs([str(path)])
    assert isinstance(item, CallInput)
    again = read_call(item)
    assert item.call_id == "c1"
    assert [(turn.role, turn.text) for turn in again.turns] == [(turn.role, turn.text) for turn in TURNS]
    if name != "txt":
        assert [turn.time for turn in again.turns] == [turn.time for turn in TURNS]
    if name.startswith("json"):
        assert again.metadata == METADATA
        assert again.turns == TURNS


def test_subtitles_leave_out_what_has_no_time() -> None:
    call = Call(
        "c2", CallMetadata(), (Turn(0, Role.AGENT, "您好"), Turn(1, Role.DEBTOR, "好", TimeSpan(0, 1))), CALL.source
    )
    assert FORMATS["srt"](call) == "1\n00:00:00,000 --> 00:00:01,000\n债务人：好\n"
    assert FORMATS["vtt"](call) == "WEBVTT\n\n00:00:00.000 --> 00:00:01.000\n债务人：好\n"
    assert FORMATS["txt"](call) == "坐席：您好\n债务人：好\n"


def test_a_call_a_line_stays_one_line() -> None:
    call = Call("c3", CallMetadata(), (Turn(0, Role.AGENT, "第一\n第二"),), CALL.source)
    assert FORMATS["jsonl"](call).count("\n") == 1
