from datetime import date, datetime, time
from pathlib import Path

import openpyxl
import pytest

from audit.errors import ConfigError, InputError
from audit.ingest.items import CallInput
from audit.ingest.manifest import read_manifest
from audit.ingest.read import read_call
from audit.model.call import Role
from tests.ingest.calls import SPEECH, Found, line, write

SHEET = "文件,通话编号,开始时间,时长,是否接通,坐席声道,关系,批次\n1.wav,c1,2026/3/2 10:15,2:23,是,右,同事,三月\n"


def sheet(*rows: str) -> str:
    return "\n".join(("file,call_id,started_at,duration_s,connected,agent_id", *rows)) + "\n"


def recording(path: Path, content: bytes = b"x") -> Path:
    return write(path, content)


def workbook(path: Path, *rows: list[object]) -> Path:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.save(path)
    return path


def assert_first_call(call: CallInput) -> None:
    record = call.metadata
    assert call.call_id == "c1"
    assert record.started_at is not None
    assert record.started_at.isoformat() == "2026-03-02T10:15:00+08:00"
    assert (record.duration_s, record.connected, record.agent_channel, record.callee_role) == (
        143,
        True,
        1,
        Role.THIRD_PARTY,
    )
    assert record.extra == {"批次": "三月"}


# Reading


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_a_csv_manifest_in_every_encoding_and_delimiter(
    tmp_path: Path, encoding: str, delimiter: str, line_end: str
) -> None:
    recording(tmp_path / "1.wav")
    write(tmp_path / "manifest.csv", SHEET.replace(",", delimiter).replace("\n", line_end).encode(encoding))
    found = Found(tmp_path)
    assert_first_call(found.only_call())
    assert found.warnings == []


def test_an_xlsx_manifest_with_typed_cells(tmp_path: Path) -> None:
    recording(tmp_path / "1.wav")
    header: list[object] = ["文件", "通话编号", "开始时间", "时长", "是否接通", "坐席声道", "关系", "批次"]
    moment = datetime(2026, 3, 2, 10, 15)
    workbook(tmp_path / "manifest.xlsx", header, ["1.wav", "c1", moment, time(0, 2, 23), True, 1, "同事", "三月"])
    assert_first_call(Found(tmp_path).only_call())


def test_dates_in_a_workbook_are_times_only_with_a_time_of_day(tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "m.xlsx",
        ["通话编号", "开始时间"],
        ["a", 46083.427083333336],
        ["b", date(2026, 3, 2)],
        ["c", datetime(2026, 3, 2, 21, 59, 59)],
    )
    write(tmp_path / "calls.jsonl", "\n".join(line(call_id) for call_id in "abc"))
    found = Found(tmp_path / "calls.jsonl", manifest=path)
    starts = [call.metadata.started_at for call in found.calls]
    assert [start and start.strftime("%H:%M:%S") for start in starts] == ["10:15:00", None, "21:59:59"]
    assert [(p.code, p.facts["row"], p.facts["column"]) for p in found.warnings] == [("CA126", 3, "开始时间")]


