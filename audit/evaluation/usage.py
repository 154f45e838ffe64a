"""How often each rule matches, how often it is right, and what changes from one rule pack to another."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from audit.errors import InputError, Problem
from audit.evaluation.labelled import Place, read_gold
from audit.ingest.find import find_inputs
from audit.ingest.items import CallInput, Failure
from audit.model.call import Call
from audit.model.finding import Finding
from audit.pipeline import Auditor
from audit.rules.contact import ContactRecord, Records, findings_across, heard_in
from audit.rules.engine import Engine


@dataclass(frozen=True, slots=True)
class RuleUse:
    """One rule over some calls: in how many it matches, how often, how many findings carry its name (overlapping ones of a label become
    one) and how many of them wait for a listener; of those in labelled calls, how many there are and how many are right."""

    rule: str
    status: str
    calls: int
    matches: int
    findings: int
    waiting: int
    labelled: int
    right: int


@dataclass(frozen=True, slots=True)
class Change:
    """A finding that only one of two rule packs has (the other is None), or that both have otherwise."""

    old: Finding | None
    new: Finding | None

    @property
    def finding(self) -> Finding:
        """The finding, as the new pack has it where it does."""
        found = self.new or self.old
        assert found is not None
        return found


@dataclass(frozen=True, slots=True)
class Heard:
    """A call with its turns, and its labels where it is labelled."""

    call: Call
    gold: frozenset[Place] | None


def calls_in(inputs: Sequence[str], auditor: Auditor, problems: list[Problem]) -> Iterator[Heard]:
    """The calls of any inputs; what cannot be read goes to `problems`."""
    gold: dict[str, dict[str, frozenset[Place]]] = {}
    for item in find_inputs(inputs):
        if isinstance(item, Failure):
            problems.append(item.problem)
        if not isinstance(item, CallInput):
            continue
        try:
            call = auditor.audit(item).call
        except InputError as error:
            problems.append(error.problem)
            continue
        if item.path not in gold:
            gold[item.path] = read_gold(item.path)
        yield Heard(call, gold[item.path].get(item.call_id))


def rule_uses(calls: Sequence[Heard], engine: Engine) -> list[RuleUse]:
    """All active rules of the engine: those that match most first, those that never match last."""
    counts: dict[str, Counter[str]] = {rule.id: Counter() for rule in engine.active}
    gold = {one.call.call_id: one.gold for one in calls}
    for one in calls:
        matched = Counter(match.rule.id for match in engine.matches(one.call))
        for rule, count in matched.items():
            counts[rule]["calls"] += 1
            counts[rule]["matches"] += count
    for finding in findings_of([one.call for one in calls], engine):
        of_rule = counts[finding.rule]
        of_rule["findings"] += 1
        of_rule["waiting"] += bool(finding.why.review)
        labels = gold[finding.call_id]
        if labels is not None:
            of_rule["labelled"] += 1
            of_rule["right"] += (finding.turn, finding.label) in labels
        if finding.rule in _across(engine) and finding.turn is None:
            of_rule["calls"] += 1
            of_rule["matches"] += 1
    uses = [
        RuleUse(
            rule.id,
            rule.status,
            *(counts[rule.id][name] for name in ("calls", "matches", "findings", "waiting", "labelled", "right")),
        )
        for rule in engine.active
    ]
    return sorted(uses, key=lambda use: (-use.matches, use.rule))


def findings_of(calls: Sequence[Call], engine: Engine) -> Iterator[Finding]:
    """All findings in the calls, limits across them included."""
    records = []
    for call in calls:
        findings, _ = engine.findings(call)
        records.append(ContactRecord(call.call_id, call.metadata, call.both_spoke, heard_in(call, findings)))
        yield from findings
    yield from findings_across(Records(records), engine.pack, engine.policy)


def changes(calls: Sequence[Call], old: Engine, new: Engine) -> list[Change]:
    """What appears, vanishes or is otherwise (severity, or whether it waits for a listener), by call and turn."""
    before = {_key(finding): finding for finding in findings_of(calls, old)}
    after = {_key(finding): finding for finding in findings_of(calls, new)}
    found = [Change(before.get(key), after.get(key)) for key in {**before, **after}]
    different = [change for change in found if _weight(change.old) != _weight(change.new)]
    return sorted(different, key=lambda change: _key(change.finding))


def _across(engine: Engine) -> frozenset[str]:
    return frozenset(rule.id for rule in engine.active if "across" in rule.parameters)


def _key(finding: Finding) -> tuple[str, int, str]:
    return finding.call_id, -1 if finding.turn is None else finding.turn, finding.label


def _weight(finding: Finding | None) -> tuple[str, bool] | None:
    return (finding.severity.value, bool(finding.why.review)) if finding else None
