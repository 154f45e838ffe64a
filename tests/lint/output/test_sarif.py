import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given

from audit.lint.finding import LintRun
from audit.lint.output import emit, sarif
from tests.lint.output.runs import CLEAN, HOSTILE, KNOWN, RUN, THREAT, finding, run_of, runs
from tests.lint.output.schemas import sarif_schema


def sarif_run(run: LintRun) -> Any:
    log = json.loads(emit("sarif", run, "zh"))
    sarif_schema().validate(log)
    return log["runs"][0]


def test_it_meets_the_schema_in_both_languages() -> None:
    for lang in ("zh", "en"):
        for run in (RUN, CLEAN, LintRun((), "0.1.0", "", "default")):
            sarif_schema().validate(json.loads(emit("sarif", run, lang)))


@pytest.mark.parametrize("key", ["runs", "version"])
def test_the_schema_refuses_a_log_that_lacks_something(key: str) -> None:
    log = json.loads(emit("sarif", RUN))
    del log[key]
    assert list(sarif_schema().iter_errors(log))
    assert list(sarif_schema().iter_errors(json.loads(emit("sarif", RUN)) | {"note": 1}))


@given(runs)
def test_any_run_meets_the_schema_and_its_indexes_lead_where_they_say(run: LintRun) -> None:
    described = sarif_run(run)
    rules, artifacts = described["tool"]["driver"]["rules"], described["artifacts"]
    assert len(described["results"]) == len(run.findings)
    for result in described["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        place = result["locations"][0]["physicalLocation"]["artifactLocation"]
        assert artifacts[place["index"]]["location"]["uri"] == place["uri"]
        assert place["uri"].isascii()


def test_findings_carry_place_level_and_fingerprint() -> None:
    result = sarif_run(RUN)["results"][1]
    assert result["ruleId"] == "threat.exposure/tell-people"
    assert result["level"] == "error"
    assert result["partialFingerprints"] == {"callaudit/v1": "9f86d081884c7d65"}
    assert result["locations"] == [
        {
            "physicalLocation": {
                "artifactLocation": {
                    "uri": "%E8%AF%9D%E6%9C%AF/M3%20%E5%BC%80%E5%9C%BA.md",
                    "uriBaseId": "SRCROOT",
                    "index": 0,
                },
                "region": {
                    "startLine": 12,
                    "startColumn": 19,
                    "endLine": 12,
                    "endColumn": 28,
                    "snippet": {"text": "通知你的家人和单位"},
                },
            }
        }
    ]
    assert "suppressions" not in result


def test_levels_and_ranks_follow_the_severity() -> None:
    described = sarif_run(RUN)
    assert [result["level"] for result in described["results"]] == [
        "warning",
        "error",
        "error",
        "error",
        "error",
        "note",
    ]
    assert [rule["properties"]["security-severity"] for rule in described["tool"]["driver"]["rules"]] == [
        "5.0",
        "2.0",
        "9.5",
    ]
    ranks = [result["rank"] for result in described["results"]]
    assert ranks[1] > ranks[2] > ranks[0] > ranks[5]


def test_comments_and_baseline_are_suppressions() -> None:
    results = sarif_run(RUN)["results"]
    assert results[3]["suppressions"] == [{"kind": "inSource", "justification": "培训反例"}]
    assert results[4]["suppressions"] == [{"kind": "external", "justification": "在基线中"}]


def test_failed_files_and_stale_entries_are_notifications() -> None:
    [invocation] = sarif_run(RUN)["invocations"]
    assert invocation["executionSuccessful"] is False
    failed, stale = invocation["toolExecutionNotifications"]
    assert (failed["descriptor"], failed["level"]) == ({"id": "CA109"}, "error")
    assert failed["locations"][0]["physicalLocation"]["artifactLocation"]["index"] == 3
    assert (stale["descriptor"], stale["level"]) == ({"id": "lint.baseline/stale"}, "warning")
    assert sarif_run(CLEAN)["invocations"] == [{"executionSuccessful": True, "toolExecutionNotifications": []}]


def test_cells_are_logical_locations_and_office_files_are_known_again() -> None:
    result = sarif_run(RUN)["results"][5]
    assert result["locations"][0]["logicalLocations"] == [
        {"name": "B3", "fullyQualifiedName": "联系人话术!B3", "kind": "cell"}
    ]
    assert result["partialFingerprints"]["primaryLocationLineHash"] == "fd61a03af4f77d87:1"


def test_the_same_words_twice_in_an_office_file_are_two_alerts() -> None:
    found = finding("告诉你父母", "告诉你父母", path="a.DOCX")
    results = sarif_run(run_of(found, found))["results"]
    assert len({result["partialFingerprints"]["primaryLocationLineHash"] for result in results}) == 2


def test_absolute_paths_are_file_uris() -> None:
    described = sarif_run(run_of(finding("告诉你父母", "告诉你父母", path="/a b/话.md")))
    assert described["artifacts"][0]["location"] == {"uri": "file:///a%20b/%E8%AF%9D.md"}


def test_a_snippet_is_the_whole_quote_or_none() -> None:
    for length, held in ((1024, True), (1025, False)):
        [result] = sarif_run(run_of(replace(THREAT, quote="长" * length)))["results"]
        region = result["locations"][0]["physicalLocation"]["region"]
        assert region.get("snippet") == ({"text": "长" * length} if held else None)


def test_messages_make_no_links_and_no_placeholders() -> None:
    found = replace(THREAT, message={"zh": "说“[点我](http://x) {0} {{客户姓名}}”[不是链接]"}, suggestion={})
    assert sarif_run(run_of(found))["results"][0]["message"]["text"] == (
        "说“\\[点我](http://x) {{0} {{客户姓名}}”[不是链接]"
    )


def test_descriptions_stay_within_githubs_limits() -> None:
    found = replace(THREAT, name={"zh": "名" * 3000}, message={"zh": "长" * 3000})
    [rule] = sarif_run(run_of(found))["tool"]["driver"]["rules"]
    assert len(rule["name"]) == 255
    assert len(rule["shortDescription"]["text"]) == len(rule["fullDescription"]["text"]) == 1024


def test_a_message_that_differs_between_findings_does_not_describe_the_rule() -> None:
    described = sarif_run(run_of(THREAT, replace(THREAT, message={"zh": "另一种说法。"})))
    assert described["tool"]["driver"]["rules"][0]["fullDescription"]["text"] == "暗示告诉身边人"


def test_of_more_than_github_takes_the_worst_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    assert sarif.MOST_RESULTS == 25_000
    monkeypatch.setattr(sarif, "MOST_RESULTS", 3)
    described = sarif_run(RUN)
    assert [result["level"] for result in described["results"]] == ["warning", "error", "error"]
    assert not any("suppressions" in result for result in described["results"])
    left_out = described["invocations"][0]["toolExecutionNotifications"][-1]
    assert left_out["descriptor"] == {"id": "lint.output/left-out"}
    assert "3" in left_out["message"]["text"]


@pytest.mark.parametrize("words", HOSTILE)
def test_hostile_words_meet_the_schema(words: str) -> None:
    sarif_run(run_of(replace(KNOWN, quote=words, message={"zh": words}, name={"zh": words}, rule=words)))
