"""Labelled calls and what the rules find in them."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from audit.errors import InputError, Problem
from audit.ingest.find import find_inputs
from audit.ingest.items import CallInput, Failure
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


def audit_labelled(paths: Sequence[str], auditor: Auditor) -> tuple[list[LabelledCall], list[Problem]]:
    """The labelled calls of the files, audited, and the problems with calls that could not be. Limits across calls are judged
    within each file.

    Raises InputError CA110 for a line that is no labelled call.
    """
    calls: list[LabelledCall] = []
    problems: list[Problem] = []
    for path in paths:
        prefix = f"{Path(path).stem}:" if len(paths) > 1 else ""
        gold = {call_id: (texts, places) for call_id, texts, places in _read(path)}
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
            LabelledCall(prefix + call_id, *gold[call_id], tuple(findings))
            for call_id, findings in found.items()
            if call_id in gold
        )
    return calls, problems


def _read(path: str) -> Iterator[tuple[str, dict[int, str], frozenset[Place]]]:
    for number, line in enumerate(Path(path).read_text(encoding="utf-8-sig").split("\n"), start=1):
        if not line.strip():
            continue
        try:
            call = json.loads(line)
            texts = {turn["i"]: turn["text"] for turn in call["turns"]}
            places: set[Place] = {(None, label) for label in call.get("call_labels", ())}
            places |= {(turn["i"], entry["label"]) for turn in call["turns"] for entry in turn.get("labels", ())}
            call_id = str(call["call_id"])
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise InputError("CA110", f"{path}:{number}", reason=f"{type(error).__name__}: {error}") from None
        yield call_id, texts, frozenset(places)
