"""`callaudit lint`: every option, both languages, exit codes."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from audit.cli.main import main
from audit.i18n import set_language
from tests.cli.command import environment

THREAT = "再拖我找人卸你一条腿"
CURSE = "你就是个骗子"
GOOD = "请问您在吗？"
RULE = "threat.violence/bodily-harm"
POLICY = "extends: default\nname: {{zh: 本院, en: Ours}}\nconversations_per_debtor_per_day: {0}\n"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with a good and a bad script, where the command runs."""
    monkeypatch.setenv("CALLAUDIT_CACHE", str(tmp_path / "cache"))
    (tmp_path / "in").mkdir()
    monkeypatch.chdir(tmp_path / "in")
    write("good.md", GOOD)
    write("bad.md", f"# 催告\n\n坐席：{THREAT}\n")
    yield tmp_path / "in"
    set_language("zh")


def write(name: str, text: str) -> None:
    Path(name).parent.mkdir(parents=True, exist_ok=True)
    Path(name).write_text(text, encoding="utf-8")


class Ran:
    """What a run of the command gave."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err

    @property
    def found(self) -> list[tuple[str, str]]:
        """Findings of the format json that count."""
        return [(one["path"], one["label"]) for one in json.loads(self.out) if "suppressed" not in one]


Command = Callable[..., Ran]


@pytest.fixture
def ran(capsys: pytest.CaptureFixture[str]) -> "Command":
    def run(*arguments: str) -> Ran:
        code = main(["lint", *arguments])
        return Ran(code, *capsys.readouterr())

    return run


BAD = ("bad.md", "threat.violence")


def test_a_clean_script_exits_with_0_and_a_breach_with_1(ran: Command) -> None:
    assert ran("good.md").code == 0
    run = ran("good.md", "bad.md")
    assert run.code == 1
    assert "bad.md:3:4" in run.out
    assert THREAT in run.out
    assert RULE in run.out


@pytest.mark.parametrize("arguments", [(), (".",), ("*.md",)])
def test_folders_globs_and_no_path_at_all_are_walked(ran: Command, arguments: tuple[str, ...]) -> None:
    run = ran("--format", "json", *arguments)
    assert (run.code, run.found) == (1, [BAD])


@pytest.mark.parametrize(("lang", "says"), [("zh", "坐席以伤害"), ("en", "agent")])
def test_messages_speak_the_language_asked_for(ran: Command, lang: str, says: str) -> None:
    assert says in ran("--lang", lang, "bad.md").out


@pytest.mark.parametrize(
    "wrong",
    [
        ("--frobnicate",),
        ("--format", "xml"),
        ("--fail-on", "huge"),
        ("--jobs", "0"),
        ("--select", "thraet", "bad.md"),
        ("--policy", "nowhere", "bad.md"),
        ("--config", "nowhere.toml", "bad.md"),
        ("--output", "xml=out.xml", "bad.md"),
        ("--update-baseline", "bad.md"),
        ("-",),
        ("--stdin-filename", "bad.md", "good.md"),
        ("--baseline", "nowhere.json", "bad.md"),
        ("--diff", "HEAD", "bad.md"),
    ],
)
def test_wrong_usage_or_configuration_exits_with_2_and_a_code(ran: Command, wrong: tuple[str, ...]) -> None:
    run = ran(*wrong)
    assert run.code == 2
    assert "[CA" in run.err


def test_a_file_that_cannot_be_linted_exits_with_3_and_the_others_are_linted(ran: Command) -> None:
    write("broken.json", "{")
    run = ran("--format", "json", ".", "nowhere.md")
    assert (run.code, run.found) == (3, [BAD])
    assert "[CA517] broken.json" in run.err
    assert "[CA100] nowhere.md" in run.err
    assert ran("--exit-zero", ".").code == 3


def test_no_script_is_said_and_is_no_failure(ran: Command) -> None:
    Path("empty").mkdir()
    run = ran("empty")
    assert run.code == 0
    assert run.err.strip()


@pytest.mark.parametrize(
    ("lang", "says"), [("zh", "有 1 个旧格式的文件没有检查，如 old.doc"), ("en", "not checked: 1, such as old.doc")]
)
def test_scripts_of_old_formats_are_not_passed_over_in_silence(ran: Command, lang: str, says: str) -> None:
    write("old.doc", "x")
    run = ran("--lang", lang, "good.md", ".", "--fail-on", "never")
    assert (run.code, says in run.err) == (0, True)
    assert "old.doc" not in ran("--lang", lang, "good.md").err


def test_several_outputs_are_written_at_once(ran: Command) -> None:
    run = ran("--output", "sarif=out.sarif", "--output", "junit=out.xml", "--output", "jsonl=out.jsonl", "--format", "github", ".")  # fmt: skip
    assert run.code == 1
    assert run.out.startswith("::error")
    assert json.loads(Path("out.sarif").read_text(encoding="utf-8"))["version"] == "2.1.0"
    assert Path("out.xml").read_text(encoding="utf-8").lstrip().startswith("<?xml")
    assert json.loads(Path("out.jsonl").read_text(encoding="utf-8").splitlines()[0])["path"] == "bad.md"


def test_an_output_never_overwrites_a_script(ran: Command) -> None:
    before = Path("bad.md").read_bytes()
    assert ran("--output", "markdown=bad.md", "bad.md").code == 2
    assert Path("bad.md").read_bytes() == before


@pytest.mark.parametrize(
    ("option", "code"),
    [
        (("--select", "insult"), 0),
        (("--select", "insult,threat"), 1),
        (("--select", "insult", "--select", "threat.violence"), 1),
        (("--ignore", RULE), 0),
        (("--ignore", "insult"), 1),
        (("--fail-on", "never"), 0),
        (("--fail-on", "critical"), 1),
        (("--exit-zero",), 0),
    ],
)
def test_options_choose_rules_and_what_fails(ran: Command, option: tuple[str, ...], code: int) -> None:
    assert ran(*option, "bad.md").code == code


def test_fail_on_counts_findings_of_its_severity_and_above(ran: Command) -> None:
    write("callaudit.toml", f'severity."{RULE}" = "minor"\n')
    assert ran("bad.md").code == 0
    assert ran("--fail-on", "minor", "bad.md").code == 1
    assert ran("--isolated", "bad.md").code == 1
    write("strict.toml", 'ignore = ["threat"]\n')
    assert ran("--config", "strict.toml", "--fail-on", "minor", "bad.md").code == 0


def test_the_policy_decides_on_settings_and_its_file_counts_anew_each_run(ran: Command) -> None:
    write("s.yaml", "每日上限: 4\n")
    assert ran("s.yaml", "--fail-on", "info").code == 1
    assert ran("s.yaml", "--fail-on", "info", "--policy", "hk-cobp").code == 0


def test_own_rules_are_added(ran: Command) -> None:
    from audit.cli.rule_new import skeleton

    write("own/rules/moon.yaml", skeleton("threat.vague/own-moon"))
    run = ran("--rules", "own", "--select", "threat.vague/own-moon", "--show-config", "bad.md")
    assert run.code == 0
    assert "own" in run.out


def test_the_audience_may_be_given(ran: Command) -> None:
    write("s.md", "请联系我们，{{金额}}。")
    assert ran("s.md").code == 0
    assert ran("--audience", "third_party", "s.md").code == 1
    assert ran("--audience", "debtor", "s.md").code == 0


def test_a_baseline_takes_in_what_is_known_and_tells_what_is_gone(ran: Command) -> None:
    assert ran("--baseline", "known.json", "--update-baseline", ".").code == 0
    assert THREAT not in Path("known.json").read_text(encoding="utf-8")
    assert ran("--baseline", "known.json", ".").code == 0
    write("new.md", f"坐席：{THREAT}")
    run = ran("--baseline", "known.json", "--format", "json", ".")
    assert (run.code, run.found) == (1, [("new.md", "threat.violence")])
    Path("new.md").unlink()
    write("bad.md", GOOD)
    assert RULE in ran("--baseline", "known.json", ".").out


def test_each_file_has_the_baseline_and_the_rules_of_its_own_configuration(ran: Command) -> None:
    write("callaudit.toml", 'baseline = "known.json"\n')
    for name in ("sms/own.md", "sms/none.md", "scripts/bad.md"):
        write(name, f"坐席：{THREAT}")
    assert ran("--update-baseline", ".").code == 0
    write("sms/callaudit.toml", 'select = ["insult"]\nbaseline = "../known.json"\n')
    write("scripts/callaudit.toml", "")
    write("callaudit.toml", 'baseline = "known.json"\n[per-file-ignores]\n"bad.md" = ["threat"]\n')
    run = ran("--format", "json", ".")
    assert (run.code, run.found) == (1, [("scripts/bad.md", "threat.violence")])
    assert "过期" not in ran(".").out
    before = Path("known.json").read_bytes()
    assert ran("--update-baseline", ".").code == 1
    assert Path("known.json").read_bytes() == before


def git(*arguments: str) -> None:
    subprocess.run(["git", "-c", "user.name=x", "-c", "user.email=x@x", *arguments], check=True, capture_output=True)


def test_only_changed_lines_are_told(ran: Command) -> None:
    git("init", "-q")
    git("add", ".")
    git("commit", "-qm", "x")
    assert ran("--diff", "HEAD", ".").code == 0
    write("bad.md", f"# 催告\n\n坐席：{THREAT}\n\n坐席：信不信老子揍你\n")
    run = ran("--diff", "HEAD", "--format", "json", ".")
    assert [one["line"] for one in json.loads(run.out)] == [5]


def test_a_file_that_could_not_be_read_before_either_fails_no_difference(ran: Command) -> None:
    write("old.json", "{")
    git("init", "-q")
    git("add", ".")
    git("commit", "-qm", "x")
    run = ran("--diff", "HEAD", ".")
    assert (run.code, "old.json" in run.out) == (0, False)
    write("new.json", "{")
    assert ran("--diff", "HEAD", ".", "nowhere.md").out.count("[CA") == 2
    write("old.json", "{{")
    assert ran("--diff", "HEAD", ".").out.count("[CA") == 2


def test_a_debt_told_before_the_question_that_a_change_took_out_is_in_the_difference(ran: Command) -> None:
    asks = "坐席：您好，我是某某公司的小李，工号1287，通话会录音，请问是王先生本人吗？\n\n客户：是的。\n\n"
    write("开场.md", f"# 开场\n\n{asks}坐席：您的账单逾期三天了。\n")
    git("init", "-q")
    git("add", ".")
    git("commit", "-qm", "x")
    assert ran("--diff", "HEAD", "开场.md").code == 0
    write("开场.md", f"# 开场\n\n{asks.replace('，请问是王先生本人吗？', '。')}坐席：您的账单逾期三天了。\n")
    run = ran("--diff", "HEAD", "--format", "json", "开场.md")
    assert ("开场.md", "privacy.unverified_disclosure") in run.found


def test_statistics_count_by_rule(ran: Command) -> None:
    assert RULE in ran("--statistics", "bad.md").out
    run = ran("--statistics", "--format", "json", "bad.md")
    assert RULE in run.err
    assert run.found == [BAD]


def test_the_configuration_of_each_file_is_shown_with_where_it_comes_from(ran: Command) -> None:
    write("callaudit.toml", 'ignore = ["insult"]\n')
    run = ran("--show-config", "--fail-on", "minor", ".")
    assert run.code == 0
    assert 'ignore = ["insult"]  # callaudit.toml:1' in run.out
    assert 'fail-on = "minor"  # --fail-on' in run.out
    assert THREAT not in run.out


def test_excluded_files_are_linted_when_named_unless_that_is_forced(ran: Command) -> None:
    write("callaudit.toml", 'exclude = ["bad.md"]\n')
    assert ran(".").code == 0
    assert ran("bad.md").code == 1
    assert ran("--force-exclude", "bad.md").code == 0


@pytest.mark.parametrize(("color", "coloured"), [("always", True), ("never", False), ("auto", False)])
def test_colour_is_there_when_asked_for(ran: Command, color: str, *, coloured: bool) -> None:
    assert ("\x1b[" in ran("--color", color, "bad.md").out) is coloured


def test_jobs_and_cache_change_nothing_that_is_said(ran: Command) -> None:
    for number in range(30):
        write(f"more/{number}.md", f"坐席：{THREAT}" if number % 2 else GOOD)
    runs = [ran("--format", "json", *more, ".") for more in ((), (), ("--jobs", "2", "--no-cache"), ("--jobs", "1"))]
    assert {run.code for run in runs} == {1}
    assert len(runs[0].found) == 16
    assert {run.out for run in runs} == {runs[0].out}


def test_no_cache_leaves_nothing_behind(ran: Command) -> None:
    folder = Path(os.environ["CALLAUDIT_CACHE"])
    ran("--no-cache", ".")
    assert not (folder / "lint.sqlite").exists()
    ran(".")
    assert (folder / "lint.sqlite").exists()


def process(*arguments: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    code = "import sys; from audit.cli.main import main; sys.exit(main())"
    return subprocess.run(
        [sys.executable, "-c", code, "lint", *arguments],
        input=given,
        env=environment(),
        capture_output=True,
        check=False,
    )


@pytest.mark.parametrize(("name", "text"), [("x.md", f"坐席：{THREAT}"), ("x.yaml", f"话术: {THREAT}")])
def test_standard_input_is_linted_by_the_name_it_is_given(name: str, text: str) -> None:
    done = process("--stdin-filename", name, "--format", "json", "-", given=text.encode())
    assert done.returncode == 1, done.stderr.decode()
    assert [one["path"] for one in json.loads(done.stdout)] == [name]
    assert process("--stdin-filename", name, "-", given="话术: 您好。".encode()).returncode == 0


def test_standard_input_stands_for_the_file_of_its_name_and_is_new_in_a_difference() -> None:
    git("init", "-q")
    git("add", ".")
    git("commit", "-qm", "x")
    for more in ((), ("--diff", "HEAD")):
        done = process("--stdin-filename", "good.md", *more, "--format", "json", "good.md", "-", given=THREAT.encode())
        assert [one["path"] for one in json.loads(done.stdout)] == ["good.md"]


def test_findings_that_cannot_be_written_are_a_coded_error_not_a_defect() -> None:
    code = "import sys; from audit.cli.main import main; sys.exit(main())"
    for place, expected in ((">/dev/full", 2), (">&-", 1)):
        done = subprocess.run(
            ["bash", "-c", f'"$0" -c "$1" lint bad.md {place}', sys.executable, code],
            env=environment(),
            capture_output=True,
            check=False,
        )
        assert done.returncode == expected
        assert b"Traceback" not in done.stderr and (b"CA571" in done.stderr) == (expected == 2)


def test_a_changed_policy_or_rule_folder_counts_at_once() -> None:
    write("s.yaml", "每日上限: 4\n")
    for limit, code in ((3, 1), (9, 0), (3, 1)):
        write("own.yaml", POLICY.format(limit))
        assert process("--policy", "own.yaml", "--fail-on", "info", "s.yaml").returncode == code
