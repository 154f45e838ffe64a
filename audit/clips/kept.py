"""The store as a source of examples."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from audit.clips.sources import POOL, Audited, Candidate, Said
from audit.errors import Problem
from audit.model.review import ReviewState
from audit.store import examples
from audit.store.calls import stored_report, versions_of
from audit.store.database import Store


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
        """The gravest of each label: see `audit.store.examples.MOST`."""
        with self._store.reading() as connection:
            rows = examples.findings_in(connection, labels, state, self._viewer)
        for row in rows:
            yield Candidate(str(row.call), row.call_id, row.turn, row.quote, row.label, row.rank, row.confidence)

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
        return Audited(key, report, said, accused, Path(recording) if recording else None, others)
