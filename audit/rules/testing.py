"""Rules prove themselves on their own examples: a rule that can never match looks clean, so none is trusted unproved."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime

from audit.errors import ConfigError
from audit.folders import cache_folder
from audit.kept import code_of
from audit.model.call import AccountStatus, Call, CallMetadata, DialResult, Direction, Role, Source, Turn
from audit.rules.contact import ContactRecord, Records, findings_across
from audit.rules.engine import Engine
from audit.rules.loader import load_policy
from audit.rules.opinion import models
from audit.rules.pack import Example, Rule, RulePack, describe
from audit.rules.policy import Policy

_SPEAKERS = {"A": Role.AGENT, "D": Role.DEBTOR, "T": Role.THIRD_PARTY, "U": Role.UNKNOWN}
_SOURCE = Source(path="example", sha256="", kind="example")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one example. `found` are the ids of all rules that found something in it."""

    rule: Rule
    example: str
    breaching: bool
    found: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """A breaching line must be found by its rule; a near miss must not, nor by another rule of the same label."""
        if self.breaching:
            return self.rule.id in self.found
        return not any(rule_id.partition("/")[0] == self.rule.label for rule_id in self.found)


def run_examples(pack: RulePack, policy: Policy, rules: Sequence[Rule] | None = None) -> Iterator[Outcome]:
    """The outcome of every example of `rules` (all of the pack's when None), under the whole pack.

    Learned rules read along only where they are on trial themselves: whether a rule is right must not hang on a model.
    """
    engines = {mode: Engine(pack, replace(policy, learned=mode)) for mode in ("off", "listen")}
    for rule in pack.rules if rules is None else rules:
        if rule.status == "deprecated":  # it finds nothing any more
            continue
        changes = rule.examples.policy
        usual = engines["listen" if rule.kind == "learned" else "off"]
        engine = Engine(pack, load_policy(changes=changes)) if changes else usual
        for breaching, examples in ((True, rule.examples.breaching), (False, rule.examples.near_misses)):
            for example in examples:
                yield Outcome(rule, describe(example), breaching, _found(engine, example))


def check_examples(pack: RulePack, policy: Policy) -> None:
    """Raise ConfigError CA209 for the first rule that fails one of its own examples."""
    for outcome in run_examples(pack, policy):
        if not outcome.passed and not policy.is_disabled(outcome.rule.id):
            problem = "not found" if outcome.breaching else f"found by {', '.join(outcome.found)}"
            raise ConfigError(
                "CA209", outcome.rule.path, rule=outcome.rule.id, example=outcome.example, problem=problem
            )


def prove(pack: RulePack, policy: Policy) -> None:
    """`check_examples`, once: what held is remembered in the user's cache by the hash of everything it depends on."""
    held = cache_folder() / "proved" / _proof_key(pack, policy)
    with suppress(OSError):  # a cache that cannot be read is only slower
        if held.exists():
            return
    check_examples(pack, policy)
    with suppress(OSError):  # a cache that cannot be written is only slower
        held.parent.mkdir(parents=True, exist_ok=True)
        held.touch()


def _proof_key(pack: RulePack, policy: Policy) -> str:
    """Hash over the rules, the policy and the code that runs them."""
    code = code_of("rules", "rules/kinds", "learned", "text", "text/context", "pii")
    digest = hashlib.sha256(f"{pack.sha256}\0{policy.sha256}\0{code}".encode())
    for model in models(policy):
        digest.update(model.sha256.encode())
    return digest.hexdigest()


def example_call(example: str | Example) -> Call:
    """The example as a call: a bare text is one turn of the agent."""
    spec = Example(text=example) if isinstance(example, str) else example
    turns = [(spec.role, spec.text)] if spec.text else []
    for turn in spec.turns:
        speaker, _, text = turn.replace("：", ":", 1).partition(":")
        turns.append((_SPEAKERS[speaker.strip()], text.strip()))
    return Call(
        call_id="example",
        metadata=_metadata(spec.metadata),
        turns=tuple(Turn(index, role, text) for index, (role, text) in enumerate(turns)),
        source=replace(_SOURCE, kind=str(spec.metadata.get("source", _SOURCE.kind))),
        recording_s=float(spec.metadata["recording_s"]) if "recording_s" in spec.metadata else None,
    )


def _found(engine: Engine, example: str | Example) -> tuple[str, ...]:
    """The ids of all rules that find something in the example."""
    if isinstance(example, Example) and example.calls:
        records = [
            ContactRecord(
                f"example-{index}",
                _metadata(call),
                bool(call.get("both_spoke", True)),
                frozenset(str(call.get("heard", "")).split()),
            )
            for index, call in enumerate(example.calls)
        ]
        return tuple(dict.fromkeys(f.rule for f in findings_across(Records(records), engine.pack, engine.policy)))
    return engine.matching_rules(example_call(example))


def _metadata(values: Mapping[str, str | int | float | bool]) -> CallMetadata:
    def text(name: str) -> str | None:
        return str(values[name]) if name in values else None

    started, duration = text("started_at"), values.get("duration_s")
    return CallMetadata(
        started_at=datetime.fromisoformat(started) if started else None,
        duration_s=float(duration) if duration is not None else None,
        direction=Direction(text("direction") or "outbound"),
        debtor_id=text("debtor_id"),
        callee_number=text("callee_number"),
        connected=bool(values["connected"]) if "connected" in values else None,
        callee_relation=text("callee_relation"),
        callee_role=Role(str(values["callee_role"])) if "callee_role" in values else None,
        callee_timezone=text("callee_timezone"),
        agreed_hours=text("agreed_hours"),
        lender=text("lender"),
        agency=text("agency"),
        dial_result=DialResult(str(values["dial_result"])) if "dial_result" in values else None,
        account_status=AccountStatus(str(values["account_status"])) if "account_status" in values else None,
        recording_deleted=bool(values["recording_deleted"]) if "recording_deleted" in values else None,
    )
