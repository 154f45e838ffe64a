"""The machine's findings. They are suspicions until a person has listened; nothing here is ever changed afterwards."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from audit.model.call import Role
from audit.model.span import CharSpan, TimeSpan


class Severity(StrEnum):
    """How grave, from LABELS.md. The order is that of `rank`."""

    CRITICAL = "critical"
    MAJOR = "major"
    MINOR = "minor"
    INFO = "info"

    @property
    def rank(self) -> int:
        """0 for info to 3 for critical, for comparing and sorting."""
        return ("info", "minor", "major", "critical").index(self.value)


@dataclass(frozen=True, slots=True)
class Citation:
    """A clause as shown with a finding: the words ready to print, and what they are worth.

    `state` is `verbatim` or `paraphrase`; `sha256` is of the clause's text, so that a report stays tied to the words it was made with.
    """

    key: str
    zh: str
    en: str
    state: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why there is a finding, recorded when it was decided.

    `name` and `reason` are the rule's own words by language. `matched` are the words found, as spoken; `variant` says how
    (`exact`, `homophone`, `pattern`, `digits`, `metadata`, `learned`); `meant` gives the lexicon's spelling where it differs from what was
    recognised. `raised` and `lowered` name the cues that changed the confidence. `review` says why a person must listen before
    this counts (`needs_role_check`, `needs_listener`, `unable_to_determine`); empty when the finding stands by itself.
    `facts` are the numbers of rules about metadata (limit, counted, local time). `advice` is what the rule says should be
    done or said instead, by language; `absent` what was searched for and not found, each in words by language.
    """

    name: Mapping[str, str]
    reason: Mapping[str, str]
    matched: tuple[str, ...] = ()
    variant: str = "exact"
    meant: tuple[str, ...] = ()
    raised: tuple[str, ...] = ()
    lowered: tuple[str, ...] = ()
    review: tuple[str, ...] = ()
    facts: Mapping[str, str] = field(default_factory=dict)
    advice: Mapping[str, str] = field(default_factory=dict)
    absent: tuple[Mapping[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """One suspected breach (or signal). `turn` is None when it is about the whole call.

    `quote` is an exact substring of the turn's text at `span`. `fingerprint` identifies the finding across runs without
    positions: rule + role + normalised words.
    """

    call_id: str
    turn: int | None
    label: str
    rule: str
    severity: Severity
    confidence: float
    role: Role | None
    quote: str
    span: CharSpan | None
    time: TimeSpan | None
    clauses: tuple[Citation, ...]
    why: Explanation
    fingerprint: str

    @property
    def family(self) -> str:
        """The part of the label before the dot."""
        return self.label.partition(".")[0]

    @property
    def is_signal(self) -> bool:
        """Signals oblige follow-up; they are no breach."""
        return self.family == "signal"
