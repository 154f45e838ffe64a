"""Triggers that hold what is only ever added: no statement changes or deletes it, whoever connects to the database.

A guard knows three kinds of columns: those that never change, those that are emptied when the call's time of keeping is over
(the call is marked as purged first), and the others, which may change. Rows of turns go wholly then; nothing else is deleted.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

Dialect = Literal["sqlite", "postgresql"]


@dataclass(frozen=True, slots=True)
class Guard:
    """What is held of one table. `deletes_when_purged`: rows go with the call's personal content."""

    table: str
    fixed: tuple[str, ...]
    emptied: tuple[str, ...] = ()
    deletes_when_purged: bool = False
    key: tuple[str, ...] = ("id",)

    def triggers(self) -> Iterator[tuple[str, str, str]]:
        """Name, event and condition (empty for always) of each trigger."""
        yield f"guard_{self.table}_fixed", f"UPDATE OF {', '.join(map(_quoted, self.fixed))}", ""
        if self.emptied:
            columns = ", ".join(map(_quoted, self.emptied))
            yield f"guard_{self.table}_emptied", f"UPDATE OF {columns}", _NOT_PURGED
        yield f"guard_{self.table}_delete", "DELETE", _NOT_PURGED if self.deletes_when_purged else ""


_NOT_PURGED = "NOT EXISTS (SELECT 1 FROM calls WHERE id = OLD.{owner} AND purged_at IS NOT NULL)"


def statements(guards: Iterable[Guard], dialect: Dialect) -> Iterator[str]:
    """The SQL that makes the triggers of `guards`."""
    guards = list(guards)
    if dialect == "sqlite":
        for guard in guards:
            for name, event, condition in guard.triggers():
                yield _sqlite(guard.table, name, event, condition)
            # INSERT OR REPLACE deletes without asking the triggers on DELETE.
            same = " AND ".join(f"{column} = NEW.{column}" for column in guard.key)
            taken = f"EXISTS (SELECT 1 FROM {guard.table} WHERE {same})"
            yield _sqlite(guard.table, f"guard_{guard.table}_replace", "INSERT", taken)
        return
    for guard in guards:
        for name, event, condition in guard.triggers():
            yield from _postgresql(guard.table, name, event, condition)
        yield (
            f"CREATE TRIGGER guard_{guard.table}_truncate BEFORE TRUNCATE ON {guard.table} "
            f"EXECUTE FUNCTION guard_{guard.table}_fixed()"
        )


def names(guards: Iterable[Guard], dialect: Dialect) -> set[str]:
    """The names of the triggers that `statements` makes."""
    guards = list(guards)
    made = {name for guard in guards for name, _, _ in guard.triggers()}
    return made | {f"guard_{guard.table}_{'replace' if dialect == 'sqlite' else 'truncate'}" for guard in guards}


def _condition(table: str, condition: str) -> str:
    return condition.format(owner="id" if table == "calls" else "call")


def _quoted(column: str) -> str:
    return f'"{column}"'


def _sqlite(table: str, name: str, event: str, condition: str) -> str:
    when = f" WHEN {_condition(table, condition)}" if condition else ""
    return (
        f"CREATE TRIGGER {name} BEFORE {event} ON {table}{when} "
        f"BEGIN SELECT RAISE(ABORT, '{table} is only ever added to'); END"
    )


def _postgresql(table: str, name: str, event: str, condition: str) -> Iterator[str]:
    # A trigger of PostgreSQL may not look into another table in WHEN, its function may.
    refuse = f"RAISE EXCEPTION '{table} is only ever added to'"
    test = f"IF {_condition(table, condition)} THEN {refuse}; END IF" if condition else refuse
    row = "OLD" if event == "DELETE" else "NEW"
    yield f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {test}; RETURN {row}; END $$"
    yield f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()"
