"""Whatever the bytes, a parser returns turns or raises InputError, and nothing else."""

import csv
import io
import json
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.errors import InputError
from audit.ingest.formats import FORMATS, format_of, open_document
from audit.ingest.formats.document import Document
from audit.ingest.manifest import read_manifest
from audit.model.call import Turn
from tests.ingest.calls import Found

KEYS = st.sampled_from(
    (
        *("turns", "text", "role", "i", "start_s", "end_s", "call_id", "metadata", "started_at"),
        *("segments", "start", "end", "words", "word", "speaker", "score", "channel", "avg_logprob", "no_speech_prob"),
        *("sentence_info", "timestamp", "key", "spk", "stamp_sents", "text_seg"),
    )
)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["坐席", "[[1,2]]"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=6),
    max_leaves=30,
)
CLOCKS = st.sampled_from(
    ["00:01", "[00:02]", "00:00:01,000 --> 00:00:02,000", "00:03.000 --> 00:01.000", "WEBVTT", "NOTE", "7"]
)
LINES = st.lists(
    st.text(max_size=12)
    | CLOCKS
    | st.sampled_from(["坐席: 您好", "<v 客户>喂", "<v>", "角色,内容,开始", "客户,喂,x", '"', "", "甲：一", "甲：二"]),
    max_size=12,
)


def check(turns: tuple[Turn, ...]) -> None:
    for index, turn in enumerate(turns):
        assert turn.index == index
        turn.text.encode()
        assert not turn.words or "".join(word.text for word in turn.words) == turn.text
        assert turn.confidence is None or 0 <= turn.confidence <= 1


@given(VALUES)
def test_any_json_value_is_turns_or_an_input_error(value: object) -> None:
    document = open_document(json.dumps(value).encode(), "x.json", must_be_json=True)
    kind = format_of(document)
    if kind is not None:
        try:
            check(FORMATS[kind].turns(document))
        except InputError as error:
            assert error.problem.line()


@pytest.mark.parametrize("name", ["srt", "vtt", "txt", "csv"])
@given(lines=LINES, end=st.sampled_from(["\n", "\r\n"]))
def test_any_text_is_turns_or_an_input_error(name: str, lines: list[str], end: str) -> None:
    document = Document("x", end.join(lines))
    FORMATS[name].recognises(document)
    try:
        check(FORMATS[name].turns(document))
    except InputError as error:
        assert error.problem.line()


@settings(max_examples=60)
@given(
    name=st.sampled_from(["a.json", "a.jsonl", "a.txt", "a.srt", "a.vtt", "a.csv", "a.wav"]),
    data=st.binary()
    | LINES.map(lambda lines: "\n".join(lines).encode("utf-8", "surrogatepass"))
    | VALUES.map(lambda v: json.dumps(v).encode()),
)
def test_any_file_becomes_calls_or_failures(name: str, data: bytes) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(data)
        found = Found(folder)
        assert all(failure.problem.line() for failure in found.failures)
        assert found.calls or found.failures or not data.strip()


@settings(max_examples=60)
@given(
    st.binary()
    | st.lists(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=6), max_size=4), max_size=6).map(
        lambda rows: sheet([["文件", "开始时间", "时长"], *rows])
    )
)
def test_any_manifest_is_read_or_refused(data: bytes) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "m.csv"
        path.write_bytes(data)
        try:
            manifest = read_manifest(str(path))
        except InputError as error:
            assert error.problem.line()
        else:
            for index in range(len(manifest)):
                manifest.metadata(manifest.row(index))


def sheet(rows: list[list[str]]) -> bytes:
    stream = io.StringIO()
    csv.writer(stream).writerows(rows)
    return stream.getvalue().encode()
