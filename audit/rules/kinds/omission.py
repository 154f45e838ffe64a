"""Rules about what should have been said and was not. The evidence is the window that was searched (RULES.md section 4, rule 9)."""

from collections.abc import Iterator, Sequence

from audit.model.call import Role
from audit.rules.analysed import AnalysedCall
from audit.rules.dialogue import Listener
from audit.rules.match import Match
from audit.rules.pack import Rule, RulePack
from audit.rules.policy import Policy

_MIN_TURNS = 3
_MISSING = 0.85
# Below this the recogniser may simply not have understood the words that are missed.
_UNDERSTOOD = 0.5


class OmissionFinder:
    """Judges rules of kind `omission`. Their parameters:

    `missing`: dialogue cues; the rule breaches when one of them is nowhere in the window.
    `where`: the cue without which the call never came to the point where the words were due.
    `until`: the window ends where this cue is first said (left out: the whole call).
    `settled_by`: cues that show that the words were not needed: the agent's anywhere, the other side's before the place of `where`.
    `voided_by`: a label after whose first turn nothing counts (a false identity is none).
    `listeners`: who has to be on the line, at the place of `where` (left out: anybody).
    `min_turns`: shorter calls are not judged (3).
    """

    def __init__(self, rules: Sequence[Rule], pack: RulePack, policy: Policy) -> None:
        self._rules = rules

    def find(self, call: AnalysedCall) -> Iterator[Match]:
        """One match a rule and call at most, about the whole call."""
        for rule in self._rules:
            match = _judge(rule, call)
            if match:
                yield match

    def skipped(self, call: AnalysedCall) -> Iterator[str]:
        """Words need nothing but turns."""
        return iter(())


def _judge(rule: Rule, call: AnalysedCall) -> Match | None:
    dialogue, turns = call.dialogue, call.turns
    if len(turns) < _number(rule, "min_turns", _MIN_TURNS) or not any(turn.role is Role.AGENT for turn in turns):
        return None
    point = dialogue.first(_names(rule, "where"))
    if point is None:
        return None
    listeners = _names(rule, "listeners")
    if listeners and dialogue.listener(point[0]) not in {Listener(name) for name in listeners}:
        return None
    counts = [index for index, turn in enumerate(turns) if turn.role is Role.AGENT or index < point[0]]
    if any(dialogue.says(cue, index) for cue in _names(rule, "settled_by") for index in counts):
        return None
    until = dialogue.first(_names(rule, "until")) if "until" in rule.parameters else None
    voided = dialogue.first_labelled(_names(rule, "voided_by"))
    missing = [cue for cue in _names(rule, "missing") if not _said(call, cue, until, voided)]
    if not missing:
        return None
    last = until[0] if until else len(turns) - 1
    heard = [turn.confidence for turn in turns[: last + 1] if turn.confidence is not None and turn.role is Role.AGENT]
    doubtful = bool(heard) and min(heard) < _UNDERSTOOD
    return Match(
        rule=rule,
        turn=None,
        span=None,
        confidence=_MISSING,
        variant="omission",
        facts={
            "missing": ", ".join(missing),
            "searched": f"0-{call.speech.last(last)}",
            "said_in_turn": str(call.speech.first(point[0])),
        },
        review=("unable_to_determine",) if doubtful else (),
        absent=tuple(missing),
    )


def _said(call: AnalysedCall, cue: str, until: tuple[int, int] | None, voided: int | None) -> bool:
    """Whether the cue is in the window: up to the turn of `until`, in that turn before its place, and not after turn `voided`."""
    for index in range(len(call.turns)):
        if (until and index > until[0]) or (voided is not None and index > voided):
            return False
        found = call.dialogue.place(cue, index)
        if found and (until is None or index < until[0] or found.start() < until[1]):
            return True
    return False


def _names(rule: Rule, key: str) -> list[str]:
    value = rule.parameters.get(key, [])
    return value if isinstance(value, list) else [str(value)]


def _number(rule: Rule, key: str, default: int) -> int:
    return int(str(rule.parameters.get(key, default)))
