import re
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.errors import ConfigError
from audit.ingest.scripts.read import ENDINGS
from audit.ingest.scripts.words import words
from audit.lint.config import DEFAULT_EXCLUDES, KEYS, Config, Configs, check, override, read, show
from audit.lint.discover import TOOL_FILES
from audit.lint.suppressions import OWN_RULES, VERBS
from audit.model.finding import Severity
from audit.model.labels import LABELS as LABELS_OF_THE_PACK
from audit.model.script import Audience, Voice
from audit.rules.loader import load_pack

DOCS = Path(__file__).parents[2] / "docs"
RULES = ("threat.exposure/tell-people", "threat.violence/at-home", "insult.curse/curses")
MEANINGS = ("name", "amount")
LABELS = ("threat.exposure", "threat.violence", "insult.curse")
WHOLE = """
select = ["threat", "insult.curse"]
ignore = ["threat.exposure/tell-people"]
policy = "policies/ours.yaml"
rules = ["extra"]
openings = ["**/开场*.md"]
not-openings = ["**/开场禁用.md"]
exclude = ["drafts/", "!venv/"]
fail-on = "minor"
baseline = "known.json"
max-file-kb = 64

[per-file-ignores]
"training/**" = ["threat", "insult.curse"]

[severity]
threat = "minor"
"threat.exposure" = "info"
"threat.exposure/tell-people" = "off"

[audience]
"contacts/*.md" = "third_party"
"contacts/own.md" = "debtor"

[placeholders]
"客户尊称" = "name"

[voices]
agent = ["播报词"]
"""


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def whole(folder: Path) -> Config:
    write(folder / "policies" / "ours.yaml", "")
    (folder / "extra").mkdir()
    return read(str(write(folder / "callaudit.toml", WHOLE)))


def refused(folder: Path, text: str, name: str = "callaudit.toml") -> str:
    with pytest.raises(ConfigError) as error:
        read(str(write(folder / name, text)))
    return str(error.value)


def test_every_key_is_read_with_paths_from_the_folder_of_the_file(tmp_path: Path) -> None:
    config = whole(tmp_path)
    assert config.select == ("threat", "insult.curse")
    assert config.policy == str(tmp_path / "policies" / "ours.yaml")
    assert config.rules == (str(tmp_path / "extra"),)
    assert config.baseline == str(tmp_path / "known.json")
    assert config.exclude == (*DEFAULT_EXCLUDES, "drafts/", "!venv/")
    assert config.fail_on is Severity.MINOR and config.max_file_kb == 64
    assert config.placeholders == {"客户尊称": "name"} and config.voices == {Voice.AGENT: ("播报词",)}


def test_an_ini_file_says_the_same_by_line_or_comma(tmp_path: Path) -> None:
    expected = whole(tmp_path)
    text = """
[metadata]
name = 100%
[callaudit]
select = threat, insult.curse
ignore =
    threat.exposure/tell-people
policy = policies/ours.yaml
rules = extra
openings = **/开场*.md
not-openings = **/开场禁用.md
exclude =
    drafts/
    !venv/
fail-on = minor
baseline = known.json
max-file-kb = 64
per-file-ignores =
    training/**: threat insult.curse
severity =
    threat: minor
    threat.exposure: info
    threat.exposure/tell-people: off
audience =
    contacts/*.md: third_party
    contacts/own.md: debtor
placeholders =
    客户尊称: name
voices =
    agent: 播报词
"""
    config = read(str(write(tmp_path / "setup.cfg", text)))
    names = [key.replace("-", "_") for key in KEYS]
    assert {name: getattr(config, name) for name in names} == {name: getattr(expected, name) for name in names}
    assert config.origins[("severity", "threat.exposure")] == "setup.cfg:22"


def test_the_nearest_file_counts_wholly_and_each_file_has_its_own(tmp_path: Path) -> None:
    write(tmp_path / "callaudit.toml", 'select = ["threat"]\nignore = ["insult"]')
    write(tmp_path / "team" / "pyproject.toml", '[tool.callaudit]\nignore = ["threat"]')
    configs = Configs()
    outer, inner = configs.of(str(tmp_path / "a.md")), configs.of(str(tmp_path / "team" / "deep" / "b.md"))
    assert (outer.select, outer.ignore) == (("threat",), ("insult",))
    assert (inner.select, inner.ignore) == (("all",), ("threat",))


