"""Words that the recogniser writes with other characters of the same sound."""

from pathlib import Path

import pytest

from audit.rules.engine import Engine
from audit.rules.loader import load_pack, load_policy
from tests.calls import call

RULE = """\
id: threat.vague/by-sound
name: {zh: 谐音, en: by sound}
reason: {zh: 理由, en: reason}
advice: {zh: 建议, en: advice}
severity: major
match:
  - say: ["{by_sound}"]
examples:
  breaching: [门锁堵死]
  near_misses: [您好]
"""


def found(tmp_path: Path, words: str, text: str) -> list[tuple[str, str]]:
    (tmp_path / "rules").mkdir()
    (tmp_path / "words").mkdir()
    (tmp_path / "rules/own.yaml").write_text(RULE, encoding="utf-8")
    (tmp_path / "words/own.yaml").write_text(f"concepts:\n  by_sound: {{{words}}}\n", encoding="utf-8")
    engine = Engine(load_pack([str(tmp_path)]), load_policy())
    findings, _ = engine.findings(call(f"A: {text}"))
    return [(f.why.variant, f.why.matched[0]) for f in findings if f.rule == "threat.vague/by-sound"]


def test_a_long_word_is_found_by_sound_where_the_writing_makes_no_sense(tmp_path: Path) -> None:
    assert found(tmp_path, "words: 臭婊子", "你个臭表子") == [("homophone", "臭表子")]


@pytest.mark.parametrize(
    ("word", "text"), [("不务管", "我们去博物馆"), ("跳一个", "您挑一个"), ("影的了", "电影上映的了")]
)
def test_what_makes_sense_as_written_is_not_taken_for_another_word(tmp_path: Path, word: str, text: str) -> None:
    assert found(tmp_path, f"words: {word}", text) == []


def test_a_short_word_is_found_by_sound_only_where_its_author_says_so(tmp_path: Path) -> None:
    assert found(tmp_path, "words: 傻逼", "你个煞笔") == []


def test_a_homophone_counts_wherever_it_is_heard(tmp_path: Path) -> None:
    assert found(tmp_path, "homophones: 傻逼", "你个煞笔") == [("homophone", "煞笔")]


def test_a_word_as_the_lexicon_spells_it_is_exact(tmp_path: Path) -> None:
    assert found(tmp_path, "homophones: 傻逼", "你个傻逼") == [("exact", "傻逼")]
