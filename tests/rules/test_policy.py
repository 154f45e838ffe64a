"""Policies: what they extend, what they may name, and what a limit that is off does."""

from pathlib import Path

import pytest

from audit.errors import ConfigError
from audit.model.finding import Severity
from audit.pipeline import Auditor, Options
from audit.rules.engine import Engine
from audit.rules.loader import check_policy, load_pack, load_policy
from tests.calls import call, outbound

PACK = load_pack()
NAME = "name: {zh: 自有, en: Own}\n"


def own(tmp_path: Path, text: str, name: str = "own.yaml") -> str:
    (tmp_path / name).write_text(NAME + text, encoding="utf-8")
    return str(tmp_path / name)


def test_a_policy_says_only_what_differs_from_the_default(tmp_path: Path) -> None:
    policy, default = load_policy(own(tmp_path, "attempts_per_number_per_day: 8\n")), load_policy()
    assert policy.id == "own"
    assert policy.attempts_per_number_per_day == 8
    assert (policy.quiet_hours, policy.lender_kinds) == (default.quiet_hours, default.lender_kinds)
    assert policy.sha256 != default.sha256


def test_a_policy_extends_another_file_beside_it_and_keys_of_mappings_one_by_one(tmp_path: Path) -> None:
    own(
        tmp_path,
        "severities: {threat.vague: minor, insult.curse: minor}\nquiet_hours: {from: '21:00'}\n".replace(
            "quiet_hours: {from: '21:00'}\n", ""
        ),
        "house.yaml",
    )
    policy = load_policy(own(tmp_path, "extends: house.yaml\nseverities: {insult.curse: critical}\n"))
    assert policy.severities == {"threat.vague": Severity.MINOR, "insult.curse": Severity.CRITICAL}


def test_a_policy_that_extends_none_has_only_the_limits_it_names(tmp_path: Path) -> None:
    policy = load_policy(own(tmp_path, "extends: null\n"))
    assert policy.quiet_hours is None and policy.conversations_per_debtor_per_day is None
    found, skipped = Engine(PACK, policy).findings(call("A: 您好", metadata=outbound("2026-03-02T23:30:00+08:00")))
    assert [f for f in found if f.label == "contact.off_hours"] == []
    assert not any(note.startswith("contact.off_hours") for note in skipped)


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ("disabled: [threat.violense]\n", "CA220", ("own.yaml:2:", "是否想写 'threat.violence'？")),
        ("severities: {threat.violence/bodily-harms: minor}\n", "CA220", ("own.yaml:2:", "bodily-harm'？")),
        ("clauses: {cc2011.conduct: [insult.cursing]}\n", "CA220", ("own.yaml:2:", "insult.curse")),
        ("clauses: {cc2011.conducts: [insult.curse]}\n", "CA206", ("own.yaml:2:", "cc2011.conduct")),
        ("lender_kind: banks\n", "CA203", ("own.yaml:2:", "是否想写 'bank'？")),
        ("extends: own.yaml\n", "CA219", ("own.yaml → ",)),
        ("extends: defualt\n", "CA211", ("own.yaml:2:", "是否想写 'default'？")),
        ("quiet_hours: {from: '25:00', to: '08:00'}\n", "CA203", ("own.yaml:2:",)),
        ("quiet_hours: {from: '21:00', to: '08:00', days: [monday]}\n", "CA203", ("own.yaml:2:",)),
        ("burst: {attempts: 1, minutes: 5}\n", "CA203", ("own.yaml:2:",)),
        (
            "informational_calls_per_debtor_per_day: {limit: 3, from: 2024, until: '2025-02-27'}\n",
            "CA203",
            ("own.yaml:2:",),
        ),
    ],
)
def test_what_a_policy_may_not_say(tmp_path: Path, text: str, code: str, words: tuple[str, ...]) -> None:
    with pytest.raises(ConfigError) as caught:
        check_policy(load_policy(own(tmp_path, text)), PACK)
    assert caught.value.problem.code == code
    assert all(word in f"{caught.value.problem.where} {caught.value}" for word in words), str(caught.value)


def test_an_audit_refuses_a_policy_with_an_unknown_rule_at_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="CA220"):
        Auditor(Options(policy=own(tmp_path, "disabled: [threat.violense]\n")), proved=True)


