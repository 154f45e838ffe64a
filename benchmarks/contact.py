"""Rows a CPU second and peak memory of the call log: manifest read, ledger filled, rules about the log judged.

    python benchmarks/contact.py [--rows 10000 100000 1000000]

A generated manifest: four rows a debtor over ten days, a third of them answered, a few refusals and wrong numbers. Each size
runs in a process of its own; no reports are written. Peak memory is that of the process, with rules and lexicons loaded.
"""

import argparse
import csv
import multiprocessing
import random
import resource
import tempfile
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from audit.batch.ledger import Audited, Ledger
from audit.batch.work import PipelineAudit
from audit.ingest.find import find_inputs
from audit.ingest.items import Attempt, CallInput
from audit.pipeline import Options

_COLUMNS: tuple[str, ...] = (
    "call_id",
    "started_at",
    "direction",
    "connected",
    "agent_id",
    "team",
    "debtor_id",
    "debtor_name",
    "callee_number",
)
_COLUMNS += ("callee_relation", "lender", "agency", "case_no", "批次")
_HEARD = (frozenset({"refused"}), frozenset({"wrong_number"}), frozenset({"workplace"}))
_MIB = 1024


def rows(count: int) -> Iterator[tuple[str, ...]]:
    """`count` rows in no order: a debtor is called some four times, now and then through a relative."""
    dice = random.Random(7)
    begins = datetime.fromisoformat("2026-03-02T08:00:00+08:00")
    for number in range(count):
        debtor = dice.randrange(max(1, count // 4))
        moment = begins + timedelta(days=dice.randrange(10), seconds=dice.randrange(13 * 3600))
        relative = dice.random() < 0.1
        phone = f"13{debtor % 10}{debtor:08d}" if not relative else f"15{debtor % 10}{debtor:08d}"
        relation = "母亲" if relative else "本人"
        yield (
            f"c{number:08d}", moment.isoformat(), "呼出", "否", f"A{debtor % 97}", "一组", f"D{debtor}", "张三", phone,
            relation, "东海银行", "恒诚", f"N{debtor}", "三月",
        )  # fmt: skip


def measure(count: int, answers: "multiprocessing.Queue[list[tuple[str, float]]]") -> None:
    """Seconds of each stage, then what came out and the peak."""
    audit = PipelineAudit(Options())
    marks: list[tuple[str, float]] = [("rules loaded, MiB", _peak())]
    with tempfile.TemporaryDirectory() as folder:
        manifest = Path(folder) / "log.csv"
        with manifest.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(_COLUMNS)
            writer.writerows(rows(count))
        (Path(folder) / "calls").mkdir()
        with Ledger(Path(folder)) as ledger:
            began = time.process_time()
            for number, item in enumerate(find_inputs([str(Path(folder) / "calls")], manifest)):
                if isinstance(item, Attempt):
                    _keep(ledger, audit, item, number)
            marks += [("read and kept, s", time.process_time() - began), ("read and kept, MiB", _peak())]
            began = time.process_time()
            found = sum(1 for _ in audit.findings_across(ledger))
            marks += [("judged, s", time.process_time() - began), ("findings", float(found))]
            began = time.process_time()
            crossed = sum(1 for _ in ledger.crossings(audit.findings_across(ledger)))
            marks += [
                ("judged and sorted to calls, s", time.process_time() - began),
                ("calls to write", float(crossed)),
            ]
    answers.put([*marks, ("peak, MiB", _peak())])


def _keep(ledger: Ledger, audit: PipelineAudit, item: Attempt, number: int) -> None:
    """What a run does with an attempt; every third row stands for a call that was audited."""
    if number % 3:
        ledger.attempt(item, audit.key, shown=bool(audit.attempt(item).findings))
        return
    heard = _HEARD[number % len(_HEARD)] if number % 50 == 0 else frozenset[str]()
    call = CallInput(item.call_id, item.path, "callaudit-jsonl", f"{number:064x}", item.metadata, item.row)
    ledger.record(call, audit.key, Audited(item.metadata, True, heard, 60.0, -1))


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _MIB


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", nargs="*", type=int, default=[10_000, 100_000, 1_000_000])
    for count in parser.parse_args().rows:
        context = multiprocessing.get_context("spawn")
        answers: multiprocessing.Queue[list[tuple[str, float]]] = context.Queue()
        process = context.Process(target=measure, args=(count, answers))
        process.start()
        marks = answers.get()
        process.join()
        print(f"{count:,} rows")
        for name, value in marks:
            rate = f"{count / value:14,.0f} rows/CPU s" if name.endswith(", s") else ""
            print(f"  {name:32}{value:12,.1f}{rate}")


if __name__ == "__main__":
    main()
