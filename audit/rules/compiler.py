"""Rule files and policies to plain values: read, checked, every name and pattern looked at.

Only files that were not compiled before on this machine come here, see `audit.rules.loader`: what reads YAML and checks it takes longer
to import than a call takes to be judged.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import time
from pathlib import Path
from typing import Any, NoReturn

from audit.errors import ConfigError
from audit.model.labels import LABELS
from audit.rules.clauses import Clause, ClauseBook, clause_from
from audit.rules.contact import CHECKS, across
from audit.rules.dialogue import STATE_CUES, Cue, Heard, When
from audit.rules.kinds import KINDS
from audit.rules.lexicon import Concept, Lexicon, flatten
from audit.rules.loader import PackFiles, PolicySource, SourceFile, builtin, policy_file, policy_names
from audit.rules.pack import Example, Examples, Nearby, Rule, RulePack, Variant, describe
from audit.rules.pattern import Pattern, PatternError, parse
from audit.rules.policy import Burst, Informational, LenderKind, Policy, QuietHours, Unreachable
from audit.rules.schema import (
    DAYS,
    ConceptSpec,
    DialogueFile,
    ExampleSpec,
    ExamplesSpec,
    HeardSpec,
    HoursSpec,
    InformationalSpec,
    NearbySpec,
    PolicySpec,
    RuleSpec,
    UnreachableSpec,
    VariantSpec,
    WhenSpec,
    WordFile,
)
from audit.rules.yaml import check, did_you_mean, locate, read_yaml
from audit.text.context import PREDICATES
from audit.text.normalise import normalise
from audit.text.regex import Regex

_FRAGMENT = re.compile(r"<([a-z_]+)>")


def compile_pack(files: PackFiles, sha256: str) -> RulePack:
    """The pack of these files, whose hash is `sha256`. Raises ConfigError CA2xx, quoting the line at fault."""
    specs: dict[str, tuple[ConceptSpec, SourceFile]] = {}
    for file in files.words:
        for name, spec in check(WordFile, file.text, file.name).concepts.items():
            if name in specs and specs[name][1].root == file.root:
                _fail("CA224", file, ["concepts", name], name=name, first=specs[name][1].name)
            specs[name] = (spec, file)
    words = _words(specs)
    book = _clause_book(files.clauses)
    literals: set[str] = set()
    rules: dict[str, Rule] = {}
    written: dict[str, SourceFile] = {}
    for file in files.rules:
        rule = _rule(check(RuleSpec, file.text, file.name), file, words, book, literals)
        _check_id(rule, file, written.get(rule.id))
        rules[rule.id], written[rule.id] = rule, file
    cues = _cues(files.cues)
    _check_heard(rules.values(), cues, files.rules)
    concepts = [_concept(name, spec, words, specs) for name, (spec, _) in specs.items()]
    concepts += [Concept(name=word, words=frozenset({word[1:]})) for word in sorted(literals)]
    known = {name: tuple(sorted(found)) for name, found in words.items()}
    lexicon = Lexicon(concepts)
    commonness = _commonness(lexicon, rules.values())
    return RulePack(
        rules=tuple(_anchored(rules[name], commonness) for name in sorted(rules)),
        lexicon=lexicon,
        clauses=book,
        sha256=sha256,
        concepts=known,
        cues=cues,
    )


def _check_id(rule: Rule, file: SourceFile, first: SourceFile | None) -> None:
    """Raise ConfigError for an id whose label nobody knows (CA222), or that another file of the same folder has (CA221)."""
    if rule.label not in LABELS:
        _fail("CA222", file, ["id"], label=rule.label, hint=did_you_mean(rule.label, list(LABELS)))
    if first and first.root == file.root:
        _fail("CA221", file, ["id"], rule=rule.id, first=first.name)


def _commonness(lexicon: Lexicon, rules: Iterable[Rule]) -> dict[str, int]:
    """In how many of the rules' own examples each concept occurs: they are the talk of such calls, and always at hand."""
    counts: Counter[str] = Counter()
    for rule in rules:
        for example in (*rule.examples.breaching, *rule.examples.near_misses):
            counts.update(lexicon.find(normalise(describe(example)).text).keys())
    return dict(counts)


