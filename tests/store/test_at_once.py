"""Several that write at the same moment, and writers that are killed."""

import random
from collections import Counter
from pathlib import Path

from audit.model.review import Verdict
from audit.store import tables as t
from audit.store.database import Store, create
from audit.store.review import decide
from audit.store.soundness import check, verify
from tests.store.runs import BAD, numbers, report, reviewers, rows, take_in, write
from tests.store.worker import start

FINDINGS = 40


def test_two_reviewers_deciding_at_once_lose_nothing(store: Store, url: str, tmp_path: Path) -> None:
    take_in(store, tmp_path, report("c1", [BAD] * FINDINGS))
    reviewers(store, "王", "李")
    ids = [str(number) for number in numbers(store)]
    assert len(ids) == FINDINGS
    both = [start(url, "decide", name, verdict, *ids) for name, verdict in (("王", "confirm"), ("李", "dismiss"))]
    for worker in both:
        assert worker.stdout and worker.stdout.readline() == "ready\n"
    for worker in both:
        assert worker.stdin
        worker.stdin.write("go\n")
        worker.stdin.flush()
    for worker in both:
        said, _ = worker.communicate()
        assert (worker.returncode, said.split()) == (0, ids)
    made = Counter((row["reviewer"], row["finding"]) for row in rows(store, t.decisions))
    assert made == {(reviewer, int(number)): 1 for reviewer in (1, 2) for number in ids}
    assert {row["state"] for row in rows(store, t.findings)} == {"disputed"}
    assert check(store) == []
    assert verify(store)[0] == []
    order = [row["reviewer"] for row in rows(store, t.decisions)]
    assert order not in ([1] * FINDINGS + [2] * FINDINGS, [2] * FINDINGS + [1] * FINDINGS), "they did not run at once"


def test_two_imports_of_the_same_run_at_once_take_each_call_in_once(store: Store, url: str, tmp_path: Path) -> None:
    write(tmp_path, [report(f"c{number:03}") for number in range(120)])
    both = [start(url, "import", tmp_path) for _ in range(2)]
    for worker in both:
        worker.communicate("go\n")
        assert worker.returncode == 0
    assert [len(rows(store, table)) for table in (t.calls, t.audits, t.findings, t.sightings, t.runs)] == [120] * 4 + [
        1
    ]
    assert check(store) == []


def test_a_store_whose_writers_were_killed_is_sound_and_keeps_what_was_acknowledged(
    store: Store, url: str, tmp_path: Path
) -> None:
    seed = random.randrange(10**6)
    chance = random.Random(seed)
    take_in(store, tmp_path / "1", report("c1", [BAD] * FINDINGS))
    reviewers(store, "王", "李")
    write(tmp_path / "2", [report(f"d{number:03}", [BAD] * 4) for number in range(150)], hour=13)
    ids = [str(number) for number in numbers(store)]
    acknowledged: list[str] = []
    for _ in range(3):
        left = [number for number in ids if number not in acknowledged]
        decider, importer = start(url, "decide", "王", "confirm", *left), start(url, "import", tmp_path / "2")
        for worker in (importer, decider):
            assert worker.stdout and worker.stdin
            worker.stdout.readline()
            worker.stdin.write("go\n")
            worker.stdin.flush()
        assert decider.stdout
        seen = [decider.stdout.readline().strip() for _ in range(chance.randint(1, 5))]
        importer.kill()
        decider.kill()
        seen += decider.communicate()[0].split()
        importer.communicate()
        acknowledged += [number for number in seen if number]
        assert check(store) == [], f"seed {seed}"
        assert verify(store)[0] == [], f"seed {seed}"
        decided = {str(row["finding"]) for row in rows(store, t.decisions)}
        assert set(acknowledged) <= decided, f"seed {seed}"
        # At most the one in hand, which was written and not yet told.
        assert len(decided - set(acknowledged)) <= 3
    assert acknowledged, f"seed {seed}"
    finished = start(url, "import", tmp_path / "2")
    finished.communicate("go\n")
    assert finished.returncode == 0
    assert len(rows(store, t.calls)) == 151
    assert check(store) == []


def test_a_store_is_made_once_by_two_that_make_it(url: str) -> None:
    assert create(url) is False
    with Store(url) as store:
        assert len(rows(store, t.log_head)) == 1


def test_a_writer_that_fails_leaves_nothing(store: Store, tmp_path: Path) -> None:
    take_in(store, tmp_path, report("c1"))
    reviewers(store, "王")
    before = {table.name: rows(store, table) for table in t.metadata.sorted_tables}
    try:
        with store.writing() as connection:
            connection.execute(t.findings.update().values(state="confirmed"))
            raise RuntimeError
    except RuntimeError:
        pass
    assert {table.name: rows(store, table) for table in t.metadata.sorted_tables} == before
    assert decide(store, 1, "王", Verdict.CONFIRM) == "confirmed"
