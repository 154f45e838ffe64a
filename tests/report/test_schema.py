import json

import jsonschema
import pytest
from hypothesis import given

from audit.model.report import CallReport
from audit.report.record import report_record, to_json
from tests.report.schemas import FOLDER, validator
from tests.report.strategies import call_reports


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.json")), ids=lambda path: path.name)
def test_published_schemas_are_schemas(path) -> None:  # type: ignore[no-untyped-def]
    jsonschema.Draft202012Validator.check_schema(json.loads(path.read_text("utf-8")))


def test_three_schemas_are_published() -> None:
    assert [path.name for path in sorted(FOLDER.glob("*"))] == [
        "call-report.schema.json",
        "finding.schema.json",
        "run.schema.json",
    ]


@given(call_reports())
def test_every_report_meets_its_schema(report: CallReport) -> None:
    validator("call-report").validate(json.loads(to_json(report_record(report))))


def test_the_schema_refuses_a_finding_that_lacks_a_key_or_has_an_unknown_one(threat_report: CallReport) -> None:
    record = report_record(threat_report)["findings"][3]
    check = validator("finding")
    check.validate(record)
    for key in record:
        with pytest.raises(jsonschema.ValidationError):
            check.validate({k: v for k, v in record.items() if k != key})
    with pytest.raises(jsonschema.ValidationError):
        check.validate(record | {"note": ""})
