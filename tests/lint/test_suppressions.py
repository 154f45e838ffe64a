from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.lint.finding import REASONLESS, UNKNOWN, UNUSED, LintFinding
from audit.lint.suppressions import OWN_RULES, UNPAIRED, apply
from audit.model.finding import Severity
from audit.model.script import Directive, Line, Mark, Passage, Place, Script, Voice

TELL, HOME, CURSE = "threat.exposure/tell-people", "threat.violence/at-home", "insult.curse/curses"
KNOWN = (TELL, HOME, CURSE)


def finding(line: int, rule: str = TELL, cell: str | None = None, end: Place | None = None) -> LintFinding:
    return LintFinding(
        path="a.md",
        start=Place(line, 3),
        end=end or Place(line, 9),
        label=rule.partition("/")[0],
        rule=rule,
        severity=Severity.CRITICAL,
        quote="告诉你全村",
        name={},
        message={},
        suggestion={},
        clauses=(),
        fingerprint="0",
        cell=cell,
    )


def said(line: int, text: str, *, alone: bool = False, cell: str | None = None) -> Directive:
    return Directive(Passage.at(text, line, 20, cell), alone)


def words(*places: int, cell: str | None = None) -> Line:
    marks = tuple(Mark(index, line, 1) for index, line in enumerate(places))
    return Line(Passage("字" * len(places), marks, cell), Voice.AGENT, None, 0)


def judged(
    findings: Sequence[LintFinding],
    *directives: Directive,
    lines: tuple[Line, ...] = (),
    active: Sequence[str] = KNOWN,
) -> tuple[LintFinding, ...]:
    return apply(findings, Script("a.md", "md", lines, directives=directives), KNOWN, active)


def allowed(findings: Sequence[LintFinding], *directives: Directive, lines: tuple[Line, ...] = ()) -> list[int]:
    """The lines of the findings that are suppressed; no finding about directives is expected."""
    made = judged(findings, *directives, lines=lines)
    assert [one.rule for one in made if one.rule in OWN_RULES] == []
    return [one.start.line for one in made if one.suppressed]


def about(*directives: Directive, findings: Sequence[LintFinding] = ()) -> list[tuple[str, int]]:
    """The findings about directives, which are all that may count."""
    return [(one.rule, one.start.line) for one in judged(findings, *directives) if one.rule in OWN_RULES]


@pytest.mark.parametrize(
    "text",
    [
        "allow threat.exposure/tell-people 培训反例",
        "allow threat.exposure 培训反例",
        "allow threat 培训反例",
        "allow all 培训反例",
        "允许 threat.exposure 培训反例",
        "ALLOW threat.exposure: 培训反例",
        "  allow: threat.exposure — 培训反例",
    ],
)
def test_a_rule_a_label_a_family_or_all_is_allowed_with_the_reason(text: str) -> None:
    (made,) = judged([finding(4)], said(4, text))
    assert made.suppressed and (made.suppressed.kind, made.suppressed.reason) == ("comment", "培训反例")


def test_only_findings_of_that_rule_on_that_line_are_allowed() -> None:
    made = judged([finding(3), finding(4), finding(4, HOME), finding(5)], said(4, "allow threat.exposure 反例"))
    assert [one.suppressed is not None for one in made] == [False, True, False, False]


@pytest.mark.parametrize(
    "text",
    [
        "allow threat,insult.curse 反例",
        "allow threat, insult.curse 反例",
        "allow threat, insult 反例",
        "允许 threat、insult 反例",
    ],
)
def test_several_rules_are_allowed_at_once(text: str) -> None:
    assert allowed([finding(4), finding(4, CURSE)], said(4, text)) == [4, 4]


@pytest.mark.parametrize("reason", ["used in training", "all of them are bad examples", "培训反例"])
def test_words_after_a_comma_may_be_the_reason(reason: str) -> None:
    (made,) = judged([finding(4)], said(4, f"allow threat.exposure, {reason}"))
    assert made.suppressed and made.suppressed.reason == reason


def test_a_finding_over_several_lines_is_allowed_from_any_of_them() -> None:
    long = finding(4, end=Place(6, 2))
    assert allowed([long], said(5, "allow threat 反例")) == [4]
    ends_before = finding(4, end=Place(6, 1))
    assert not any(one.suppressed for one in judged([ends_before], said(6, "allow threat 反例")))


