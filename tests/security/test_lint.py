"""The checks of `python -m tests.security` hold here, and would find what they look for."""

import tomllib
from datetime import date
from pathlib import Path

import pytest
from packaging.version import Version

from tests.security import lint
from tests.security.accepted import ACCEPTED, EVERYWHERE
from tests.security.lint import ROOT, asked_for, bandit, changed_files, installed_here, read_advisories, vulnerable

ADVISORIES = {
    "looked_up": ["a"],
    "advisory": [{"package": "a", "ids": ["CVE-1"], "fixed": "2.0", "about": "x"}],
}


def test_this_repository_passes(capsys: pytest.CaptureFixture[str]) -> None:
    status = lint.main()
    assert (status, capsys.readouterr().out.split("note:")[0]) == (0, "")


def test_bandit_tells_what_is_new_and_what_is_gone(tmp_path: Path) -> None:
    package = tmp_path / "audit"
    package.mkdir()
    (package / "a.py").write_text(
        "import subprocess\nsubprocess.run(x, shell=True)\nassert x\neval(x)\n", encoding="utf-8"
    )
    told = list(bandit(package, {("audit/a.py", "B404"): (1, "here"), ("audit/b.py", "B301"): (1, "gone")}))
    assert [line.split(": ")[1][:4] for line in told] == ["B602", "B307", "B301"]
    assert told[0].startswith("audit/a.py:2: ") and "found 0 times" in told[2]


def test_every_finding_that_is_accepted_has_a_reason_and_a_file() -> None:
    assert all(times > 0 and len(reason) > 20 for times, reason in ACCEPTED.values())
    assert all((ROOT / file).is_file() for file, _ in ACCEPTED)
    assert set(EVERYWHERE) == {"B101"}


@pytest.mark.parametrize(
    ("wanted", "installed", "told"),
    [
        ({"a": Version("2.0")}, {"a": "2.0"}, []),
        ({"a": Version("2.1")}, {"a": "10.0"}, []),
        ({"a": Version("1.9")}, {}, ["setup.cfg asks for 1.9"]),
        ({"a": None}, {}, ["setup.cfg asks for any version"]),
        ({"a": Version("2.0")}, {"a": "1.10"}, ["1.10 is installed"]),
        ({"a": Version("2.0"), "b": None}, {}, ["nobody has looked"]),
        ({}, {}, ["not installed by setup.cfg"]),
    ],
)
def test_a_vulnerable_version_is_told(
    wanted: dict[str, Version | None], installed: dict[str, str], told: list[str]
) -> None:
    found = list(vulnerable(ADVISORIES, wanted, installed))
    assert len(found) == len(told)
    assert all(part in line for part, line in zip(told, found, strict=True))


def test_the_list_of_advisories_is_dated_and_whole() -> None:
    advisories = read_advisories()
    assert isinstance(advisories["looked_up_on"], date)
    for advisory in advisories["advisory"]:
        assert advisory["ids"] and all(number.startswith(("CVE-", "GHSA-", "PYSEC-")) for number in advisory["ids"])
        assert Version(advisory["fixed"]) and advisory["about"]
    wanted = asked_for()
    assert {"jinja2", "starlette", "sqlalchemy", "faster-whisper", "python-docx"} <= set(wanted)
    assert "callaudit" not in wanted and "hypothesis" not in wanted
    assert "jinja2" in installed_here(iter(["jinja2", "no-such-package"]))


def test_a_changed_missing_or_unknown_file_of_others_is_told(tmp_path: Path) -> None:
    listed = tomllib.loads((ROOT / "tests" / "security" / "vendored.toml").read_text(encoding="utf-8"))["files"]
    for name in listed:
        copy = tmp_path / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes((ROOT / name).read_bytes())
    assert list(changed_files(tmp_path, listed)) == []
    changed, missing = sorted(listed)[:2]
    (tmp_path / changed).write_bytes(b"x")
    (tmp_path / missing).unlink()
    (tmp_path / "audit/web/static/vendor/more.js").write_bytes(b"x")
    told = list(changed_files(tmp_path, listed))
    assert len(told) == 3
    assert any(changed in line and "is not the file of" in line for line in told)
    assert any(missing in line and "not there" in line for line in told)
    assert any("more.js: is in no list" in line for line in told)


def test_every_script_that_pages_load_is_listed_or_our_own() -> None:
    listed = tomllib.loads((ROOT / "tests" / "security" / "vendored.toml").read_text(encoding="utf-8"))["files"]
    minified = {path.relative_to(ROOT).as_posix() for path in (ROOT / "audit").rglob("*.min.js")}
    assert minified and minified <= set(listed)