def test_rows_of_a_workbook_are_counted_as_excel_shows_them(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for cell, value in {"B3": "通话编号", "C3": "时长", "B5": "c1", "C5": "很久"}.items():
        book.active[cell] = value
    book.save(tmp_path / "m.xlsx")
    found = Found(write(tmp_path / "calls.jsonl", line("c1")), manifest=tmp_path / "m.xlsx")
    assert [(p.code, p.facts["row"], p.facts["column"]) for p in found.warnings] == [("CA127", 5, "时长")]


def test_a_jsonl_manifest(tmp_path: Path) -> None:
    recording(tmp_path / "1.wav")
    row = '{"file": "1.wav", "call_id": "c1", "started_at": 1772417700, "duration_s": 143.0, "connected": true, "agent_channel": 1, "relation": "同事"}'
    write(tmp_path / "manifest.jsonl", '{"call_id": "c0", "connected": false}\n\n' + row[:-1] + ', "批次": "三月"}')
    found = Found(tmp_path)
    assert_first_call(found.only_call())
    assert [(attempt.call_id, attempt.row) for attempt in found.attempts] == [("c0", 1)]


def test_cells_with_line_breaks_count_as_one_row(tmp_path: Path) -> None:
    recording(tmp_path / "2.wav")
    path = write(tmp_path / "m.csv", 'file,call_id,备注\n,c1,"一\n二"\n2.wav,c2,\n\n3.wav,c3,\n')
    found = Found(tmp_path, manifest=path)
    assert [f.problem.facts["row"] for f in found.failures] == [5]


def test_a_row_with_surplus_cells_is_a_warning(tmp_path: Path) -> None:
    path = write(tmp_path / "m.csv", "file,call_id\n,c1,x\n,c2,\n")
    manifest = read_manifest(str(path))
    assert [(p.code, p.where, p.facts["row"]) for p in manifest.problems] == [("CA129", f"{path}:2", 2)]
    assert len(manifest) == 2


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("m.csv", b"a,b\n1,2\n", "CA121"),
        ("m.csv", b"", "CA121"),
        ("m.csv", bytes(range(256)), "CA108"),
        ("m.csv", "文件\n录音.wav\n".encode()[:-6], "CA109"),
        ("m.csv", b'file\n"' + b"x" * 200_000, "CA132"),
        ("m.xlsx", b"PK\x03\x04 broken", "CA132"),
        ("m.xlsx", b"", "CA132"),
        ("m.jsonl", b'{"file": "1.wav"', "CA110"),
        ("m.jsonl", b"[1]", "CA110"),
        ("missing.csv", None, "CA105"),
        ("missing.xlsx", None, "CA132"),
        ("missing.jsonl", None, "CA105"),
    ],
)  # fmt: skip
def test_a_manifest_that_was_asked_for_must_be_readable(
    tmp_path: Path, name: str, data: bytes | None, code: str
) -> None:
    recording(tmp_path / "1.wav")
    if data is not None:
        write(tmp_path / name, data)
    with pytest.raises(InputError) as read:
        read_manifest(str(tmp_path / name))
    assert read.value.problem.code == code
    with pytest.raises(ConfigError) as found:
        Found(tmp_path / "1.wav", manifest=tmp_path / name)
    assert found.value.problem == read.value.problem


def test_a_broken_manifest_in_a_folder_fails_and_the_calls_go_on(tmp_path: Path) -> None:
    recording(tmp_path / "1.wav")
    write(tmp_path / "manifest.csv", b"a,b\n")
    found = Found(tmp_path)
    assert (found.ids, found.failed, found.failures[0].path) == (["1"], ["CA121"], str(tmp_path / "manifest.csv"))


# Rows and files


def test_files_are_found_by_path_by_windows_path_and_by_base_name(tmp_path: Path) -> None:
    audio = tmp_path / "audio"
    for name in ("a/1.wav", "b/1.wav", "2.wav", "c/3.wav", "4.wav"):
        recording(audio / name)
    rows = sheet("a/1.wav,r1", "b\\1.wav,r2", f"{audio / '2.wav'},r3", "D:\\录音\\3.wav,r4", "4.wav,")
    inside = write(audio / "m.csv", rows)
    assert sorted(Found(audio, manifest=inside).ids) == ["4", "r1", "r2", "r3", "r4"]
    inside.unlink()
    elsewhere = write(tmp_path / "lists/m.csv", sheet("3.wav,r4", "1.wav,r1"))
    found = Found(audio, manifest=elsewhere)
    assert "r4" in found.ids
    assert [(f.problem.code, f.problem.facts["row"], f.problem.facts["column"]) for f in found.failures] == [
        ("CA124", 3, "file")
    ]


def test_a_connected_row_without_its_recording_fails_naming_row_and_column(tmp_path: Path) -> None:
    recording(tmp_path / "1.wav")
    write(tmp_path / "manifest.csv", sheet("1.wav,c1", "gone.wav,c2,,,是", ",c3,,,1", ",c4,,30,"))
    found = Found(tmp_path)
    assert found.ids == ["c1"]
    assert [(f.problem.code, f.problem.where, f.call_id, f.problem.facts["column"]) for f in found.failures] == [
        ("CA122", f"{tmp_path / 'manifest.csv'}:3", "c2", "file"),
        ("CA123", f"{tmp_path / 'manifest.csv'}:4", "c3", "file"),
        ("CA123", f"{tmp_path / 'manifest.csv'}:5", "c4", "file"),
    ]