def test_a_directive_alone_on_its_line_speaks_of_the_words_that_come_next() -> None:
    lines = (words(2), words(8, 9), words(12))
    found = [finding(2), finding(9), finding(12)]
    assert allowed(found, said(5, "allow threat 反例", alone=True), lines=lines) == [9]


def test_directives_above_each_other_speak_of_the_same_words() -> None:
    directives = [said(5, "allow threat 反例", alone=True), said(6, "allow insult 反例", alone=True)]
    assert allowed([finding(7), finding(7, CURSE)], *directives, lines=(words(7),)) == [7, 7]


def test_a_column_speaks_of_its_row_in_its_sheet() -> None:
    found = [finding(3, cell="一!B3"), finding(3, cell="二!B3"), finding(4, cell="一!B4")]
    made = judged(found, said(3, "allow threat 反例", cell="一!F3"))
    assert [one.cell for one in made if one.suppressed] == ["一!B3"]


@pytest.mark.parametrize(("begin", "end"), [("allow-begin", "allow-end"), ("允许开始", "允许结束")])
def test_a_block_reaches_from_its_begin_to_its_end(begin: str, end: str) -> None:
    found = [finding(2), finding(4), finding(6), finding(9)]
    made = judged(found, said(3, f"{begin} threat 反例"), said(8, end))
    assert [one.start.line for one in made if one.suppressed] == [4, 6]
    assert len(made) == 4


def test_blocks_within_each_other_end_by_their_rules() -> None:
    found = [finding(2), finding(4), finding(4, CURSE), finding(6), finding(6, CURSE)]
    made = judged(
        found,
        said(1, "allow-begin threat 反例"),
        said(3, "allow-begin insult 反例"),
        said(5, "allow-end threat"),
        said(7, "allow-end"),
    )
    assert [(one.start.line, one.rule) for one in made if not one.suppressed] == [(6, TELL)]


def test_a_block_without_an_end_reaches_to_the_end_and_is_a_finding() -> None:
    made = judged([finding(400)], said(3, "allow-begin threat 反例"))
    assert [(one.rule, one.suppressed is not None) for one in made] == [(UNPAIRED, False), (TELL, True)]
    assert OWN_RULES[UNPAIRED].severity is Severity.MAJOR


def test_an_end_without_a_begin_is_a_finding() -> None:
    assert about(said(3, "allow-end")) == [(UNPAIRED, 3)]
    assert about(said(1, "allow-begin threat 反例"), said(3, "allow-end insult"), findings=[finding(2)]) == [
        (UNPAIRED, 1),
        (UNPAIRED, 3),
    ]


@pytest.mark.parametrize("text", ["allow-file threat 反例", "允许全文 threat 反例"])
def test_a_whole_file_is_allowed_from_anywhere(text: str) -> None:
    assert allowed([finding(1), finding(90, cell="二!B90")], said(50, text)) == [1, 90]


def test_the_reason_of_the_narrowest_counts_and_all_that_allow_are_of_use() -> None:
    made = judged(
        [finding(4)],
        said(1, "allow-file threat 全文"),
        said(3, "allow-begin threat 一段"),
        said(4, "allow threat 一行"),
        said(5, "allow-end"),
    )
    assert [one.suppressed and one.suppressed.reason for one in made] == ["一行"]


@pytest.mark.parametrize(
    "text", ["allow threat", "allow threat.exposure --", "allow threat，", "allow-file all", "允许 threat ……"]
)
def test_without_a_reason_nothing_is_suppressed_and_the_directive_fails_the_run(text: str) -> None:
    made = judged([finding(4)], said(4, text))
    assert [one.rule for one in made] == [TELL, REASONLESS]
    assert not any(one.suppressed for one in made)
    assert made[1].severity is Severity.MAJOR


def test_a_block_without_a_reason_is_one_finding_when_it_has_its_end() -> None:
    made = judged([finding(4)], said(3, "allow-begin threat"), said(5, "allow-end"))
    assert [(one.rule, one.suppressed) for one in made] == [(REASONLESS, None), (TELL, None)]


