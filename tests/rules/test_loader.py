"""Errors quote the file, the line and the remedy; what an officer adds takes part at once."""

import subprocess
import sys
from pathlib import Path

import pytest

from audit.errors import ConfigError
from audit.pipeline import Auditor, Options
from audit.rules import testing
from audit.rules.engine import Engine
from audit.rules.loader import load_pack, load_policy, pack_key
from audit.rules.pack import RulePack
from audit.rules.policy import Policy
from audit.rules.testing import check_examples, prove
from tests.calls import call

ROOT = Path(__file__).parents[2]
DEFAULT = ROOT / "lexicons/policies/default.yaml"
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


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CALLAUDIT_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


HEAVY = """
import sys
from audit.rules.engine import Engine
from audit.rules.loader import load_pack, load_policy, pack_key
from tests.calls import call
pack_key(sys.argv[1:])
found = Engine(load_pack(sys.argv[1:]), load_policy()).findings(call("A: 月亮底下见，你试试"))[0]
assert [f.rule for f in found] == ["threat.vague/own-rule"]
print(*sorted({"pydantic", "ruamel.yaml", "pypinyin", "opencc", "spacy"} & sys.modules.keys()))
"""


def loaded_to_judge(own: str) -> set[str]:
    """The heavy libraries that a new process loads until it has judged a call."""
    command = [sys.executable, "-c", HEAVY, own]
    return set(subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT).stdout.split())


def test_what_was_compiled_before_needs_neither_yaml_nor_its_schemas_nor_the_makers_of_tables(
    tmp_path: Path, cache: Path
) -> None:
    own = folder(tmp_path)
    assert loaded_to_judge(own) == {"pydantic", "ruamel.yaml", "pypinyin", "opencc"}
    assert loaded_to_judge(own) == set()


def test_a_kept_pack_is_the_compiled_one(tmp_path: Path, cache: Path) -> None:
    own = folder(tmp_path)
    compiled = load_pack([own])
    kept = load_pack([own])
    assert kept is not compiled
    patterns = [p for rule in compiled.rules for variant in rule.variants for p in variant.patterns]
    assert [p.anchor for rule in kept.rules for variant in rule.variants for p in variant.patterns] == [
        p.anchor for p in patterns
    ]
    assert (kept.rules, kept.cues, kept.sha256) == (compiled.rules, compiled.cues, compiled.sha256)
    assert kept.concepts == compiled.concepts
    assert vars(kept.lexicon).keys() & vars(compiled.lexicon).keys() >= {"_words", "_sounds"}
    assert kept.lexicon.__getstate__() == compiled.lexicon.__getstate__()
    said = call("A: 月亮底下见，你试试", "D: 嗯", "A: 再不还钱就爆你通讯录，让你全村都知道")
    policy = load_policy()
    assert Engine(kept, policy).judge(said) == Engine(compiled, policy).judge(said)
    keys = compiled.clauses.keys()
    assert kept.clauses.keys() == keys
    assert list(map(kept.clauses.get, keys)) == list(map(compiled.clauses.get, keys))


def test_the_key_of_a_pack_is_known_without_compiling_it(tmp_path: Path, cache: Path) -> None:
    own = folder(tmp_path)
    assert pack_key([own]) == load_pack([own]).sha256
    assert pack_key() == load_pack().sha256
    assert pack_key([own]) != pack_key()


def test_a_changed_rule_file_is_seen_at_once(tmp_path: Path, cache: Path) -> None:
    own = folder(tmp_path)
    first = load_pack([own])
    assert load_pack([own]).rule("threat.vague/own-rule").severity == first.rule("threat.vague/own-rule").severity
    rule = tmp_path / "rules/threat/own.yaml"
    rule.write_text(RULE.replace("severity: major", "severity: minor"), encoding="utf-8")
    assert load_pack([own]).rule("threat.vague/own-rule").severity == "minor"
    assert pack_key([own]) != first.sha256
    rule.write_text(RULE, encoding="utf-8")
    assert pack_key([own]) == first.sha256


def test_a_file_of_words_that_comes_or_goes_is_seen_at_once(tmp_path: Path, cache: Path) -> None:
    own = folder(tmp_path)
    assert "another_word" not in load_pack([own]).concepts
    more = tmp_path / "words/more.yaml"
    more.write_text("concepts:\n  another_word:\n    words: 你好呀\n", encoding="utf-8")
    assert load_pack([own]).concepts["another_word"] == ("你好呀",)
    more.unlink()
    assert "another_word" not in load_pack([own]).concepts


def test_a_damaged_pack_is_compiled_again(tmp_path: Path, cache: Path) -> None:
    own = folder(tmp_path)
    rules = load_pack([own]).rules
    (kept,) = (cache / "packs").iterdir()
    whole = kept.read_bytes()
    kept.write_bytes(whole[:-100])
    assert load_pack([own]).rules == rules
    assert kept.read_bytes()[4:100] == whole[4:100]
    assert len(kept.read_bytes()) > len(whole) - 100


def test_a_pack_loads_where_nothing_can_be_kept(tmp_path: Path, cache: Path) -> None:
    own = folder(tmp_path)
    cache.write_text("no folder", encoding="utf-8")
    assert load_pack([own]).rule("threat.vague/own-rule").own
    assert load_policy().id == "default"
    assert cache.read_text(encoding="utf-8") == "no folder"


def test_two_processes_that_compile_at_once_leave_a_pack(tmp_path: Path, cache: Path) -> None:
    own = folder(tmp_path)
    statement = f"from audit.rules.loader import load_pack; print(load_pack([{own!r}]).sha256)"
    both = [subprocess.Popen([sys.executable, "-c", statement], stdout=subprocess.PIPE) for _ in range(2)]
    assert {process.communicate()[0].decode().strip() for process in both} == {pack_key([own])}
    assert len(list((cache / "packs").iterdir())) == 1
    loaded_to_judge(own)
    assert loaded_to_judge(own) == set()


def test_a_changed_policy_is_seen_at_once_also_one_that_is_extended(tmp_path: Path, cache: Path) -> None:
    base, own = tmp_path / "base.yaml", tmp_path / "own.yaml"
    names = "name: {zh: 甲, en: A}\n"
    base.write_text(f"{names}conversations_per_debtor_per_day: 5\n", encoding="utf-8")
    own.write_text(f"{names}extends: base.yaml\n", encoding="utf-8")
    assert load_policy(str(own)) == load_policy(str(own))
    assert load_policy(str(own)).conversations_per_debtor_per_day == 5
    base.write_text(f"{names}conversations_per_debtor_per_day: 6\n", encoding="utf-8")
    assert load_policy(str(own)).conversations_per_debtor_per_day == 6
    base.unlink()
    with pytest.raises(ConfigError, match="CA211"):
        load_policy(str(own))
    assert load_policy(changes={"listen_below": 0.25}).listen_below == 0.25
    assert load_policy().listen_below != 0.25


def test_a_proved_pack_is_not_proved_twice_but_a_changed_one_is(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = folder(tmp_path)
    proved: list[str] = []
    check_again = testing.check_examples

    def check(pack: RulePack, policy: Policy) -> None:
        proved.append(pack.sha256)
        check_again(pack, policy)

    monkeypatch.setattr(testing, "check_examples", check)
    first = Auditor(Options(rules=(own,))).engine.pack.sha256
    Auditor(Options(rules=(own,)))
    assert proved == [first]
    (tmp_path / "rules/threat/own.yaml").write_text(RULE.replace("major", "minor"), encoding="utf-8")
    second = Auditor(Options(rules=(own,))).engine.pack.sha256
    assert proved == [first, second]
    assert first != second
