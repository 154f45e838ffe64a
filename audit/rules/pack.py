"""A rule pack in memory: compiled rules, the lexicon they share, and the clauses they rest on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from audit.model.call import Role
from audit.model.finding import Severity
from audit.rules.clauses import ClauseBook
from audit.rules.dialogue import Cue, When
from audit.rules.lexicon import Lexicon
from audit.rules.pattern import Pattern

# Parameters of rules that are names of dialogue cues, one or a list.
CUE_PARAMETERS = ("missing", "where", "until", "settled_by", "answered_by", "heard")


@dataclass(frozen=True, slots=True)
class Nearby:
    """A condition on the turns around: one of `patterns` in a turn of `roles` (any when empty), at most `within` turns away."""

    roles: frozenset[Role]
    within: int
    patterns: tuple[Pattern, ...]


@dataclass(frozen=True, slots=True)
class Variant:
    """One way of breaching: any of `patterns`, with all of `also` and none of `without` in the same turn, in the dialogue's state
    `when`. `metadata` are fields of the call record that must be `present` or `absent`, or hold that value."""

    patterns: tuple[Pattern, ...]
    also: tuple[tuple[Pattern, ...], ...]
    without: tuple[Pattern, ...]
    before: Nearby | None
    after: Nearby | None
    when: When | None
    metadata: tuple[tuple[str, str], ...]
    confidence: float
    unless: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Example:
    """An example that is more than one turn of the agent: another role, several turns (`A:`, `D:`, `T:`, `U:`), or records of calls."""

    role: Role = Role.AGENT
    text: str | None = None
    turns: tuple[str, ...] = ()
    metadata: Mapping[str, str | int | float | bool] = field(default_factory=dict)
    calls: tuple[Mapping[str, str | int | float | bool], ...] = ()


def describe(example: str | Example) -> str:
    """The example in one line."""
    if isinstance(example, str):
        return example
    parts = [example.text] if example.text else []
    parts += example.turns
    parts += [f"{key}={value}" for key, value in example.metadata.items()]
    parts += [f"({', '.join(f'{k}={v}' for k, v in call.items())})" for call in example.calls]
    return " → ".join(parts)


@dataclass(frozen=True, slots=True)
class Examples:
    """What a rule proves itself on: lines it must find, and near misses that it must not. `policy` are parameters of the default
    policy that must differ for the rule to find anything."""

    policy: Mapping[str, Any]
    breaching: tuple[str | Example, ...]
    near_misses: tuple[str | Example, ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule, ready to run. `path` says where it is written, `own` that it is the institution's, not one that ships with callaudit."""

    id: str
    name: Mapping[str, str]
    reason: Mapping[str, str]
    advice: Mapping[str, str]
    severity: Severity
    status: str
    kind: str
    roles: frozenset[Role]
    clauses: tuple[str, ...]
    no_clause: Mapping[str, str] | None
    variants: tuple[Variant, ...]
    examples: Examples
    path: str
    own: bool = False
    parameters: Mapping[str, str | int | float | bool | list[str]] = field(default_factory=dict)

    @property
    def cues(self) -> tuple[str, ...]:
        """The dialogue cues that its parameters name (`missing`, `where`, `until`, `settled_by`, `answered_by`, `heard`)."""
        named: list[str] = []
        for key in CUE_PARAMETERS:
            value = self.parameters.get(key, [])
            named.extend(value if isinstance(value, list) else [str(value)])
        return tuple(named)

    @property
    def family(self) -> str:
        """The part of the label before the dot."""
        return self.id.partition(".")[0]

    @property
    def label(self) -> str:
        """The label of LABELS.md that its findings carry."""
        return self.id.partition("/")[0]


@dataclass(frozen=True, slots=True)
class RulePack:
    """Everything the engine needs, and the hash of the files it was made from.

    `concepts` are the words by concept, `cues` the dialogue's.
    """

    rules: tuple[Rule, ...]
    lexicon: Lexicon
    clauses: ClauseBook
    sha256: str
    concepts: Mapping[str, Sequence[str]]
    cues: Mapping[str, Cue]

    def rule(self, rule_id: str) -> Rule:
        """The rule of that id. Raises KeyError."""
        for rule in self.rules:
            if rule.id == rule_id:
                return rule
        raise KeyError(rule_id)
