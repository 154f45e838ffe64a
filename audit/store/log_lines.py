"""The log as it is read: the last lines first, by who, what and about what. `chain` writes it and holds it together."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from audit.i18n import tr
from audit.store import chain
from audit.store import tables as t
from audit.store.database import Store
from audit.store.sampling import calls_hidden_from, hidden_from

PAGE = 100
_TELLING = ("verdict", "state", "label")
_ADDED = ("add_missed", "withdraw_missed")


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the log; `facts` is JSON, exactly as it is hashed, unless `Cover` put something in its place."""

    number: int
    at: datetime
    actor: str
    action: str
    subject: str
    facts: str

    @property
    def token(self) -> int | None:
        """The number of the token of the API that did it; None for people at the desk and for the program itself."""
        return chain.token_of(self.facts)


class Cover:
    """What blind plans hide of the log from who reads it: what others said of samples on which the reader owes a blind opinion.

    Of decisions, opinions and rulings on these the verdict and the state are covered. That something was added to a call without findings
    says all, so of such lines the call is covered, too. Nothing else is, and whoever owes nothing reads every line as it is hashed.
    """

    def __init__(self, connection: sa.Connection, user: int) -> None:
        self.name = connection.execute(sa.select(t.users.c.name).where(t.users.c.id == user)).scalar()
        findings = set(connection.execute(hidden_from(connection, user)).scalars())
        calls = set(connection.execute(calls_hidden_from(connection, user)).scalars())
        self._calls = {f"call:{number}" for number in calls}
        self._judged = {f"finding:{number}" for number in findings}
        if findings or calls:
            of_plans = sa.select(t.samples.c.id, t.samples.c.call, t.samples.c.finding)
            self._judged |= {
                f"sample:{row.id}"
                for row in connection.execute(of_plans)
                if (row.call in calls if row.finding is None else row.finding in findings)
            }

    def told(self, actor: str, action: str, subject: str, facts: str) -> tuple[str, str]:
        """Subject and facts of a line as the reader may know them. Of their own lines readers are not told the state."""
        own = actor == self.name
        if subject in self._judged:
            return subject, _covered(facts, ("state",) if own else _TELLING)
        if not own and action in _ADDED and self.hides_additions_to(subject):
            return f"call:{_cover()}", _covered(facts, _TELLING)
        return subject, facts

    def hides_additions_to(self, subject: str) -> bool:
        """Whether the subject is a call of which the reader is not told what others added."""
        return subject in self._calls


def _cover() -> str:
    return tr("盲审，暂不显示", "hidden, blind review")


def _covered(facts: str, keys: Sequence[str]) -> str:
    try:
        told = json.loads(facts)
    except ValueError:
        return _cover()
    if not isinstance(told, dict):
        return _cover()
    shown = {key: _cover() if key in keys else value for key, value in told.items()}
    return facts if shown == told else json.dumps(shown, ensure_ascii=False)


def lines(
    store: Store,
    reader: int,
    *,
    before: int | None = None,
    actor: str = "",
    action: str = "",
    subject: str = "",
    token: int | None = None,
    limit: int = PAGE,
) -> Sequence[Line]:
    """Up to `limit` lines with numbers below `before`, the last first, as the user `reader` may know them (`Cover`). `subject` is a whole one
    (`call:17`) or a kind (`call`), `token` the number of the token that did it."""
    query = sa.select(t.log).order_by(t.log.c.id.desc()).limit(limit)
    if before is not None:
        query = query.where(t.log.c.id < before)
    if actor:
        query = query.where(t.log.c.actor == actor)
    if action:
        query = query.where(t.log.c.action == action)
    if subject:
        exact = t.log.c.subject == subject
        query = query.where(exact if ":" in subject else t.log.c.subject.startswith(f"{subject}:", autoescape=True))
    if token is not None:
        # Facts are canonical JSON: within a text of theirs quotes have a backslash before them.
        named = [t.log.c.facts.contains(f'"token":{token}{after}', autoescape=True) for after in ",}"]
        query = query.where(sa.or_(*named))
    with store.reading() as connection:
        cover = Cover(connection, reader)
        if ":" in subject and cover.hides_additions_to(subject):
            # Who asks for the lines of the call is not told by their number either.
            query = query.where(sa.or_(t.log.c.action.not_in(_ADDED), t.log.c.actor == cover.name))
        return [
            Line(
                row.id,
                datetime.fromisoformat(row.at),
                row.actor,
                row.action,
                *cover.told(row.actor, row.action, row.subject, row.facts),
            )
            for row in connection.execute(query)
        ]
