"""From files an officer edits to a rule pack and a policy.

What was compiled once on this machine is kept (`audit.kept`) and taken from there as long as the files are the same, so that neither YAML
nor its schemas cost anything at a start; `audit.rules.compiler` does the work.
"""

import hashlib
import pickle
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from audit.errors import ConfigError
from audit.kept import code_of, keep, key_of, read_kept, remembered
from audit.model.labels import LABELS
from audit.rules.pack import RulePack
from audit.rules.policy import Policy
from audit.text import normalise, pinyin

_PACKS, _POLICIES = "packs", "policies"


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file as read: its name for messages, its text, and the folder of lexicons it belongs to."""

    name: str
    text: str
    root: str = ""


@dataclass(frozen=True, slots=True)
class PackFiles:
    """All files of a pack, read: words, rules, dialogue cues, clauses."""

    words: tuple[SourceFile, ...]
    rules: tuple[SourceFile, ...]
    cues: tuple[SourceFile, ...]
    clauses: SourceFile

    def __iter__(self) -> Iterator[SourceFile]:
        return iter((*self.words, *self.rules, *self.cues, self.clauses))

    @property
    def sha256(self) -> str:
        """Over the names and texts of all."""
        digest = hashlib.sha256()
        for file in self:
            digest.update(f"{file.name}\0{file.text}\0".encode())
        return digest.hexdigest()


@cache
def builtin() -> Traversable:
    """The lexicons that ship with callaudit."""
    return files("audit.lexicons")


def pack_key(folders: Sequence[str] = (), *, alone: bool = False) -> str:
    """The `sha256` of the pack that `load_pack` gives for the same folders, without making it: the files are only read.

    Raises ConfigError CA201 or CA214.
    """
    return pack_files(folders, alone=alone).sha256


def pack_files(folders: Sequence[str] = (), *, alone: bool = False) -> PackFiles:
    """The files of the pack that `load_pack` gives for the same folders, as written.

    Raises ConfigError CA201 or CA214.
    """
    return _pack_files(_roots(folders, alone))


def load_pack(folders: Sequence[str] = (), *, alone: bool = False) -> RulePack:
    """The built-in rules and words together with those of further folders (each with `words/` and `rules/`, either may be missing).

    A concept or rule of a further folder with the name of an earlier one replaces it. `alone`: without the built-in ones, for a
    folder that is a whole pack (with `dialogue.yaml`). Raises ConfigError CA2xx, quoting the
    line at fault. Rules are not proved here; see `audit.rules.testing.prove`.
    """
    roots = _roots(folders, alone)
    found = _pack_files(roots)
    sha256 = found.sha256

    def compiled() -> RulePack:
        from audit.rules.compiler import compile_pack

        return compile_pack(found, sha256)

    # The sounds of words are characters of one table of pinyin, and mean nothing in another.
    made_by = (_code(), normalise.table_key(), pinyin.table_key())
    return remembered(_PACKS, key_of(sha256, *map(str, roots), *made_by), compiled)


def _roots(folders: Sequence[str], alone: bool) -> list[Traversable]:
    roots: list[Traversable] = [] if alone else [builtin()]
    for folder in folders:
        path = Path(folder)
        if not (path / "words").is_dir() and not (path / "rules").is_dir():
            raise ConfigError("CA201", folder)
        roots.append(path)
    return roots


def _pack_files(roots: Sequence[Traversable]) -> PackFiles:
    return PackFiles(
        words=tuple(file for root in roots for file in _yaml_files(root.joinpath("words"), "words")),
        rules=tuple(
            replace(file, root=str(root)) for root in roots for file in _yaml_files(root.joinpath("rules"), "rules")
        ),
        cues=tuple(
            _read(root / "dialogue.yaml", "dialogue.yaml") for root in roots if root.joinpath("dialogue.yaml").is_file()
        ),
        clauses=_read(builtin().joinpath("clauses.yaml"), "clauses.yaml"),
    )


def _yaml_files(folder: Traversable, name: str) -> list[SourceFile]:
    if not folder.is_dir():
        return []
    found = []
    for entry in sorted(folder.iterdir(), key=lambda e: e.name):
        if entry.name.endswith((".yaml", ".yml")) and not entry.is_dir():
            found.append(_read(entry, f"{name}/{entry.name}"))
        elif entry.is_dir():
            found.extend(_yaml_files(entry, f"{name}/{entry.name}"))
    return found


def _read(entry: Traversable, name: str) -> SourceFile:
    shipped = not isinstance(entry, Path) or str(entry).startswith(str(builtin()))
    shown = f"lexicons/{name}" if shipped else str(entry)
    try:
        text = entry.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ConfigError("CA214", shown) from None
    return SourceFile(shown, text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text)


@cache
def _code() -> str:
    """Which code compiles."""
    return code_of("model", "rules", "text", "text/context")


@cache
def policy_names() -> tuple[str, ...]:
    """The names of the policies that ship with callaudit."""
    entries = builtin().joinpath("policies").iterdir()
    return tuple(sorted(entry.name.removesuffix(".yaml") for entry in entries if entry.name.endswith(".yaml")))


@dataclass(frozen=True, slots=True)
class PolicySource:
    """A file that a policy was made from, and by what name it was wanted, seen from which folder."""

    wanted: str
    folder: Path
    file: SourceFile


def policy_file(name: str, folder: Path) -> SourceFile | None:
    """The policy of that name, or that file, seen from a folder; None when there is neither. Raises ConfigError CA214."""
    if name in policy_names():
        return _read(builtin().joinpath("policies", f"{name}.yaml"), f"policies/{name}.yaml")
    path = folder / name
    return _read(path, str(path)) if path.is_file() else None


def load_policy(name: str = "default", changes: Mapping[str, Any] | None = None) -> Policy:
    """A built-in policy by name, or one from a file, with what it leaves out taken from the policy it extends.

    `changes` are parameters that count in place of the file's.

    Raises ConfigError CA211 when there is none, CA202 or CA203 when it is wrong, CA219 when policies extend each other.
    Whether the rules and labels it names exist, `check_policy` says.
    """
    key = key_of(_code(), "\n".join(policy_names()), str(Path.cwd()), name)
    kept = None if changes else _kept_policy(key)
    if kept:
        return kept
    from audit.rules.compiler import compile_policy

    policy, sources = compile_policy(name, changes or {})
    if not changes:
        keep(_POLICIES, key, pickle.dumps((policy, sources), pickle.HIGHEST_PROTOCOL))
    return policy


def _kept_policy(key: str) -> Policy | None:
    """The policy as compiled before, if the files that it was made from still say the same."""
    content = read_kept(_POLICIES, key)
    if content is None:
        return None
    policy: Policy
    sources: tuple[PolicySource, ...]
    policy, sources = pickle.loads(content)
    return policy if all(policy_file(source.wanted, source.folder) == source.file for source in sources) else None


def check_policy(policy: Policy, pack: RulePack) -> None:
    """Raise ConfigError CA220 for a rule or label that the policy names and nobody knows, CA206 for such a clause."""
    known = sorted({rule.id for rule in pack.rules} | LABELS.keys())
    for name, place in policy.places.items():
        if name.removesuffix("/*") not in known and name not in pack.clauses:
            from audit.rules.yaml import did_you_mean

            if name in policy.clauses:
                raise ConfigError("CA206", place, key=name, hint=did_you_mean(name, pack.clauses.keys()))
            raise ConfigError("CA220", place, name=name, hint=did_you_mean(name, known))
