from dataclasses import replace

import pytest
from hypothesis import given

from audit.model.report import CallReport
from audit.pii.redact import MASK
from audit.report.redaction import Redactor, masked_name, masked_number, shortened
from tests.calls import call
from tests.report.strategies import call_reports


@given(call_reports())
def test_masks_keep_the_length(report: CallReport) -> None:
    redactor = Redactor(report.call)
    for turn in report.call.turns:
        assert len(redactor.text(turn.text)) == len(turn.text)


def test_numbers_and_the_debtors_name_are_masked_in_the_dialogue(threat_report: CallReport) -> None:
    redactor = Redactor(threat_report.call)
    assert redactor.turn(0) == f"喂，是张{MASK}吗？"
    assert "13800138000" not in redactor.turn(8)
    assert "110101199003074477" not in redactor.turn(8)


def test_a_quote_is_masked_by_what_its_turn_shows(threat_report: CallReport) -> None:
    finding = next(f for f in threat_report.findings if f.label == "privacy.pii_readout")
    redactor = Redactor(threat_report.call)
    quote = redactor.quote(finding)
    assert len(quote) == len(finding.quote)
    assert "8001380" not in quote
    assert "19900307" not in quote


def test_a_part_of_a_number_is_masked_where_it_stands(threat_report: CallReport) -> None:
    finding = next(f for f in threat_report.findings if f.label == "privacy.pii_readout")
    assert Redactor(threat_report.call).fragment(finding, "1380013") == MASK * 7


def test_a_number_over_two_turns_is_masked_in_both() -> None:
    redactor = Redactor(call("A: 身份证四二零一零六一九", "D: 嗯", "A: 八六一一零三二零四九，对吧"))
    assert redactor.turn(0) == f"身份证{MASK * 8}"
    assert redactor.turn(2) == f"{MASK * 6}二零四九，对吧"


def test_a_name_masked_before_is_left_alone(threat_report: CallReport) -> None:
    metadata = replace(threat_report.call.metadata, debtor_name="张*")
    masked = replace(threat_report.call, metadata=metadata)
    assert Redactor(masked).text("张*说") == "张*说"


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("13800138000", f"138{MASK * 4}8000"),
        ("+86 138-0013-8000", f"+86 1{MASK * 2}-{MASK * 4}-8000"),
        ("138****0001", "138****0001"),
        ("95588", f"{MASK * 3}88"),
        ("", ""),
    ],
)
def test_a_telephone_number_keeps_three_and_four_digits(number: str, shown: str) -> None:
    assert masked_number(number) == shown


def test_a_name_keeps_its_first_character() -> None:
    assert masked_name("欧阳小明") == f"欧{MASK * 3}"


def test_a_long_quote_is_cut_and_says_so() -> None:
    assert shortened("字" * 200) == "字" * 200
    assert shortened("字" * 201) == "字" * 200 + "…"