def test_a_connected_row_without_its_recording_is_a_call_of_the_log_all_the_same(tmp_path: Path) -> None:
    recording(tmp_path / "1.wav")
    rows = ("1.wav,c1", "gone.wav,c2,2026-03-02 10:00:00,60,是", ",c3,2026-03-02 11:00:00,,1", ",c3,,30,")
    found = Found(write(tmp_path / "manifest.csv", sheet(*rows)).parent)
    assert [(a.call_id, a.kind, a.metadata.connected) for a in found.attempts] == [
        ("c2", "missing", True),
        ("c3", "unrecorded", True),
    ]
    assert found.failed == ["CA122", "CA123", "CA123"]


def test_rows_that_were_not_connected_are_attempts(tmp_path: Path) -> None:
    recording(tmp_path / "1.wav")
    rows = ("1.wav,c1,,,是", ",c2,2026-03-02 10:00:00,0,否,A1", "ring.wav,c3,,,未接通", ",,,0,,", ",,昨天,,否")
    found = Found(write(tmp_path / "manifest.csv", sheet(*rows)).parent)
    assert [(a.call_id, a.row) for a in found.attempts] == [("c2", 3), ("c3", 4), ("manifest-5", 5), ("manifest-6", 6)]
    assert found.attempts[0].metadata.agent_id == "A1"
    assert found.attempts[0].metadata.connected is False
    assert (found.ids, found.failures, found.warned) == (["c1"], [], ["CA126"])


def test_a_recorded_call_that_was_not_connected_is_audited(tmp_path: Path) -> None:
    recording(tmp_path / "1.wav")
    found = Found(write(tmp_path / "manifest.csv", sheet("1.wav,c1,,,否")).parent)
    assert (found.ids, found.attempts) == (["c1"], [])


def test_a_recording_without_a_row_is_audited_with_a_warning(tmp_path: Path) -> None:
    recording(tmp_path / "1.wav")
    recording(tmp_path / "2.wav")
    write(tmp_path / "calls.jsonl", line("c9"))
    found = Found(write(tmp_path / "manifest.csv", sheet("1.wav,c1")).parent)
    assert found.ids == ["c1", "2", "c9"]
    assert [(p.code, p.where) for p in found.warnings] == [("CA125", str(tmp_path / "2.wav"))]


def test_two_rows_for_one_file_and_two_rows_with_one_id_fail(tmp_path: Path) -> None:
    for name in ("1.wav", "2.wav"):
        recording(tmp_path / name)
    path = write(tmp_path / "manifest.csv", sheet("1.wav,c1", "1.wav,c2", "2.wav,c1", ",c1,,,否"))
    found = Found(tmp_path)
    assert found.ids == ["c1"]
    assert [(f.problem.code, f.problem.where, f.problem.facts["first"]) for f in found.failures] == [
        ("CA131", f"{path}:3", f"{path}:2"),
        ("CA117", f"{path}:4", f"{path}:2"),
        ("CA117", f"{path}:5", f"{path}:2"),
    ]


def test_transcripts_of_manifested_recordings_are_not_second_calls(tmp_path: Path) -> None:
    recording(tmp_path / "audio/1.wav")
    recording(tmp_path / "audio/2.wav")
    write(tmp_path / "texts/c1.txt", SPEECH)
    write(tmp_path / "texts/2.srt", "1\n00:00:00,000 --> 00:00:01,000\n您好\n")
    write(tmp_path / "texts/all.jsonl", line("c1") + "\n" + line("c2") + "\n" + line("c3"))
    write(tmp_path / "manifest.csv", sheet("audio/1.wav,c1", "audio/2.wav,c2"))
    found = Found(tmp_path)
    assert (found.ids, found.failures, found.warned) == (["c1", "c2", "c3"], [], ["CA119"])
    assert {call.call_id: call.kind for call in found.calls}["c1"] == "recording"
    assert found.warnings[0].facts["count"] == 4


def test_the_rows_of_recordings_serve_the_transcripts_when_only_those_are_given(tmp_path: Path) -> None:
    recording(tmp_path / "audio/1.wav")
    write(tmp_path / "texts/1.txt", SPEECH)
    write(tmp_path / "texts/c2.txt", SPEECH)
    write(tmp_path / "texts/all.jsonl", line("c3", metadata={"agent_id": "A0", "team": "一组"}))
    path = write(tmp_path / "m.csv", sheet("audio/1.wav,c1,,,,A1", "audio/2.wav,c2,,,,A2", "audio/3.wav,c3,,,是,A3"))
    found = Found(tmp_path / "texts", manifest=path)
    assert {call.call_id: call.metadata.agent_id for call in found.calls} == {"c1": "A1", "c2": "A2", "c3": "A3"}
    assert (found.failures, found.warnings, found.attempts) == ([], [], [])
    last = next(call for call in found.calls if call.call_id == "c3")
    assert last.metadata.team == "一组"
    assert read_call(last).metadata.agent_id == "A3"


