from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from lxml import etree

from audit.lint.finding import LintedFile, LintRun, StaleEntry
from audit.lint.output import emit
from audit.model.finding import Severity
from tests.lint.output.runs import CLEAN, HOSTILE, IN_SHEET, MINOR, RUN, THREAT, run_of, runs
from tests.lint.output.schemas import junit_schema, parsed_junit


def junit(run: LintRun) -> Any:
    return parsed_junit(emit("junit", run, "zh"))


def test_the_schema_refuses_a_suite_without_counts() -> None:
    assert not junit_schema().validate(etree.fromstring('<testsuites><testsuite name="a"/></testsuites>'))


@given(runs)
def test_any_run_meets_the_schema_and_its_counts_are_right(run: LintRun) -> None:
    root = junit(run)
    for node in [root, *root]:
        assert int(node.get("tests")) == len(node.findall(".//testcase"))
        assert int(node.get("failures")) == len(node.findall(".//failure"))
        assert int(node.get("errors")) == len(node.findall(".//error"))
    counting = [finding for finding in run.findings if finding.counts and finding.severity is not Severity.INFO]
    assert len(root.findall(".//failure")) == len(counting)
    assert len(root.findall(".//error")) == len(run.problems)


def test_a_file_is_a_suite_and_a_finding_a_failed_case() -> None:
    suites = junit(RUN)
    assert [(suite.get("name"), suite.get("failures"), suite.get("errors")) for suite in suites] == [
        ("话术/M3 开场.md", "3", "0"),
        ("话术/外呼.xlsx", "0", "0"),
        ("话术/回访.md", "0", "0"),
        ("话术/坏.txt", "0", "1"),
    ]
    failure = suites[0][1].find("failure")
    assert failure.get("type") == "threat.exposure/tell-people"
    assert "话术/M3 开场.md:12:19" in failure.text
    assert "“通知你的家人和单位”" in failure.text


def test_a_file_without_findings_has_one_passed_case() -> None:
    [suite] = junit(CLEAN)
    [case] = suite
    assert (case.tag, len(case)) == ("testcase", 0)


def test_notes_do_not_fail_a_build() -> None:
    [suite] = junit(run_of(IN_SHEET))
    assert suite.get("failures") == "0"
    assert "查了你的通话记录" in suite.find("testcase/system-out").text
    [suite] = junit(run_of(replace(IN_SHEET, path=THREAT.path), THREAT))
    assert suite.get("tests") == "1"
    assert "查了你的通话记录" in suite.find("system-out").text


def test_cases_are_named_by_words_not_by_lines() -> None:
    names = [
        [case.get("name") for case in junit(run)[0]]
        for run in (run_of(THREAT), run_of(replace(THREAT, start=MINOR.start)))
    ]
    assert names[0] == names[1] == ["threat.exposure/tell-people “通知你的家人和单位”"]


def test_the_same_words_again_have_a_name_of_their_own() -> None:
    names = [case.get("name") for case in junit(RUN)[0]]
    assert len(set(names)) == len(names) == 3


def test_stale_entries_are_told_but_fail_nothing() -> None:
    suite = junit(RUN)[2]
    assert (suite.get("failures"), suite.get("errors")) == ("0", "0")
    assert "threat.vague/consequences" in suite.find("system-err").text
    gone = junit(replace(CLEAN, files=(LintedFile("a.md"),), stale=(StaleEntry("b.md", "x/y"),)))
    assert [suite.get("name") for suite in gone] == ["a.md", "b.md"]


@pytest.mark.parametrize("words", HOSTILE)
def test_hostile_words_stay_words(words: str) -> None:
    [suite] = junit(run_of(replace(THREAT, quote=words, path=f"a{words}", message={"zh": words})))
    assert [node.tag for node in suite.iter()] == ["testsuite", "testcase", "failure"]
