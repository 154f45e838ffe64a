"""The page of a call: listen, see why there are findings, decide."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, get_args
from urllib.parse import parse_qsl, urlencode

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from audit.i18n import tr
from audit.model.call import CallMetadata, Role, Turn
from audit.model.labels import LABELS
from audit.report.call_html import Fact, call_facts, is_urgent, severity_counts
from audit.report.card import Card, cards
from audit.report.labels import name
from audit.report.redaction import Redactor
from audit.report.scope import scope, skipped_rules
from audit.report.urgent import urgent_steps
from audit.store.dossier import Dossier, Filed, Made, dossier, freshly_checked, made
from audit.store.queue import Filters
from audit.store.reaudit import waits_for_audit
from audit.store.recordings import AudioState
from audit.store.review import call_of
from audit.web.access import Permission, User, allowed, desk_of
from audit.web.dialogue import spoken
from audit.web.masks import Masks, mask_for, shown_id, shown_metadata
from audit.web.numbers import Number
from audit.web.pages.corrections import corrections_shown
from audit.web.pages.plans import SampleBar, sample_bar
from audit.web.pages.reveal import Field
from audit.web.render import is_part, page, part, see

router = APIRouter()

# Why findings are dismissed, most often. The Chinese is what is kept, so that statistics count one thing once.
REASONS: tuple[tuple[str, str], ...] = (
    ("转述或引用他人的话", "Quotes or reports somebody else"),
    ("识别有误，原话不是这样", "Misheard: these words were not said"),
    ("说话人标错", "Somebody else said it"),
    ("否定或承诺不做", "Negated, or a promise not to"),
    ("依法告知后果，不是威胁", "Lawful notice of consequences"),
    ("字词另有含义", "The words mean something else here"),
    ("实际已说明或已做到", "It was said or done after all"),
    ("债务人同意或有约定", "Agreed with the debtor"),
)


@dataclass(frozen=True, slots=True)
class Entry:
    """A finding on the page: as shown, as kept, and the turn it is in."""

    card: Card
    filed: Filed
    turn: Turn | None


@dataclass(frozen=True, slots=True)
class Event:
    """One line of a finding's history: when, who, what they did (`confirm` … `undo`, `appeal`, `upheld`, `overturned`), in what words. `holds`: it
    still counts."""

    at: datetime
    who: str
    what: str
    words: str
    comment: str
    holds: bool


@dataclass(frozen=True, slots=True)
class Earlier:
    """A finding that the audit in force no longer makes."""

    filed: Filed
    quote: str
    events: tuple[Event, ...]


@router.get("/findings/{number}")
def lead_to_finding(
    request: Request, number: Number, user: Annotated[User, Depends(allowed(Permission.READ))]
) -> Response:
    """The page of the call that a finding is in."""
    with desk_of(request).store.reading() as connection:
        call = call_of(connection, number)
    return see(f"/calls/{call}", finding=number)


@router.get("/calls/{number}")
def show(request: Request, number: Number, user: Annotated[User, Depends(allowed(Permission.READ))]) -> Response:
    """The call, or for htmx the panel of the finding chosen (with `whole` the dialogue, too).

    The address carries on the filters of the queue that the reader came from.
    """
    store, given = desk_of(request).store, request.query_params
    queue = carried(given)
    freshly_checked(store, number, user.name)
    with store.reading() as connection:
        known = dossier(connection, number, user.number)
        just_made = made(connection, _number(given.get("made")), user.number)
        bar = _bar(connection, queue, number, user)
        corrections, waits = corrections_shown(connection, number, user), waits_for_audit(connection, number)
    context = call_context(known, user, _number(given.get("finding")), queue) | {"just_made": just_made, "bar": bar}
    if is_part(request) and "hx-history-restore-request" not in request.headers:
        return part(request, "call_answer.html.j2" if "whole" in given else "call_panel.html.j2", user=user, **context)
    return page(request, "call.html.j2", user=user, **context, corrections=corrections, waits=waits, change=None)


def panel(
    request: Request,
    user: User,
    call: int,
    finding: int | None,
    queue: str,
    *,
    just_made: Made | None = None,
    news: Sequence[Event] = (),
    whole: bool = False,
) -> Response:
    """The panel of a call's findings with one of them chosen, and where `whole` head and dialogue anew, for htmx to put in place.

    `news` is what others have said of the finding just decided since the reader saw it.
    """
    with desk_of(request).store.reading() as connection:
        known = dossier(connection, call, user.number)
        bar = _bar(connection, queue, call, user)
    context = call_context(known, user, finding, queue) | {"just_made": just_made, "news": news, "bar": bar}
    return part(request, "call_answer.html.j2" if whole else "call_panel.html.j2", user=user, **context)


def carried(given: Mapping[str, str]) -> str:
    """What of a query leads back to where the reader came from, as a query string: filters of the queue and the sample, nothing else.

    Raises InputError CA837 for filters that cannot be.
    """
    filters = Filters.from_query(given).query()
    kept = {key: value for key, value in filters.items() if key in given}
    return urlencode(kept | ({"sample": _number(given["sample"])} if "sample" in given else {}))


def call_context(known: Dossier, user: User, finding: int | None, queue: str) -> dict[str, Any]:
    """What the templates of the page show of a call. `finding` is the number of the one chosen; without it, or where the audit in force
    does not make it, the first that waits for the user."""
    report, masks = known.report, Masks(mask_for(user))
    redactor, told = masks.of(report.call), user.may(Permission.DECIDE)
    entries = entries_of(known, redactor)
    asked = next((entry for entry in entries if entry.filed.number == finding), None)
    chosen = asked or first_waiting(entries, user.name) or next(iter(entries), None)
    breaches = [entry.card for entry in entries if not entry.card.finding.is_signal]
    urgent = [entry for entry in entries if is_urgent(entry.card)]
    facts = call_facts(shown_metadata(report.call.metadata, user), redactor)
    listens = user.may(Permission.LISTEN) or user.may(Permission.LISTEN_REDACTED)
    return {
        "known": known,
        "number": known.number,
        "report": report,
        "call": report.call,
        "shown_id": shown_id(report.call, redactor),
        "facts": facts,
        "hidden_fields": _hidden_fields(report.call.metadata, facts),
        "counts": severity_counts(breaches),
        "waiting": sum(bool(card.finding.why.review) for card in breaches),
        "entries": entries,
        "chosen": chosen,
        "position": entries.index(chosen) if chosen else None,
        "history": history(chosen.filed, redactor, told=told) if chosen else [],
        "own": chosen and chosen.filed.own(user.name),
        "urgent": urgent,
        "sure": any(not entry.card.finding.why.review for entry in urgent),
        "steps": urgent_steps(),
        "lines": spoken(report, [entry.card for entry in entries], known.added, redactor),
        "added": [(one, masks.added(one), redactor.text(one.comment) if told else "") for one in known.added],
        "labels": sorted((name(LABELS, key), key) for key in LABELS),
        "roles": list(Role),
        "reasons": [(zh, tr(zh, en)) for zh, en in REASONS],
        "earlier": [
            Earlier(filed, masks.quote(filed), tuple(history(filed, redactor, told=told))) for filed in known.earlier
        ],
        "scope": scope(report.audit.judged),
        "skipped": skipped_rules((redactor.text(note), 1) for note in report.audit.skipped),
        "listens": listens,
        "recording": listens and known.audio is AudioState.MATCHES,
        "queue": queue,
        "news": (),
        "just_made": None,
        "reason_name": reason_name,
    }


def entries_of(known: Dossier, redactor: Redactor) -> list[Entry]:
    """The findings of the audit in force in the order of the page: the gravest first."""
    turns = {turn.index: turn for turn in known.report.call.turns}
    filed = {id(one.finding): one for one in known.findings}
    made_cards = cards([one.finding for one in known.findings], known.report.call.turns, redactor)
    return [
        Entry(card, filed[id(card.finding)], None if card.finding.turn is None else turns.get(card.finding.turn))
        for card in made_cards
    ]


def first_waiting(entries: Sequence[Entry], reviewer: str, after: int | None = None) -> Entry | None:
    """The first finding that waits for this reviewer, behind the one with the number `after` and then from the beginning."""
    numbers = [entry.filed.number for entry in entries]
    place = numbers.index(after) + 1 if after in numbers else 0
    waiting = (entry for entry in (*entries[place:], *entries[:place]) if entry.filed.waits_for(reviewer))
    return next((entry for entry in waiting if entry.filed.number != after), None)


def history(filed: Filed, redactor: Redactor, *, told: bool = True) -> list[Event]:
    """What people did with a finding, in order; what they wrote is masked, too, and only for reviewers (`told`)."""

    def shown(text: str) -> str:
        return redactor.text(text) if told else ""

    events = [
        Event(said.at, said.reviewer, said.verdict.value, shown(said.reason), shown(said.comment), said.holds)
        for said in filed.statements
    ]
    events += [Event(one.filed_at, one.filed_by, "appeal", shown(one.statement), "", True) for one in filed.appeals]
    events += [
        Event(one.ruled_at, one.reviewer, one.verdict.name.lower(), "", shown(one.comment), one is filed.rulings[-1])
        for one in filed.rulings
    ]
    return sorted(events, key=lambda event: event.at)


def reason_name(reason: str) -> str:
    """The reason of a dismissal in the language in force, where it is one of the common ones.

    >>> reason_name("说话人标错"), reason_name("其他")
    ('说话人标错', '其他')
    """
    return tr(reason, dict(REASONS).get(reason, reason))


def _hidden_fields(metadata: CallMetadata, facts: Sequence[Fact]) -> set[str]:
    """The fields of the call's record that are shown with a mask and may be asked for."""
    shown = {fact.field: fact.value for fact in facts}
    return {field for field in get_args(Field) if field in shown and shown[field] != getattr(metadata, field)}


def _bar(connection: sa.Connection, queue: str, call: int, user: User) -> SampleBar | None:
    """The sample of a plan that the call was opened for."""
    sample = _number(dict(parse_qsl(queue)).get("sample"))
    return sample_bar(connection, sample, call, user) if sample else None


def _number(given: str | None) -> int:
    """A number of the address; 0, which is nobody's, for what is none."""
    return int(given) if given and given.isascii() and given.isdigit() and len(given) < 10 else 0
