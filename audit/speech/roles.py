"""Who is the collector: by the call record, else by what is said. Every role carries how sure it is."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from importlib.resources import files

from ruamel.yaml import YAML

from audit.errors import Problem
from audit.model.call import CallMetadata, Role, Turn
from audit.model.transcript import Segment, Transcript
from audit.speech.channels import Utterance, turns_of

_WEIGHTS = {"strong": 3.0, "weak": 1.0}
# A guarantor or joint borrower owes the debt too (Civil Code art. 688): not a third party.
_OWES = {"self", "本人", "债务人", "借款人", "debtor", "guarantor", "担保人", "保证人", "共同借款人", "co_borrower"}
_UNSURE = 0.5
_THIRD_PARTY_BY_WORDS = 0.7
_SUREST_BY_WORDS = 0.95
_SUREST_BY_VOICE = 0.9

_GUESSED = 0.35
_PAUSE_S = 0.6

Party = tuple[int, str | None]
Parties = dict[Party, list[Segment]]


def assign_roles(transcript: Transcript, metadata: CallMetadata) -> tuple[Turn, ...]:
    """The turns of a call in time order, with roles.

    A party is a channel, or a speaker label on one channel. The agent's is `metadata.agent_channel`, else the one that
    talks most like a company's agent. One channel without labels is split by words and turn-taking, with a role
    confidence of at most 0.5. The other side is the debtor unless the record or its own words say third party.
    """
    parties = _parties(transcript)
    if list(parties) == [(0, None)] and len(transcript.channels) == 1:
        return turns_of(_by_turn_taking(transcript.channels[0], metadata))
    agent, sure = _agent(transcript, parties, metadata)
    others = _text([segment for party, said in parties.items() if party != agent for segment in said])
    other_role, other_sure = _other_side(others, metadata)
    if len(transcript.channels) == 1:
        sure = min(sure, _SUREST_BY_VOICE)
    other_sure = min(sure, other_sure)
    return turns_of(
        [
            Utterance(segment, party[0], Role.AGENT, sure)
            if party == agent
            else Utterance(segment, party[0], other_role, other_sure)
            for party, said in parties.items()
            for segment in said
        ]
    )


def swap_roles(turns: Sequence[Turn]) -> tuple[Turn, ...]:
    """`turns` with agent and other side exchanged, as a person decided: every role is certain afterwards.

    The agent's turns become the role that the other side had (debtor where nobody else spoke).
    """
    other = next((turn.role for turn in turns if turn.role is not Role.AGENT), Role.DEBTOR)
    return tuple(
        replace(turn, role=other if turn.role is Role.AGENT else Role.AGENT, role_confidence=1.0) for turn in turns
    )


def uncertain_roles(turns: Sequence[Turn], where: str) -> Problem | None:
    """The warning CA330 about a call whose roles a person must check, else None."""
    least = min((turn.role_confidence for turn in turns), default=1.0)
    return Problem("CA330", where, {"confidence": least}) if least <= _UNSURE else None


def _parties(transcript: Transcript) -> Parties:
    """What each party said. A silent channel is no party."""
    parties: Parties = {}
    for channel, segments in enumerate(transcript.channels):
        for segment in segments:
            parties.setdefault((channel, segment.speaker), []).append(segment)
    return parties


def _agent(transcript: Transcript, parties: Parties, metadata: CallMetadata) -> tuple[Party | None, float]:
    """The agent's party (None: the agent says nothing) and how sure that is."""
    channels = len(transcript.channels)
    if channels > 1 and metadata.agent_channel is not None and 0 <= metadata.agent_channel < channels:
        return (metadata.agent_channel, None), 1.0
    scores = {party: agent_score(_text(said)) for party, said in parties.items()}
    if not scores:
        return None, _UNSURE
    best = max(scores, key=lambda party: scores[party])
    # Somebody who speaks alone is compared with nobody: a score of 0.
    rival = max((score for party, score in scores.items() if party != best), default=0.0)
    sure = min(_SUREST_BY_WORDS, 1 - _UNSURE * math.exp(-abs(scores[best] - rival) / 4))
    return (None if len(scores) == 1 and scores[best] < 0 else best), round(sure, 3)


def agent_score(text: str) -> float:
    """How much `text` sounds like a company's agent (above 0) or like the other side (below)."""
    cues = _cues()
    return _weigh(text, cues["agent"]) - _weigh(text, cues["other"])


def _other_side(text: str, metadata: CallMetadata) -> tuple[Role, float]:
    """The role of whoever is not the agent, and how sure that is."""
    if metadata.callee_role in (Role.DEBTOR, Role.THIRD_PARTY):
        return metadata.callee_role, 1.0
    if metadata.callee_relation and metadata.callee_relation.strip().lower() not in _OWES:
        return Role.THIRD_PARTY, 1.0
    if _weigh(text, _cues()["third_party"]):
        return Role.THIRD_PARTY, _THIRD_PARTY_BY_WORDS
    return Role.DEBTOR, 1.0


def _by_turn_taking(segments: Sequence[Segment], metadata: CallMetadata) -> list[Utterance]:
    """Two people on one channel without voice labels: the likeliest sequence of agent and other side (Viterbi).

    What is said speaks for one or the other; people rather go on than change within a breath, and rather change after a
    question or a pause.
    """
    scores = [max(-3.0, min(3.0, agent_score(segment.text))) for segment in segments]
    paths: dict[bool, tuple[float, tuple[bool, ...]]] = {True: (0.0, ()), False: (0.0, ())}
    for index, score in enumerate(scores):
        change = _change_score(segments[index - 1], segments[index]) if index else 0.0
        paths = {
            agent: max(
                (total + (score if agent else -score) + (change if was != agent else 0.0) * bool(index), (*path, agent))
                for was, (total, path) in paths.items()
            )
            for agent in (True, False)
        }
    _, path = max(paths.values())
    others = _text([segment for segment, agent in zip(segments, path, strict=True) if not agent])
    other_role, _ = _other_side(others, metadata)
    return [
        Utterance(segment, 0, Role.AGENT if agent else other_role, _UNSURE if abs(score) >= 1 else _GUESSED)
        for segment, agent, score in zip(segments, path, scores, strict=True)
    ]


def _change_score(before: Segment, after: Segment) -> float:
    pause = after.time.start_s - before.time.end_s
    asked = before.text.endswith(("?", "？", "吗", "呢"))
    return (0.8 if asked else 0.0) + (0.4 if pause >= _PAUSE_S else -1.2)


def _text(segments: Sequence[Segment]) -> str:
    return "".join(segment.text for segment in segments)


def _weigh(text: str, cues: Mapping[str, Sequence[str]]) -> float:
    return sum(_WEIGHTS[strength] * text.count(cue) for strength, words in cues.items() for cue in words)


@lru_cache(maxsize=1)
def _cues() -> Mapping[str, Mapping[str, Sequence[str]]]:
    """lexicons/role_cues.yaml: side → strength → cue words."""
    source = files("audit.lexicons") / "role_cues.yaml"
    cues: Mapping[str, Mapping[str, Sequence[str]]] = YAML(typ="safe", pure=True).load(source.read_text("utf-8"))
    return cues
