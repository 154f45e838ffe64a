import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from audit.ingest.find import find_inputs
from audit.ingest.items import CallInput
from audit.ingest.read import read_call
from audit.model.call import Direction
from tests.ingest.calls import SPEECH, Found, line, write

# Folders, globs, files


def test_a_folder_is_searched_wholly_and_in_order(tmp_path: Path) -> None:
    for name in ("b/2.txt", "a/1.WAV", "c.jsonl", ".hidden/3.txt", ".4.txt", "Thumbs.db"):
        write(tmp_path / name, line() if name.endswith("jsonl") else SPEECH)
    found = Found(tmp_path)
    assert [(call.call_id, call.kind) for call in found.calls] == [
        ("1", "recording"),
        ("2", "txt"),
        ("c1", "callaudit-jsonl"),
    ]
    assert [call.path for call in found.calls][:2] == [str(tmp_path / "a/1.WAV"), str(tmp_path / "b/2.txt")]
    assert (found.failures, found.warnings) == ([], [])


def test_globs_and_single_files(tmp_path: Path) -> None:
    for name in ("a/1.wav", "a/b/2.wav", "a/b/2.mp4", "c[1].txt"):
        write(tmp_path / name, SPEECH)
    assert Found(f"{tmp_path}/**/*.wav").ids == ["1", "2"]
    assert Found(f"{tmp_path}/a/b/2.mp4", f"{tmp_path}/c[1].txt").ids == ["2", "c[1]"]


def test_a_file_given_twice_is_one_call(tmp_path: Path) -> None:
    path = write(tmp_path / "a.txt", SPEECH)
    (tmp_path / "link.txt").symlink_to(path)
    assert Found(path, tmp_path, f"{tmp_path}/*.txt").ids == ["a"]


def test_links_in_a_circle_end(tmp_path: Path) -> None:
    write(tmp_path / "a/1.txt", SPEECH)
    (tmp_path / "a/again").symlink_to(tmp_path)
    (tmp_path / "self.txt").symlink_to(tmp_path / "self.txt")
    found = Found(tmp_path)
    assert found.ids == ["1"]
    assert found.failed == ["CA105"]


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("missing.wav", "CA100"),
        ("missing/*.wav", "CA101"),
        ("notes.docx", "CA103"),
        ("pipe.wav", "CA104"),
        ("gone.wav", "CA105"),
    ],
)
def test_an_input_that_is_no_call_fails_alone(tmp_path: Path, name: str, code: str) -> None:
    write(tmp_path / "notes.docx", b"PK\x03\x04")
    os.mkfifo(tmp_path / "pipe.wav")
    (tmp_path / "gone.wav").symlink_to(tmp_path / "nowhere.wav")
    good = write(tmp_path / "good.txt", SPEECH)
    found = Found(tmp_path / name, good)
    assert (found.failed, found.ids) == ([code], ["good"])
    assert found.failures[0].path == str(tmp_path / name)


def test_a_folder_without_calls_and_files_of_other_kinds_are_warnings(tmp_path: Path) -> None:
    write(tmp_path / "a.docx", "x")
    write(tmp_path / "b.docx", "x")
    write(tmp_path / "c.pdf", "x")
    found = Found(tmp_path)
    assert (found.calls, found.failures, found.warned) == ([], [], ["CA102", "CA118"])
    assert found.warnings[1].facts == {"count": 3, "kinds": ".docx (2), .pdf (1)"}


def test_what_callaudit_wrote_is_not_audited_again(tmp_path: Path) -> None:
    write(tmp_path / "out/findings.jsonl", "{}")
    write(tmp_path / "out/run.json", "{}")
    write(tmp_path / "out/calls/a.json", "{}")
    write(tmp_path / "a.txt", SPEECH)
    found = Found(tmp_path)
    assert (found.ids, found.failures) == (["a"], [])


def test_a_report_given_as_a_call_says_so(tmp_path: Path) -> None:
    assert Found(write(tmp_path / "a.json", '{"schema_version": "1", "findings": [], "call": {}}')).failed == ["CA133"]


# Call ids


def test_files_of_one_name_in_two_folders_get_ids_that_do_not_depend_on_order_or_place(tmp_path: Path) -> None:
    for top in ("here", "there"):
        write(tmp_path / top / "a/001.wav", b"x")
        write(tmp_path / top / "b/001.wav", b"y")
        write(tmp_path / top / "c/002.wav", b"z")
    here, there = tmp_path / "here", tmp_path / "there"
    ids = Found(here).ids
    assert ids[2] == "002"
    assert len(set(ids)) == 3
    assert all(call_id.startswith("001~") and len(call_id) == 10 for call_id in ids[:2])
    assert Found(there).ids == ids
    assert Found(here / "b", here / "a", here / "c").ids == [ids[1], ids[0], "002"]


