"""Findings that were there when a team began: they do not count until their words change.

An entry knows a finding by a keyed hash of its rule and of the words of its line, and holds no text, no line number and no time: moved or
newly laid out lines stay known, and differences in the file show what was added or mended.
"""

import hmac
import json
import os
import re
import secrets
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path, PurePath
from typing import Any, NoReturn

from audit.errors import CallauditError, ConfigError
from audit.lint.finding import LintedFile, LintFinding, StaleEntry, Suppressed
from audit.lint.globs import absolute

VERSION = 1
KIND = "baseline"
# Findings about suppressions never get in: only the configuration hides them.
_OWN = "lint."


# Whether a rule was looked for in the file at a path.
Judged = Callable[[str, str], bool]


def _everything(path: str, rule: str) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Entry:
    """`count` findings of a rule in lines of the same words. `path` is relative to the baseline's folder, with `/`."""

    path: str
    rule: str
    hash: str
    count: int


@dataclass(frozen=True, slots=True)
class Baseline:
    """A baseline file: where it lies, the key (hex) of its hashes, and its entries."""

    path: str
    key: str
    entries: tuple[Entry, ...]

    def relative(self, path: str) -> str:
        """The path of a linted file as entries write it."""
        whole = absolute(path)
        try:
            return PurePath(os.path.relpath(whole, Path(absolute(self.path)).parent)).as_posix()
        except ValueError:  # another drive of Windows
            return PurePath(whole).as_posix()

    def shown(self, path: str) -> str:
        """The path of an entry as seen from the working folder."""
        return os.path.relpath(Path(absolute(self.path)).parent / path)

    def hash(self, finding: LintFinding) -> str:
        """What identifies the finding wherever its line moves."""
        words = f"{finding.rule}\0{normalised(finding.sentence or finding.source or finding.quote)}"
        return hmac.new(bytes.fromhex(self.key), words.encode("utf-8", "surrogatepass"), sha256).hexdigest()


_MARKER = re.compile(r"\s*(?:[-*+>#•·●■]+|[(（]?(?:\d{1,3}|[一二三四五六七八九十]{1,3})[.)、）．](?!\d))(?=\D)")
# `{{客户姓名}}`, `${amount}`, 【机构名称】, <金额>: their signs tell them from the same words said.
_PLACEHOLDER = re.compile(r"\$?\{+[^{}]*\}+|【[^【】]*】|<[^<>]{1,20}>")


def normalised(line: str) -> str:
    """The words of a line without its layout: list markers, spaces, punctuation, width and case. Placeholders stay as written.

    >>> normalised("  2. 您好，【某某】 的ＡＰＰ！") == normalised("- 您好 【某某】的app")
    True
    """
    text = unicodedata.normalize("NFKC", line).casefold()
    while found := _MARKER.match(text):
        text = text[found.end() :]
    parts, at = [], 0
    for placeholder in _PLACEHOLDER.finditer(text):
        parts += [_words(text[at : placeholder.start()]), "".join(placeholder[0].split())]
        at = placeholder.end()
    return "".join([*parts, _words(text[at:])])


def _words(text: str) -> str:
    return "".join(char for char in text if char.isalnum())


def load(path: str) -> Baseline:
    """The baseline at `path`. Raises ConfigError CA553 when there is none, CA105 when it cannot be read, CA550 or CA551 when it is no
    baseline of this version."""
    try:
        data = json.loads(Path(path).read_bytes())
    except FileNotFoundError:
        raise ConfigError("CA553", path) from None
    except OSError as error:
        raise ConfigError("CA105", path, reason=error.strerror or type(error).__name__) from None
    except json.JSONDecodeError as error:
        raise ConfigError("CA550", f"{path}:{error.lineno}:{error.colno}", problem=error.msg) from None
    except (UnicodeDecodeError, RecursionError) as error:
        raise ConfigError("CA550", path, problem=type(error).__name__) from None
    version = data.get("version") if isinstance(data, dict) else None
    if not isinstance(version, int) or not isinstance(data, dict):
        _refuse(path, "version")
    if version > VERSION:
        raise ConfigError("CA551", path, version=version, expected=VERSION)
    key, entries = data.get("key"), data.get("entries")
    if not isinstance(key, str) or not re.fullmatch("(?:[0-9a-f]{2})+", key):
        _refuse(path, "key")
    if not isinstance(entries, list):
        _refuse(path, "entries")
    return Baseline(path, key, tuple(_entry(path, number, entry) for number, entry in enumerate(entries, 1)))


def _refuse(path: str, problem: str) -> NoReturn:
    raise ConfigError("CA550", path, problem=problem)


def _entry(path: str, number: int, data: Mapping[str, Any]) -> Entry:
    if not isinstance(data, dict) or not all(isinstance(data.get(name), str) for name in ("path", "rule", "hash")):
        _refuse(path, f"entries {number}")
    count = data.get("count")
    if not isinstance(count, int) or isinstance(count, bool) or count < 1:
        _refuse(path, f"entries {number} count")
    return Entry(data["path"], data["rule"], data["hash"], count)


