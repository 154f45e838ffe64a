from dataclasses import replace
from pathlib import Path

import pytest

from audit.errors import InputError
from audit.model.report import CallReport
from audit.report import call_json
from audit.report.call_json import load_report
from audit.report.record import canonical
from audit.report.registry import CALL_EMITTERS, call_emitter, write_call


def test_names_of_the_call_emitters() -> None:
    assert CALL_EMITTERS == {"html": "audit.report.call_html", "json": "audit.report.call_json"}


@pytest.mark.parametrize("name", CALL_EMITTERS)
def test_every_registered_emitter_loads(name: str) -> None:
    assert f".{name}" == call_emitter(name).EXTENSION


def test_a_mistyped_format_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(Exception, match=r"\[CA403\].*jsn.*json"):
        call_emitter("jsn")


def test_a_written_report_loads_as_it_was(tmp_path: Path, all_reports: list[CallReport]) -> None:
    for report in all_reports:
        call_json.write(report, tmp_path / "a.json")
        assert load_report(tmp_path / "a.json") == canonical(report)


def test_writing_twice_gives_the_same_bytes(tmp_path: Path, threat_report: CallReport) -> None:
    call_json.write(threat_report, tmp_path / "a.json")
    call_json.write(threat_report, tmp_path / "b.json")
    assert (tmp_path / "a.json").read_bytes() == (tmp_path / "b.json").read_bytes()


def test_a_cut_off_report_is_refused_with_its_place(tmp_path: Path, threat_report: CallReport) -> None:
    path = tmp_path / "a.json"
    call_json.write(threat_report, path)
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(InputError, match=r"\[CA401\].*a\.json"):
        load_report(path)


def test_a_missing_report_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"\[CA401\]"):
        load_report(tmp_path / "none.json")


def test_all_files_of_a_call_carry_its_name(tmp_path: Path, clean_report: CallReport) -> None:
    paths = write_call(clean_report, tmp_path)
    assert [path.relative_to(tmp_path).as_posix() for path in paths] == [
        "calls/2026-03-02_A03_0007.html",
        "calls/2026-03-02_A03_0007.json",
    ]
    assert sorted(tmp_path.rglob("*.*")) == sorted(paths)


def test_call_ids_that_differ_in_unsafe_characters_keep_two_files(tmp_path: Path, clean_report: CallReport) -> None:
    for call_id in ("a/b", "a\\b"):
        write_call(replace(clean_report, call=replace(clean_report.call, call_id=call_id)), tmp_path, ["json"])
    assert len(list((tmp_path / "calls").iterdir())) == 2


def test_the_form_on_disk_does_not_change_unnoticed(tmp_path: Path, review_report: CallReport) -> None:
    """A change here is a change of the contract: raise SCHEMA_VERSION, or add what readers may ignore."""
    call_json.write(review_report, tmp_path / "a.json")
    golden = Path(__file__).parent / "golden" / "call-report.json"
    assert (tmp_path / "a.json").read_bytes() == golden.read_bytes()
