"""Scores over labelled calls built by hand."""

import pytest

from audit.evaluation import scores
from audit.evaluation.labelled import LabelledCall, Place
from audit.evaluation.scores import Bin, RuleScore, Score
from audit.model.call import Role, Turn
from audit.model.finding import Finding, Severity
from tests.report.calls import finding

TEXTS = {0: "还钱", 1: "没有", 2: "滚"}


def labelled(name: str, gold: set[Place], *found: Finding) -> LabelledCall:
    return LabelledCall(name, TEXTS, frozenset(gold), found)


def found(turn: int, label: str, confidence: float = 0.9, *, waits: bool = False, rule: str | None = None) -> Finding:
    spoken = Turn(turn, Role.AGENT, TEXTS[turn])
    review = ("needs_listener",) if waits else ()
    names = ("名", "name")
    return finding(
        "c", spoken, TEXTS[turn], label, Severity.MAJOR, names, names, confidence=confidence, rule=rule, review=review
    )


CALLS = [
    labelled(
        "a", {(0, "threat.violence"), (2, "insult.curse")}, found(0, "threat.violence"), found(2, "insult.demeaning")
    ),
    labelled("b", {(0, "threat.family")}, found(1, "threat.violence", 0.55, waits=True)),
    labelled("c", {(1, "signal.complaint")}, found(1, "signal.complaint", 0.97)),
]
EVERY = [list(call.findings) for call in CALLS]


def test_nothing_found_has_no_precision_and_nothing_labelled_no_recall() -> None:
    assert (Score(0, 3, 0).precision, Score(0, 0, 3).recall, Score(0, 0, 0).f1) == (None, None, None)
    assert (Score(0, 3, 0).recall, Score(0, 3, 0).f1) == (0.0, 0.0)
    assert Score(2, 1, 1).f1 == pytest.approx(2 / 3)


def test_labels_are_compared_by_turn_and_families_forgive_the_wrong_label() -> None:
    by_label = {row.name: row.score for row in scores.rows(CALLS, EVERY, str)}
    assert by_label["threat.violence"] == Score(1, 0, 1)
    assert by_label["threat.family"] == Score(0, 1, 0)
    by_family = {row.name: row.score for row in scores.rows(CALLS, EVERY, scores.family)}
    assert by_family == {"threat": Score(1, 1, 1), "insult": Score(1, 0, 0), "signal": Score(1, 0, 0)}


def test_signals_come_last_and_the_rest_by_number_of_labels() -> None:
    assert [row.name for row in scores.rows(CALLS, EVERY, scores.family)] == ["threat", "insult", "signal"]


def test_breaches_and_signals_are_counted_apart() -> None:
    assert scores.micro(CALLS, EVERY, scores.family, signals=False).score == Score(2, 1, 1)
    assert scores.micro(CALLS, EVERY, scores.family, signals=True).score == Score(1, 0, 0)


def test_calls_are_told_apart_by_any_breach() -> None:
    assert scores.of_calls(CALLS, EVERY).score == Score(2, 0, 0)
    accusing = [scores.counting(call, frozenset(), accusations_only=True) for call in CALLS]
    assert scores.of_calls(CALLS, accusing).score == Score(1, 1, 0)


def test_false_turns_are_those_without_a_label_that_carry_a_breach() -> None:
    flagged, clean, interval = scores.false_turns(CALLS, EVERY)
    assert (flagged, clean) == (1, 5)
    assert interval is not None and interval[0] <= 1 / 5 <= interval[1]


def test_intervals_hold_the_score_and_are_the_same_each_time() -> None:
    (first, *_), (again, *_) = scores.rows(CALLS * 9, EVERY * 9, str), scores.rows(CALLS * 9, EVERY * 9, str)
    assert first == again
    assert first.f1 is not None and first.score.f1 is not None
    assert 0 <= first.f1[0] <= first.score.f1 <= first.f1[1] <= 1


def test_more_calls_give_a_narrower_interval() -> None:
    def width(times: int) -> float:
        interval = scores.micro(CALLS * times, EVERY * times, scores.family, signals=False).f1
        assert interval
        return interval[1] - interval[0]

    assert width(100) < width(4)


def test_calibration_keeps_accusations_and_what_waits_apart() -> None:
    standing = [entry for entry in scores.calibration(CALLS, EVERY, waiting=False) if entry.shown]
    assert standing == [Bin(0.9, 0.95, 2, 1), Bin(0.95, 1.0, 1, 1)]
    assert [entry for entry in scores.calibration(CALLS, EVERY, waiting=True) if entry.shown] == [Bin(0.5, 0.6, 1, 0)]


def test_a_confidence_of_one_is_in_the_last_bin() -> None:
    call = labelled("d", {(0, "insult.curse")}, found(0, "insult.curse", 1.0))
    assert scores.calibration([call], [list(call.findings)], waiting=False)[-1].shown == 1


def test_rules_with_most_false_findings_come_first() -> None:
    assert scores.rule_scores(CALLS, EVERY) == [
        RuleScore("threat.violence/example", 1, 0, 1),
        RuleScore("insult.demeaning/example", 0, 1, 0),
        RuleScore("signal.complaint/example", 1, 0, 0),
    ]


def test_misses_and_false_findings_are_named_with_their_calls() -> None:
    assert [(one.call.name, one.turn, one.label) for one in scores.missed(CALLS, EVERY)] == [
        ("a", 2, "insult.curse"),
        ("b", 0, "threat.family"),
    ]
    assert [(one.call.name, one.label) for one in scores.false_findings(CALLS, EVERY)] == [
        ("a", "insult.demeaning"),
        ("b", "threat.violence"),
    ]


def test_a_further_label_counts_only_where_somebody_labels_it() -> None:
    vague = found(0, "threat.vague")
    assert "threat.vague" in scores.unscored([labelled("a", set(), vague)])
    assert scores.counting(labelled("a", set(), vague), scores.unscored([labelled("a", set(), vague)])) == []
    assert "threat.vague" not in scores.unscored([labelled("a", {(0, "threat.vague")})])
