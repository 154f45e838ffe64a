"""The learned tier beside the rules: what it adds, what it raises and lowers, and how it is switched off."""

import pytest

from audit.learned.opinion import Opinion
from audit.model.finding import Finding
from audit.model.span import CharSpan
from audit.rules.engine import Engine
from audit.rules.loader import load_pack, load_policy
from audit.rules.match import Match
from audit.rules.opinion import rightly_named
from tests.calls import call

PACK = load_pack()
LISTEN = Engine(PACK, load_policy())
OFF = Engine(PACK, load_policy(changes={"learned": "off"}))
ACCUSE = Engine(PACK, load_policy(changes={"learned": "accuse"}))

# Nobody wrote a rule for these words.
UNWRITTEN = "A: 你儿子长得挺精神，天天一个人走那条小路上学，我兄弟见过他好几回了"


def findings(engine: Engine, *turns: str) -> list[Finding]:
    return list(engine.findings(call(*turns))[0])


def learned(engine: Engine, *turns: str) -> list[Finding]:
    return [f for f in findings(engine, *turns) if f.why.variant == "learned"]


def only_learned() -> Engine:
    """An engine without word rules."""
    rules = [rule.id for rule in PACK.rules if rule.kind != "learned"]
    return Engine(PACK, load_policy(changes={"disabled": rules}))


def test_what_no_rule_says_goes_to_a_listener_with_the_words_that_moved_it() -> None:
    (finding,) = [f for f in learned(only_learned(), UNWRITTEN) if f.label == "threat.family"]
    assert finding.why.review == ("needs_listener",)
    assert finding.quote and finding.quote in UNWRITTEN
    assert finding.why.facts["because_of"].split() == list(finding.why.matched)
    assert float(finding.why.facts["probability"]) == pytest.approx(finding.confidence, abs=0.01)
    assert finding.clauses


def test_a_policy_may_let_it_accuse_where_it_is_sure_enough() -> None:
    rules = [rule.id for rule in PACK.rules if rule.kind != "learned"]
    sure = load_policy(changes={"disabled": rules, "learned": "accuse", "learned_accuse_at": 0.75})
    unsure = load_policy(changes={"disabled": rules, "learned": "accuse", "learned_accuse_at": 1.0})
    assert [f.why.review for f in learned(Engine(PACK, sure), UNWRITTEN) if f.label == "threat.family"] == [()]
    assert {f.why.review for f in learned(Engine(PACK, unsure), UNWRITTEN)} == {("needs_listener",)}


def test_switched_off_it_finds_nothing_and_weighs_nothing() -> None:
    assert learned(OFF, UNWRITTEN) == []
    assert all("learned" not in (*f.why.raised, *f.why.lowered) for f in findings(OFF, "A: 信不信我打断你的腿"))


def test_where_a_rule_found_something_it_is_silent() -> None:
    found = findings(LISTEN, "A: 信不信我叫人打断你的腿,废物东西")
    assert {f.why.variant for f in found} & {"pattern", "exact"}
    assert all(f.why.variant != "learned" for f in found)


def test_the_debtors_words_are_no_breach() -> None:
    spoken = UNWRITTEN.replace("A: ", "D: ")
    assert all(f.is_signal for f in learned(LISTEN, spoken))


def test_it_agrees_with_a_rule_that_is_right_and_doubts_one_that_is_not() -> None:
    plain = "A: 信不信我叫几个人把你腿打断"
    assert max(f.confidence for f in findings(LISTEN, plain) if f.label == "threat.violence") > 0.8
    harmless = "A: 那您接着打祝您手气旺别因为我点了炮"
    before = [f.confidence for f in findings(OFF, harmless)]
    after = [f.confidence for f in findings(LISTEN, harmless)]
    assert sum(after) < sum(before)


def test_identifiers_are_not_its_business() -> None:
    spoken = "A: 您身份证是11010519491231002X对吧"
    (off,) = [f for f in findings(OFF, spoken) if f.label == "privacy.pii_readout"]
    (on,) = [f for f in findings(LISTEN, spoken) if f.label == "privacy.pii_readout"]
    assert on == off


def test_the_same_call_gives_the_same_findings() -> None:
    spoken = ("D: 我没钱", UNWRITTEN, "D: 你什么意思", "A: 没什么意思")
    assert findings(LISTEN, *spoken) == findings(Engine(PACK, load_policy()), *spoken)


@pytest.mark.parametrize(
    ("said", "likewise"),
    [
        ("A: 安排三五个人搬小马扎坐在你铺子门口", "A: 我们绝对不会安排三五个人搬小马扎坐在你铺子门口"),
        ("A: 安排三五个人搬小马扎坐在你铺子门口", "A: 您刚才说他们安排三五个人搬小马扎坐在你铺子门口"),
    ],
)
def test_what_is_denied_or_quoted_is_not_suspected(said: str, likewise: str) -> None:
    engine = only_learned()
    assert learned(engine, said)
    assert learned(engine, likewise) == []


def match(rule_id: str, confidence: float = 0.7) -> Match:
    return Match(PACK.rule(rule_id), 0, CharSpan(0, 2), confidence, "pattern")


@pytest.mark.parametrize(
    ("violence", "property_", "confidence", "expected"),
    [
        (0.8, 0.02, 0.7, ["threat.violence"]),  # one breach, named twice
        (0.8, 0.30, 0.7, ["threat.violence", "threat.property"]),  # both believed
        (0.3, 0.02, 0.7, ["threat.violence", "threat.property"]),  # neither believed enough to overrule
        (0.8, 0.02, 0.95, ["threat.violence", "threat.property"]),  # the rule is sure
    ],
)
def test_a_hardly_believed_label_yields_to_one_of_its_family(
    violence: float, property_: float, confidence: float, expected: list[str]
) -> None:
    heard = {0: Opinion(any=0.9, labels={"threat.violence": violence, "threat.property": property_})}
    matches = [match("threat.violence/bodily-harm"), match("threat.property/coercive-visit", confidence)]
    assert [kept.rule.label for kept in rightly_named(matches, heard)] == expected
