"""What a rule kind hands to the engine: where a rule matched and what is to be said of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from audit.model.finding import Severity
from audit.model.span import CharSpan
from audit.rules.pack import Rule


@dataclass(frozen=True, slots=True)
class Match:
    """`turn` is None for the whole call. `span` is in the turn's original text. `variant` as in `Explanation`.

    `meant` gives the lexicon's spelling of words that only sounded alike; `raised` and `lowered` are cues already weighed
    into `confidence`. `raised_to` is a graver severity than the rule's own, `info_only` the least; `review` says why a person has to listen.
    `absent` are the dialogue cues that were searched for and not found.
    """

    rule: Rule
    turn: int | None
    span: CharSpan | None
    confidence: float
    variant: str
    matched: tuple[str, ...] = ()
    meant: tuple[str, ...] = ()
    raised: tuple[str, ...] = ()
    lowered: tuple[str, ...] = ()
    facts: Mapping[str, str] = field(default_factory=dict)
    info_only: bool = False
    raised_to: Severity | None = None
    review: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
