"""Errors quote the file, the line and the remedy; what an officer adds takes part at once."""

from pathlib import Path

import pytest

from audit.errors import ConfigError
from audit.pipeline import Auditor, Options
from audit.rules.engine import Engine
from audit.rules.loader import load_pack, load_policy
from audit.rules.testing import check_examples, prove
from tests.calls import call

DEFAULT = Path(__file__).parents[2] / "lexicons/policies/default.yaml"
RULE = """\
id: threat.vague/own-rule
name: {zh: 自定义, en: Own}
reason: {zh: 理由, en: reason}
advice: {zh: 建议, en: advice}
severity: major
clauses: [nifa2018.civil-language]
match:
  - say: ["{own_word} .. 试试"]
examples:
  breaching: [吃不了兜着走你试试]
  near_misses: [您可以试试线上还款]
"""
WORDS = """\
concepts:
  own_word:
    about: 自定义
    words: 吃不了兜着走 等着瞧好 月亮底下见
"""


def folder(tmp_path: Path, rule: str = RULE, words: str = WORDS) -> str:
    (tmp_path / "rules/threat").mkdir(parents=True)
    (tmp_path / "words").mkdir()
    (tmp_path / "rules/threat/own.yaml").write_text(rule, encoding="utf-8")
    (tmp_path / "words/own.yaml").write_text(words, encoding="utf-8")
    return str(tmp_path)


def test_an_officers_own_rule_and_words_take_part_beside_the_built_in_ones(tmp_path: Path) -> None:
    pack = load_pack([folder(tmp_path)])
    check_examples(pack, load_policy())
    rules = {f.rule for f in Engine(pack, load_policy()).findings(call("A: 你吃不了兜着走，你试试"))[0]}
    assert "threat.vague/own-rule" in rules
    assert pack.rule("threat.violence/bodily-harm")
    assert pack.sha256 != load_pack().sha256


@pytest.mark.parametrize(
    ("change", "code", "place", "words"),
    [
        (("severity: major", "severity: majr"), "CA203", ":5:", "是否想写 'major'？"),
        (("severity: major", "severity: major\nroles: [agnet]"), "CA203", ":6:", "是否想写 'agent'？"),
        (("clauses:", "clause:"), "CA203", ":6:", "是否想写 'clauses'？"),
        (
            ("nifa2018.civil-language", "nifa2018.civil-langage"),
            "CA206",
            ":6:",
            "是否想写 'nifa2018.civil-language'？",
        ),
        (("{own_word}", "{own_wrod}"), "CA204", ":8:", "是否想写 'own_word'？"),
        ((".. 试试", "( 试试"), "CA205", ":8:", "试试"),
        (("examples:", "unless: [negatd]\nexamples:"), "CA210", ":9:", "是否想写 'negated'？"),
        (("severity: major", "severity: major\nkind: sai"), "CA212", ":6:", "是否想写 'say'？"),
        (("severity: major", "severity: [major"), "CA202", ":", "该行"),
        (("  near_misses: [您可以试试线上还款]\n", ""), "CA203", ":9:", "near_misses"),
        (("  near_misses: [您可以试试线上还款]\n", "  near_misses: []\n"), "CA203", ":11:", "near_misses"),
        (('match:\n  - say: ["{own_word} .. 试试"]\n', ""), "CA207", ":1:", "match"),
    ],
)
def test_a_wrong_rule_is_refused_with_its_line_and_a_suggestion(
    tmp_path: Path, change: tuple[str, str], code: str, place: str, words: str
) -> None:
    broken = RULE.replace(*change)
    assert broken != RULE
    with pytest.raises(ConfigError) as error:
        load_pack([folder(tmp_path, broken)])
    assert error.value.problem.code == code
    assert f"own.yaml{place}" in error.value.problem.where
    assert words in str(error.value)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (WORDS + "    include: [nobody]\n", "CA204"),
        (WORDS + "    include: [own_word]\n", "CA208"),
        (WORDS.replace("words: 吃不了兜着走 等着瞧好 月亮底下见", "words: [1]"), "CA203"),
    ],
)
def test_a_wrong_word_list_is_refused(tmp_path: Path, words: str, code: str) -> None:
    with pytest.raises(ConfigError) as error:
        load_pack([folder(tmp_path, words=words)])
    assert error.value.problem.code == code
    assert "own.yaml" in error.value.problem.where


def test_a_rule_that_can_never_match_does_not_pass_its_proof(tmp_path: Path) -> None:
    silent = RULE.replace("breaching: [吃不了兜着走你试试]", "breaching: [别的话]")
    with pytest.raises(ConfigError) as error:
        check_examples(load_pack([folder(tmp_path, silent)]), load_policy())
    assert error.value.problem.code == "CA209"


def test_a_rule_that_finds_its_near_miss_does_not_pass_its_proof(tmp_path: Path) -> None:
    eager = RULE.replace("near_misses: [您可以试试线上还款]", "near_misses: [等着瞧好你试试]")
    with pytest.raises(ConfigError, match="CA209"):
        check_examples(load_pack([folder(tmp_path, eager)]), load_policy())


def test_hours_in_a_policy_are_hours_and_no_numbers(tmp_path: Path) -> None:
    text = DEFAULT.read_text(encoding="utf-8")
    text = text.replace('quiet_hours: {from: "22:00", to: "08:00"}', "quiet_hours:\n  from: 21:00\n  to: 08:00")
    own = tmp_path / "own.yaml"
    own.write_text(text, encoding="utf-8")
    assert load_policy(str(own)).quiet_hours.begins.hour == 21  # type: ignore[union-attr]


def test_an_unknown_policy_or_folder_is_a_coded_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="CA211"):
        load_policy("defualt")
    with pytest.raises(ConfigError, match="CA201"):
        load_pack([str(tmp_path / "missing")])


