"""Labelled calls and what the rules find in them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from audit.errors import InputError, Problem
from audit.i18n import tr
from audit.ingest.find import find_inputs
from audit.ingest.items import CallInput, Failure
from audit.ingest.text import parse_json
from audit.model.finding import Finding
from audit.pipeline import Auditor
from audit.rules.contact import ContactRecord, Records, findings_across, heard_in

# A label in a call: its turn (None: the whole call) and its name.
Place = tuple[int | None, str]


@dataclass(frozen=True, slots=True)
class LabelledCall:
    """A call with what people labelled in it and what the rules found. `texts` are the turns' by index."""

    name: str
    texts: dict[int, str]
    gold: frozenset[Place]
    findings: tuple[Finding, ...]

    @property
    def clean_turns(self) -> set[int]:
        """The turns without any label."""
        return set(self.texts) - {turn for turn, _ in self.gold if turn is not None}


@dataclass(frozen=True, slots=True)
class _Gold:
    """A call of a file; `labelled` is False where nobody looked for labels."""

    call_id: str
    texts: dict[int, str]
    places: frozenset[Place]
    labelled: bool


def audit_labelled(paths: Sequence[str], auditor: Auditor) -> tuple[list[LabelledCall], list[Problem]]:
    """The labelled calls of the files, audited, and the problems with calls that could not be. Limits across calls are judged
    within each file.

    Raises InputError CA110 for a line that is no labelled call.
    """
    calls: list[LabelledCall] = []
    problems: list[Problem] = []
    for path in paths:
        prefix = f"{Path(path).stem}:" if len(paths) > 1 else ""
        gold = {call.call_id: call for call in _read(path)}
        found: dict[str, list[Finding]] = {}
        records = []
        for item in find_inputs([path]):
            if isinstance(item, Failure):
                problems.append(item.problem)
            if not isinstance(item, CallInput):
                continue
            report = auditor.audit(item)
            found[item.call_id] = list(report.findings)
            heard = heard_in(report.call, report.findings)
            records.append(ContactRecord(item.call_id, report.call.metadata, report.call.both_spoke, heard))
        for finding in findings_across(Records(records), auditor.engine.pack, auditor.engine.policy):
            found[finding.call_id].append(finding)
        calls.extend(
            LabelledCall(prefix + call_id, gold[call_id].texts, gold[call_id].places, tuple(findings))
            for call_id, findings in found.items()
            if call_id in gold
        )
    return calls, problems


def read_gold(path: str) -> dict[str, frozenset[Place]]:
    """The labels of the calls of a file by call id; empty for a file that holds no labelled calls."""
    if not path.endswith(".jsonl"):
        return {}
    try:
        return {call.call_id: call.places for call in _read(path) if call.labelled}
    except InputError:
        return {}


def _read(path: str) -> Iterator[_Gold]:
    for number, line in enumerate(Path(path).read_text(encoding="utf-8-sig").split("\n"), start=1):
        if not line.strip():
            continue
        where = f"{path}:{number}"
        call: Any = parse_json(line, where)
        try:
            texts = {turn["i"]: turn["text"] for turn in call["turns"]}
            places: set[Place] = {(None, label) for label in call.get("call_labels", ())}
            places |= {(turn["i"], entry["label"]) for turn in call["turns"] for entry in turn.get("labels", ())}
            labelled = "call_labels" in call or any("labels" in turn for turn in call["turns"])
            read = _Gold(str(call["call_id"]), texts, frozenset(places), labelled)
        except KeyError as error:
            raise InputError("CA110", where, reason=tr("缺少 {0}", "no {0}").format(error)) from None
        except (TypeError, AttributeError) as error:
            raise InputError("CA110", where, reason=f"{type(error).__name__}: {error}") from None
        yield read
