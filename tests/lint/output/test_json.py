import json

from audit.lint.output import emit
from tests.lint.output.runs import CLEAN, RUN, finding, run_of

KEYS = [
    *(
        "path",
        "line",
        "column",
        "end_line",
        "end_column",
        "label",
        "rule",
        "severity",
        "quote",
        "message",
        "suggestion",
    ),
    *("clauses", "fingerprint", "confidence"),
]


def test_an_array_of_findings_with_their_places() -> None:
    found = json.loads(emit("json", RUN, "zh"))
    assert list(found[1]) == KEYS
    assert found[1] | {"clauses": []} == {
        "path": "话术/M3 开场.md",
        "line": 12,
        "column": 19,
        "end_line": 12,
        "end_column": 28,
        "label": "threat.exposure",
        "rule": "threat.exposure/tell-people",
        "severity": "critical",
        "quote": "通知你的家人和单位",
        "message": "坐席以联系家人、单位、熟人或公开场合相要挟。",
        "suggestion": "不要以联系他人作为催收手段。可以说“这件事我们只和您本人沟通”。",
        "clauses": [],
        "fingerprint": "9f86d081884c7d65",
        "confidence": 0.85,
    }
    assert [clause["key"] for clause in found[1]["clauses"]] == [
        "cba2026.redline-violence",
        "nifa2018.no-disclosure",
        "civ.1033",
    ]
    assert {clause["state"] for clause in found[1]["clauses"]} == {"verbatim", "paraphrase"}


def test_suppressed_findings_say_why_and_sheets_name_the_cell() -> None:
    found = json.loads(emit("json", RUN))
    assert [finding.get("suppressed") for finding in found] == [
        None,
        None,
        None,
        {"kind": "comment", "reason": "培训反例"},
        {"kind": "baseline", "reason": ""},
        None,
    ]
    assert [finding.get("cell") for finding in found] == [None] * 5 + ["联系人话术!B3"]


def test_lines_hold_the_same_objects() -> None:
    lines = emit("jsonl", RUN).splitlines()
    assert [json.loads(line) for line in lines] == json.loads(emit("json", RUN))
    assert emit("jsonl", CLEAN) == ""
    assert emit("json", CLEAN) == "[]\n"


def test_undecodable_file_names_can_be_written_and_read_back() -> None:
    path = b"\xbb\xb0\xca\xf5.md".decode("utf-8", "surrogateescape")
    text = emit("json", run_of(finding("告诉你父母", "告诉你父母", path=path)))
    assert json.loads(text.encode())[0]["path"] == path