def match(
    files: Sequence[LintedFile], baseline: Baseline, judged: Judged = _everything
) -> tuple[tuple[LintedFile, ...], tuple[StaleEntry, ...]]:
    """The files with known findings suppressed, and the entries of linted files whose findings are gone.

    A file's own entries come first; those of files that are no longer there serve files that moved. An entry serves as many findings
    as it counts, so that a second copy of a known line is new. Entries of rules that were not `judged` in their file are not stale.
    """
    left = Counter[tuple[str, str, str]]()
    for entry in baseline.entries:
        left[entry.path, entry.rule, entry.hash] += entry.count
    own = [_match_file(file, baseline, _Own(left, baseline.relative(file.path))) for file in files]
    linted = {baseline.relative(file.path): file.path for file in files if file.problem is None}
    gone = {path for path, _, _ in left if path not in linted and not _exists(baseline, path)}
    moved = _Moved(left, gone)
    matched = tuple(_match_file(file, baseline, moved) for file in own)
    stale = tuple(
        StaleEntry(linted.get(path) or baseline.shown(path), rule)
        for (path, rule, _), count in sorted(left.items())
        if count > 0 and (path in linted or path in gone) and judged(linted.get(path) or baseline.shown(path), rule)
    )
    return matched, stale


def _exists(baseline: Baseline, path: str) -> bool:
    return os.path.lexists(Path(absolute(baseline.path)).parent / path)


@dataclass(slots=True)
class _Own:
    """What is left of the entries of one file."""

    left: Counter[tuple[str, str, str]]
    path: str

    def take(self, rule: str, digest: str) -> bool:
        if self.left[self.path, rule, digest] <= 0:
            return False
        self.left[self.path, rule, digest] -= 1
        return True


class _Moved:
    """What is left of the entries of files that are gone."""

    def __init__(self, left: Counter[tuple[str, str, str]], gone: Collection[str]) -> None:
        self._left = left
        self._paths: dict[tuple[str, str], list[str]] = defaultdict(list)
        for path, rule, digest in sorted(left):
            if path in gone:
                self._paths[rule, digest].append(path)

    def take(self, rule: str, digest: str) -> bool:
        return any(_Own(self._left, path).take(rule, digest) for path in self._paths.get((rule, digest), ()))


def _match_file(file: LintedFile, baseline: Baseline, entries: _Own | _Moved) -> LintedFile:
    findings = tuple(
        replace(finding, suppressed=Suppressed(KIND))
        if _may_be_known(finding) and finding.counts and entries.take(finding.rule, baseline.hash(finding))
        else finding
        for finding in file.findings
    )
    return replace(file, findings=findings)


def _may_be_known(finding: LintFinding) -> bool:
    return not finding.rule.startswith(_OWN)


def update(path: str, files: Sequence[LintedFile], judged: Judged = _everything) -> Baseline:
    """Write a baseline in which all findings of `files` are known that no comment suppresses; its key stays that of the file before.

    Entries of files that were not linted, and of rules that were not `judged` in them, stay; those of files that are gone do not.
    Raises ConfigError CA552 when it cannot be written, CA550 or CA551 when something else lies there.
    """
    before = load(path) if os.path.lexists(path) else Baseline(path, secrets.token_hex(32), ())
    linted = {before.relative(file.path): file.path for file in files if file.problem is None}
    counts = Counter[tuple[str, str, str]]()
    for entry in before.entries:
        was_judged = entry.path in linted and judged(linted[entry.path], entry.rule)
        if not was_judged and _exists(before, entry.path):
            counts[entry.path, entry.rule, entry.hash] += entry.count
    for file in files:
        for finding in file.findings:
            known = finding.suppressed is None or finding.suppressed.kind == KIND
            if known and _may_be_known(finding):
                counts[before.relative(file.path), finding.rule, before.hash(finding)] += 1
    made = Baseline(path, before.key, tuple(Entry(*key, count) for key, count in sorted(counts.items())))
    _write(made)
    return made


def _write(baseline: Baseline) -> None:
    from audit.report.atomic import write_atomic

    try:
        # A file name that is no UTF-8 holds lone surrogates; as \udc.. they are JSON again.
        write_atomic(Path(baseline.path), _json(baseline).encode("utf-8", "backslashreplace"))
    except CallauditError as error:
        raise ConfigError("CA552", baseline.path, **error.problem.facts) from None


def _json(baseline: Baseline) -> str:
    """One entry a line, sorted: a difference shows what became known and what was mended."""
    return "\n".join(
        [
            "{",
            f'"version": {VERSION},',
            f'"key": {json.dumps(baseline.key)},',
            '"entries": [',
            ",\n".join(_lines(baseline.entries)),
            "]",
            "}",
            "",
        ]
    )


def _lines(entries: Iterable[Entry]) -> Iterable[str]:
    for entry in entries:
        yield json.dumps(
            {"path": entry.path, "rule": entry.rule, "hash": entry.hash, "count": entry.count}, ensure_ascii=False
        )
