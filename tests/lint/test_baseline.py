import json
import os
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.errors import ConfigError, Problem
from audit.lint.baseline import load, match, normalised, update
from audit.lint.finding import UNUSED, LintedFile, LintFinding, StaleEntry, Suppressed
from audit.model.finding import Severity
from audit.model.script import Place

RULES = ("threat.exposure/tell-people", "insult.curse/curses")


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def finding(source: str, rule: str = RULES[0], line: int = 1) -> LintFinding:
    return LintFinding(
        path="",
        start=Place(line, 1),
        end=Place(line, 2),
        label=rule.partition("/")[0],
        rule=rule,
        severity=Severity.MAJOR,
        quote="告诉你村里人",
        name={},
        message={},
        suggestion={},
        clauses=(),
        fingerprint="0",
        source=source,
    )


def file(path: str, *sources: str | LintFinding) -> LintedFile:
    """A linted file that is there, with a finding in each of the lines."""
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).touch()
    made = [finding(source, line=line) if isinstance(source, str) else source for line, source in enumerate(sources, 1)]
    return LintedFile(path, tuple(made))


def known(files: Sequence[LintedFile], path: str = "known.json") -> list[list[bool]]:
    """Per file, whether each finding is in the baseline."""
    matched, _ = match(files, load(path))
    return [[one.suppressed == Suppressed("baseline") for one in linted.findings] for linted in matched]


def stale(files: Sequence[LintedFile], path: str = "known.json") -> list[str]:
    return [entry.path for entry in match(files, load(path))[1]]


def test_what_was_there_is_known_and_what_is_new_is_not() -> None:
    update("known.json", [file("a.md", "不还就告诉你全村")])
    assert known([file("a.md", "不还就告诉你全村", "不还就告诉你单位")]) == [[True, False]]


@pytest.mark.parametrize(
    "line",
    [
        "您好，ＸＸ公司。不还【款项】 就告诉你全村！",
        "  - 您好 XX公司  不还【款项】就告诉你全村",
        "12. 您好，xx公司，不还【 款项 】就告诉你全村。",
        "（三）您好：XX公司——“不还【款项】就告诉你全村”……",
        "> * 您好;XX公司;不还【款项】就告诉你全村",
    ],
)
def test_layout_does_not_matter(line: str) -> None:
    assert normalised(line) == normalised("您好XX公司不还【款项】就告诉你全村")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("欠款{{金额}}", "欠款金额"),
        ("欠款{{金额}}", "欠款{金额}"),
        ("欠款<金额>", "欠款【金额】"),
        ("欠款 2.5 万", "欠款 2.6 万"),
        ("2.5 万", "3.5 万"),
        ("3 天内还款", "5 天内还款"),
        ("您好", "你好"),
    ],
)
def test_other_words_do_matter(one: str, other: str) -> None:
    assert normalised(one) != normalised(other)


def test_a_second_copy_of_a_known_line_is_new() -> None:
    update("known.json", [file("a.md", "一", "一")])
    assert known([file("a.md", "一", "一", "一")]) == [[True, True, False]]
    assert stale([file("a.md", "一")]) == ["a.md"]


def test_the_same_words_are_another_finding_under_another_rule_or_in_another_file() -> None:
    update("known.json", [file("a.md", "一")])
    assert known([file("a.md", finding("一", RULES[1])), file("b.md", "一")]) == [[False], [False]]


def test_entries_of_a_file_that_is_gone_serve_the_file_it_became() -> None:
    old = file("old.md", "一", "二", "三")
    update("known.json", [old, file("a.md", "一")])
    Path("old.md").unlink()
    renamed = [file("a.md", "一"), file("deep/new.md", "一", "二", "四")]
    assert known(renamed) == [[True], [True, True, False]]
    assert stale(renamed) == ["old.md"]


def test_a_file_that_is_there_keeps_its_entries_even_when_it_is_not_linted() -> None:
    update("known.json", [file("a.md", "一"), file("b.md", "二")])
    assert known([file("c.md", "一")]) == [[False]]
    assert stale([file("c.md", "一")]) == []
    update("known.json", [file("a.md")])
    assert [entry.path for entry in load("known.json").entries] == ["b.md"]