@pytest.mark.parametrize("name", ["threat.violence", "threat.violence/*", "threat.violence/bodily-harm"])
def test_a_label_all_its_rules_or_one_rule_can_be_switched_off(tmp_path: Path, name: str) -> None:
    policy = load_policy(own(tmp_path, f"disabled: ['{name}']\n"))
    check_policy(policy, PACK)
    assert policy.is_disabled("threat.violence/bodily-harm")
    assert policy.is_disabled("threat.violence/veiled-warning") == (name != "threat.violence/bodily-harm")


def test_a_kind_of_lender_is_known_by_name_else_by_the_policy(tmp_path: Path) -> None:
    policy = load_policy("bank-card")
    assert "bank credit cards" in (policy.binds("花田") or ())
    assert "consumer finance companies" in (policy.binds("海星消费金融") or ())
    assert load_policy().binds("花田") is None


def test_ids_are_unique_within_a_folder_and_replaced_by_a_further_one(tmp_path: Path) -> None:
    rule = (Path(__file__).parents[2] / "lexicons/rules/contact/quiet-hours.yaml").read_text(encoding="utf-8")
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules/a.yaml").write_text(rule.replace("禁催时段联系", "自有时段"), encoding="utf-8")
    assert load_pack([str(tmp_path)]).rule("contact.off_hours/quiet-hours").name["zh"] == "自有时段"
    (tmp_path / "rules/b.yaml").write_text(rule, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_pack([str(tmp_path)])
    assert caught.value.problem.code == "CA221"
    assert "b.yaml:1:" in caught.value.problem.where and "a.yaml" in str(caught.value)


@pytest.mark.parametrize(
    ("change", "code", "words"),
    [
        (("contact.off_hours/", "contact.off_ours/"), "CA222", "是否想写 'contact.off_hours'？"),
        (("kind: off_hours", "kind: contact_log\nparameters: {across: conversation}"), "CA223", "conversations"),
        (("kind: off_hours", "kind: contact_log"), "CA223", "across"),
    ],
)
def test_what_an_own_rule_may_not_be_called(tmp_path: Path, change: tuple[str, str], code: str, words: str) -> None:
    rule = (Path(__file__).parents[2] / "lexicons/rules/contact/quiet-hours.yaml").read_text(encoding="utf-8")
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules/a.yaml").write_text(rule.replace(*change), encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_pack([str(tmp_path)])
    assert caught.value.problem.code == code
    assert words in str(caught.value)


@pytest.mark.parametrize("name", ["uk-conc7", "hk-cobp"])
def test_where_a_regime_names_no_numbers_no_rule_finds_anything(name: str) -> None:
    policy = load_policy(name)
    off = (
        policy.quiet_hours,
        policy.conversations_per_debtor_per_day,
        policy.attempts_per_number_per_day,
        policy.burst,
    )
    assert off == (None, None, None, None)
    assert (policy.conversations_per_debtor_per_week, policy.attempts_per_debt_in_7_days, policy.informational) == (
        None,
        None,
        None,
    )
    found, _ = Engine(PACK, policy).findings(call("A: 您好", "D: 你好", metadata=outbound("2026-03-02T23:30:00+00:00")))
    assert [f for f in found if f.family == "contact"] == []


@pytest.mark.parametrize(
    ("policy", "started", "number", "breaches"),
    [
        ("au-rg96", "2026-03-02T07:20:00+11:00", None, True),
        ("au-rg96", "2026-03-02T07:30:00+11:00", None, False),
        ("au-rg96", "2026-03-06T21:30:00+11:00", None, True),
        ("au-rg96", "2026-03-07T06:00:00+11:00", None, False),
        ("au-rg96", "2026-03-08T23:00:00+11:00", None, False),
        ("tw-outsourcing", "2026-03-02T07:10:00+08:00", None, False),
        ("tw-outsourcing", "2026-03-02T06:50:00+08:00", None, True),
        ("us-reg-f", "2026-03-02T20:30:00-05:00", "(212) 555-0147", False),
        ("us-reg-f", "2026-03-02T21:30:00-05:00", "(212) 555-0147", True),
        ("us-reg-f", "2026-03-02T21:30:00-05:00", "(213) 555-0147", False),
        ("us-reg-f", "2026-03-02T10:30:00-05:00", "+86 138 0013 8000", True),
    ],
)  # fmt: skip
def test_hours_of_other_regimes_are_local_and_of_their_days(
    policy: str, started: str, number: str | None, breaches: bool
) -> None:
    metadata = outbound(started, duration_s=60.0, callee_number=number)
    found, _ = Engine(PACK, load_policy(policy)).findings(call("A: 您好", "D: 你好", metadata=metadata))
    assert ("contact.off_hours" in {f.label for f in found}) is breaches
