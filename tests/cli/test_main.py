import importlib.util
import json
import subprocess
import sys

import pytest

from audit import __version__
from audit.cli.help import cells, wrap_cells
from audit.cli.main import COMMANDS, language_of
from audit.errors import ConfigError
from tests.cli.command import ROOT, callaudit, environment

HEAVY = {
    *("spacy", "jieba", "numpy", "av", "pydantic", "jinja2", "rich", "ctranslate2", "faster_whisper", "torch"),
    *("openpyxl", "xlsxwriter", "ruamel", "opencc", "pypinyin", "cn2an", "phonenumbers", "stdnum", "ahocorasick_rs"),
    *("sqlite3", "python_calamine"),
}


def test_commands() -> None:
    assert list(COMMANDS) == [
        "run",
        "lint",
        "explain",
        "transcribe",
        "examples",
        "redact",
        "rules",
        "models",
        "doctor",
        "store",
        "serve",
        "users",
        "evaluate",
    ]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_there_and_explains_itself(name: str) -> None:
    module = COMMANDS[name].target.partition(":")[0]
    assert importlib.util.find_spec(module) is not None
    for lang, word in (("zh", "用法"), ("en", "Usage")):
        done = callaudit("--lang", lang, name, "--help")
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.startswith(f"{word}: callaudit {name}")


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["run", "--help"]])
def test_help_loads_nothing_heavy(arguments: list[str]) -> None:
    code = (
        "import json, sys\nfrom audit.cli.main import main\n"
        f"code = main({arguments!r})\n"
        "print(json.dumps([code, sorted(name for name in sys.modules if '.' not in name)]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment(), capture_output=True, encoding="utf-8", check=True
    )
    exit_code, modules = json.loads(done.stdout.splitlines()[-1])
    assert exit_code == 0
    assert not HEAVY & set(modules)


def test_the_language_is_chinese_unless_asked_otherwise() -> None:
    assert "审核" in callaudit("--help").stdout
    assert "审核" not in callaudit("--lang", "en", "--help").stdout
    assert "审核" not in callaudit("--help", CALLAUDIT_LANG="en").stdout
    assert "审核" in callaudit("--lang", "zh", "--help", CALLAUDIT_LANG="en").stdout


def test_output_is_utf_8_whatever_the_locale() -> None:
    done = callaudit("--help", LC_ALL="C", PYTHONCOERCECLOCALE="0", PYTHONUTF8="0", PYTHONIOENCODING="ascii")
    assert "审核" in done.stdout


def test_version() -> None:
    assert callaudit("--version").stdout == f"callaudit {__version__}\n"


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--nonsense"], "CA901", "--nonsense"),
        (["run", "x", "-o", "y", "--job", "2"], "CA901", "--jobs"),
        (["run", "-o", "out"], "CA902", "INPUT"),
        (["run", "x"], "CA902", "--out"),
        (["run", "x", "-o", "y", "--jobs", "0"], "CA903", "--jobs 的值 0 不可用：应为不小于 1 的整数"),
        (["run", "x", "-o", "y", "--jobs", "two"], "CA903", "two"),
        (["run", "x", "-o", "y", "--fail-on", "grave"], "CA903", "critical, major, minor, info, never"),
        (["run", "x", "-o", "y", "--manifest", "missing.csv"], "CA903", "missing.csv"),
        (["adit"], "CA904", "adit"),
        (["--lang", "fr", "run"], "CA906", "fr"),
        (["--lang"], "CA906", "zh, en"),
    ],
)
def test_a_wrong_command_line_is_one_coded_line_that_says_what_to_do(
    arguments: list[str], code: str, said: str
) -> None:
    done = callaudit(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"[{code}]")
    assert done.stderr.count("\n") == 1
    assert said in done.stderr


def test_no_command_shows_the_help() -> None:
    done = callaudit()
    assert done.returncode == 2
    assert "transcribe" in done.stderr


def test_a_reader_that_goes_away_is_no_error() -> None:
    code = "import sys; from audit.cli.main import main; sys.exit(main(['run', '--help']))"
    process = subprocess.Popen(
        [sys.executable, "-c", code], env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT
    )
    assert process.stdout is not None and process.stderr is not None
    process.stdout.close()
    assert process.stderr.read() == b""
    assert process.wait() == 141


@pytest.mark.parametrize(
    ("argv", "environ", "expected"),
    [
        ([], {}, ("zh", [])),
        (["run", "a"], {"CALLAUDIT_LANG": "en"}, ("en", ["run", "a"])),
        (["run", "a", "--lang", "en"], {}, ("en", ["run", "a"])),
        (["--lang=en", "run"], {}, ("en", ["run"])),
        (["--lang", "en", "run", "--", "--lang"], {}, ("en", ["run", "--", "--lang"])),
        (["run"], {"CALLAUDIT_LANG": ""}, ("zh", ["run"])),
    ],
)
def test_the_language_may_be_asked_for_anywhere(
    argv: list[str], environ: dict[str, str], expected: tuple[str, list[str]]
) -> None:
    assert language_of(argv, environ) == expected


def test_a_language_nobody_speaks_is_refused() -> None:
    with pytest.raises(ConfigError) as caught:
        language_of([], {"CALLAUDIT_LANG": "de"})
    assert caught.value.problem.where == "CALLAUDIT_LANG"


@pytest.mark.parametrize("width", [8, 13, 30])
@pytest.mark.parametrize(
    "text", ["审核录音、转写文本，逐条给出原话。", "Audit 录音 and transcripts，then 写 report。", "a" * 40, ""]
)
def test_lines_fit_and_lose_nothing(text: str, width: int) -> None:
    lines = wrap_cells(text, width)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert all(cells(line.rstrip("，。、")) <= width or line.rstrip("，。").isascii() for line in lines)
    assert not any(line[0] in "，。、" for line in lines)