def test_an_allowance_that_allows_nothing_is_a_finding_at_its_words() -> None:
    (made,) = judged([], said(4, "allow threat.exposure 反例"))
    assert (made.rule, made.severity, made.start, made.end) == (UNUSED, Severity.MINOR, Place(4, 20), Place(4, 44))
    assert made.quote == "allow threat.exposure 反例" and "threat.exposure" in made.message["zh"]


def test_each_unused_rule_of_a_directive_is_named() -> None:
    made = judged([finding(4)], said(4, "allow threat,insult 反例"))
    (unused,) = [one for one in made if one.rule == UNUSED]
    assert "insult" in unused.message["en"] and "threat" not in unused.message["en"]


def test_a_directive_about_rules_that_were_not_looked_for_is_not_unused() -> None:
    assert judged([], said(4, "allow threat 反例"), active=[CURSE]) == ()


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("allow thraet.exposure 反例", "threat.exposure"),
        ("alow threat 反例", "allow"),
        ("允许开使 threat 反例", "允许开始"),
        ("allow 培训反例", ""),
        ("allow", ""),
        ("", ""),
        ("allow lint.suppression/unused 反例", ""),
    ],
)
def test_what_is_not_understood_is_a_finding_with_what_was_perhaps_meant(text: str, hint: str) -> None:
    made = judged([finding(4)], said(4, text))
    assert sorted(one.rule for one in made) == [UNKNOWN, TELL]
    assert not any(one.suppressed for one in made)
    (unknown,) = [one for one in made if one.rule == UNKNOWN]
    assert hint in unknown.message["zh"] and hint in unknown.message["en"]
    assert ("?" in unknown.message["en"]) == bool(hint)


@pytest.mark.parametrize(("written", "meant"), [("暗示告诉身边人", TELL), ("曝光威胁", "threat.exposure")])
def test_a_chinese_name_from_the_report_is_answered_with_what_to_write(written: str, meant: str) -> None:
    found = replace(finding(4), name={"zh": "暗示告诉身边人"})
    (unknown,) = [one for one in judged([found], said(4, f"allow {written}，培训反例")) if one.rule == UNKNOWN]
    assert f"是否想写 {meant}？" in unknown.message["zh"] and f"Did you mean {meant}?" in unknown.message["en"]


def test_the_known_rules_of_a_directive_hold_beside_an_unknown_one() -> None:
    made = judged([finding(4)], said(4, "allow threat,insluts.x 反例"))
    assert [(one.rule, one.suppressed is not None) for one in made] == [(TELL, True), (UNKNOWN, False)]


def test_findings_about_directives_are_not_suppressed_by_directives() -> None:
    made = judged([], said(4, "allow-file all 反例"), said(4, "allow threat"))
    assert {one.rule for one in made} == {UNUSED, REASONLESS} and not any(one.suppressed for one in made)


def test_every_own_rule_has_its_texts_in_both_languages() -> None:
    for rule in OWN_RULES.values():
        for texts in (rule.name, rule.message, rule.suggestion):
            assert texts.keys() == {"zh", "en"} and all(texts.values())


WORD = st.sampled_from(
    [
        "allow",
        "allow-begin",
        "allow-end",
        "allow-file",
        "允许",
        "threat",
        "threat.exposure",
        ",",
        "，",
        " ",
        ":",
        "all",
        "x",
        "{0}",
        "反例",
        "\n",
    ]
)


@given(
    st.lists(
        st.tuples(st.integers(1, 6), st.lists(WORD, max_size=7).map("".join) | st.text(max_size=12), st.booleans())
    )
)
def test_whatever_is_written_findings_are_kept_in_order_and_suppressed_only_with_a_reason(
    written: list[tuple[int, str, bool]],
) -> None:
    directives = [Directive(Passage.at(text, line, 1), alone) for line, text, alone in sorted(written)]
    found = [finding(line, rule) for line in range(1, 7) for rule in (CURSE, TELL)]
    made = judged(found, *directives, lines=tuple(words(line) for line in range(1, 7)))
    assert [(one.start.line, one.rule) for one in made if one.rule not in OWN_RULES] == [
        (one.start.line, one.rule) for one in found
    ]
    assert [one.start for one in made] == sorted(one.start for one in made)
    assert all(one.suppressed.reason for one in made if one.suppressed)
