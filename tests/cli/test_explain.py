"""`callaudit explain`: rules, labels, and the linter's own rules, in both languages, as text and JSON."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from audit.cli.main import main
from audit.i18n import set_language
from audit.lint.suppressions import LABEL, OWN_RULES
from audit.rules.loader import load_pack
from audit.rules.pack import describe

RULE = "threat.exposure/tell-people"


@pytest.fixture(autouse=True)
def chinese() -> Iterator[None]:
    yield
    set_language("zh")


def explained(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["explain", *arguments]) == 0
    return capsys.readouterr().out


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_rule_is_explained_with_all_that_its_file_says(capsys: pytest.CaptureFixture[str], lang: str) -> None:
    pack = load_pack()
    rule = pack.rule(RULE)
    text = explained(capsys, "--lang", lang, RULE)
    for said in (rule.id, rule.name[lang], rule.reason[lang], rule.advice[lang]):
        assert said in text
    for example in (*rule.examples.breaching, *rule.examples.near_misses):
        assert describe(example) in text
    for clause in pack.clauses.cite(rule.clauses, None, None):
        assert (clause.en if lang == "en" else clause.zh) in text


def test_json_has_both_languages(capsys: pytest.CaptureFixture[str]) -> None:
    (record,) = json.loads(explained(capsys, RULE, "--json"))
    rule = load_pack().rule(RULE)
    assert (record["id"], record["label"], record["severity"]) == (RULE, rule.label, rule.severity)
    assert (record["reason"], record["advice"]) == (dict(rule.reason), dict(rule.advice))
    assert record["clauses"] == list(rule.clauses)
    assert record["breaching"]


def test_a_family_explains_all_its_rules(capsys: pytest.CaptureFixture[str]) -> None:
    text = explained(capsys, "threat")
    assert all(rule.id in text for rule in load_pack().rules if rule.label.startswith("threat."))
    assert all(rule_id in explained(capsys, "lint") for rule_id in OWN_RULES)


def test_rules_that_the_linters_configuration_adds_are_explained_where_it_holds(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["rules", "new", "threat.violence/own-words", "--to", "ours"]) == 0
    capsys.readouterr()
    assert main(["explain", "threat.violence/own-words"]) == 2
    Path("callaudit.toml").write_text('rules = ["ours"]\n', encoding="utf-8")
    assert "请改成应发现的话" in explained(capsys, "threat.violence/own-words")


def test_a_label_explains_all_its_rules(capsys: pytest.CaptureFixture[str]) -> None:
    records = json.loads(explained(capsys, "threat.exposure", "--json"))
    expected = [rule.id for rule in load_pack().rules if rule.label == "threat.exposure"]
    assert [record["id"] for record in records] == expected
    assert len(expected) > 1


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("rule_id", OWN_RULES)
def test_the_linters_own_rules_are_explained(capsys: pytest.CaptureFixture[str], rule_id: str, lang: str) -> None:
    text = explained(capsys, "--lang", lang, rule_id)
    assert rule_id in text
    assert OWN_RULES[rule_id].name[lang] in text
    assert "{" not in text


def test_the_linters_own_label_explains_all_its_rules_in_json(capsys: pytest.CaptureFixture[str]) -> None:
    records = json.loads(explained(capsys, LABEL, "--json"))
    assert [record["id"] for record in records] == list(OWN_RULES)
    for record in records:
        assert record["severity"] == OWN_RULES[record["id"]].severity
        for texts in (record["name"], record["reason"], record["advice"]):
            assert set(texts) == {"zh", "en"}
            assert "{" not in "".join(texts.values())


def test_records_of_rules_and_of_the_linters_own_have_the_same_keys(capsys: pytest.CaptureFixture[str]) -> None:
    (rule,) = json.loads(explained(capsys, RULE, "--json"))
    (own,) = json.loads(explained(capsys, f"{LABEL}/unused", "--json"))
    assert list(own) == list(rule)


@pytest.mark.parametrize(
    ("wrong", "meant"), [("threat.exposure/tell-poeple", RULE), ("lint.suppression/unusd", f"{LABEL}/unused")]
)
def test_an_unknown_name_is_an_error_with_the_name_that_may_be_meant(
    capsys: pytest.CaptureFixture[str], wrong: str, meant: str
) -> None:
    assert main(["explain", wrong]) == 2
    error = capsys.readouterr().err
    assert "[CA216]" in error
    assert wrong in error
    assert meant in error