def test_in_one_folder_callaudit_toml_comes_before_pyproject_before_setup_cfg(tmp_path: Path) -> None:
    write(tmp_path / "setup.cfg", "[callaudit]\nignore = a")
    assert Configs().of(str(tmp_path / "x.md")).ignore == ("a",)
    write(tmp_path / "pyproject.toml", '[tool.callaudit]\nignore = ["b"]')
    assert Configs().of(str(tmp_path / "x.md")).ignore == ("b",)
    write(tmp_path / "callaudit.toml", 'ignore = ["c"]')
    assert Configs().of(str(tmp_path / "x.md")).ignore == ("c",)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("pyproject.toml", "this is broken ["),
        ("pyproject.toml", '[project]\nname = "callaudit"'),
        ("setup.cfg", "no section"),
        ("setup.cfg", "[metadata]\nname = callaudit"),
    ],
)
def test_files_of_other_tools_that_say_nothing_for_callaudit_are_passed_by(
    tmp_path: Path, name: str, text: str
) -> None:
    write(tmp_path / "callaudit.toml", 'ignore = ["c"]')
    write(tmp_path / "below" / name, text)
    assert Configs().of(str(tmp_path / "below" / "x.md")).ignore == ("c",)


def test_a_chosen_file_counts_for_all_and_isolated_reads_none(tmp_path: Path) -> None:
    write(tmp_path / "callaudit.toml", 'ignore = ["c"]')
    chosen = write(tmp_path / "ci" / "strict.toml", 'ignore = ["d"]')
    assert Configs(str(chosen)).of(str(tmp_path / "x.md")).ignore == ("d",)
    assert Configs(isolated=True).of(str(tmp_path / "x.md")).ignore == ()


def test_a_chosen_file_has_to_be_there_and_to_have_a_section(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="CA100"):
        read(str(tmp_path / "none.toml"))
    assert "CA536" in refused(tmp_path, "[tool.other]", "pyproject.toml")
    assert "CA536" in refused(tmp_path, "[other]", "ci.ini")


def test_the_longer_name_beats_the_shorter_and_ignore_wins_between_equals(tmp_path: Path) -> None:
    def ignored(select: str, ignore: str) -> bool:
        config = Config(tmp_path, select=(select,), ignore=(ignore,))
        return config.ignores(str(tmp_path / "a.md"), "threat.exposure/tell-people")

    assert ignored("threat", "threat.exposure") and not ignored("threat.exposure", "threat")
    assert ignored("all", "all") and ignored("threat.exposure", "threat.exposure/tell-people")
    assert not ignored("threat.exposure/tell-people", "threat.exposure")
    assert ignored("insult", "money") and not ignored("all", "insult")
    assert not ignored("all", "threat.exp")


def test_per_file_ignores_hold_for_files_that_match(tmp_path: Path) -> None:
    config = whole(tmp_path)
    assert config.ignores(str(tmp_path / "training" / "x" / "a.md"), "threat.violence/at-home")
    assert not config.ignores(str(tmp_path / "a.md"), "threat.violence/at-home")
    assert not config.ignores(str(tmp_path / "a.md"), "insult.curse/curses")


def test_severity_follows_the_longest_name_and_off_is_none(tmp_path: Path) -> None:
    config = whole(tmp_path)
    assert config.severity_of("threat.violence/at-home", Severity.CRITICAL) is Severity.MINOR
    assert config.severity_of("threat.exposure/other", Severity.CRITICAL) is Severity.INFO
    assert config.severity_of("threat.exposure/tell-people", Severity.CRITICAL) is None
    assert config.severity_of("insult.curse/curses", Severity.CRITICAL) is Severity.CRITICAL


def test_the_last_glob_that_matches_says_who_listens(tmp_path: Path) -> None:
    config = whole(tmp_path)
    assert config.audience_for(str(tmp_path / "contacts" / "a.md")) is Audience.THIRD_PARTY
    assert config.audience_for(str(tmp_path / "contacts" / "own.md")) is Audience.DEBTOR
    assert config.audience_for(str(tmp_path / "deep" / "contacts" / "a.md")) is None