def _anchored(rule: Rule, commonness: Mapping[str, int]) -> Rule:
    variants = (
        replace(variant, patterns=tuple(pattern.anchored(commonness) for pattern in variant.patterns))
        for variant in rule.variants
    )
    return replace(rule, variants=tuple(variants))


def _words(specs: Mapping[str, tuple[ConceptSpec, SourceFile]]) -> dict[str, frozenset[str]]:
    for name, (spec, file) in specs.items():
        for other in spec.include:
            if other not in specs:
                _fail("CA204", file, ["concepts", name, "include"], name=other, hint=did_you_mean(other, list(specs)))
    own = {name: frozenset([*spec.words, *spec.homophones, *spec.whole]) for name, (spec, _) in specs.items()}
    try:
        return flatten(own, {name: spec.include for name, (spec, _) in specs.items()})
    except ValueError as circle:
        first = str(circle).split(" → ", maxsplit=1)[0]
        return _fail("CA208", specs[first][1], ["concepts", first, "include"], circle=str(circle))


def _concept(
    name: str,
    spec: ConceptSpec,
    words: Mapping[str, frozenset[str]],
    specs: Mapping[str, tuple[ConceptSpec, SourceFile]],
) -> Concept:
    """The concept with what its includes bring along: their words, and how those words are to be read."""
    homophones, whole, exceptions = set(spec.homophones), set(spec.whole), set(spec.exceptions)
    for other in _included(spec, specs):
        homophones.update(other.homophones)
        whole.update(other.whole)
        exceptions.update(other.exceptions)
    return Concept(name, words[name], frozenset(homophones), frozenset(whole), frozenset(exceptions))


def _included(spec: ConceptSpec, specs: Mapping[str, tuple[ConceptSpec, SourceFile]]) -> Iterable[ConceptSpec]:
    for name in spec.include:
        yield specs[name][0]
        yield from _included(specs[name][0], specs)


def _clause_book(file: SourceFile) -> ClauseBook:
    records = read_yaml(file.text, file.name)["clauses"]
    clauses: list[Clause] = []
    for index, record in enumerate(records):
        try:
            clauses.append(clause_from(record))
        except (KeyError, ValueError) as error:
            _fail("CA215", file, ["clauses", index], problem=str(error))
    keys = {clause.key for clause in clauses}
    for index, clause in enumerate(clauses):
        if clause.replaces and clause.replaces not in keys:
            _fail("CA206", file, ["clauses", index, "replaces"], key=clause.replaces, hint="")
    return ClauseBook(clauses)


def _rule(
    spec: RuleSpec, file: SourceFile, words: Mapping[str, frozenset[str]], book: ClauseBook, literals: set[str]
) -> Rule:
    for index, key in enumerate(spec.clauses):
        if key not in book:
            _fail("CA206", file, ["clauses", index], key=key, hint=did_you_mean(key, book.keys()))
    if spec.kind not in KINDS:
        _fail("CA212", file, ["kind"], kind=spec.kind, hint=did_you_mean(spec.kind, list(KINDS)))
    if spec.kind == "say" and not spec.match:
        _fail("CA207", file, ["id"], rule=spec.id)
    for name in across(spec.parameters):
        if name not in CHECKS:
            _fail("CA223", file, ["parameters", "across"], name=name, hint=did_you_mean(name, list(CHECKS)))
    if spec.kind == "contact_log" and "across" not in spec.parameters:
        _fail("CA223", file, ["kind"], name="", hint="")
    compiler = _PatternCompiler(file, words, literals)
    variants = tuple(
        _variant(variant, spec.unless, compiler, ["match", index]) for index, variant in enumerate(spec.match)
    )
    return Rule(
        id=spec.id,
        name=spec.name.model_dump(),
        reason=spec.reason.model_dump(),
        advice=spec.advice.model_dump(),
        severity=spec.severity,
        status=spec.status,
        kind=spec.kind,
        roles=frozenset(spec.roles),
        clauses=tuple(spec.clauses),
        no_clause=spec.no_clause.model_dump() if spec.no_clause else None,
        variants=variants,
        examples=_examples(spec.examples),
        path=file.name,
        own=file.root != str(builtin()),
        parameters=spec.parameters,
    )


