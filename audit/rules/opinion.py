"""The learned models as a second opinion: how several are heard, and what they make of what a rule found.

A rule's confidence and the models' probabilities together are one calibrated confidence: a logistic function with weights
fitted on turns that neither had seen (`python -m training.agreement`).
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from importlib.resources import files
from math import exp
from typing import TYPE_CHECKING

from audit.learned.opinion import Model, Opinion, Talk, log_odds, mean
from audit.rules.match import Match
from audit.rules.pack import Rule

if TYPE_CHECKING:
    from audit.rules.policy import Policy

# The first model reads every turn; the next, dearer ones only what looks suspicious to those before them.
_SUSPICIOUS = 0.15
# A match this sure stays, whatever the models think; a weaker one disappears when hardly anything speaks for it then.
_STANDS = 0.9
_NOTHING = 0.4
# A label this improbable is another name for the breach of a label that probable.
_HARDLY, _RATHER = 0.1, 0.5
# A change of confidence by less than this is not worth a word.
_NOTICEABLE = 0.05


def models(policy: "Policy") -> tuple[Model, ...]:
    """The models that a policy asks, the cheapest first. ConfigError CA232 when the encoder is asked for and cannot run."""
    if policy.learned == "off":
        return ()
    return tuple(make() for name, make in _SHIPPED.items() if name in policy.learned_models)


def _ngrams() -> Model:
    from audit.learned import ngrams

    return ngrams.shipped()


def _encoder() -> Model:
    from audit.learned import encoder

    return encoder.shipped()


# The cheapest first. What a model needs is imported for those who ask it.
_SHIPPED: dict[str, Callable[[], Model]] = {"ngrams": _ngrams, "encoder": _encoder}


def opinions(asked: Sequence[Model], talk: Talk) -> Mapping[int, Opinion]:
    """The common opinion of each turn."""
    heard: dict[int, list[Opinion]] = {}
    turns: Iterable[int] = range(len(talk.roles))
    for model in asked:
        for turn, opinion in model.opinions(talk, turns).items():
            heard.setdefault(turn, []).append(opinion)
        turns = [turn for turn, given in heard.items() if mean(given).any >= _SUSPICIOUS]
    return {turn: mean(given) for turn, given in heard.items()}


def weighed(match: Match, heard: Mapping[int, Opinion]) -> list[Match]:
    """The match with the opinions weighed in: word rules rise and fall, weak ones may vanish."""
    if match.turn is None or match.turn not in heard or not speaks_of_words(match.rule):
        return [match]
    if match.rule.label not in heard[match.turn].labels:  # no model was taught this label
        return [match]
    confidence = agreement(match.confidence, match.rule.label, heard[match.turn])
    if confidence < _NOTHING and match.confidence < _STANDS:
        return []
    change = confidence - match.confidence
    if change >= _NOTICEABLE:
        return [replace(match, confidence=confidence, raised=(*match.raised, "learned"))]
    if change <= -_NOTICEABLE:
        return [replace(match, confidence=confidence, lowered=(*match.lowered, "learned"))]
    return [replace(match, confidence=confidence)]


def rightly_named(matches: Sequence[Match], heard: Mapping[int, Opinion]) -> list[Match]:
    """Without matches that give a turn a label which the models hardly believe beside one of its family which they do: the words
    are one breach, named twice."""
    families: dict[tuple[int, str], float] = {}
    for match in matches:
        if match.turn is not None and match.turn in heard:
            key = match.turn, match.rule.family
            families[key] = max(families.get(key, 0.0), heard[match.turn].labels.get(match.rule.label, 0.0))

    def doubted(match: Match) -> bool:
        if match.turn is None or match.turn not in heard:
            return False
        if not speaks_of_words(match.rule) or match.confidence >= _STANDS:
            return False
        likely = heard[match.turn].labels.get(match.rule.label)
        return likely is not None and likely < _HARDLY and families[match.turn, match.rule.family] >= _RATHER

    return [match for match in matches if not doubted(match)]


def speaks_of_words(rule: Rule) -> bool:
    """Whether a second opinion on the words of the turn is one on the rule: identifiers, call records and the state of the
    dialogue are known to the rules alone, and what an institution's own rules mean no model was taught."""
    return rule.kind == "say" and not rule.own and not any(variant.when for variant in rule.variants)


def agreement(confidence: float, label: str, opinion: Opinion) -> float:
    """The calibrated probability that a rule of this confidence is right about a turn of which the models think so."""
    weights = _weights()
    score = weights["bias"] + sum(weights[name] * value for name, value in evidence(confidence, label, opinion).items())
    return 1 / (1 + exp(-score))


def evidence(confidence: float, label: str, opinion: Opinion) -> dict[str, float]:
    """What the agreement is made of, as log odds."""
    return {
        "rule": log_odds(confidence),
        "label": log_odds(opinion.labels[label]),
        "any": log_odds(opinion.any),
    }


@cache
def _weights() -> Mapping[str, float]:
    text = (files("audit.learned") / "assets" / "agreement.json").read_text(encoding="utf-8")
    weights: dict[str, float] = json.loads(text)["weights"]
    return weights
