"""What is remembered of a file is what was found."""

import json
import pickle
from dataclasses import replace
from pathlib import Path

import pytest

from audit.lint.config import Config
from audit.lint.finding import LintedFile
from audit.lint.job import Job, Rules, from_json, to_json
from audit.model.script import Voice
from tests.lint.linting import linted

TEXT = "坐席：再拖我找人卸你一条腿\n\n坐席：信不信老子揍你 <!-- callaudit: allow threat 培训反例 -->\n\n每天最多拨打 9 次\n"


def test_findings_come_back_as_they_were() -> None:
    file = linted(TEXT)
    assert {finding.suppressed is None for finding in file.findings} == {True, False}
    again = from_json(json.loads(json.dumps(to_json(file))), file.path)
    assert again == file


def test_findings_of_a_sheet_keep_their_cells() -> None:
    (finding, *_) = linted(TEXT).findings
    file = LintedFile("a.xlsx", (replace(finding, path="a.xlsx", cell="话术!B3"),))
    assert from_json(json.loads(json.dumps(to_json(file))), "a.xlsx") == file


def test_what_is_remembered_goes_by_the_path_it_is_asked_for() -> None:
    again = from_json(json.loads(json.dumps(to_json(linted(TEXT)))), "b.md")
    assert again.path == "b.md"
    assert {finding.path for finding in again.findings} == {"b.md"}


@pytest.mark.parametrize("broken", [[{}], [{"start": 1}], [None], [{"start": [1, 1], "end": [1, 1], "severity": "?"}]])
def test_anything_else_is_refused(broken: list[dict[str, object]]) -> None:
    with pytest.raises((KeyError, TypeError, ValueError)):
        from_json(broken, "a.md")


def test_jobs_travel_to_other_processes_and_rules_are_keys() -> None:
    config = replace(Config(Path.cwd()), voices={Voice.AGENT: ("念白",)}, placeholders={"户名": "name"})
    job = Job("a.md", b"x", config)
    assert pickle.loads(pickle.dumps(job)) == job
    assert hash(Rules.of(config)) == hash(Rules.of(replace(config)))
    assert Rules.of(config) != Rules.of(Config(Path.cwd()))
