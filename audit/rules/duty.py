"""The duty that a signal opens: the agent has to answer it within a few turns (RULES.md section 4, rule 8, and section 3.13)."""

from dataclasses import replace

from audit.model.call import Role
from audit.model.finding import Severity
from audit.rules.analysed import AnalysedCall
from audit.rules.match import Match

ANSWERED, IGNORED = "answered", "ignored"
_WITHIN = 3


def with_duty(match: Match, call: AnalysedCall) -> Match:
    """The match, graver where the rule names cues that answer it (`answered_by`) and none of the agent's next turns has one.

    `answer_within` is how many of the agent's turns count (3), `ignored` the severity of a duty nobody met. Where the agent
    says nothing more, nothing can be said of the duty. The facts name the turns: that of the answer, or those without one.
    """
    cues, parameters = match.rule.parameters.get("answered_by"), match.rule.parameters
    if not isinstance(cues, list) or match.turn is None:
        return match
    replies = [turn for turn in call.dialogue.turns_of({Role.AGENT}) if turn > match.turn]
    replies = replies[: int(str(parameters.get("answer_within", _WITHIN)))]
    if not replies:
        return match
    answer = next((turn for turn in replies if any(call.dialogue.says(cue, turn) for cue in cues)), None)
    if answer is not None:
        return replace(
            match, facts={**match.facts, "duty": ANSWERED, "answered_in_turn": str(call.speech.first(answer))}
        )
    severity = Severity(str(parameters.get("ignored", match.rule.severity)))
    facts = {**match.facts, "duty": IGNORED, "replies": ", ".join(map(str, map(call.speech.first, replies)))}
    if severity.rank > match.rule.severity.rank:
        facts["raised_from"] = match.rule.severity.value
    return replace(match, facts=facts, raised_to=severity, absent=tuple(cues))