def test_a_policy_switches_rules_off_and_changes_severities(tmp_path: Path) -> None:
    base = DEFAULT.read_text(encoding="utf-8")
    own = tmp_path / "own.yaml"
    own.write_text(base.replace("severities: {}", "severities: {threat.violence: minor}"), encoding="utf-8")
    found = Engine(load_pack(), load_policy(str(own))).findings(call("A: 打断你的腿"))[0]
    assert {f.severity for f in found if f.label == "threat.violence"} == {"minor"}
    own.write_text(base.replace("disabled: []", "disabled: [threat.violence]"), encoding="utf-8")
    found = Engine(load_pack(), load_policy(str(own))).findings(call("A: 打断你的腿"))[0]
    assert [f for f in found if f.label == "threat.violence"] == []


def test_a_proof_is_remembered_and_a_changed_rule_is_proved_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CALLAUDIT_CACHE", str(tmp_path / "cache"))
    own = folder(tmp_path)
    prove(load_pack([own]), load_policy())
    assert len(list((tmp_path / "cache" / "proved").iterdir())) == 1
    rule = tmp_path / "rules/threat/own.yaml"
    rule.write_text(RULE.replace("breaching: [吃不了兜着走你试试]", "breaching: [别的话]"), encoding="utf-8")
    with pytest.raises(ConfigError, match="CA209"):
        prove(load_pack([own]), load_policy())


def test_other_limits_of_an_institution_do_not_break_the_rules_own_examples(tmp_path: Path) -> None:
    own = tmp_path / "own.yaml"
    text = DEFAULT.read_text(encoding="utf-8")
    own.write_text(
        text.replace("conversations_per_debtor_per_day: 3", "conversations_per_debtor_per_day: 5"), encoding="utf-8"
    )
    assert Auditor(Options(policy=str(own))).engine.policy.conversations_per_debtor_per_day == 5


def test_a_policy_with_an_unknown_time_zone_is_refused(tmp_path: Path) -> None:
    own = tmp_path / "own.yaml"
    own.write_text(DEFAULT.read_text(encoding="utf-8").replace("Asia/Shanghai", "Asia/Shanghia"), encoding="utf-8")
    with pytest.raises(ConfigError, match="CA203"):
        load_policy(str(own))


def test_a_preview_rule_accuses_nobody_and_a_deprecated_one_is_silent(tmp_path: Path) -> None:
    own = folder(tmp_path, RULE.replace("severity: major", "severity: major\nstatus: preview"))
    said = call("A: 月亮底下见，你试试")
    found = [f for f in Engine(load_pack([own]), load_policy()).findings(said)[0] if f.rule == "threat.vague/own-rule"]
    assert [f.severity for f in found] == ["info"]
    (tmp_path / "rules/threat/own.yaml").write_text(
        RULE.replace("severity: major", "severity: major\nstatus: deprecated"), encoding="utf-8"
    )
    pack = load_pack([own])
    check_examples(pack, load_policy())
    assert "threat.vague/own-rule" not in {f.rule for f in Engine(pack, load_policy()).findings(said)[0]}


def test_a_folder_without_words_and_rules_is_no_rule_folder(tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text(RULE, encoding="utf-8")
    with pytest.raises(ConfigError, match="CA201"):
        load_pack([str(tmp_path)])


CUES = """\
fragments: {lender: 银行|平台}
cues:
  own_cue: {roles: [agent], any: ["您在<lender>的"]}
"""


def test_an_officers_own_cue_is_a_condition_of_his_rule(tmp_path: Path) -> None:
    heard = '  - say: ["{own_word} .. 试试"]\n    when: {heard: {any: [own_cue], within: 2}}'
    own = folder(
        tmp_path,
        RULE.replace('  - say: ["{own_word} .. 试试"]', heard)
        .replace("[吃不了", '[{turns: ["A: 您在平台的钱", "D: 嗯", "A: 吃不了')
        .replace("你试试]", '你试试"]}]'),
    )
    (tmp_path / "dialogue.yaml").write_text(CUES, encoding="utf-8")
    check_examples(load_pack([own]), load_policy())


@pytest.mark.parametrize(
    ("cue", "code", "words"),
    [
        ("own_cue: {any: [您在<lendr>的]}", "CA218", "<lendr>"),
        ("own_cue: {any: [您在(银行]}", "CA218", "unterminated"),
        ("own_cue: {any: [], roles: [agent]}", "CA203", "any"),
    ],
)
def test_a_cue_that_cannot_be_read_is_quoted(tmp_path: Path, cue: str, code: str, words: str) -> None:
    own = folder(tmp_path)
    (tmp_path / "dialogue.yaml").write_text(f"cues:\n  {cue}\n", encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_pack([own])
    assert caught.value.problem.code == code
    assert words in str(caught.value) and "dialogue.yaml" in str(caught.value)


def test_a_condition_on_a_cue_nobody_wrote_is_an_error_with_a_suggestion(tmp_path: Path) -> None:
    rule = RULE.replace('试试"]', '试试"]\n    when: {heard: {any: [refusess]}}')
    with pytest.raises(ConfigError) as caught:
        load_pack([folder(tmp_path, rule)])
    assert caught.value.problem.code == "CA217"
    assert "refuses" in str(caught.value)


def test_a_concept_written_twice_in_a_folder_is_an_error(tmp_path: Path) -> None:
    own = folder(tmp_path)
    (tmp_path / "words/second.yaml").write_text(WORDS, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_pack([own])
    assert caught.value.problem.code == "CA224"
    assert "own.yaml" in str(caught.value) and "second.yaml" in str(caught.value)
