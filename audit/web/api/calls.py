"""Calls and decisions, for programs. Texts are masked."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, Field

from audit.errors import InputError
from audit.model.call import Call as Audited
from audit.model.call import Role
from audit.model.finding import Severity
from audit.model.report import Verdict as CallVerdict
from audit.model.review import ReviewState, Verdict
from audit.model.span import CharSpan
from audit.store.dossier import Dossier, Filed, dossier
from audit.store.recordings import AudioState
from audit.store.review import add_missed, withdraw_missed
from audit.store.sampling import decide_in_view
from audit.web.access import Permission, User, allowed, desk_of
from audit.web.masks import Masks, mask_for, shown_id
from audit.web.numbers import LARGEST, Number

router = APIRouter(tags=["calls"])
_Reader = Annotated[User, Depends(allowed(Permission.READ))]
_Reviewer = Annotated[User, Depends(allowed(Permission.DECIDE))]
_LONGEST = 2000
_Text = Annotated[str, Field(max_length=_LONGEST)]
_Place = Annotated[int, Field(ge=0, le=LARGEST)]


class Turn(BaseModel):
    """One turn, its text masked. Times in seconds from the start of the recording, where known."""

    index: int
    role: Role
    text: str
    start_s: float | None
    end_s: float | None
    confidence: float | None
    role_confidence: float
    doubts: list[str]


class Decision(BaseModel):
    """What a reviewer said of a finding; `reason` and `comment` are for reviewers, others get them empty. `holds`: not taken back, and the
    reviewer has said nothing since."""

    number: int
    reviewer: str
    verdict: Verdict
    reason: str
    comment: str
    decided_at: datetime
    holds: bool


class Finding(BaseModel):
    """A suspicion. `blind`: what others said is hidden, because who asks owes an opinion. `gone_since`: no audit finds it since then."""

    number: int
    label: str
    rule: str
    severity: Severity
    confidence: float
    turn: int | None
    start_char: int | None
    end_char: int | None
    quote: str
    review: list[str]
    state: ReviewState
    blind: bool
    decisions: list[Decision]
    gone_since: datetime | None


class Missed(BaseModel):
    """A violation added by hand; `turn` is None for the whole call. The `comment` is for reviewers, others get it empty."""

    number: int
    label: str
    turn: int | None
    start_char: int | None
    end_char: int | None
    quote: str
    comment: str
    reviewer: str
    added_at: datetime


class Call(BaseModel):
    """A call as it is audited now. `audio`: whether the recording was, when last looked at, the one that was audited."""

    number: int
    call_id: str
    verdict: CallVerdict
    score: int
    audio: AudioState
    turns: list[Turn]
    findings: list[Finding]
    missed: list[Missed]


class NewDecision(BaseModel):
    """A decision; `undo` takes back one's own. A dismissal needs a `reason`."""

    verdict: Verdict
    reason: _Text = ""
    comment: _Text = ""


class State(BaseModel):
    """What all decisions on a finding come to; only one's own, while who asks owes a blind opinion on it."""

    state: ReviewState


class NewMissed(BaseModel):
    """A violation that was missed: in the characters from `start_char` to `end_char` of a turn (from 0), or without `turn` in the whole call."""

    label: _Text
    turn: _Place | None = None
    start_char: _Place | None = None
    end_char: _Place | None = None
    comment: _Text = ""


class Added(BaseModel):
    """The number of what was added."""

    number: int


@router.get("/calls/{number}")
def call(request: Request, number: Number, user: _Reader) -> Call:
    """A call with its dialogue, findings and decisions, as the user may know them."""
    with desk_of(request).store.reading() as connection:
        return _call(dossier(connection, number, user.number), user)


@router.post("/findings/{number}/decisions")
def add_decision(request: Request, number: Number, user: _Reviewer, said: NewDecision) -> State:
    """Decide on a finding."""
    return _decided(request, number, user, said)


@router.post("/findings/{number}/undo")
def undo(request: Request, number: Number, user: _Reviewer) -> State:
    """Take back one's own decision on a finding: the one before it holds again."""
    return _decided(request, number, user, NewDecision(verdict=Verdict.UNDO))


@router.post("/calls/{number}/missed", status_code=201)
def add(request: Request, number: Number, user: _Reviewer, said: NewMissed) -> Added:
    """Add a violation that the machine missed."""
    start, end = said.start_char, said.end_char
    span = None if start is None or end is None or start > end else CharSpan(start, end)
    if span is None and (start, end) != (None, None):
        raise InputError("CA615", str(number))
    store = desk_of(request).store
    return Added(
        number=add_missed(store, number, user.name, said.label, turn=said.turn, span=span, comment=said.comment)
    )


@router.post("/missed/{number}/withdraw", status_code=204)
def withdraw(request: Request, number: Number, user: _Reviewer) -> None:
    """Take back a violation that was added by hand."""
    withdraw_missed(desk_of(request).store, number, user.name)


def _decided(request: Request, number: int, user: User, said: NewDecision) -> State:
    words = (said.reason.strip(), said.comment.strip())
    with desk_of(request).store.writing() as connection:
        return State(state=decide_in_view(connection, number, user.name, said.verdict, *words)[1])


def _call(known: Dossier, user: User) -> Call:
    report, masks = known.report, Masks(mask_for(user))
    redactor, told = masks.of(report.call), user.may(Permission.DECIDE)
    return Call(
        number=known.number,
        call_id=shown_id(report.call, redactor),
        verdict=report.verdict,
        score=report.score,
        audio=known.audio,
        turns=[
            Turn(
                index=turn.index,
                role=turn.role,
                text=redactor.turn(turn.index),
                start_s=turn.time.start_s if turn.time else None,
                end_s=turn.time.end_s if turn.time else None,
                confidence=turn.confidence,
                role_confidence=turn.role_confidence,
                doubts=list(turn.doubts),
            )
            for turn in report.call.turns
        ],
        findings=[_finding(filed, report.call, masks, told) for filed in (*known.findings, *known.earlier)],
        missed=[
            Missed(
                number=one.number,
                label=one.label,
                turn=one.turn,
                start_char=one.span.start if one.span else None,
                end_char=one.span.end if one.span else None,
                quote=masks.added(one),
                comment=redactor.text(one.comment) if told else "",
                reviewer=one.reviewer,
                added_at=one.at,
            )
            for one in known.added
        ],
    )


def _finding(filed: Filed, call: Audited, masks: Masks, told: bool) -> Finding:
    found, shown = filed.finding, masks.of(call).text
    return Finding(
        number=filed.number,
        label=found.label,
        rule=found.rule,
        severity=found.severity,
        confidence=found.confidence,
        turn=found.turn,
        start_char=found.span.start if found.span else None,
        end_char=found.span.end if found.span else None,
        quote=masks.quote(filed),
        review=list(found.why.review),
        state=filed.state,
        blind=filed.hidden,
        decisions=[
            Decision(
                number=said.number,
                reviewer=said.reviewer,
                verdict=said.verdict,
                reason=shown(said.reason) if told else "",
                comment=shown(said.comment) if told else "",
                decided_at=said.at,
                holds=said.holds,
            )
            for said in filed.statements
        ],
        gone_since=filed.gone_since,
    )
