"""The promise to somebody who audits a day's calls overnight: whatever stops the run, the same command finishes it."""

import json
import os
import random
import signal
import sqlite3
import time
import zipfile
from collections import Counter
from datetime import datetime
from pathlib import Path

import pytest

from audit.batch.ledger import NAME
from audit.report.names import file_stem
from tests.cli.command import callaudit, start
from tests.cli.transcripts import write_broken, write_good

GOOD, BROKEN = 480, 20


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, set[str], set[str]]:
    folder = tmp_path_factory.mktemp("inputs")
    ids = write_good(folder, GOOD - 1, seed=7) | {"twin"}
    return folder, ids, write_broken(folder)


@pytest.fixture(scope="module")
def undisturbed(inputs: tuple[Path, set[str], set[str]], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The reports of a run that nothing stopped."""
    out = tmp_path_factory.mktemp("undisturbed") / "out"
    done = callaudit("run", inputs[0], "-o", out, "--jobs", "2", "--quiet")
    assert done.returncode == 3, done.stderr
    return out


def outputs(out: Path) -> dict[str, bytes]:
    """Every file by its path, without the times of the run; not the ledger."""
    times = [json.loads((out / "run.json").read_bytes())[name] for name in ("started_at", "finished_at")]
    shown = {
        form
        for time in map(datetime.fromisoformat, times)
        for form in (time.isoformat(), time.isoformat(" ", "seconds"))
    }
    files: dict[str, bytes] = {}
    for path in out.rglob("*"):
        name = path.relative_to(out).as_posix()
        if path.suffix == ".xlsx":
            with zipfile.ZipFile(path) as book:
                files |= {f"{name}/{part}": book.read(part) for part in book.namelist() if part.startswith("xl/")}
        elif path.is_file() and not path.name.startswith(NAME):
            files[name] = path.read_bytes()
    return {name: _without(data, shown) for name, data in files.items()}


def _without(data: bytes, texts: set[str]) -> bytes:
    for text in texts:
        data = data.replace(text.encode(), b"")
    return data


def audits(out: Path) -> Counter[int]:
    """How many calls were audited how often, as the ledger counts."""
    database = sqlite3.connect(out / NAME)
    try:
        return Counter(count for (count,) in database.execute("SELECT audits FROM calls"))
    finally:
        database.close()


def written(out: Path) -> int:
    return len(list((out / "calls").glob("*.*")))


def test_an_undisturbed_run_audits_all_and_says_what_to_do_about_the_rest(
    inputs: tuple[Path, set[str], set[str]], undisturbed: Path
) -> None:
    _, ids, broken = inputs
    failures = [json.loads(text) for text in (undisturbed / "failures.jsonl").read_text("utf-8").splitlines()]
    assert {Path(failure["path"]).name for failure in failures} == broken
    assert len(failures) == BROKEN
    assert all(failure["code"] and failure["message"] and failure["remedy"] for failure in failures)
    reports = outputs(undisturbed)
    expected = {f"calls/{file_stem(call_id)}.{ending}" for call_id in ids for ending in ("json", "html")}
    assert {path for path in reports if path.startswith("calls/")} == expected
    labels = Counter(json.loads(text)["label"] for text in reports["findings.jsonl"].decode().splitlines())
    assert labels["threat.violence"] > 100
    assert labels["contact.frequency"] > 100
    assert audits(undisturbed) == {1: GOOD}


def test_killed_three_times_it_still_ends_complete_with_each_call_once(
    inputs: tuple[Path, set[str], set[str]], undisturbed: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    seed = random.randrange(10**6)
    chance = random.Random(seed)
    # Of two files a call; the second half is left to do, so that each is killed before it ends, also where this process is seldom heard.
    moments = sorted(chance.sample(range(GOOD), 3))
    for moment in moments:
        run = start("run", inputs[0], "-o", out, "--jobs", "2", "--quiet")
        while written(out) < moment and run.poll() is None:
            time.sleep(0.001)
        assert run.poll() is None, f"ended before it was killed (seed {seed})"
        run.kill()
        run.communicate()
        assert run.returncode == -signal.SIGKILL
        assert not (out / "run.json").exists(), f"seed {seed}"
    done = callaudit("run", inputs[0], "-o", out, "--jobs", "2", "--quiet")
    assert done.returncode == 3, done.stderr
    assert audits(out) == {1: GOOD}, f"seed {seed}"
    assert outputs(out) == outputs(undisturbed), f"seed {seed}"


def test_ctrl_c_stops_cleanly_and_says_how_to_continue(tmp_path: Path) -> None:
    few, whole, out = tmp_path / "in", tmp_path / "whole", tmp_path / "out"
    count = len(write_good(few, 120, seed=7))
    assert callaudit("run", few, "-o", whole, "--jobs", "2", "--quiet").returncode == 1
    # One job, so that plenty is left to do when the signal comes, also on a busy machine.
    run = start("run", few, "-o", out, "--jobs", "1", "--quiet")
    while written(out) < 4 and run.poll() is None:
        time.sleep(0.001)
    os.killpg(run.pid, signal.SIGINT)
    said, complained = run.communicate()
    assert (run.returncode, said) == (130, "")
    assert f"callaudit run {few} -o {out} --jobs 1 --quiet" in complained
    assert "Traceback" not in complained
    assert not list(out.rglob("*.part"))
    assert callaudit("run", few, "-o", out, "--jobs", "2", "--quiet").returncode == 1
    assert audits(out) == {1: count}
    assert outputs(out) == outputs(whole)
