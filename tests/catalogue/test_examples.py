"""Every rule's own examples, one test each: what must be found is found, what must pass passes."""

import pytest

from audit.rules.loader import load_pack, load_policy
from audit.rules.testing import Outcome, run_examples

PACK = load_pack()
OUTCOMES = list(run_examples(PACK, load_policy()))


@pytest.mark.parametrize(
    "outcome", OUTCOMES, ids=lambda o: f"{o.rule.id}:{'+' if o.breaching else '-'}{o.example[:30]}"
)
def test_rule_holds_on_its_own_example(outcome: Outcome) -> None:
    assert outcome.passed, f"{outcome.example!r}: found {outcome.found}"


def test_no_rule_shares_all_its_breaching_lines_with_its_near_misses() -> None:
    for rule in PACK.rules:
        breaching = {o.example for o in OUTCOMES if o.rule is rule and o.breaching}
        misses = {o.example for o in OUTCOMES if o.rule is rule and not o.breaching}
        assert breaching and misses and not breaching & misses, rule.id


def test_every_rule_names_a_clause_that_may_be_cited_on_some_day_or_says_why_there_is_none() -> None:
    citable = {rule.id for rule in PACK.rules if any(PACK.clauses.get(key).cite for key in rule.clauses)}
    assert [rule.id for rule in PACK.rules if rule.id not in citable and not rule.no_clause] == []