def test_a_call_id_given_twice_fails_the_second_time_naming_both_places(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", "\n".join([line("c1"), line("c2"), line("C1")]))
    other = write(tmp_path / "b.jsonl", line("c2"))
    found = Found(path, other)
    assert found.ids == ["c1", "c2"]
    assert [
        (f.problem.code, f.path, f.line, f.call_id, f.problem.where, f.problem.facts["first"]) for f in found.failures
    ] == [
        ("CA117", str(path), 3, "C1", f"{path}:3", f"{path}:1"),
        ("CA117", str(other), 1, "c2", f"{other}:1", f"{path}:2"),
    ]


def test_a_transcript_beside_its_recording_or_in_a_second_format_is_no_second_call(tmp_path: Path) -> None:
    for name in ("1.wav", "1.json", "1.txt", "2.txt", "2.srt", "2.vtt", "sub/1.txt"):
        write(tmp_path / name, "WEBVTT\n" if name.endswith("vtt") else SPEECH)
    found = Found(tmp_path)
    assert [Path(call.path).relative_to(tmp_path).as_posix() for call in found.calls] == ["1.wav", "2.vtt", "sub/1.txt"]
    assert found.warned == ["CA119"]
    assert found.warnings[0].facts["count"] == 4


def test_a_line_with_the_id_of_a_recording_is_that_recordings_transcript(tmp_path: Path) -> None:
    write(tmp_path / "1.wav", b"x")
    write(tmp_path / "calls.jsonl", line("1") + "\n" + line("2"))
    found = Found(tmp_path)
    assert [(call.call_id, call.kind) for call in found.calls] == [("1", "recording"), ("2", "callaudit-jsonl")]
    assert found.warned == ["CA119"]


def test_file_names_in_gb18030_are_read_and_matched(tmp_path: Path) -> None:
    for raw in ("录音一.txt".encode("gb18030"), b"\xff\xff.txt", b"\xff\xfe.txt"):
        Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + raw)).write_text(SPEECH, encoding="utf-8")
    manifest = write(tmp_path / "manifest.csv", "file,team\n录音一.txt,一组\n")
    found = Found(tmp_path, manifest=manifest)
    assert len(set(found.ids)) == 3
    assert all(call_id.encode() for call_id in found.ids)
    assert {call.call_id: call.metadata.team for call in found.calls}["录音一"] == "一组"
    assert [len(read_call(call).turns) for call in found.calls] == [2, 2, 2]


# Files with a call a line


def test_lines_become_calls_with_their_metadata(tmp_path: Path) -> None:
    metadata = {
        "started_at": "2026-03-02T10:15:00+08:00",
        "duration_s": 143,
        "direction": "outbound",
        "connected": True,
        "批次": 3,
    }
    text = f"\ufeff{line('c1', metadata=metadata)}\r\n\r\n{line(None)}\n{line('c3', metadata=None)}"
    path = write(tmp_path / "calls.jsonl", text)
    first, second, third = Found(path).calls
    assert (first.call_id, first.line, second.call_id, second.line, third.line) == ("c1", 1, "calls-3", 3, 4)
    record = first.metadata
    assert record.started_at is not None
    assert (record.started_at.isoformat(), record.duration_s, record.direction, record.connected, record.extra) == (
        "2026-03-02T10:15:00+08:00", 143, Direction.OUTBOUND, True, {"批次": "3"},
    )  # fmt: skip
    assert [turn.text for turn in read_call(second).turns] == ["您好", "哪位"]
    assert read_call(second).source.line == 3


def test_a_broken_line_fails_alone(tmp_path: Path) -> None:
    lines = [
        line("c1").encode(),
        line("c2").encode()[:40],
        b"[1]",
        b"\xff\xfe\xff",
        b"[" * 50_000,
        line("c6", metadata=5).encode(),
        line("c7").encode(),
    ]
    path = write(tmp_path / "calls.jsonl", b"\n".join(lines))
    found = Found(path)
    assert found.ids == ["c1", "c7"]
    assert [(f.problem.code, f.line) for f in found.failures] == [
        ("CA110", 2), ("CA114", 3), ("CA109", 4), ("CA111", 5), ("CA115", 6),
    ]  # fmt: skip


def test_a_line_of_any_length_does_not_hide_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("audit.ingest.lines.LINE_BYTES", 1000)
    path = write(tmp_path / "calls.jsonl", line("long", more="x" * 5000) + "\n" + line("c2"))
    found = Found(path)
    assert (found.ids, found.failed, found.failures[0].line) == (["c2"], ["CA113"], 1)