def _examples(spec: ExamplesSpec) -> Examples:
    return Examples(spec.policy, tuple(map(_example, spec.breaching)), tuple(map(_example, spec.near_misses)))


def _example(spec: str | ExampleSpec) -> str | Example:
    if isinstance(spec, str):
        return spec
    return Example(spec.role, spec.text, tuple(spec.turns), spec.metadata, tuple(spec.calls))


class _PatternCompiler:
    """Reads the patterns of one file, checks their concepts, and collects the plain words in them."""

    def __init__(self, file: SourceFile, words: Mapping[str, frozenset[str]], literals: set[str]) -> None:
        self.file = file
        self._words = words
        self._literals = literals

    def compile(self, sources: Sequence[str], path: list[str | int]) -> tuple[Pattern, ...]:
        """All patterns of a list. Raises ConfigError CA204 or CA205 at the one at fault."""
        return tuple(pattern for index, source in enumerate(sources) for pattern in self._one(source, [*path, index]))

    def _one(self, source: str, path: list[str | int]) -> tuple[Pattern, ...]:
        try:
            patterns = parse(source)
        except PatternError as error:
            return _fail("CA205", self.file, path, pattern=source, problem=str(error))
        for name in {name for pattern in patterns for names, _, _ in pattern.elements for name in names}:
            if name.startswith("="):
                self._literals.add(name)
            elif name not in self._words:
                _fail("CA204", self.file, path, name=name, hint=did_you_mean(name, list(self._words)))
        return patterns


def _variant(spec: VariantSpec, unless: list[str], compiler: _PatternCompiler, path: list[str | int]) -> Variant:
    predicates = unless if spec.unless is None else spec.unless
    for index, name in enumerate(predicates):
        if name not in PREDICATES:
            place: list[str | int] = ["unless", index] if spec.unless is None else [*path, "unless", index]
            _fail("CA210", compiler.file, place, name=name, hint=did_you_mean(name, list(PREDICATES)))
    return Variant(
        patterns=compiler.compile(spec.say, [*path, "say"]),
        also=tuple(compiler.compile([one], [*path, "with"]) for one in spec.with_),
        without=compiler.compile(spec.without, [*path, "without"]),
        before=_nearby(spec.before, compiler, [*path, "before"]),
        after=_nearby(spec.after, compiler, [*path, "after"]),
        when=_when(spec.when) if spec.when else None,
        metadata=tuple(spec.metadata.items()),
        confidence=spec.confidence,
        unless=tuple(predicates),
    )


def _nearby(spec: NearbySpec | None, compiler: _PatternCompiler, path: list[str | int]) -> Nearby | None:
    if spec is None:
        return None
    return Nearby(frozenset(spec.role), spec.within, compiler.compile(spec.say, [*path, "say"]))


def _when(spec: WhenSpec) -> When:
    return When(frozenset(spec.listener), spec.identified, spec.first, _heard(spec.heard), _heard(spec.unheard))


def _heard(spec: HeardSpec | None) -> Heard | None:
    return Heard(tuple(spec.any), frozenset(spec.role), spec.within) if spec else None


def _cues(files: Iterable[SourceFile]) -> dict[str, Cue]:
    """All cues by name; those of a later file replace earlier ones. Fragments are each file's own."""
    cues: dict[str, Cue] = {}
    for file in files:
        spec = check(DialogueFile, file.text, file.name)
        for name, cue in spec.cues.items():
            pattern, without = _regex(cue.any, spec, file, name, "any"), _regex(cue.none, spec, file, name, "none")
            about = cue.about or name
            words = {"zh": about, "en": about} if isinstance(about, str) else about.model_dump()
            cues[name] = Cue(name, frozenset(cue.roles), pattern or Regex.compile("(?!)"), without, cue.first, words)
    return cues


