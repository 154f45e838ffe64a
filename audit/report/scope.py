"""What a report can speak of: labels that were looked for, labels that were not, and rules that lacked what they need."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from audit.model.labels import LABELS
from audit.report.labels import FAMILIES, FIELDS, name


@dataclass(frozen=True, slots=True)
class Scope:
    """A family of labels: the names of those that some rule looked for, and of those that none did."""

    family: str
    judged: tuple[str, ...]
    unjudged: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SkippedRules:
    """Rules that could not be judged for want of one field of the call record: their labels and ids, in how many calls at most."""

    field: str
    labels: tuple[str, ...]
    rules: tuple[str, ...]
    calls: int


def scope(judged: Collection[str]) -> list[Scope]:
    """All families, those of the label guide first; labels of the house's own come with their families."""
    labels = [*LABELS, *sorted(set(judged) - set(LABELS))]
    families = dict.fromkeys([*FAMILIES, *(label.partition(".")[0] for label in labels)])
    return [
        Scope(
            name(FAMILIES, family),
            tuple(name(LABELS, label) for label in labels if label in judged and label.partition(".")[0] == family),
            tuple(name(LABELS, label) for label in labels if label not in judged and label.partition(".")[0] == family),
        )
        for family in families
    ]


def skipped_rules(notes: Iterable[tuple[str, int]]) -> list[SkippedRules]:
    """Notes (`rule: field`) with the number of calls that have them, by field."""
    by_field: dict[str, dict[str, int]] = {}
    for note, calls in notes:
        rule, _, field = note.partition(": ")
        by_field.setdefault(field, {})[rule] = calls
    return [
        SkippedRules(
            name(FIELDS, field),
            tuple(dict.fromkeys(name(LABELS, rule.partition("/")[0]) for rule in sorted(rules))),
            tuple(sorted(rules)),
            max(rules.values()),
        )
        for field, rules in sorted(by_field.items())
    ]
