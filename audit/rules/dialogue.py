"""The state of a dialogue: who listens, who has said who they are, and what has been said before (RULES.md section 4, rules 7 to 9).

A sentence about the debt is right before a debtor who has confirmed who they are and a breach before anybody else, so rules about
it are conditions on this state. The state is read from cues, the regular expressions of `lexicons/dialogue.yaml`, and from
the roles that the transcript gives.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

from audit.model.call import Call, Role
from audit.text.normalise import Turns
from audit.text.regex import Regex


class Listener(StrEnum):
    """Who hears what the agent says."""

    UNKNOWN = "unknown"
    DEBTOR = "debtor"
    GUARANTOR = "guarantor"
    THIRD_PARTY = "third_party"
    MINOR = "minor"
    VOICEMAIL = "voicemail"


# Cues that the state machine itself asks for: a pack whose dialogue.yaml lacks one cannot be loaded.
STATE_CUES = frozenset(
    {
        "asks_identity",
        "opens_by_name",
        "asks_other",
        "asks_guarantor",
        "confirms",
        "states_identity",
        "evades",
        "owns_debt",
        "says_other",
        "wrong_number",
        "guarantor",
        "child",
        "voicemail",
    }
)
_GUARANTOR_RELATION = re.compile(r"担保|保证人|共同借款|共借|guarantor|co-?borrower|joint", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Cue:
    """One cue: it holds in a turn of one of `roles` (anyone's when empty) where `pattern` matches and `without` does not.

    With `first`, only among so many turns at the start of the call. `about` says in each language what it stands for.
    """

    name: str
    roles: frozenset[Role]
    pattern: Regex
    without: Regex | None = None
    first: int | None = None
    about: Mapping[str, str] = field(default_factory=dict)

    def find(self, text: str) -> re.Match[str] | None:
        """Where it is in a normalised text."""
        if self.without and self.without.pattern.search(text):
            return None
        return self.pattern.pattern.search(text)


@dataclass(frozen=True, slots=True)
class Heard:
    """A condition on what went before: one of `names` (cues, or labels of findings) in a turn of one of `roles`
    (anyone's when empty), at most `within` turns back (None: anywhere before)."""

    names: tuple[str, ...]
    roles: frozenset[Role] = frozenset()
    within: int | None = None


@dataclass(frozen=True, slots=True)
class When:
    """A condition on the state in which a turn is spoken; None and empty fields ask for nothing.

    `first`: only among so many turns at the start of the call. `identified`: the answerer has said who they are (the debtor
    confirmed, a third party said so or was known to be one).
    """

    listener: frozenset[Listener] = frozenset()
    identified: bool | None = None
    first: int | None = None
    heard: Heard | None = None
    unheard: Heard | None = None


class Dialogue:
    """The state of one call, asked for turn by turn. Nothing is worked out before somebody asks."""

    def __init__(self, call: Call, texts: Turns, cues: Mapping[str, Cue]) -> None:
        self._call = call
        self._texts = texts
        self._cues = cues
        self._places: dict[tuple[str, int], re.Match[str] | None] = {}
        self._labels: dict[int, set[str]] = {}

    def note(self, index: int, label: str) -> None:
        """Remember that a turn carries a label, for conditions on what was heard."""
        self._labels.setdefault(index, set()).add(label)

    def place(self, cue: str, index: int) -> re.Match[str] | None:
        """Where the cue is in a turn (normalised text), or None. Raises KeyError for a cue that does not exist."""
        key = cue, index
        if key not in self._places:
            self._places[key] = self._place(cue, index)
        return self._places[key]

    def _place(self, cue: str, index: int) -> re.Match[str] | None:
        spec, turn = self._cues[cue], self._call.turns[index]
        if (spec.roles and turn.role not in spec.roles) or (spec.first is not None and index >= spec.first):
            return None
        return spec.find(self._texts.text(index))

    def says(self, cue: str, index: int) -> bool:
        """Whether the cue is in a turn."""
        return self.place(cue, index) is not None

    def holds(self, when: When, index: int) -> bool:
        """Whether the state before turn `index` meets the condition."""
        if when.first is not None and index >= when.first:
            return False
        if when.listener and self.listener(index) not in when.listener:
            return False
        if when.identified is not None and self.identified(index) != when.identified:
            return False
        if when.heard and not self.heard(when.heard, index):
            return False
        return not (when.unheard and self.heard(when.unheard, index))

    def heard(self, condition: Heard, index: int) -> bool:
        """Whether something was said before turn `index`."""
        first = 0 if condition.within is None else max(0, index - condition.within)
        for other in range(index - 1, first - 1, -1):
            if condition.roles and self._call.turns[other].role not in condition.roles:
                continue
            if any(self._holds_in(name, other) for name in condition.names):
                return True
        return False

    def _holds_in(self, name: str, index: int) -> bool:
        return name in self._labels.get(index, ()) if "." in name else self.says(name, index)

    def listener(self, index: int) -> Listener:
        """Who hears turn `index`: whoever spoke last on the other side, or first if nobody has yet."""
        if self._reaches_guarantor:
            return Listener.GUARANTOR  # whoever asks for the guarantor by the debt speaks to one
        other = self._answer_before(index)
        if other is None:
            other = next((i for i in range(index + 1, len(self._call.turns)) if self._is_answer(i)), None)
        if other is None:
            said_by_machine = any(self.says("voicemail", i) for i in range(index))
            return Listener.VOICEMAIL if said_by_machine else Listener.UNKNOWN
        return self._who(other)

    @cached_property
    def _reaches_guarantor(self) -> bool:
        return Listener.GUARANTOR in self._speakers.values()

    def _who(self, index: int) -> Listener:
        """Who speaks turn `index`, one of the other side's, as far as is known by then."""
        return self._speakers[index]

    @cached_property
    def _speakers(self) -> dict[int, Listener]:
        """Who speaks each turn of the other side."""
        found: dict[int, Listener] = {}
        guarantor = bool(_GUARANTOR_RELATION.search(self._call.metadata.callee_relation or ""))
        asked_guarantor, machine, minor, other = False, False, False, False
        for index, turn in enumerate(self._call.turns):
            if not self._is_answer(index):
                asked_guarantor = asked_guarantor or self.says("asks_guarantor", index)
                continue
            guarantor = guarantor or self.says("guarantor", index)
            if asked_guarantor and self.says("confirms", index):
                guarantor = True
            machine = self.says("voicemail", index)
            minor = minor or self.says("child", index)
            if turn.role is Role.UNKNOWN or turn.role is Role.DEBTOR:
                other = (other or self.says("says_other", index)) and not self.says("owns_debt", index)
            third = turn.role is Role.THIRD_PARTY or other
            if machine:
                found[index] = Listener.VOICEMAIL
            elif guarantor and turn.role is not Role.DEBTOR:
                found[index] = Listener.GUARANTOR
            elif third:
                found[index] = Listener.MINOR if minor else Listener.THIRD_PARTY
            else:
                found[index] = Listener.DEBTOR if turn.role is Role.DEBTOR else Listener.UNKNOWN
        return found

    def _is_answer(self, index: int) -> bool:
        return self._call.turns[index].role is not Role.AGENT

    def _answer_before(self, index: int) -> int | None:
        return next((other for other in range(index - 1, -1, -1) if self._is_answer(other)), None)

    def identified(self, index: int) -> bool:
        """Whether the answerer has said who they are before turn `index`.

        A debtor has when they confirmed, answered a question for them without asking back, or spoke of the debt as their own. A
        third party has when they said whose relative or colleague they are, or when the agent knew.
        """
        listener = self.listener(index)
        if listener in (Listener.THIRD_PARTY, Listener.MINOR):
            return self._known_other(index)
        return listener in (Listener.GUARANTOR, Listener.VOICEMAIL) or self._confirmed_before(index)

    def _known_other(self, index: int) -> bool:
        if self._call.metadata.callee_role is Role.THIRD_PARTY or self.says("asks_other", index):
            return True
        return any(
            self.says("says_other", other) or self.says("wrong_number", other) or self.says("asks_other", other)
            for other in range(index)
        )

    def _confirmed_before(self, index: int) -> bool:
        asked = False
        for other in range(index):
            if not self._is_answer(other):
                asked = asked or self.says("asks_identity", other) or self.says("opens_by_name", other)
            elif self.says("says_other", other) or self.says("wrong_number", other):
                asked = False  # somebody else: whoever comes to the phone next has to say who they are
            elif self._who(other) not in (Listener.DEBTOR, Listener.UNKNOWN):
                continue
            elif self._is_surely_debtor(other) or (asked and self._answers(other)):
                return True
        return False

    def _is_surely_debtor(self, index: int) -> bool:
        return self.says("owns_debt", index) or self.says("states_identity", index)

    def _answers(self, index: int) -> bool:
        """Whether a turn answers the question for the debtor, and does not only ask who is calling."""
        return self.says("confirms", index) or not self.says("evades", index)

    def turns_of(self, roles: Collection[Role]) -> Iterator[int]:
        """The turns spoken by one of `roles`."""
        return (index for index, turn in enumerate(self._call.turns) if turn.role in roles)

    def first_labelled(self, labels: Collection[str]) -> int | None:
        """The first turn that carries one of the labels."""
        return min((turn for turn, carried in self._labels.items() if not carried.isdisjoint(labels)), default=None)

    def first(self, cues: Sequence[str]) -> tuple[int, int] | None:
        """The first turn in which one of the cues is, and the place in its normalised text."""
        for index in range(len(self._call.turns)):
            starts = [found.start() for cue in cues if (found := self.place(cue, index))]
            if starts:
                return index, min(starts)
        return None