def _regex(sources: Sequence[str], spec: DialogueFile, file: SourceFile, name: str, key: str) -> Regex | None:
    """One regular expression for all of `sources`, with the fragments put in. None when there are none."""

    def whole(source: str) -> str:
        return _FRAGMENT.sub(lambda found: f"(?:{spec.fragments[found[1]]})", source)

    for index, source in enumerate(sources):
        try:
            re.compile(whole(source))
        except KeyError as missing:
            problem = f"<{missing.args[0]}>"
            _fail("CA218", file, ["cues", name, key, index], problem=problem)
        except re.error as error:
            _fail("CA218", file, ["cues", name, key, index], problem=str(error))
    return Regex.compile("|".join(f"(?:{whole(source)})" for source in sources)) if sources else None


def _check_heard(rules: Collection[Rule], cues: Mapping[str, Cue], files: Sequence[SourceFile]) -> None:
    """Raise ConfigError CA217 for a cue or label that nobody can ever hear."""
    known = cues.keys() | {rule.label for rule in rules}
    by_name = {file.name: file for file in files}
    for rule in rules:
        wanted = set(rule.cues)
        for variant in rule.variants:
            for heard in (variant.when.heard, variant.when.unheard) if variant.when else ():
                wanted.update(heard.names if heard else ())
        for name in sorted(wanted - known):
            _fail("CA217", by_name[rule.path], ["id"], name=name, hint=did_you_mean(name, sorted(known)))
    for name in sorted(STATE_CUES - cues.keys()):
        raise ConfigError("CA217", "dialogue.yaml", name=name, hint="")


def _fail(code: str, file: SourceFile, path: list[str | int], **facts: object) -> NoReturn:
    line, column = locate(file.text, path)
    raise ConfigError(code, f"{file.name}:{line}:{column}", **facts)


def compile_policy(name: str, changes: Mapping[str, Any]) -> tuple[Policy, tuple[PolicySource, ...]]:
    """The policy of that name or file, and what it was made from: its own file and those it extends, one after another.

    Raises ConfigError CA211, CA202, CA203 or CA219; see `audit.rules.loader.load_policy`.
    """
    values: dict[str, Any] = {}
    places: dict[str, str] = {}
    digest = hashlib.sha256()
    chain = list(_policy_files(name))
    for source, spec in reversed(chain):
        values = _over(values, spec.model_dump(by_alias=True, exclude_unset=True))
        places.update(_places(source.file, spec))
        digest.update(f"{source.file.text}\0".encode())
    merged, own = PolicySpec.model_validate(_over(values, changes)), chain[0][0].file
    if merged.lender_kind and merged.lender_kind not in (merged.lender_kinds or {}):
        problem = f"{merged.lender_kind!r}?{did_you_mean(merged.lender_kind, list(merged.lender_kinds or {}))}"
        _fail(
            "CA203", own, ["lender_kind"], key="lender_kind", problem=problem, line=f"lender_kind: {merged.lender_kind}"
        )
    return _policy(merged, Path(own.name).stem, digest.hexdigest(), places), tuple(source for source, _ in chain)


def _policy_files(name: str) -> Iterator[tuple[PolicySource, PolicySpec]]:
    """The policy and those it extends, one after another."""
    place, seen, folder = name, [name], Path()
    while True:
        file = policy_file(name, folder)
        if file is None:
            raise ConfigError("CA211", place, known=", ".join(policy_names()), hint=did_you_mean(name, policy_names()))
        spec = check(PolicySpec, file.text, file.name)
        yield PolicySource(name, folder, file), spec
        if spec.extends is None:
            return
        if name not in policy_names():
            folder = (folder / name).parent
        name, (line, column) = spec.extends, locate(file.text, ["extends"])
        place = f"{file.name}:{line}:{column}"
        if name in seen:
            raise ConfigError("CA219", place, circle=" → ".join([*seen, name]))
        seen.append(name)


