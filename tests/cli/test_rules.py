"""`callaudit rules` measuring, comparing and beginning rules."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from audit.cli.main import main
from audit.cli.rule_new import skeleton
from audit.i18n import set_language
from audit.rules.loader import load_pack, load_policy
from audit.rules.testing import run_examples
from tests.cli.test_evaluate import labelled

RULE = "threat.vague/own-moon"


@pytest.fixture(autouse=True)
def chinese() -> Iterator[None]:
    yield
    set_language("zh")


@pytest.fixture
def calls(tmp_path: Path) -> str:
    return labelled(
        tmp_path / "calls.jsonl",
        "c1",
        ("agent", "再不还钱我弄死你", "threat.violence"),
        ("debtor", "啊", None),
        ("agent", "月亮底下见真章", None),
    )


def own_rules(folder: Path, severity: str = "major") -> str:
    text = skeleton(RULE).replace("请改成应发现的话", "月亮底下见真章").replace("status: preview", "status: stable")
    (folder / "rules" / "threat").mkdir(parents=True)
    file = folder / "rules" / "threat" / "own-moon.yaml"
    file.write_text(text.replace("severity: major", f"severity: {severity}"), encoding="utf-8")
    return str(folder)


def test_stats_say_how_often_a_rule_matches_and_is_right_and_which_never_match(
    calls: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own = own_rules(tmp_path / "own")
    assert main(["rules", "stats", calls, "--rules", own, "--json"]) == 0
    uses = {use["rule"]: use for use in json.loads(capsys.readouterr().out)}
    moon, harm = uses[RULE], uses["threat.violence/bodily-harm"]
    assert (moon["calls"], moon["matches"], moon["labelled"], moon["right"]) == (1, 1, 1, 0)
    assert harm["matches"] >= harm["findings"] == 1
    assert (harm["labelled"], harm["right"]) == (1, 1)
    assert uses["insult.curse/wish-harm"]["matches"] == 0


def test_calls_that_nobody_labelled_say_nothing_of_right_and_wrong(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call = {"call_id": "c1", "metadata": {}, "turns": [{"i": 0, "role": "agent", "text": "再不还钱我弄死你"}]}
    path = tmp_path / "plain.jsonl"
    path.write_text(json.dumps(call, ensure_ascii=False) + "\n", encoding="utf-8")
    assert main(["rules", "stats", str(path)]) == 0
    shown = capsys.readouterr().out
    (row,) = [line for line in shown.splitlines() if line.startswith("threat.violence/bodily-harm ")]
    assert row.endswith("正确 –")
    assert "其中 0 通有标注" in shown
    assert "  insult.curse/wish-harm" in shown.partition("从未命中的规则")[2].splitlines()


def test_compare_names_what_appears_vanishes_and_changes(
    calls: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    major, minor = own_rules(tmp_path / "major"), own_rules(tmp_path / "minor", "minor")

    def compared(old: str, new: str) -> list[str]:
        assert main(["rules", "compare", old, new, calls]) == 0
        return capsys.readouterr().out.splitlines()

    appear, total = compared("builtin", major)
    assert appear.startswith("+ c1  第 3 轮  threat.vague") and "月亮底下见真章" in appear
    assert total == "1 通通话：出现 1，消失 0，改变 0。"
    assert compared(major, "builtin")[0].startswith("− c1  第 3 轮  threat.vague")
    changed, _ = compared(major, minor)
    assert changed.startswith("~ ") and "重大" in changed.partition("→")[0] and "一般" in changed.partition("→")[2]
    assert compared(major, major) == ["1 通通话：出现 0，消失 0，改变 0。"]


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("rule", [RULE, "signal.hardship/own"])
def test_a_new_rule_loads_holds_and_is_never_written_over(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], rule: str, lang: str
) -> None:
    folder = tmp_path / "own"
    arguments = ["--lang", lang, "rules", "new", rule, "--to", str(folder)]
    assert main(arguments) == 0
    assert str(folder) in capsys.readouterr().out
    pack = load_pack([str(folder)])
    outcomes = list(run_examples(pack, load_policy(), [pack.rule(rule)]))
    assert len(outcomes) == 2 and all(outcome.passed for outcome in outcomes)
    assert main(arguments) == 2
    assert "CA227" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("rule", "words"),
    [("threat.violense/own", "是否想写 'threat.violence'？"), ("threat", "CA226"), ("threat.vague/有", "CA226")],
)
def test_a_new_rule_needs_a_known_label_and_a_plain_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], rule: str, words: str
) -> None:
    assert main(["rules", "new", rule, "--to", str(tmp_path)]) == 2
    assert words in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_trying_a_text_on_a_rule_that_does_not_exist_is_an_error_with_a_suggestion(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["rules", "test", "--rule", "threat.violense", "再不还弄死你"]) == 2
    error = capsys.readouterr().err
    assert "CA216" in error and "是否想写 'threat.violence'？" in error


def test_trying_a_text_on_one_rule_shows_its_findings_only(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules", "test", "--rule", "insult.profanity", "再不还弄死你个傻逼"]) == 0
    shown = capsys.readouterr().out
    assert "insult.profanity/" in shown and "threat." not in shown