def test_stale_entries_are_named_by_the_path_as_linted(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    update("known.json", [file("team/a.md", "一"), file("gone.md", "二")])
    Path("gone.md").unlink()
    monkeypatch.chdir(here / "team")
    _, entries = match([file("a.md")], load("../known.json"))
    assert entries == (StaleEntry(str(Path("..") / "gone.md"), RULES[0]), StaleEntry("a.md", RULES[0]))


def test_paths_are_relative_to_the_folder_of_the_baseline(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(here)
    update("ci/known.json", [file("scripts/a.md", "一"), file(str(here / "ci" / "b.md"), "二")])
    assert [entry.path for entry in load("ci/known.json").entries] == ["../scripts/a.md", "b.md"]
    (here / "scripts" / "deep").mkdir()
    monkeypatch.chdir(here / "scripts" / "deep")
    assert known([file("../a.md", "一")], "../../ci/known.json") == [[True]]


def test_files_that_could_not_be_linted_keep_their_entries() -> None:
    update("known.json", [file("a.md", "一")])
    broken = replace(file("a.md"), problem=Problem("CA106", "a.md"))
    assert stale([broken]) == []
    update("known.json", [broken])
    assert known([file("a.md", "一")]) == [[True]]


def test_entries_of_rules_that_were_not_looked_for_stay_and_are_not_stale() -> None:
    update("known.json", [file("a.md", "一", finding("二", RULES[1]))])
    assert match([file("a.md")], load("known.json"), lambda _, rule: rule == RULES[1])[1] == (
        StaleEntry("a.md", RULES[1]),
    )
    update("known.json", [file("a.md")], lambda _, rule: rule == RULES[1])
    assert [entry.rule for entry in load("known.json").entries] == [RULES[0]]


def test_what_a_comment_suppresses_needs_no_entry() -> None:
    allowed = replace(finding("一"), suppressed=Suppressed("comment", "反例"))
    update("known.json", [file("a.md", "一")])
    matched, entries = match([file("a.md", allowed)], load("known.json"))
    assert matched[0].findings == (allowed,) and entries == (StaleEntry("a.md", RULES[0]),)
    assert update("known.json", [file("a.md", allowed)]).entries == ()


def test_findings_about_suppressions_are_never_known() -> None:
    unused = finding("allow threat 反例", UNUSED)
    assert update("known.json", [file("a.md", unused)]).entries == ()


def test_a_finding_without_a_line_is_known_by_its_quote() -> None:
    update("known.json", [file("a.md", "")])
    assert known([file("a.md", replace(finding(""), quote="别的"))]) == [[False]]
    assert known([file("a.md", "")]) == [[True]]


def test_the_file_holds_one_entry_a_line_and_no_words_numbers_or_times() -> None:
    update("known.json", [file("话术/b.md", "不还就告诉你全村"), file("a.md", "一", "一")])
    text = Path("known.json").read_text(encoding="utf-8")
    data = json.loads(text)
    assert data.keys() == {"version", "key", "entries"}
    assert [(entry["path"], entry["count"]) for entry in data["entries"]] == [("a.md", 2), ("话术/b.md", 1)]
    assert all(entry.keys() == {"path", "rule", "hash", "count"} for entry in data["entries"])
    assert [line for line in text.splitlines() if '"hash"' in line and line.count('"path"') != 1] == []
    assert "全村" not in text


def test_two_baselines_have_nothing_in_common_but_one_keeps_its_key() -> None:
    first, second = (update(name, [file("a.md", "一")]) for name in ("1.json", "2.json"))
    assert first.key != second.key and first.entries != second.entries
    assert update("1.json", [file("a.md", "一")]) == first


def test_a_file_name_that_is_no_utf8_is_kept() -> None:
    name = os.fsdecode(b"\xb2\xe2.md")
    update("known.json", [file(name, "一")])
    assert known([file(name, "一")]) == [[True]]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"version": 1,\n<<<<<<< ours', r"CA550.*known\.json:2:1"),
        ("[]", "CA550"),
        ('{"version": "1"}', "CA550.*version"),
        ('{"version": 1, "key": "xyz", "entries": []}', "CA550.*key"),
        ('{"version": 1, "key": "00", "entries": {}}', "CA550.*entries"),
        ('{"version": 1, "key": "00", "entries": [{"path": "a"}]}', "CA550.*entries 1"),
        (
            '{"version": 1, "key": "00", "entries": [{"path": "a", "rule": "b", "hash": "c", "count": 0}]}',
            "CA550.*count",
        ),
        ("[" * 100_000, "CA550"),
        ('{"version": 2}', "CA551.*2"),
    ],
)
def test_what_is_no_baseline_is_refused_and_never_replaced(text: str, said: str) -> None:
    Path("known.json").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as error:
        load("known.json")
    assert re.search(said, str(error.value))
    with pytest.raises(ConfigError):
        update("known.json", [file("a.md", "一")])
    assert Path("known.json").read_text(encoding="utf-8") == text