@pytest.mark.parametrize("encoding", ["gb18030", "utf-16"])
def test_lines_in_other_encodings(tmp_path: Path, encoding: str) -> None:
    path = write(tmp_path / "calls.jsonl", (line("c1") + "\n" + line("二号")).encode(encoding))
    assert Found(path).ids == ["c1", "二号"]


def test_a_json_file_with_a_call_a_line_or_a_single_call(tmp_path: Path) -> None:
    many = write(tmp_path / "many.json", line("c1") + "\n" + line("c2"))
    one = write(tmp_path / "one.json", json.dumps(json.loads(line("c3")), indent=1))
    found = Found(many, one)
    assert [(call.call_id, call.line) for call in found.calls] == [("c1", 1), ("c2", 2), ("c3", None)]


def test_lines_are_read_one_at_a_time(tmp_path: Path) -> None:
    path = tmp_path / "calls.jsonl"
    path.write_text("".join(line(f"c{i}") + "\n" for i in range(5000)), encoding="utf-8")
    items: Iterator[object] = find_inputs([str(path)])
    assert isinstance(next(items), CallInput)
    with path.open("a", encoding="utf-8") as stream:
        stream.write(line("late") + "\n")
    rest = list(items)
    assert len(rest) == 5000
    assert isinstance(rest[-1], CallInput)
    assert rest[-1].call_id == "late"


def test_bad_metadata_in_a_line_is_a_warning(tmp_path: Path) -> None:
    path = write(tmp_path / "calls.jsonl", line("c1", metadata={"started_at": "昨天"}))
    found = Found(path)
    assert found.calls[0].metadata.started_at is None
    assert [(p.code, p.where) for p in found.warnings] == [("CA126", f"{path}:1")]


# Files that are broken


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("a.json", b'{"text": "\xe6\x82\xa8", "segments": [{"start": 0.0', "CA110"),
        ("a.json", b"[" * 100_000, "CA111"),
        ("a.json", b'{"hello": 1}', "CA112"),
        ("a.json", b"", "CA106"),
        ("a.txt", b" \r\n", "CA106"),
        ("a.txt", b"\x89PNG\r\n\x1a\n" + bytes(100), "CA108"),
        ("a.txt", "坐席：您好，请问是张先生吗".encode()[:-1], "CA109"),
        ("a.txt", "只是一段话".encode(), "CA112"),
        ("a.srt", b"1\nno times\n", "CA112"),
        ("a.csv", b"file,call_id\n1.wav,c1\n", "CA134"),
        ("a.csv", b"a,b\n1,2\n", "CA112"),
        ("a.wav", b"", "CA106"),
        ("a.jsonl", b"", "CA106"),
        ("a.jsonl", b"\x89PNG\r\n\x1a\n" + bytes(100), "CA108"),
    ],
)  # fmt: skip
def test_a_broken_file_fails_with_a_code_and_a_remedy_and_the_rest_goes_on(
    tmp_path: Path, name: str, data: bytes, code: str
) -> None:
    write(tmp_path / name, data)
    write(tmp_path / "good.txt", SPEECH)
    found = Found(tmp_path)
    assert (found.ids, found.failed) == (["good"], [code])
    problem = found.failures[0].problem
    assert problem.where.startswith(str(tmp_path / name))
    for lang in ("zh", "en"):
        assert problem.text(lang)
        assert problem.remedy(lang)


def test_a_transcript_larger_than_a_call_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("audit.ingest.text.TRANSCRIPT_BYTES", 10)
    assert Found(write(tmp_path / "a.txt", SPEECH)).failed == ["CA107"]


# Hashes


def test_the_hash_is_of_the_files_bytes(tmp_path: Path) -> None:
    for name in ("a.wav", "b.txt"):
        path = write(tmp_path / name, SPEECH)
        digest = hashlib.sha256(SPEECH.encode()).hexdigest()
        assert Found(path).only_call().content_sha256 == digest
    assert read_call(Found(tmp_path / "b.txt").only_call()).source.sha256 == digest


def test_the_hash_of_a_line_is_of_that_line_alone(tmp_path: Path) -> None:
    one = Found(write(tmp_path / "a.jsonl", line("c1") + "\n")).calls
    two = Found(write(tmp_path / "b.jsonl", line("c0") + "\n" + line("c1"))).calls
    assert one[0].content_sha256 == two[1].content_sha256 == hashlib.sha256(line("c1").encode()).hexdigest()
    assert two[0].content_sha256 != two[1].content_sha256
