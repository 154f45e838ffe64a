"""From files an officer edits to a rule pack that is proved on its own examples."""

import hashlib
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, NoReturn

from audit.errors import ConfigError
from audit.model.labels import LABELS
from audit.rules.clauses import Clause, ClauseBook, clause_from
from audit.rules.contact import CHECKS, across
from audit.rules.dialogue import STATE_CUES, Cue, Heard, When
from audit.rules.kinds import KINDS
from audit.rules.lexicon import Concept, Lexicon, flatten
from audit.rules.pack import Nearby, Rule, RulePack, Variant
from audit.rules.pattern import Pattern, PatternError, parse
from audit.rules.policy import Policy, policy_from
from audit.rules.schema import (
    ConceptSpec,
    DialogueFile,
    HeardSpec,
    NearbySpec,
    PolicySpec,
    RuleSpec,
    VariantSpec,
    WhenSpec,
    WordFile,
    describe,
)
from audit.rules.yaml import check, did_you_mean, locate, read_yaml
from audit.text.context import PREDICATES
from audit.text.normalise import normalise

_FRAGMENT = re.compile(r"<([a-z_]+)>")


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file as read: its name for messages, its text, and the folder of lexicons it belongs to."""

    name: str
    text: str
    root: str = ""


def builtin() -> Traversable:
    """The lexicons that ship with callaudit."""
    return files("audit.lexicons")


def load_pack(folders: Sequence[str] = (), *, alone: bool = False) -> RulePack:
    """The built-in rules and words together with those of further folders (each with `words/` and `rules/`, either may be missing).

    A concept or rule of a further folder with the name of an earlier one replaces it. `alone`: without the built-in ones, for a
    folder that is a whole pack (with `dialogue.yaml`). Raises ConfigError CA2xx, quoting the
    line at fault. Rules are not proved here; see `audit.rules.testing.prove`.
    """
    roots: list[Traversable] = [] if alone else [builtin()]
    for folder in folders:
        path = Path(folder)
        if not (path / "words").is_dir() and not (path / "rules").is_dir():
            raise ConfigError("CA201", folder)
        roots.append(path)
    word_files = [file for root in roots for file in _yaml_files(root.joinpath("words"), "words")]
    rule_files = [
        replace(file, root=str(root)) for root in roots for file in _yaml_files(root.joinpath("rules"), "rules")
    ]
    cue_files = [
        _read(root / "dialogue.yaml", "dialogue.yaml") for root in roots if root.joinpath("dialogue.yaml").is_file()
    ]
    clause_file = _read(builtin().joinpath("clauses.yaml"), "clauses.yaml")
    digest = hashlib.sha256()
    for file in (*word_files, *rule_files, *cue_files, clause_file):
        digest.update(f"{file.name}\0{file.text}\0".encode())
    return _compile(word_files, rule_files, cue_files, clause_file, digest.hexdigest())


def _yaml_files(folder: Traversable, name: str) -> list[SourceFile]:
    if not folder.is_dir():
        return []
    found = []
    for entry in sorted(folder.iterdir(), key=lambda e: e.name):
        if entry.is_dir():
            found.extend(_yaml_files(entry, f"{name}/{entry.name}"))
        elif entry.name.endswith((".yaml", ".yml")):
            found.append(_read(entry, f"{name}/{entry.name}"))
    return found


def _read(entry: Traversable, name: str) -> SourceFile:
    shown = str(entry) if isinstance(entry, Path) and not entry.is_relative_to(str(builtin())) else f"lexicons/{name}"
    try:
        return SourceFile(shown, entry.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError:
        raise ConfigError("CA214", shown) from None


def _compile(
    word_files: Iterable[SourceFile],
    rule_files: Sequence[SourceFile],
    cue_files: Iterable[SourceFile],
    clauses: SourceFile,
    sha256: str,
) -> RulePack:
    specs: dict[str, tuple[ConceptSpec, SourceFile]] = {}
    for file in word_files:
        for name, spec in check(WordFile, file.text, file.name).concepts.items():
            if name in specs and specs[name][1].root == file.root:
                _fail("CA224", file, ["concepts", name], name=name, first=specs[name][1].name)
            specs[name] = (spec, file)
    words = _words(specs)
    book = _clause_book(clauses)
    literals: set[str] = set()
    rules: dict[str, Rule] = {}
    written: dict[str, SourceFile] = {}
    for file in rule_files:
        rule = _rule(check(RuleSpec, file.text, file.name), file, words, book, literals)
        _check_id(rule, file, written.get(rule.id))
        rules[rule.id], written[rule.id] = rule, file
    cues = _cues(cue_files)
    _check_heard(rules.values(), cues, rule_files)
    concepts = [_concept(name, spec, words, specs) for name, (spec, _) in specs.items()]
    concepts += [Concept(name=word, words=frozenset({word[1:]})) for word in sorted(literals)]
    known = {name: tuple(sorted(found)) for name, found in words.items()}
    lexicon = Lexicon(concepts)
    commonness = _commonness(lexicon, rules.values())
    return RulePack(
        rules=tuple(rules[name] for name in sorted(rules)),
        lexicon=lexicon,
        clauses=book,
        sha256=sha256,
        concepts=known,
        commonness=commonness,
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
        examples=spec.examples,
        path=file.name,
        own=file.root != str(builtin()),
        parameters=spec.parameters,
    )


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
        for name in {name for pattern in patterns for step in pattern.steps for name in step.concepts}:
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
            patterns = [_regex(cue.any, spec, file, name, "any"), _regex(cue.none, spec, file, name, "none")]
            about = cue.about or name
            words = {"zh": about, "en": about} if isinstance(about, str) else about.model_dump()
            cues[name] = Cue(
                name, frozenset(cue.roles), patterns[0] or re.compile("(?!)"), patterns[1], cue.first, words
            )
    return cues


def _regex(sources: Sequence[str], spec: DialogueFile, file: SourceFile, name: str, key: str) -> re.Pattern[str] | None:
    """One regular expression for all of `sources`, with the fragments put in. None when there are none."""
    for index, source in enumerate(sources):
        try:
            re.compile(_FRAGMENT.sub(lambda found: f"(?:{spec.fragments[found[1]]})", source))
        except KeyError as missing:
            problem = f"<{missing.args[0]}>"
            _fail("CA218", file, ["cues", name, key, index], problem=problem)
        except re.error as error:
            _fail("CA218", file, ["cues", name, key, index], problem=str(error))
    whole = "|".join(f"(?:{source})" for source in sources)
    return re.compile(_FRAGMENT.sub(lambda found: f"(?:{spec.fragments[found[1]]})", whole)) if sources else None


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


@cache
def _policy_names() -> tuple[str, ...]:
    entries = builtin().joinpath("policies").iterdir()
    return tuple(sorted(entry.name.removesuffix(".yaml") for entry in entries if entry.name.endswith(".yaml")))


def load_policy(name: str = "default", changes: Mapping[str, Any] | None = None) -> Policy:
    """A built-in policy by name, or one from a file, with what it leaves out taken from the policy it extends.

    `changes` are parameters that count in place of the file's.

    Raises ConfigError CA211 when there is none, CA202 or CA203 when it is wrong, CA219 when policies extend each other.
    Whether the rules and labels it names exist, `check_policy` says.
    """
    values: dict[str, Any] = {}
    places: dict[str, str] = {}
    digest = hashlib.sha256()
    chain = list(_policy_files(name))
    for source, spec in reversed(chain):
        values = _over(values, spec.model_dump(by_alias=True, exclude_unset=True))
        places.update(_places(source, spec))
        digest.update(f"{source.text}\0".encode())
    merged, (own, _) = PolicySpec.model_validate(_over(values, changes or {})), chain[0]
    if merged.lender_kind and merged.lender_kind not in (merged.lender_kinds or {}):
        problem = f"{merged.lender_kind!r}?{did_you_mean(merged.lender_kind, list(merged.lender_kinds or {}))}"
        _fail(
            "CA203", own, ["lender_kind"], key="lender_kind", problem=problem, line=f"lender_kind: {merged.lender_kind}"
        )
    return policy_from(merged, Path(own.name).stem, digest.hexdigest(), places)


def _policy_files(name: str) -> Iterator[tuple[SourceFile, PolicySpec]]:
    """The policy and those it extends, one after another."""
    place, seen, folder = name, [name], Path()
    while True:
        if name in _policy_names():
            source = _read(builtin().joinpath("policies", f"{name}.yaml"), f"policies/{name}.yaml")
        else:
            path = folder / name
            if not path.is_file():
                known = ", ".join(_policy_names())
                raise ConfigError("CA211", place, known=known, hint=did_you_mean(name, _policy_names()))
            source, folder = _read(path, str(path)), path.parent
        spec = check(PolicySpec, source.text, source.name)
        yield source, spec
        if spec.extends is None:
            return
        name, (line, column) = spec.extends, locate(source.text, ["extends"])
        place = f"{source.name}:{line}:{column}"
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


def check_policy(policy: Policy, pack: RulePack) -> None:
    """Raise ConfigError CA220 for a rule or label that the policy names and nobody knows, CA206 for such a clause."""
    known = sorted({rule.id for rule in pack.rules} | LABELS.keys())
    for name, place in policy.places.items():
        if name.removesuffix("/*") not in known and name not in pack.clauses:
            if name in policy.clauses:
                raise ConfigError("CA206", place, key=name, hint=did_you_mean(name, pack.clauses.keys()))
            raise ConfigError("CA220", place, name=name, hint=did_you_mean(name, known))
