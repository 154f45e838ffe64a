"""What the playground finds out: what rules say of a dialogue and why, and what an edited rule would change among stored calls.

The functions without an underscore that take plain values run in the process of `audit.web.trial`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from zoneinfo import ZoneInfo

from audit.errors import ConfigError, InputError
from audit.evaluation.usage import Change, changes
from audit.ingest.formats import txt
from audit.ingest.formats.document import Document
from audit.model.call import Call, CallMetadata, Source
from audit.model.report import CallReport
from audit.model.span import CharSpan
from audit.pipeline import Auditor, Options
from audit.rules.compiler import compile_pack
from audit.rules.engine import Engine
from audit.rules.loader import SourceFile, check_policy, load_pack, load_policy, pack_files
from audit.rules.pack import Rule, RulePack, Variant
from audit.rules.testing import run_examples
from audit.text.segment import analyse

LONGEST_DIALOGUE = 100_000
LONGEST_RULE = 100_000
# How the edited file is called in messages, and what keeps it apart from the files that it replaces.
FILE, _ROOT = "playground.yaml", "playground"
_ZONE = ZoneInfo("Asia/Shanghai")
_PASTED = "pasted"


@dataclass(frozen=True, slots=True)
class Proof:
    """One of a rule's own examples that does not hold: what was found in it instead."""

    example: str
    breaching: bool
    found: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Trace:
    """What a rule made of a dialogue. `matched`: turns and places where it matched. `standing`: in how many findings they ended.

    When it did not match, `vetoes` are the contexts of its `unless` that kept it from it, each enough by itself; `words` are those of its
    concepts that were said, by concept.
    """

    rule: str
    active: bool
    matched: tuple[tuple[int | None, CharSpan | None], ...]
    standing: int
    vetoes: tuple[str, ...]
    words: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class Tried:
    """What the rules say of a dialogue; with an edited rule also its id, how many own examples it has and which do not hold."""

    report: CallReport
    trace: Trace | None
    rule: str | None
    examples: int
    failed: tuple[Proof, ...]


@dataclass(frozen=True, slots=True)
class Compared:
    """What an edited rule changes in some calls: by call and turn what only one of both packs finds, or grades otherwise."""

    rule: str
    calls: int
    changes: tuple[Change, ...]
    examples: int
    failed: tuple[Proof, ...]


def pasted_call(text: str, started_at: str = "", relation: str = "", debtor_name: str = "") -> Call:
    """The call in pasted text, with what is known of it.

    Raises InputError CA824 when nobody speaks in it, CA825 for a start that is no time.
    """
    turns = txt.turns(Document(_PASTED, text, None)) if text.strip() else ()
    if not turns:
        raise InputError("CA824")
    try:
        start = datetime.fromisoformat(started_at.strip()) if started_at.strip() else None
    except ValueError as error:
        raise InputError("CA825", given=started_at[:40]) from error
    if start is not None and start.tzinfo is None:
        start = start.replace(tzinfo=_ZONE)
    known = CallMetadata(
        started_at=start, callee_relation=relation.strip() or None, debtor_name=debtor_name.strip() or None
    )
    return Call(_PASTED, known, turns, Source(_PASTED, "", _PASTED))


def rule_text(options: Options, rule: str) -> str:
    """The file of a rule in force, as written; raises InputError CA823 when there is none of that id."""
    try:
        path = load_pack(options.rules).rule(rule).path
    except KeyError as error:
        raise InputError("CA823", rule=rule[:80]) from error
    return next(file.text for file in pack_files(options.rules).rules if file.name == path)


def try_call(options: Options, call: Call, edited: str, rule: str) -> Tried:
    """What the rules in force, with the `edited` one among them when it is not empty, say of the call; `rule` is the one to trace.

    Raises InputError CA2xx, with the line at fault, for an edited rule that cannot be read.
    """
    auditor = _auditor(options)
    if not edited.strip():
        report = auditor.report(call)
        return Tried(report, _trace(auditor.engine, call, report, rule) if rule else None, None, 0, ())
    pack, written = _edited(options, edited)
    trial = _judging(options, pack)
    report = trial.report(call)
    examples, failed = _proofs(pack, written)
    return Tried(report, _trace(trial.engine, call, report, written.id), written.id, examples, failed)


