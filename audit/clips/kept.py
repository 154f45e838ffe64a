"""The store as a source of examples."""

from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

from audit.clips.sources import ADDED, POOL, Audited, Candidate, Said
from audit.errors import Problem
from audit.model.call import Call
from audit.model.finding import Explanation, Finding, Severity
from audit.model.labels import LABELS
from audit.model.review import ReviewState
from audit.rules.engine import time_of
from audit.rules.loader import load_pack
from audit.store import examples
from audit.store.calls import stored_report, versions_of
from audit.store.database import Store

# A person saw it.
_SEEN = 1.0


class Kept:
    """The calls of a store, as its audits in force have them. A call is found again by its number.

    `viewer` is the number of the user who asks, from whom blind plans hide what others said; None for whoever holds the store itself.
    """

    def __init__(self, store: Store, viewer: int | None = None) -> None:
        self._store, self._viewer = store, viewer

    def seen(self) -> dict[str, int]:
        """Of the whole queue."""
        with self._store.reading() as connection:
            counts = examples.counts_by_state(connection)
        return {label: sum(states.values()) for label, states in counts.items()}

    def found(self, labels: Sequence[str], state: str, problems: list[Problem]) -> Iterator[Candidate]:
        """The gravest of each label (see `audit.store.examples.MOST`), then what reviewers added."""
        with self._store.reading() as connection:
            rows = examples.findings_in(connection, labels, state, self._viewer)
            added = examples.added_in(connection, labels, state, self._viewer)
        for row in rows:
            yield Candidate(str(row.call), row.call_id, row.turn, row.quote, row.label, row.rank, row.confidence)
        for one in added:
            rank = _severity(one.label).rank
            yield Candidate(str(one.call), one.call_id, one.turn, one.quote, one.label, rank, _SEEN)

    def cleared(self, labels: Sequence[str]) -> Iterator[Candidate]:
        """The dismissed findings of turns in which nothing else is left."""
        return self.found(labels, ReviewState.DISMISSED, [])

    def pool(self) -> Iterator[Audited]:
        """The calls of the latest days."""
        with self._store.reading() as connection:
            calls = examples.newest_calls(connection, POOL)
        return map(self.call, map(str, calls))

    def key(self, call_id: str) -> str:
        """Where the call with this id is found; raises InputError (CA611) when there is none."""
        with self._store.reading() as connection:
            return str(examples.call_number(connection, call_id))

    def call(self, key: str) -> Audited:
        """Raises InputError (CA611) when the call was purged."""
        number = int(key)
        with self._store.reading() as connection:
            report = stored_report(connection, number)
            said = tuple(Said(state, reasons) for state, reasons in examples.said_of(connection, number, self._viewer))
            recording = examples.recording_of(connection, number)
            accused = examples.accused_turns(connection, number)
            others = versions_of(connection, number)[1:]
            added = examples.added_to(connection, number, self._viewer)
        # What a ruling overturned is nobody's finding any more.
        held = [one for one in added if one.turn is not None and one.state is not ReviewState.DISMISSED]
        by_people = tuple((_finding(one, report.call), Said(one.state)) for one in held)
        return Audited(key, report, said, accused, Path(recording) if recording else None, others, by_people)


def _finding(added: examples.Added, call: Call) -> Finding:
    """What a reviewer added, as a finding of nobody's rule: the reviewer's comment is its reason."""
    zh, en = LABELS[added.label]
    turn = next(turn for turn in call.turns if turn.index == added.turn)
    comment = f" {added.comment}" if added.comment else ""
    return Finding(
        call_id=call.call_id,
        turn=turn.index,
        label=added.label,
        rule=ADDED,
        severity=_severity(added.label),
        confidence=_SEEN,
        role=turn.role,
        quote=added.quote,
        span=added.span,
        time=time_of(turn, added.span) if added.span else turn.time,
        clauses=(),
        why=Explanation(
            name={"zh": zh, "en": en},
            reason={"zh": f"复核人补记。{comment}", "en": f"Added by a reviewer.{comment}"},
        ),
        fingerprint="",
    )


@cache
def _severity(label: str) -> Severity:
    """That of the gravest rule of the label; a label that no rule looks for is no less than major."""
    rules = [rule.severity for rule in load_pack().rules if rule.label == label]
    return max(rules, key=lambda severity: severity.rank, default=Severity.MAJOR)
