"""RULES.md 1.2, walked over all rules, dates, lenders and policies."""

import re
from collections.abc import Iterator
from datetime import date

import pytest

from audit.model.call import CallMetadata
from audit.model.finding import Citation
from audit.rules.clauses import Clause
from audit.rules.engine import citations
from audit.rules.loader import check_policy, load_pack, load_policy
from audit.rules.pack import Rule
from audit.rules.policy import Policy

PACK = load_pack()
CHINESE = ("default", "bank-card", "consumer-finance", "agency")
FOREIGN = {"us-reg-f": "US", "uk-conc7": "UK", "hk-cobp": "HK", "tw-outsourcing": "TW", "au-rg96": "AU"}
POLICIES = {name: load_policy(name) for name in (*CHINESE, *FOREIGN)}
DAYS = [
    date(2017, 6, 1),
    date(2018, 6, 1),
    date(2021, 6, 1),
    date(2023, 6, 1),
    date(2024, 6, 1),
    date(2025, 3, 5),
    date(2026, 3, 2),
    date(2030, 1, 1),
    None,
]
LENDERS = [None, "东海银行信用卡中心", "海星消费金融", "花田小贷", "某某商贸"]
LAW = {"law", "judicial interpretation", "judicial guidance"}
ARTICLE = re.compile(r"第[\d一二三四五六七八九十百之]+[条條]|第[一二三四五六七八九十]+章|§|U\.S\.C|CONC")


def walk(policy: Policy) -> Iterator[tuple[Rule, date | None, str | None, tuple[Citation, ...]]]:
    for rule in PACK.rules:
        for day in DAYS:
            for lender in LENDERS:
                yield rule, day, lender, citations(rule, CallMetadata(lender=lender), day, PACK, policy)


def title(citation: Citation) -> str:
    """What stands before the clause's words."""
    return re.split("（大意，非原文）|：“", citation.zh)[0]


def wrong(clause: Clause, citation: Citation, policy: Policy, lender: str | None, day: date | None) -> list[str]:
    """What of RULES.md 1.2 the citation breaks."""
    binds = policy.binds(lender)
    verbatim, law = clause.state == "verbatim", clause.force in LAW
    checks = {
        "not to be cited": clause.cite and clause.state != "unverified",
        "another jurisdiction": clause.jurisdiction == policy.jurisdiction,
        "not in force": clause.in_force(day),
        "does not bind": binds is None or clause.applies_to in binds,
        "an article nobody verified": clause.article is not None
        or not ARTICLE.search(title(citation).replace(clause.number or "-", "")),
        "its words are not those": citation.zh.endswith(
            f"：“{clause.text}”" if verbatim else f"（大意，非原文）：{clause.text}"
        ),
        "not marked in English": ("not the original words" in citation.en) == (not verbatim),
        "accuses of a crime": "构成犯罪" not in title(citation),
        "a law is touched at most": citation.zh.startswith("可能涉及" if law else "依据："),
        "called a law": law or "法律" not in title(citation),
        "recommended only": ("推荐性国家标准" in citation.zh) == (clause.force == "national standard (recommended)"),
        "a guideline only": ("行业指引" in citation.zh) == (clause.force == "industry guideline"),
    }
    return [problem for problem, holds in checks.items() if not holds]


@pytest.mark.parametrize("policy", POLICIES.values(), ids=POLICIES.keys())
def test_every_clause_shown_may_be_shown_for_every_rule_day_and_lender_nearest_first(policy: Policy) -> None:
    broken = {
        (citation.key, day, lender, problem)
        for citation, day, lender in shown(policy)
        for problem in wrong(PACK.clauses.get(citation.key), citation, policy, lender, day)
    }
    assert broken == set()


