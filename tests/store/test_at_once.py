"""Several that write at the same moment, and writers that are killed."""

import random
import subprocess
from collections import Counter
from pathlib import Path

from audit.model.review import UserRole, Verdict
from audit.store import tables as t
from audit.store.appeals import file_appeal
from audit.store.database import Store, create
from audit.store.review import decide
from audit.store.sampling import Draw, create_plan
from audit.store.soundness import check, verify
from audit.store.users import add_user
from tests.store.runs import BAD, numbers, report, reviewers, rows, take_in, write
from tests.store.worker import done, go, ready, start

FINDINGS = 40


def _at_once(*workers: "subprocess.Popen[str]") -> list[list[str]]:
    """Let them all do each next thing at the same moment, however busy the machine is; what each did."""
    for worker in workers:
        ready(worker)
    said: list[list[str]] = [[] for _ in workers]
    left = list(zip(workers, said, strict=True))
    while left:
        for worker, _ in left:
            go(worker)
        words = [(worker, so_far, done(worker)) for worker, so_far in left]
        for _, so_far, word in words:
            so_far += [word] if word else []
        left = [(worker, so_far) for worker, so_far, word in words if word]
    for worker in workers:
        worker.communicate()
    assert [worker.returncode for worker in workers] == [0] * len(workers)
    return said


def test_two_reviewers_deciding_at_once_lose_nothing(store: Store, url: str, tmp_path: Path) -> None:
    take_in(store, tmp_path, report("c1", [BAD] * FINDINGS))
    reviewers(store, "王", "李")
    ids = [str(number) for number in numbers(store)]
    assert len(ids) == FINDINGS
    both = _at_once(
        *(start(url, "decide", name, verdict, *ids) for name, verdict in (("王", "confirm"), ("李", "dismiss")))
    )
    assert both == [ids, ids]
    made = Counter((row["reviewer"], row["finding"]) for row in rows(store, t.decisions))
    assert made == {(reviewer, int(number)): 1 for reviewer in (1, 2) for number in ids}
    assert {row["state"] for row in rows(store, t.findings)} == {"disputed"}
    assert check(store) == []
    assert verify(store)[0] == []
    order = [row["reviewer"] for row in rows(store, t.decisions)]
    assert order not in ([1] * FINDINGS + [2] * FINDINGS, [2] * FINDINGS + [1] * FINDINGS), "they did not run at once"


def test_two_imports_of_the_same_run_at_once_take_each_call_in_once(store: Store, url: str, tmp_path: Path) -> None:
    write(tmp_path, [report(f"c{number:03}") for number in range(120)])
    assert _at_once(*(start(url, "import", tmp_path) for _ in range(2))) == [[], []]
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
            ready(worker)
            go(worker)
        for _ in range(chance.randint(1, 5)):
            acknowledged.append(done(decider))
            go(decider)
        importer.kill()
        decider.kill()
        acknowledged += decider.communicate()[0].split()
        importer.communicate()
        assert check(store) == [], f"seed {seed}"
        assert verify(store)[0] == [], f"seed {seed}"
        decided = {str(row["finding"]) for row in rows(store, t.decisions)}
        assert set(acknowledged) <= decided, f"seed {seed}"
        # At most the one in hand, which was written and not yet told.
        assert len(decided - set(acknowledged)) <= 3
    finished = start(url, "import", tmp_path / "2")
    finished.communicate("go\n")
    assert finished.returncode == 0
    assert len(rows(store, t.calls)) == 151
    assert check(store) == []


def test_two_reviewers_who_go_through_a_plan_at_once_share_it_without_doing_anything_twice(
    store: Store, url: str, tmp_path: Path
) -> None:
    take_in(store, tmp_path, report("c1", [BAD] * FINDINGS))
    reviewers(store, "王", "李")
    add_user(store, "赵", UserRole.LEAD, "test")
    create_plan(store, "三月", Draw(findings=1.0), 1, True, "赵")
    one, other = _at_once(*(start(url, "plan", name, "confirm", "1") for name in ("王", "李")))
    # At the very end both may look at the last one: then one of them is refused, and nothing of it is written.
    done = [number for number in (*one, *other) if ":" not in number]
    assert sorted(map(int, done)) == list(range(1, FINDINGS + 1))
    assert all(said.endswith(":CA620") for said in (*one, *other) if ":" in said)
    assert len([said for said in (*one, *other) if ":" in said]) <= 2
    assert len(rows(store, t.opinions)) == len(rows(store, t.decisions)) == FINDINGS
    assert min(len(one), len(other)) > FINDINGS // 4, "they did not run at once"
    assert check(store) == [] and verify(store)[0] == []


def test_of_three_opinions_at_once_on_samples_that_want_two_two_are_taken_and_one_is_refused(
    store: Store, url: str, tmp_path: Path
) -> None:
    take_in(store, tmp_path, report("c1", [BAD] * FINDINGS))
    reviewers(store, "王", "李", "周")
    add_user(store, "赵", UserRole.LEAD, "test")
    create_plan(store, "三月", Draw(findings=1.0), 2, True, "赵")
    samples = [str(number) for number in numbers(store, t.samples)]
    said = _at_once(*(start(url, "opinions", name, "confirm", *samples) for name in ("王", "李", "周")))
    outcome = Counter(word.partition(":")[2] for of_one in said for word in of_one)
    assert outcome == {"": 2 * FINDINGS, "CA620": FINDINGS}
    given = rows(store, t.opinions)
    assert Counter(row["sample"] for row in given) == {int(number): 2 for number in samples}
    taken = {
        (name, int(number))
        for name, of_one in zip((1, 2, 3), said, strict=True)
        for number in of_one
        if ":" not in number
    }
    assert {(row["reviewer"], row["sample"]) for row in given} == taken
    assert len(rows(store, t.decisions)) == len(given)
    assert check(store) == [] and verify(store)[0] == []


def test_two_who_rule_on_the_same_appeals_at_once_rule_once_on_each(store: Store, url: str, tmp_path: Path) -> None:
    take_in(store, tmp_path, report("c1", [BAD] * FINDINGS))
    reviewers(store, "王", "李", "周")
    for number in numbers(store):
        file_appeal(store, number, "周", "只是复述")
    appeals = [str(number) for number in numbers(store, t.appeals)]
    one, other = _at_once(
        start(url, "rule", "王", "confirm", *appeals), start(url, "rule", "李", "dismiss", *reversed(appeals))
    )
    ruled = {
        int(number): state
        for said, state in ((one, "confirmed"), (other, "dismissed"))
        for number in said
        if ":" not in number
    }
    refused = [word for word in (*one, *other) if ":" in word]
    assert len(ruled) == len(rows(store, t.rulings)) == len(refused) == FINDINGS
    assert {word.partition(":")[2] for word in refused} == {"CA629"}
    assert set(ruled.values()) == {"confirmed", "dismissed"}, "they did not run at once"
    of_finding = {row["finding"]: ruled[int(str(row["id"]))] for row in rows(store, t.appeals)}
    assert {row["id"]: row["state"] for row in rows(store, t.findings)} == of_finding
    assert check(store) == [] and verify(store)[0] == []


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
