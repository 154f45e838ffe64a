"""From words to findings: roles, evidence, review, merging, determinism."""

from dataclasses import replace

from audit.model.call import Call, CallMetadata, Role, Turn
from audit.model.finding import Finding, Severity
from audit.model.report import Verdict, risk_score, verdict
from audit.model.span import TimeSpan
from audit.model.transcript import Word
from audit.rules.engine import Engine
from audit.rules.loader import load_pack, load_policy
from tests.calls import call

ENGINE = Engine(load_pack(), load_policy())
THREAT = "你再不还钱，我找人打断你的腿"


def findings(found: Call) -> tuple[Finding, ...]:
    return ENGINE.findings(found)[0]


def threat(found: Call) -> Finding:
    (finding,) = [f for f in findings(found) if f.label == "threat.violence"]
    return finding


def test_quote_is_the_original_words_at_its_span() -> None:
    text = "你 再 不 還 錢 我 找 人 打 斷 你 的 腿"
    finding = threat(call(f"A: {text}"))
    assert finding.span is not None
    assert text[finding.span.start : finding.span.end] == finding.quote
    assert "打 斷" in " ".join(finding.why.matched)


def test_the_debtors_words_are_no_breach() -> None:
    assert [f for f in findings(call(f"D: {THREAT}")) if not f.is_signal] == []


def test_unknown_speaker_is_judged_by_what_is_said_but_must_be_checked_and_is_never_critical() -> None:
    finding = threat(call(f"U: {THREAT}"))
    assert finding.why.review == ("needs_role_check",)
    assert finding.severity is Severity.MAJOR
    assert verdict([finding]) is Verdict.REVIEW


def test_uncertain_role_asks_for_a_role_check() -> None:
    spoken = call(f"A: {THREAT}")
    unsure = replace(spoken, turns=(replace(spoken.turns[0], role_confidence=0.4),))
    assert "needs_role_check" in threat(unsure).why.review


def test_words_that_may_not_have_been_spoken_never_accuse() -> None:
    spoken = call(f"A: {THREAT}")
    doubtful = replace(spoken, turns=(replace(spoken.turns[0], doubts=("phantom",)),))
    finding = threat(doubtful)
    assert "needs_listener" in finding.why.review
    assert finding.confidence < 0.5
    assert "phantom" in finding.why.lowered


def test_time_is_that_of_the_quoted_words_and_recogniser_confidence_weighs() -> None:
    words = [("别", 10.0), ("说", 10.3), ("了", 10.5), ("，", 10.5), ("打断", 20.0), ("你的", 20.5), ("腿", 21.0)]
    timed = tuple(Word(text, TimeSpan(at, at + 0.4), 0.5) for text, at in words)
    turn = Turn(0, Role.AGENT, "别说了，打断你的腿", TimeSpan(10.0, 22.0), timed)
    finding = threat(replace(call("A: x"), turns=(turn,)))
    assert finding.time == TimeSpan(20.0, 21.4)
    assert finding.confidence < threat(call("A: 别说了，打断你的腿")).confidence


def test_findings_of_one_label_that_overlap_become_one_with_all_clauses() -> None:
    first = threat(call(f"A: {THREAT}"))
    labels = [(f.turn, f.label, f.span) for f in findings(call(f"A: {THREAT}"))]
    assert len(labels) == len(set(labels))
    assert first.clauses and len({c.key for c in first.clauses}) == len(first.clauses)


def test_fingerprint_does_not_depend_on_position_or_spelling() -> None:
    plain = threat(call("A: 打断你的腿"))
    moved = threat(call("D: 喂", "A: 我跟你讲，打斷你的腿。"))
    assert plain.fingerprint == moved.fingerprint


def test_same_call_gives_the_same_findings_in_the_same_order() -> None:
    spoken = call("A: 打断你的腿，再不还爆你通讯录", "D: 你敢", f"A: {THREAT}")
    again = Engine(load_pack(), load_policy())
    assert findings(spoken) == again.findings(spoken)[0]


def test_clauses_follow_the_lender() -> None:
    bank = threat(call(f"A: {THREAT}", metadata=CallMetadata(lender="东海银行")))
    consumer = threat(call(f"A: {THREAT}", metadata=CallMetadata(lender="某某消费金融")))
    assert "cc2011.conduct" in {c.key for c in bank.clauses}
    assert "cfc2024.conduct" in {c.key for c in consumer.clauses}
    assert "cc2011.conduct" not in {c.key for c in consumer.clauses}


def test_more_findings_never_lower_the_score() -> None:
    one = threat(call(f"A: {THREAT}"))
    assert 0 < risk_score([one]) <= risk_score([one, one]) <= 100
    assert risk_score([]) == 0


def test_findings_of_one_label_that_follow_at_once_are_one_with_all_the_words() -> None:
    text = "我叫人打断你的腿，打断你的胳膊"
    finding = threat(call(f"A: {text}"))
    assert finding.quote == text
    assert {"腿", "胳膊"} <= set("".join(finding.why.matched)) | set(finding.why.matched)


def test_findings_of_one_label_far_apart_stay_apart() -> None:
    far = call("A: 打断你的腿，这个月十五号之前您看方便处理一下吗我再等您一次。要不然打断你的胳膊")
    assert len([f for f in findings(far) if f.label == "threat.violence"]) == 2
