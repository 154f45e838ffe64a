"""The log of who did what: every line carries the hash of the line before, so that no line can be changed, dropped or put in.

`hash` = SHA-256 of the previous line's hash, a line feed, and the canonical JSON of `[id, at, actor, action, subject, facts]`.
Subjects are numbers of rows (`call:17`), facts are counts and codes: nothing in the log is personal data of a debtor, so that it stays
whole when calls are purged. What somebody does through a token of the API has the number of the token among its facts.
"""

import hashlib
import json
from collections.abc import Iterator
from contextvars import ContextVar
from dataclasses import dataclass

import sqlalchemy as sa

from audit.store import tables as t
from audit.store.database import now

START = "0" * 64
SYSTEM = "callaudit"
# The token through which this task or thread acts. Not handed from function to function: whoever forgot it would write a line that hides it.
_token: ContextVar[int | None] = ContextVar("token", default=None)


@dataclass(frozen=True, slots=True)
class Break:
    """Where the chain does not hold. `fault` is `changed` (the line's content), `link` (it does not follow the line before it),
    `missing` (no line of this number, nor any up to the next that is there) or `end` (the chain does not end where the store says).
    `token`: the token of the API that wrote the line, as far as it still says so."""

    line: int
    fault: str
    action: str = ""
    subject: str = ""
    token: int | None = None


def act_by(token: int | None) -> None:
    """Let the lines that this task or thread writes from now on name the token of this number (None: none) as what acted."""
    _token.set(token)


def acting_token() -> int | None:
    """The token through which this task or thread acts, for work that it hands to another thread."""
    return _token.get()


def append(connection: sa.Connection, actor: str, action: str, subject: str, **facts: str | int | float | None) -> None:
    """Write a line into the log, in the transaction of what it speaks of (from `Store.writing`)."""
    token = _token.get()
    if token is not None:
        facts["token"] = token
    last, previous = connection.execute(sa.select(t.log_head.c.last, t.log_head.c.hash)).one()
    at, said = now().isoformat(timespec="microseconds"), _canonical(facts)
    number = last + 1
    digest = line_hash(previous, number, at, actor, action, subject, said)
    connection.execute(
        t.log.insert().values(
            id=number, at=at, actor=actor, action=action, subject=subject, facts=said, previous=previous, hash=digest
        )
    )
    connection.execute(t.log_head.update().values(last=number, hash=digest))


def line_hash(previous: str, number: int, at: str, actor: str, action: str, subject: str, facts: str) -> str:
    """The hash of a line, as in the description of this module."""
    line = _canonical([number, at, actor, action, subject, facts])
    return hashlib.sha256(f"{previous}\n{line}".encode(errors="surrogatepass")).hexdigest()


def token_of(facts: str) -> int | None:
    """The number of the token through which somebody did what a line with these facts says; None where it was done without one."""
    try:
        said = json.loads(facts)
    except ValueError:
        return None
    token = said.get("token") if isinstance(said, dict) else None
    return token if type(token) is int else None


def breaks(connection: sa.Connection, last_lines: int | None = None) -> Iterator[Break]:
    """Where the chain does not hold, in order; over the whole log, or its last lines only."""
    heads = connection.execute(sa.select(t.log_head.c.last, t.log_head.c.hash)).all()
    if len(heads) != 1:
        yield Break(0, "end")
        return
    last, head = heads[0]
    first = 1 if last_lines is None else max(1, last - last_lines + 1)
    query = sa.select(t.log).where(t.log.c.id >= first - 1).order_by(t.log.c.id)
    number, previous = (0, START) if first == 1 else (first - 2, None)
    for row in connection.execution_options(yield_per=1000).execute(query):
        if row.id > number + 1:
            yield Break(number + 1, "missing")
        follows = row.id == number + 1 and previous is not None
        number = row.id
        if row.hash != line_hash(row.previous, row.id, row.at, row.actor, row.action, row.subject, row.facts):
            yield Break(row.id, "changed", row.action, row.subject, token_of(row.facts))
        elif follows and row.previous != previous:
            yield Break(row.id, "link", row.action, row.subject, token_of(row.facts))
        previous = row.hash
    if number != last or (previous is not None and previous != head):
        yield Break(last, "end")


def _canonical(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