def test_rows_of_files_outside_the_inputs_are_one_warning(tmp_path: Path) -> None:
    for name in ("a/1.wav", "b/2.wav"):
        recording(tmp_path / name)
    path = write(tmp_path / "m.csv", sheet("a/1.wav,c1", "b/2.wav,c2", "gone.wav,c3"))
    folder = Found(tmp_path / "a", manifest=path)
    assert (folder.ids, folder.failed, folder.warned) == (["c1"], ["CA122"], ["CA130"])
    single = Found(tmp_path / "a/1.wav", manifest=path)
    assert (single.ids, single.failed, single.warned) == (["c1"], [], ["CA130"])
    assert single.warnings[0].facts["count"] == 2


def test_each_file_belongs_to_the_nearest_manifest_above_it(tmp_path: Path) -> None:
    for name in ("1.wav", "day/1.wav", "day/2.wav"):
        recording(tmp_path / name)
    write(tmp_path / "manifest.csv", sheet("1.wav,top,,,,A1", "2.wav,other,,,否"))
    write(tmp_path / "day/manifest.csv", sheet("1.wav,day1,,,,A2", "2.wav,day2,,,,A3"))
    found = Found(tmp_path)
    assert {call.call_id: call.metadata.agent_id for call in found.calls} == {"top": "A1", "day1": "A2", "day2": "A3"}
    assert [attempt.call_id for attempt in found.attempts] == ["other"]
    assert (found.failures, found.warnings) == ([], [])


def test_a_manifest_that_was_asked_for_replaces_the_folders_own(tmp_path: Path) -> None:
    recording(tmp_path / "1.wav")
    write(tmp_path / "manifest.csv", sheet("1.wav,old", "gone.wav,c2,,,是"))
    path = write(tmp_path / "new.csv", sheet("1.wav,new"))
    found = Found(tmp_path, manifest=path)
    assert (found.ids, found.failures, found.warnings) == (["new"], [], [])


def test_a_changed_record_changes_the_hash(tmp_path: Path) -> None:
    recording(tmp_path / "1.wav")
    write(tmp_path / "x/2.json", line("c2"))
    write(tmp_path / "x/3.jsonl", line("c3"))

    def hashes(agent: str) -> list[str]:
        rows = sheet(f"1.wav,c1,,,,{agent}", f",c2,,,,{agent}", f",c3,,,,{agent}")
        return [call.content_sha256 for call in Found(tmp_path, manifest=write(tmp_path / "m.csv", rows)).calls]

    first, again, changed = hashes("A1"), hashes("A1"), hashes("A2")
    assert len(first) == 3
    assert first == again
    assert not set(first) & set(changed)


def test_a_bad_cell_leaves_the_call_in_the_run(tmp_path: Path) -> None:
    recording(tmp_path / "1.wav")
    found = Found(write(tmp_path / "manifest.csv", sheet("1.wav,c1,03/02/26,很久,是")).parent)
    assert found.ids == ["c1"]
    assert [(p.code, p.facts["row"], p.facts["column"], p.facts["value"]) for p in found.warnings] == [
        ("CA126", 2, "started_at", "03/02/26"),
        ("CA127", 2, "duration_s", "很久"),
    ]


def test_a_recording_called_like_another_recordings_id_does_not_take_it(tmp_path: Path) -> None:
    recording(tmp_path / "1.wav")
    recording(tmp_path / "c1.wav")
    found = Found(write(tmp_path / "manifest.csv", sheet("1.wav,c1")).parent)
    assert [call_id[:3] for call_id in found.ids] == ["c1", "c1~"]
    assert (found.failures, found.warned) == ([], ["CA125"])


def test_a_row_of_another_file_of_the_same_name_is_not_taken_for_the_one_given(tmp_path: Path) -> None:
    for day in ("02", "03"):
        write(tmp_path / day / "1.txt", SPEECH)
    manifest = write(tmp_path / "calls.csv", "file,call_id\n02/1.txt,c2\n03/1.txt,c3\n")
    found = Found(tmp_path / "02", manifest=Path(manifest))
    assert (found.ids, found.failed, found.warned) == (["c2"], [], ["CA130"])