def compare(options: Options, calls: Sequence[Call], edited: str) -> Compared:
    """What the edited rule changes in the calls. Raises InputError CA2xx, with the line at fault, when it cannot be read."""
    pack, written = _edited(options, edited)
    found = changes(calls, _auditor(options).engine, _judging(options, pack).engine)
    examples, failed = _proofs(pack, written)
    return Compared(written.id, len(calls), tuple(found), examples, failed)


@cache
def _auditor(options: Options) -> Auditor:
    return Auditor(options, proved=True)


def _judging(options: Options, pack: RulePack) -> Auditor:
    """An auditor with another pack than the one in force; its rules need not have held on their examples."""
    auditor = Auditor(options, proved=True)
    check_policy(auditor.engine.policy, pack)
    auditor.engine = Engine(pack, auditor.engine.policy, analyse)
    return auditor


def _edited(options: Options, text: str) -> tuple[RulePack, Rule]:
    """The pack in force with the edited rule in it, in place of the one of its id; and that rule."""
    files = pack_files(options.rules)
    mine = SourceFile(FILE, text.replace("\r\n", "\n"), _ROOT)
    files = replace(files, rules=(*files.rules, mine))
    try:
        pack = compile_pack(files, files.sha256)
    except ConfigError as error:  # what somebody typed, and not what the server was started with
        raise InputError(error.problem.code, error.problem.where, **error.problem.facts) from error
    written = next((rule for rule in pack.rules if rule.path == FILE), None)
    if written is None:
        raise InputError("CA226", FILE, id="")
    return pack, written


def _proofs(pack: RulePack, rule: Rule) -> tuple[int, tuple[Proof, ...]]:
    outcomes = list(run_examples(pack, load_policy(), [rule]))
    failed = (Proof(one.example, one.breaching, one.found) for one in outcomes if not one.passed)
    return len(outcomes), tuple(failed)


def _trace(engine: Engine, call: Call, report: CallReport, rule_id: str) -> Trace:
    try:
        rule = engine.pack.rule(rule_id)
    except KeyError as error:
        raise InputError("CA823", rule=rule_id[:80]) from error
    active = rule in engine.active
    matched = tuple((match.turn, match.span) for match in engine.matches(call) if match.rule.id == rule.id)
    standing = sum(finding.rule == rule.id for finding in report.findings)
    vetoes = _vetoes(engine, call, rule) if active and not matched else ()
    return Trace(rule.id, active, matched, standing, vetoes, _words(engine.pack, call, rule))


def _vetoes(engine: Engine, call: Call, rule: Rule) -> tuple[str, ...]:
    """The contexts without which the rule would have matched."""

    def without(names: frozenset[str]) -> bool:
        freed: list[Variant] = [
            replace(one, unless=tuple(name for name in one.unless if name not in names)) for one in rule.variants
        ]
        alone = replace(engine.pack, rules=(replace(rule, variants=tuple(freed)),))
        return rule.id in Engine(alone, engine.policy, analyse).matching_rules(call)

    named = list(dict.fromkeys(name for one in rule.variants for name in one.unless))
    if not named or not without(frozenset(named)):
        return ()
    single = tuple(name for name in named if without(frozenset((name,))))
    return single or tuple(named)


def _words(pack: RulePack, call: Call, rule: Rule) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The words of the rule's concepts that were said, by concept."""
    wanted = {
        name for one in rule.variants for pattern in one.patterns for names, _, _ in pattern.elements for name in names
    }
    said: dict[str, dict[str, None]] = {}
    for turn in call.turns:
        for concept in sorted(wanted & set(pack.concepts)):
            for word in pack.concepts[concept]:
                if word in turn.text:
                    said.setdefault(concept, {})[word] = None
    return tuple((concept, tuple(words)[:12]) for concept, words in said.items())
