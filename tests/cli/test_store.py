"""The store from the command line; what it does on PostgreSQL is tested in tests/store."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from audit.model.review import UserRole
from audit.store import tables as t
from audit.store.calls import stored_report
from audit.store.database import Store
from audit.store.review import Correction, correct
from audit.store.users import add_user
from tests.cli.command import here
from tests.cli.test_run import POLITE, THREAT, calls
from tests.store.runs import rows


@pytest.fixture(scope="module")
def audited(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that was written into the store in its folder."""
    folder = tmp_path_factory.mktemp("run")
    source = calls(folder / "calls.jsonl", THREAT, POLITE)
    done = here("run", source, "-o", folder / "out", "--executor", "serial", "--quiet", "--store", "sqlite")
    assert (done.returncode, done.stderr) == (1, "")
    assert f"存储库 {folder / 'out' / 'store.sqlite'}：新通话 2，" in done.stdout
    return folder / "out"


def test_a_run_is_written_into_the_store_once(audited: Path) -> None:
    again = here("--lang", "en", "store", "import", audited)
    assert (again.returncode, again.stderr) == (0, "")
    assert "0 new calls, 0 audited again, 2 unchanged" in again.stdout
    with Store(str(audited / "store.sqlite")) as store:
        assert [row["call_id"] for row in rows(store, t.calls)] == ["c0", "c1"]
        assert {row["label"] for row in rows(store, t.findings)} >= {"threat.violence"}


def test_a_store_elsewhere_must_have_been_made(audited: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "team.sqlite"
    refused = here("store", "import", audited, CALLAUDIT_STORE=str(elsewhere))
    assert refused.returncode == 2
    assert refused.stderr.startswith(f"[CA603] {elsewhere}: ")
    assert not elsewhere.exists()
    made = here("store", "init", "--store", elsewhere)
    assert (made.returncode, made.stdout, made.stderr) == (0, "已建立。\n", "")
    assert here("store", "import", audited, "--store", elsewhere).returncode == 0
    with Store(str(elsewhere)) as store:
        assert len(rows(store, t.calls)) == 2


def test_a_later_run_is_audited_again_as_people_corrected_it(tmp_path: Path) -> None:
    source, out = calls(tmp_path / "calls.jsonl", THREAT, POLITE), tmp_path / "out"
    command = ("run", source, "-o", out, "--executor", "serial", "--quiet", "--store", "sqlite")
    assert here(*command).returncode == 1
    with Store(str(out / "store.sqlite")) as store:
        add_user(store, "王", UserRole.OFFICER, "test")
        correct(store, 1, "王", Correction.SWAP_ROLES)
    told = here("--lang", "en", "store", "import", out)
    assert told.stderr.startswith("1 calls have corrections that this run does not know")
    again = here(*command)
    assert "按人工更正重新审核：1 通" in again.stdout and again.stderr == ""
    with Store(str(out / "store.sqlite")) as store, store.reading() as connection:
        assert "threat.violence" not in {finding.label for finding in stored_report(connection, 1).findings}
    assert "按人工更正" not in here(*command).stdout


def test_a_wrong_store_is_told_before_anything_is_audited(tmp_path: Path) -> None:
    source = calls(tmp_path / "calls.jsonl", THREAT)
    refused = here("run", source, "-o", tmp_path / "out", "--store", "postgresql+psycopg://u:geheim@/d?host=/nowhere")
    assert refused.returncode == 2
    assert "[CA602]" in refused.stderr and "geheim" not in refused.stderr
    assert not (tmp_path / "out").exists()


def test_a_folder_that_no_run_wrote_is_refused(tmp_path: Path) -> None:
    refused = here("store", "import", tmp_path)
    assert (refused.returncode, refused.stderr[:8]) == (2, "[CA610] ")
    assert list(tmp_path.iterdir()) == []


def test_check_and_verify_say_that_all_is_well_or_what_is_not(audited: Path, tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite"
    here("store", "init", "--store", path)
    here("store", "import", audited, "--store", path)
    sound = here("store", "check", "--store", path)
    assert (sound.returncode, sound.stdout) == (0, "存储库完好。\n")
    whole = here("--lang", "en", "store", "verify", "--store", path)
    assert whole.returncode == 0 and whole.stdout.startswith("The log is whole: 1 lines, last hash ")
    with closing(sqlite3.connect(path)) as database:
        database.execute("DROP TRIGGER guard_log_fixed")
        database.execute("UPDATE log SET actor = 'x'")
        database.commit()
    for command in ("check", "verify"):
        broken = here("store", command, "--store", path)
        assert broken.returncode == 1
        assert "log:1 内容被改动 (import run:1)\n" in broken.stdout
    current = here("store", "migrate", "--store", path)
    assert (current.returncode, current.stdout) == (0, "已是最新版本 0002。\n")


def test_a_search_that_check_finds_fault_with_is_mended_by_the_command_it_names(audited: Path, tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite"
    here("store", "init", "--store", path)
    here("store", "import", audited, "--store", path)
    with closing(sqlite3.connect(path)) as database:
        database.execute("DELETE FROM spoken WHERE call = 2")
        database.execute("DROP TABLE spoken_index")
        database.commit()
    broken = here("store", "check", "--store", path)
    assert broken.returncode == 1 and "用 callaudit store reindex 修复" in broken.stdout
    mended = here("--lang", "en", "store", "reindex", "--store", path)
    assert (mended.returncode, mended.stderr) == (0, "")
    assert mended.stdout == "The index was made anew.\nPut in the words of 1 calls anew, took out 0 that were purged.\n"
    assert here("store", "check", "--store", path).stdout == "存储库完好。\n"
    again = here("store", "reindex", "--store", path)
    assert (again.returncode, again.stdout) == (0, "检索索引完好，没有改动。\n")


def test_purge_says_how_much_goes_and_then_it_is_gone(audited: Path, tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite"
    here("store", "init", "--store", path)
    here("store", "import", audited, "--store", path)
    command = ("--lang", "en", "store", "purge", "--before", "2100-01-01", "--store", path)
    trial = here(*command, "--dry-run")
    assert trial.returncode == 0 and trial.stdout.startswith("Would purge 2 calls before 2100-01-01: 4 turns")
    done = here(*command)
    assert done.stdout == trial.stdout.replace("Would purge", "Purged")
    with Store(str(path)) as store:
        assert rows(store, t.turns) == []
        assert str(rows(store, t.log)[-1]["actor"]).startswith("cli")
    assert "2 past their time of keeping" in here("--lang", "en", "store", "import", audited, "--store", path).stdout
