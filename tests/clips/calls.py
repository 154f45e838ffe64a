"""Calls built by hand, and a run's folder made from the sample calls without recognising them again."""

import hashlib
import json
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from audit.ingest.find import find_inputs
from audit.ingest.items import RECORDING, CallInput
from audit.ingest.read import read_call
from audit.model.call import Call, CallMetadata, Role, Source, Turn
from audit.model.review import UserRole
from audit.model.span import TimeSpan
from audit.model.transcript import Word
from audit.pipeline import Auditor, Options
from audit.report import call_json, run_json
from audit.report.run import Run
from audit.report.summary import RunInfo
from audit.store.calls import import_run
from audit.store.database import Store, create
from audit.store.users import add_user

SAMPLES = Path(__file__).parents[2] / "sample_calls"
A, D = Role.AGENT, Role.DEBTOR


def turn(index: int, role: Role, words: Sequence[str] | str, start_s: float | None = 0.0, each_s: float = 0.5) -> Turn:
    """A turn from `start_s` on; given as a list, each of its words takes `each_s` seconds, given as text it has no word times."""
    timed = () if isinstance(words, str) else tuple(words)
    text = "".join(words)
    if start_s is None:
        return Turn(index, role, text)
    spoken = tuple(
        Word(word, TimeSpan(start_s + i * each_s, start_s + (i + 1) * each_s)) for i, word in enumerate(timed)
    )
    return Turn(index, role, text, TimeSpan(start_s, start_s + max(len(timed), 4) * each_s), spoken)


def call(*turns: Turn, name: str | None = "陈立强", path: str = "a.wav", sha256: str = "0" * 64) -> Call:
    return Call("call-1", CallMetadata(debtor_name=name), turns, Source(path, sha256, RECORDING), None, 60.0)


def sample_store(run: Path, path: Path) -> Path:
    """A store with the calls of that folder, and an officer and a lead to decide on them."""
    moment = datetime(2026, 3, 20, 12, tzinfo=UTC)
    with closing(Run([], [], RunInfo(moment, moment.replace(minute=30)))) as ran:
        run_json.write(ran, run / "run.json")
    create(str(path))
    with Store(str(path)) as store:
        assert not import_run(store, run, sorted((run / "calls").glob("*.json")), "test").failures
        add_user(store, "officer", UserRole.OFFICER, "test")
        add_user(store, "lead", UserRole.LEAD, "test")
    return path


def sample_run(folder: Path) -> Path:
    """The folder as `callaudit run` leaves it, from the reference transcripts and the recordings they are of."""
    auditor = Auditor(Options(), proved=True)
    items = [item for item in find_inputs([str(SAMPLES / "transcripts")]) if isinstance(item, CallInput)]
    for item in items:
        read = read_call(item)
        recording = SAMPLES / json.loads(item.payload or "")["metadata"]["file"]
        digest = hashlib.sha256(recording.read_bytes()).hexdigest()
        report = auditor.report(replace(read, source=Source(str(recording), digest, RECORDING)))
        call_json.write(report, folder / "calls" / f"{item.call_id}.json")
    return folder
