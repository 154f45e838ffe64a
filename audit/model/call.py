"""A call: its metadata and its turns, whatever it came from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from audit.model.span import TimeSpan
from audit.model.transcript import EngineInfo, Word


class Role(StrEnum):
    """Who speaks. `unknown` is judged by what is said."""

    AGENT = "agent"
    DEBTOR = "debtor"
    THIRD_PARTY = "third_party"
    UNKNOWN = "unknown"


class Direction(StrEnum):
    """Who started the call. Calls the debtor starts never count against hours or frequency."""

    OUTBOUND = "outbound"
    INBOUND = "inbound"


class DialResult(StrEnum):
    """What became of a dial, where that changes what may be done next."""

    INVALID_NUMBER = "invalid_number"
    LOST_CONNECTION = "lost_connection"


class AccountStatus(StrEnum):
    """What the lender's books say of the account on the day of the call."""

    OPEN = "open"
    SETTLED = "settled"
    ON_PLAN = "on_plan"
    DECEASED = "deceased"
    INCAPABLE = "incapable"


@dataclass(frozen=True, slots=True)
class CallMetadata:
    """The call record. Every field may be missing; `extra` keeps the columns nobody here knows.

    `started_at` always carries an offset. `agreed_hours` is the debtor's recorded consent, `"22:00-23:00"`.
    `agent_channel` is the channel index of the agent (0 is left). `account_status` `on_plan` means that the instalments are
    being paid; `recording_deleted` that the recording was there and its time of keeping is over.
    """

    started_at: datetime | None = None
    duration_s: float | None = None
    direction: Direction | None = None
    connected: bool | None = None
    agent_id: str | None = None
    agent_channel: int | None = None
    team: str | None = None
    debtor_id: str | None = None
    debtor_name: str | None = None
    callee_number: str | None = None
    callee_relation: str | None = None
    callee_role: Role | None = None
    callee_timezone: str | None = None
    lender: str | None = None
    agency: str | None = None
    agreed_hours: str | None = None
    case_no: str | None = None
    dial_result: DialResult | None = None
    account_status: AccountStatus | None = None
    recording_deleted: bool | None = None
    extra: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Turn:
    """One speaker's uninterrupted speech.

    `text` is the original: findings quote it by character. `words` are there when it was recognised from sound.
    `confidence` is the recogniser's (0..1), `role_confidence` how sure the speaker's role is (1.0 when given).
    `doubts` as in `Segment`.
    """

    index: int
    role: Role
    text: str
    time: TimeSpan | None = None
    words: tuple[Word, ...] = ()
    channel: int | None = None
    confidence: float | None = None
    role_confidence: float = 1.0
    doubts: tuple[str, ...] = ()


# Kinds of sources without words: nobody answered; somebody did, and the record names no recording, or one that is not there.
ATTEMPT, UNRECORDED, MISSING = "attempt", "unrecorded", "missing"


@dataclass(frozen=True, slots=True)
class Source:
    """Where a call came from. `path` is as the user gave it, `sha256` of the file's bytes, `kind` the format's name
    (`recording`, `callaudit-jsonl`, `srt` ...) or why there are no words (`ATTEMPT`, `UNRECORDED`, `MISSING`), `line` the
    1-based line for formats with a call a line."""

    path: str
    sha256: str
    kind: str
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """What is audited: one call with its turns in order. `engine` is set when the turns were recognised from sound."""

    call_id: str
    metadata: CallMetadata
    turns: tuple[Turn, ...]
    source: Source
    engine: EngineInfo | None = None
    recording_s: float | None = None

    @property
    def both_spoke(self) -> bool:
        """Whether the agent and somebody else spoke: a conversation in the sense of the daily cap."""
        roles = {turn.role for turn in self.turns if turn.text.strip()}
        return Role.AGENT in roles and len(roles) > 1