def shown(policy: Policy) -> set[tuple[Citation, date | None, str | None]]:
    """Every citation of any rule, with the days and lenders it is shown for; the nearest come first, and none twice."""
    seen: set[tuple[Citation, date | None, str | None]] = set()
    for rule, day, lender, cited in walk(policy):
        keys = [citation.key for citation in cited]
        ranks = [PACK.clauses.get(key).rank for key in keys]
        assert ranks == sorted(ranks) and len(keys) == len(set(keys)), (rule.id, day, lender, keys)
        seen.update((citation, day, lender) for citation in cited)
    assert seen
    return seen


def test_every_rule_has_a_clause_or_says_why_it_has_none() -> None:
    assert [rule.id for rule in PACK.rules if not rule.clauses and not rule.no_clause] == []
    assert [rule.id for rule in PACK.rules if rule.clauses and rule.no_clause] == []


def test_clauses_of_a_rule_are_chinese_and_the_policy_adds_those_of_other_regimes() -> None:
    foreign = [
        (rule.id, key) for rule in PACK.rules for key in rule.clauses if PACK.clauses.get(key).jurisdiction != "CN"
    ]
    assert foreign == []
    for name, jurisdiction in FOREIGN.items():
        keys = POLICIES[name].clauses
        assert keys and {PACK.clauses.get(key).jurisdiction for key in keys} == {jurisdiction}, name


@pytest.mark.parametrize("policy", POLICIES.values(), ids=POLICIES.keys())
def test_built_in_policies_name_only_what_exists(policy: Policy) -> None:
    check_policy(policy, PACK)


@pytest.mark.parametrize(
    ("day", "cited"),
    [
        (date(2017, 6, 1), []),
        (date(2024, 6, 1), ["nifa2024.hours"]),
        (date(2025, 3, 5), ["gbt45251.hours"]),
        (date(2026, 3, 2), ["gbt45251.hours", "cba2026.hours"]),
    ],
)
def test_hours_rest_on_what_was_in_force(day: date, cited: list[str]) -> None:
    rule = PACK.rule("contact.off_hours/quiet-hours")
    found = citations(rule, CallMetadata(lender="东海银行"), day, PACK, POLICIES["default"])
    assert [citation.key for citation in found] == cited


def test_a_law_that_was_renumbered_is_cited_by_the_number_of_the_day() -> None:
    rule = PACK.rule("contact.harassment/call-bombing")
    keys = {
        day: {citation.key for citation in citations(rule, CallMetadata(), day, PACK, POLICIES["default"])}
        for day in (date(2025, 12, 31), date(2026, 1, 1))
    }
    assert "psl2012.42-5" in keys[date(2025, 12, 31)] and "psl2025.50-5" not in keys[date(2025, 12, 31)]
    assert "psl2025.50-5" in keys[date(2026, 1, 1)] and "psl2012.42-5" not in keys[date(2026, 1, 1)]


@pytest.mark.parametrize(
    ("policy", "rule", "key"),
    [
        ("bank-card", "threat.violence/bodily-harm", "cc2011.conduct"),
        ("consumer-finance", "threat.violence/bodily-harm", "cfc2024.conduct"),
        ("us-reg-f", "contact.off_hours/quiet-hours", "us.hours"),
        ("us-reg-f", "contact.frequency/attempts-in-7-days", "us.seven-in-seven"),
        ("au-rg96", "contact.frequency/conversations-per-week", "au.contact"),
        ("tw-outsourcing", "contact.off_hours/quiet-hours", "tw.hours"),
    ],
)
def test_a_policy_adds_the_clauses_of_its_institution(policy: str, rule: str, key: str) -> None:
    found = citations(PACK.rule(rule), CallMetadata(), date(2026, 3, 2), PACK, POLICIES[policy])
    assert key in [citation.key for citation in found]


def test_under_a_policy_of_another_regime_no_chinese_clause_is_cited_whatever_the_lender_is_called() -> None:
    for rule, _, _, cited in walk(POLICIES["us-reg-f"]):
        assert {PACK.clauses.get(citation.key).jurisdiction for citation in cited} <= {"US"}, rule.id