def test_a_baseline_that_is_not_there_or_cannot_be_read_or_written_is_refused() -> None:
    with pytest.raises(ConfigError, match="CA553"):
        load("none.json")
    Path("folder").mkdir()
    with pytest.raises(ConfigError, match="CA105"):
        load("folder")
    Path("file").touch()
    with pytest.raises(ConfigError, match="CA552"):
        update("file/known.json", [file("a.md", "一")])


WORDS = st.text("还款逾期你我他全村单位告诉", min_size=1, max_size=6)
LINES = st.lists(st.tuples(WORDS, st.sampled_from(RULES)), max_size=6)
FILES = st.dictionaries(st.sampled_from(["a.md", "b/c.md", "d.xlsx"]), LINES, max_size=3)
LAYOUT = st.tuples(
    st.sampled_from(["", "  ", "- ", "1. ", "（二）", "> ", "## "]),
    st.sampled_from(["", " ", "，", "。"]),
    st.sampled_from(["", "！", "  "]),
)


def files_of(made: dict[str, list[tuple[str, str]]]) -> list[LintedFile]:
    return [file(path, *(finding(words, rule) for words, rule in lines)) for path, lines in made.items()]


@settings(deadline=None, max_examples=25)
@given(made=FILES)
def test_after_an_update_nothing_counts_nothing_is_stale_and_another_changes_no_byte(
    tmp_path_factory: pytest.TempPathFactory, made: dict[str, list[tuple[str, str]]]
) -> None:
    path = tmp_path_factory.mktemp("baseline") / "known.json"
    update(str(path), files_of(made))
    before = path.read_bytes()
    assert all(all(one) for one in known(files_of(made), str(path)))
    assert stale(files_of(made), str(path)) == []
    update(str(path), match(files_of(made), load(str(path)))[0])
    assert path.read_bytes() == before


@settings(deadline=None, max_examples=25)
@given(made=FILES, data=st.data())
def test_moved_and_newly_laid_out_lines_stay_known(
    tmp_path_factory: pytest.TempPathFactory, made: dict[str, list[tuple[str, str]]], data: st.DataObject
) -> None:
    path = str(tmp_path_factory.mktemp("baseline") / "known.json")
    update(path, files_of(made))
    again: dict[str, list[tuple[str, str]]] = {}
    for name, lines in made.items():
        laid_out = []
        for words, rule in data.draw(st.permutations(lines)):
            marker, between, end = data.draw(LAYOUT)
            laid_out.append((f"{marker}{words[0]}{between}{words[1:]}{end}", rule))
        again[name] = laid_out
    assert all(all(one) for one in known(files_of(again), path))
    assert stale(files_of(again), path) == []


@settings(deadline=None, max_examples=25)
@given(made=FILES.filter(lambda made: any(made.values())), data=st.data())
def test_a_changed_word_is_one_new_finding_and_one_stale_entry(
    tmp_path_factory: pytest.TempPathFactory, made: dict[str, list[tuple[str, str]]], data: st.DataObject
) -> None:
    path = str(tmp_path_factory.mktemp("baseline") / "known.json")
    update(path, files_of(made))
    name = data.draw(st.sampled_from([name for name, lines in made.items() if lines]))
    index = data.draw(st.integers(0, len(made[name]) - 1))
    words, rule = made[name][index]
    made[name][index] = (words + "新", rule)
    assert [one for linted in known(files_of(made), path) for one in linted].count(False) == 1
    assert stale(files_of(made), path) == [name]