def test_openings_are_declared_and_denied_by_glob(tmp_path: Path) -> None:
    config = whole(tmp_path)
    names = ["开场.md", "x/开场白.md", "开场禁用.md", "中段.md"]
    assert [config.is_opening(str(tmp_path / name)) for name in names] == [True, True, False, None]


def test_paths_relative_to_the_working_folder_are_understood(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = whole(tmp_path)
    (tmp_path / "contacts").mkdir()
    monkeypatch.chdir(tmp_path / "contacts")
    assert config.audience_for("a.md") is Audience.THIRD_PARTY
    assert config.audience_for("../a.md") is None


def test_bare_names_match_outside_of_the_folder_of_a_chosen_file(tmp_path: Path) -> None:
    config = Config(tmp_path / "ci", exclude=("drafts/", "scripts/old.md"))
    assert config.is_excluded(str(tmp_path / "drafts" / "a.md"))
    assert not config.is_excluded(str(tmp_path / "scripts" / "old.md"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("select = [", r"CA530.*:1:\d+"),
        ("ignore = []\nselect = threat", "CA530.*:2:10.*select = threat"),
        ("a = " + "[" * 5000, "CA530"),
        ('\nselct = ["threat"]', "CA531.*:2:1.*selct.*'select'"),
        ('select = "threat"', "CA532.*:1:1.*select"),
        ("select = [1]", "CA532.*select"),
        ('select = [""]', "CA532.*select"),
        ("max-file-kb = true", "CA532.*max-file-kb"),
        ("max-file-kb = 0", "CA532.*max-file-kb"),
        ("severity = 3", "CA532.*severity"),
        ('[severity]\nthreat.exposure = "info"', r"CA532.*:2:1.*severity\.threat.*引号"),
        ('[severity]\nthreat = "inof"', "CA533.*:2:11.*'info'"),
        ('fail-on = "majr"', "CA533.*'major'"),
        ('[audience]\n"a.md" = "dettor"', "CA533.*:2:11.*'debtor'"),
        ('[voices]\nagnet = ["a"]', r"CA531.*:2:1.*voices\.agnet.*'agent'"),
        ('policy = "none.yaml"', "CA535.*:1:11.*none.yaml"),
        ('policy = "agancy"', "CA533.*:1:11.*agancy.*'agency'"),
        ('rules = [\n  "none",\n]', "CA535.*:2:4.*none"),
        ('[audience]\n"!a.md" = "debtor"', "CA537.*:2:2"),
        ('openings = ["#a"]', "CA537.*:1:14"),
        ('exclude = ["!"]', "CA537"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(tmp_path: Path, text: str, said: str) -> None:
    assert re.search(said, refused(tmp_path, text))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[callaudit]\nselct = a", "CA531.*:2:1.*'select'"),
        ("[callaudit]\nseverity =\n    threat", "CA532.*:2:1"),
        ("[callaudit]\nmax-file-kb = many", "CA532.*:2:1"),
        ("[callaudit]\nseverity =\n    threat: hgih", "CA533.*:3:13"),
        ("[callaudit]\n[callaudit]", "CA530.*:2:1"),
        ("[callaudit]\nnonsense", "CA530.*:2:1"),
    ],
)
def test_what_is_wrong_in_an_ini_file_is_named_with_its_place(tmp_path: Path, text: str, said: str) -> None:
    assert re.search(said, refused(tmp_path, text, "setup.cfg"))


def test_a_file_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    (tmp_path / "callaudit.toml").write_bytes("ignore = ['威胁']".encode("gb18030"))
    with pytest.raises(ConfigError, match="CA214"):
        Configs().of(str(tmp_path / "a.md"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('select = [\n  "threat",\n  "thraet.exposure",\n]', r"CA534.*:3:4.*'threat\.exposure'"),
        ('[per-file-ignores]\n"a" = ["insult.curse/cursing"]', "CA534.*:2:9.*insult.curse/curses"),
        ('[severity]\n"inslut" = "off"', "CA534.*:2:2.*'insult'"),
        ('[placeholders]\n"客户尊称" = "nmae"', "CA533.*:2:11.*nmae.*'name'"),
    ],
)
def test_names_that_nobody_knows_are_refused(tmp_path: Path, text: str, said: str) -> None:
    config = read(str(write(tmp_path / "callaudit.toml", text)))
    with pytest.raises(ConfigError, match=said):
        check(config, RULES, LABELS, MEANINGS)


def test_names_from_an_option_are_refused_by_its_name(tmp_path: Path) -> None:
    config = override(Config(tmp_path), "--select", select=("thraet",))
    with pytest.raises(ConfigError, match=r"CA534.*--select.*'threat'"):
        check(config, RULES, LABELS, MEANINGS)


def test_the_rules_about_suppressions_may_be_named(tmp_path: Path) -> None:
    check(Config(tmp_path, ignore=("lint.suppression/unused", "lint.suppression", "lint")), RULES, LABELS, MEANINGS)


def test_names_that_are_known_pass(tmp_path: Path) -> None:
    check(whole(tmp_path), RULES, LABELS, MEANINGS)
    check(Config(tmp_path), RULES, LABELS, MEANINGS)


def test_what_is_shown_is_toml_that_says_the_same_and_where_each_value_stands(tmp_path: Path) -> None:
    config = override(whole(tmp_path), "--fail-on", fail_on=Severity.CRITICAL)
    shown = show(config, str(tmp_path / "contacts" / "开场.md"))
    again = read(str(write(tmp_path / "again.toml", shown)))
    names = [key.replace("-", "_") for key in KEYS if key != "exclude"]
    assert {name: getattr(config, name) for name in names} == {name: getattr(again, name) for name in names}
    lines = shown.splitlines()
    assert 'fail-on = "critical"  # --fail-on' in lines
    assert 'ignore = ["threat.exposure/tell-people"]  # callaudit.toml:3' in lines
    assert '"threat.exposure" = "info"  # callaudit.toml:18' in lines
    assert "# audience: third_party" in lines and "# opening: true" in lines


def test_what_is_shown_without_a_file_holds_every_key(tmp_path: Path) -> None:
    shown = show(Config(tmp_path), "a.md")
    assert tomllib.loads(shown).keys() == set(KEYS) - {"baseline"}
    assert shown.count("# default") == len(KEYS)


@given(st.dictionaries(st.text(), st.text(), max_size=5))
def test_any_text_is_shown_as_toml(words: dict[str, str]) -> None:
    assert tomllib.loads(show(Config(Path.cwd(), placeholders=words), "a.md"))["placeholders"] == words


def page() -> str:
    return (DOCS / "lint-config.md").read_text(encoding="utf-8")


def examples(kind: str) -> list[str]:
    return re.findall(rf"```{kind}\n(.*?)```", page(), re.DOTALL)


@pytest.mark.parametrize("key", KEYS)
def test_every_key_is_documented_with_an_example(key: str) -> None:
    assert f"| `{key}` |" in page()
    assert re.search(rf"^(?:{key} =|\[{key}\])", "\n".join(examples("toml")), re.MULTILINE)


def test_the_documented_defaults_are_those_of_the_code() -> None:
    default = Config(Path.cwd())
    excluded = ", ".join(f"`{glob}`" for glob in DEFAULT_EXCLUDES)
    for key, value in (
        ("select", '`["all"]`'),
        ("policy", f"`{default.policy}`"),
        ("exclude", excluded),
        ("fail-on", f"`{default.fail_on}`"),
        ("max-file-kb", f"`{default.max_file_kb}`"),
    ):
        assert f"| `{key}` | {value} |" in page()


def test_the_documented_examples_are_configurations_of_the_pack(tmp_path: Path) -> None:
    (tmp_path / "compliance" / "rules").mkdir(parents=True)
    known = {rule.id for rule in load_pack().rules}
    for name, kind in (("callaudit.toml", "toml"), ("setup.cfg", "ini")):
        (example,) = examples(kind)
        config = read(str(write(tmp_path / name, example)))
        assert config.origins
        check(config, known, LABELS_OF_THE_PACK.keys(), words().specimens)


def test_every_ending_tool_file_directive_and_own_rule_is_documented() -> None:
    words = [*ENDINGS, *TOOL_FILES, *OWN_RULES]
    named = [(word, word.replace(".yaml", ".yml")) for word in words if word != "callaudit-baseline.json"]
    assert [word for word, short in named if f"`{word}`" not in page() and f"`{short}`" not in page()] == []
    assert [word for word in VERBS if f"`{word}" not in page()] == []
