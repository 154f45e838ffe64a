"""The order of steps for one call, and what makes a report the same again."""

from dataclasses import replace
from pathlib import Path

import pytest

from audit.errors import ConfigError
from audit.ingest.find import find_inputs
from audit.ingest.items import CallInput
from audit.model.report import Verdict
from audit.pipeline import Auditor, Options
from tests.calls import call, outbound

AUDITOR = Auditor(Options())


def audit_text(tmp_path: Path, text: str) -> tuple[Verdict, list[str]]:
    path = tmp_path / "call.txt"
    path.write_text(text, encoding="utf-8")
    (item,) = [found for found in find_inputs([str(path)]) if isinstance(found, CallInput)]
    report = AUDITOR.audit(item)
    return report.verdict, [finding.label for finding in report.findings]


def test_a_transcript_goes_from_file_to_verdict(tmp_path: Path) -> None:
    verdict, labels = audit_text(tmp_path, "坐席: 再不还钱我打断你的腿\n客户: 你敢\n")
    assert verdict is Verdict.VIOLATION
    assert "threat.violence" in labels


def test_a_polite_transcript_is_clean(tmp_path: Path) -> None:
    assert audit_text(tmp_path, "坐席: 您好，请问是张先生本人吗\n客户: 是我\n坐席: 打扰您了，再见\n") == (
        Verdict.CLEAN,
        [],
    )


def test_a_report_says_what_made_it_and_which_rules_could_not_be_judged() -> None:
    report = AUDITOR.report(call("A: 您好"))
    assert report.audit.rules_sha256 == AUDITOR.engine.pack.sha256
    assert "contact.off_hours/quiet-hours: started_at" in report.audit.skipped


def test_the_time_zone_that_hours_were_judged_by_is_written_down() -> None:
    abroad = outbound("2026-03-02T21:30:00+08:00", duration_s=60.0, callee_number="+81312345678")
    report = AUDITOR.report(call("A: 您好", metadata=abroad))
    assert report.call.metadata.callee_timezone == "Asia/Tokyo"
    assert [finding.label for finding in report.findings] == ["contact.off_hours"]


def test_key_changes_with_what_changes_a_report_and_not_with_threads(tmp_path: Path) -> None:
    policy = tmp_path / "own.yaml"
    default = Path(__file__).parents[1] / "lexicons/policies/default.yaml"
    policy.write_text(
        default.read_text(encoding="utf-8").replace("listen_below: 0.5", "listen_below: 0.6"), encoding="utf-8"
    )
    options = Options()
    assert Auditor(replace(options, threads=7)).key == AUDITOR.key
    assert Auditor(replace(options, policy=str(policy))).key != AUDITOR.key
    assert Auditor(replace(options, model="small")).key != AUDITOR.key


def test_an_unknown_policy_is_refused_before_anything_is_audited() -> None:
    with pytest.raises(ConfigError, match="CA211"):
        Auditor(Options(policy="nowhere"))
