"""What people say of findings. The machine's finding and a person's decision are different records; both are only ever added."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class UserRole(StrEnum):
    """What somebody's work is; `REVIEWERS` may decide on findings, `LEADS` draw samples and have the last word on disputes."""

    OFFICER = "officer"
    LEAD = "lead"
    TRAINER = "trainer"
    VIEWER = "viewer"
    ADMIN = "admin"


REVIEWERS = frozenset((UserRole.OFFICER, UserRole.LEAD, UserRole.ADMIN))
LEADS = frozenset((UserRole.LEAD, UserRole.ADMIN))


class Verdict(StrEnum):
    """What a reviewer says of a finding; `UNDO` takes back an earlier decision of the same reviewer."""

    CONFIRM = "confirm"
    DISMISS = "dismiss"
    UNSURE = "unsure"
    UNDO = "undo"


class Opinion(StrEnum):
    """What a reviewer says of a sample: of a finding as in a decision; of a call without findings, that it is `CLEAN`, or that
    violations in it were `MISSED`."""

    CONFIRM = "confirm"
    DISMISS = "dismiss"
    UNSURE = "unsure"
    CLEAN = "clean"
    MISSED = "missed"


OF_FINDINGS = (Opinion.CONFIRM, Opinion.DISMISS, Opinion.UNSURE)
OF_CALLS = (Opinion.CLEAN, Opinion.MISSED)


class Ruling(StrEnum):
    """The last word on a finding: the suspicion is `UPHELD` as a violation, or `OVERTURNED`."""

    UPHELD = "confirm"
    OVERTURNED = "dismiss"


class ReviewState(StrEnum):
    """What all decisions on a finding, and the last ruling, come to."""

    OPEN = "open"
    CONFIRMED = "confirmed"
    DISMISSED = "dismissed"
    UNSURE = "unsure"
    DISPUTED = "disputed"


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision, in the order they were made. `number` identifies it, `undoes` is the number of the one taken back."""

    number: int
    reviewer: int
    verdict: Verdict
    undoes: int | None = None


def in_force(decisions: Sequence[Decision]) -> dict[int, Decision]:
    """The decision of each reviewer that stands: the last one that was not taken back.

    >>> yes, no = Decision(1, 7, Verdict.CONFIRM), Decision(2, 7, Verdict.DISMISS)
    >>> in_force([yes, no, Decision(3, 7, Verdict.UNDO, undoes=2)])[7].verdict.value
    'confirm'
    """
    undone = {decision.undoes for decision in decisions}
    return {d.reviewer: d for d in decisions if d.verdict is not Verdict.UNDO and d.number not in undone}


def review_state(decisions: Sequence[Decision], ruling: Ruling | None = None) -> ReviewState:
    """What the decisions in force come to: `disputed` when one reviewer confirms and another dismisses.

    Who is unsure asks for another opinion and does not outweigh one: a finding is `unsure` when nobody is sure. `ruling`, the last there
    was, outweighs all decisions, those made after it too.

    >>> review_state([Decision(1, 7, Verdict.CONFIRM)], Ruling.OVERTURNED).value
    'dismissed'
    """
    if ruling is not None:
        return ReviewState.CONFIRMED if ruling is Ruling.UPHELD else ReviewState.DISMISSED
    verdicts = {decision.verdict for decision in in_force(decisions).values()}
    if {Verdict.CONFIRM, Verdict.DISMISS} <= verdicts:
        return ReviewState.DISPUTED
    if Verdict.CONFIRM in verdicts:
        return ReviewState.CONFIRMED
    if Verdict.DISMISS in verdicts:
        return ReviewState.DISMISSED
    return ReviewState.UNSURE if verdicts else ReviewState.OPEN