def _over(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """`base` with what `over` says in place of it; of mappings, each key by itself."""
    return dict(base) | {
        key: _over(base[key], value) if isinstance(value, dict) and isinstance(base.get(key), dict) else value
        for key, value in over.items()
    }


def _places(file: SourceFile, spec: PolicySpec) -> dict[str, str]:
    """Where a policy names rules, labels and clauses."""
    paths: dict[str, list[str | int]] = {name: ["severities", name] for name in spec.severities}
    paths |= {name: ["disabled", index] for index, name in enumerate(spec.disabled)}
    for key, names in (spec.clauses or {}).items():
        paths[key] = ["clauses", key]
        paths.update((name, ["clauses", key, index]) for index, name in enumerate(names))
    return {name: "{}:{}:{}".format(file.name, *locate(file.text, path)) for name, path in paths.items()}


def _policy(spec: PolicySpec, policy_id: str, sha256: str, places: Mapping[str, str]) -> Policy:
    """The policy of its checked file, with what it extends put in."""
    return Policy(
        id=policy_id,
        name=spec.name.model_dump(),
        sha256=sha256,
        jurisdiction=spec.jurisdiction,
        country=spec.country,
        timezone=spec.timezone,
        quiet_hours=_quiet_hours(spec.quiet_hours) if spec.quiet_hours else None,
        running_past_window=spec.running_past_window,
        conversations_per_debtor_per_day=spec.conversations_per_debtor_per_day,
        sum_lender_and_agencies=spec.sum_lender_and_agencies,
        conversation_min_talk_s=spec.conversation_min_talk_s,
        informational=_informational(spec.informational_calls_per_debtor_per_day),
        attempts_per_number_per_day=spec.attempts_per_number_per_day,
        attempts_count=spec.attempts_count,
        attempts_per_debt_in_7_days=spec.attempts_per_debt_in_7_days,
        days_after_conversation=spec.days_after_conversation,
        conversations_per_debtor_per_week=spec.conversations_per_debtor_per_week,
        conversations_per_debtor_per_month=spec.conversations_per_debtor_per_month,
        burst=Burst(spec.burst.attempts, spec.burst.minutes) if spec.burst else None,
        third_party_precondition=_unreachable(spec.third_party_precondition),
        listen_below=spec.listen_below,
        learned=spec.learned,
        learned_models=tuple(spec.learned_models),
        learned_listen_at=spec.learned_listen_at,
        learned_accuse_at=spec.learned_accuse_at,
        role_check_below=spec.role_check_below,
        severities={_rule_or_label(name): severity for name, severity in spec.severities.items()},
        disabled=frozenset(map(_rule_or_label, spec.disabled)),
        lender_kind=spec.lender_kind,
        lender_kinds={
            name: LenderKind(tuple(kind.names), frozenset(kind.applies_to))
            for name, kind in (spec.lender_kinds or {}).items()
        },
        clauses={key: frozenset(map(_rule_or_label, names)) for key, names in (spec.clauses or {}).items()},
        places=places,
    )


def _quiet_hours(spec: HoursSpec) -> QuietHours:
    begins, ends = time.fromisoformat(spec.from_), time.fromisoformat(spec.to)
    return QuietHours(begins, ends, frozenset(DAYS.index(day) for day in spec.days))


def _informational(spec: InformationalSpec | None) -> Informational | None:
    return Informational(spec.limit, spec.from_, spec.until) if spec else None


def _unreachable(spec: UnreachableSpec | None) -> Unreachable | None:
    return Unreachable(spec.failures, spec.days) if spec else None


def _rule_or_label(name: str) -> str:
    """`label/*` is the label."""
    return name.removesuffix("/*")
