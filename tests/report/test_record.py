import json
from dataclasses import replace

import pytest
from hypothesis import given

from audit.errors import InputError
from audit.model.finding import Finding
from audit.model.report import CallReport
from audit.model.span import TimeSpan
from audit.report.record import canonical, finding_record, read_report, report_record, to_json
from tests.report.strategies import call_reports, findings


@given(call_reports())
def test_a_report_read_back_equals_the_report(report: CallReport) -> None:
    assert read_report(report_record(report)) == report


@given(call_reports())
def test_a_report_read_back_from_its_json_line_equals_the_report(report: CallReport) -> None:
    line = to_json(report_record(report))
    assert len(line.splitlines()) == 1
    assert read_report(json.loads(line.encode())) == report


@given(call_reports())
def test_the_same_report_gives_the_same_bytes(report: CallReport) -> None:
    again = read_report(json.loads(to_json(report_record(report))))
    assert to_json(report_record(again)) == to_json(report_record(report))


@given(findings)
def test_keys_of_a_finding_stand_in_the_order_of_the_contract(finding: Finding) -> None:
    assert list(finding_record(finding)) == [
        "call_id", "turn", "label", "rule", "severity", "confidence", "role", "quote", "start_char", "end_char",
        "start_s", "end_s", "clauses", "why", "fingerprint",
    ]  # fmt: skip


def test_times_and_confidences_are_rounded_to_hundredths(threat_report: CallReport) -> None:
    finding = replace(threat_report.findings[0], confidence=0.876543, time=TimeSpan(1.23456, 2.99999))
    record = finding_record(finding)
    assert (record["confidence"], record["start_s"], record["end_s"]) == (0.88, 1.23, 3.0)


def test_the_score_in_the_file_is_that_of_the_confidences_in_the_file(threat_report: CallReport) -> None:
    fuzzy = replace(threat_report, findings=(replace(threat_report.findings[0], confidence=0.5449999),))
    record = report_record(fuzzy)
    assert record["score"] == read_report(record).score == canonical(fuzzy).score


def test_a_report_of_another_schema_version_is_refused(threat_report: CallReport) -> None:
    record = report_record(threat_report) | {"schema_version": "99"}
    with pytest.raises(InputError, match=r"\[CA402\] a\.json.*99"):
        read_report(record, "a.json")


@pytest.mark.parametrize("damage", ["call", "findings", "audit", "schema_version"])
def test_a_report_with_a_missing_part_is_refused(threat_report: CallReport, damage: str) -> None:
    record = report_record(threat_report)
    del record[damage]
    with pytest.raises(InputError, match=r"\[CA401\]"):
        read_report(record)


def test_a_record_with_an_unknown_severity_is_refused(threat_report: CallReport) -> None:
    record = report_record(threat_report)
    record["findings"][0]["severity"] = "terrible"
    with pytest.raises(InputError, match="terrible"):
        read_report(record)
