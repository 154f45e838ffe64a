"""The linter's configuration: `callaudit.toml`, `pyproject.toml` or `setup.cfg`, the nearest one upward from the linted file.

Most runs lint one file, and start-up is what they wait for: no models here, and a reader is imported only where there is a file for it.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from audit.errors import ConfigError
from audit.i18n import tr
from audit.lint.globs import absolute, is_glob, matches, relative
from audit.model.finding import Severity
from audit.model.script import Audience, Voice

ALL = "all"
OFF = "off"
DEFAULT_EXCLUDES = ("node_modules/", "venv/", "__pycache__/", "__pypackages__/", "site-packages/")

Key = tuple[str, ...]
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Config:
    """What one configuration file says, with the defaults for the rest.

    Globs are relative to `folder`. `rules`, `baseline` and a `policy` that is a file are absolute paths. A severity of None is off.
    `origins` says by key, and by key and entry, where a value comes from (`callaudit.toml:3`, `--select`).
    """

    folder: Path
    file: Path | None = None
    select: tuple[str, ...] = (ALL,)
    ignore: tuple[str, ...] = ()
    per_file_ignores: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    severity: Mapping[str, Severity | None] = field(default_factory=dict)
    policy: str = "default"
    rules: tuple[str, ...] = ()
    audience: Mapping[str, Audience] = field(default_factory=dict)
    openings: tuple[str, ...] = ()
    not_openings: tuple[str, ...] = ()
    exclude: tuple[str, ...] = DEFAULT_EXCLUDES
    fail_on: Severity = Severity.MAJOR
    baseline: str | None = None
    max_file_kb: int = 2048
    placeholders: Mapping[str, str] = field(default_factory=dict)
    voices: Mapping[Voice, tuple[str, ...]] = field(default_factory=dict)
    origins: Mapping[Key, str] = field(default_factory=dict)

    def audience_for(self, path: str) -> Audience | None:
        """Who listens to the script at `path`; of several globs the last one counts."""
        below = relative(path, self.folder)
        return next((who for glob, who in reversed(tuple(self.audience.items())) if matches((glob,), below)), None)

    def is_opening(self, path: str) -> bool | None:
        """Whether the script at `path` opens a conversation; None when the configuration does not say. `not-openings` comes first."""
        below = relative(path, self.folder)
        if matches(self.not_openings, below):
            return False
        return True if matches(self.openings, below) else None

    def is_excluded(self, path: str) -> bool:
        """Whether `exclude` leaves out the file at `path`, or a folder it is in."""
        return matches(self.exclude, relative(path, self.folder))

    def ignores(self, path: str, rule_id: str) -> bool:
        """Whether findings of a rule are not wanted in the file at `path`.

        The longer of two names counts: `select = ["threat"]` takes in what `ignore = ["all"]` leaves out.
        """
        ignored = _strength(self.ignore, rule_id)
        if _strength(self.select, rule_id) <= ignored:
            return True
        return bool(self.per_file_ignores) and _strength(self.ignored_in(path), rule_id) >= 0

    def ignored_in(self, path: str) -> tuple[str, ...]:
        """What `per-file-ignores` says of the file at `path`."""
        below = relative(path, self.folder)
        return tuple(name for glob, names in self.per_file_ignores.items() if matches((glob,), below) for name in names)

    def severity_of(self, rule_id: str, severity: Severity) -> Severity | None:
        """The severity under this configuration, by the longest name that covers the rule; None when it is off."""
        names = [name for name in self.severity if covers(name, rule_id)]
        return self.severity[max(names, key=lambda name: _strength((name,), rule_id))] if names else severity

    def judges(self, path: str, rule_id: str) -> bool:
        """Whether findings of a rule are wanted in the file at `path` at all."""
        return not self.ignores(path, rule_id) and self.severity_of(rule_id, Severity.INFO) is not None


def covers(name: str, rule_id: str) -> bool:
    """Whether a name in a configuration or a comment (`all`, a family, a label, a rule's id) speaks of the rule.

    >>> covers("threat", "threat.exposure/tell-people")
    True
    """
    return name in names_of(rule_id)


def names_of(rule_id: str) -> tuple[str, str, str, str]:
    """The names that cover a rule, from the widest to its own."""
    label = rule_id.partition("/")[0]
    return ALL, label.partition(".")[0], label, rule_id


def _strength(names: Sequence[str], rule_id: str) -> int:
    """How closely the closest of the names speaks of the rule; -1 when none does."""
    return max((level for level, name in enumerate(names_of(rule_id)) if name in names), default=-1)


def override(config: Config, option: str, **values: object) -> Config:
    """The configuration with values that were given on the command line by `option`."""
    keys = {name.replace("_", "-") for name in values}
    origins = {key: origin for key, origin in config.origins.items() if key[0] not in keys}
    return replace(config, **values, origins=origins | {(key,): option for key in keys})  # type: ignore[arg-type]


class Configs:
    """The configuration of each file, read once a folder.

    `chosen` counts for all files, whatever lies beside them; with `isolated` no file is read at all. `changes` are values that
    count in place of every file's, by the option that gave them.
    """

    def __init__(
        self,
        chosen: str | None = None,
        *,
        isolated: bool = False,
        changes: Mapping[str, Mapping[str, object]] | None = None,
    ) -> None:
        self._known: dict[Path, Config] = {}
        self._changes = changes or {}
        self._default = self._changed(Config(Path.cwd()))
        self._only: Config | None = self._default if isolated else None
        if chosen is not None and not isolated:
            self._only = self._changed(read(chosen))

    def _changed(self, config: Config) -> Config:
        for option, values in self._changes.items():
            config = override(config, option, **values)
        return config

    def of(self, path: str) -> Config:
        """The configuration for the file at `path`. Raises ConfigError CA105, CA214 or CA530–CA537 where it is wrong."""
        return self.of_folder(str(Path(absolute(path)).parent))

    def of_folder(self, path: str) -> Config:
        """The configuration for files in the folder at `path`."""
        if self._only:
            return self._only
        lowest = Path(absolute(path))
        below: list[Path] = []
        found: Config | None = None
        for folder in (lowest, *lowest.parents):
            if folder not in self._known:
                below.append(folder)
            found = self._known.get(folder)
            if found is None and (own := _in_folder(folder)):
                found = self._changed(own)
            if found:
                break
        config = found or self._default
        self._known.update(dict.fromkeys(below, config))
        return config

    def judges(self, path: str, rule_id: str) -> bool:
        """Whether the configuration of the file at `path` wants findings of a rule in it."""
        return self.of(path).judges(path, rule_id)


_NAMES = ("callaudit.toml", "pyproject.toml", "setup.cfg")


def _in_folder(folder: Path) -> Config | None:
    for name in _NAMES:
        file = _File(folder / name)
        if file.exists and file.has_section:
            return _config(file)
    return None


def read(path: str) -> Config:
    """The configuration in the file at `path`: pyproject.toml, an .ini or .cfg file, or any other name as callaudit.toml.

    Raises ConfigError: CA100 when there is none, CA536 when it has no section for callaudit, CA105, CA214, CA530–CA537 when it is wrong.
    """
    file = _File(Path(absolute(path)))
    if not file.exists:
        raise ConfigError("CA100", path)
    if not file.has_section:
        raise ConfigError("CA536", path, section="[callaudit]" if file.is_ini else "[tool.callaudit]")
    return _config(file)


class _File:
    """A configuration file: the values in callaudit's part of it, and the lines on which they stand."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.is_ini = path.suffix.lower() in (".cfg", ".ini")
        self._is_shared = path.name == "pyproject.toml"
        self._text = _text(path)

    @property
    def exists(self) -> bool:
        return self._text is not None

    @property
    def text(self) -> str:
        return self._text or ""

    @property
    def has_section(self) -> bool:
        """Files of many tools that never name this one are not parsed: they cost time, and may be broken without harm."""
        shared = self.is_ini or self._is_shared
        return not shared or ("callaudit" in self.text and self.values is not None)

    @cached_property
    def values(self) -> Mapping[str, Any] | None:
        """What stands in callaudit's part, None when there is none. Raises ConfigError CA530."""
        if self.is_ini:
            return self._ini()
        import tomllib

        try:
            whole = tomllib.loads(self.text)
        except (tomllib.TOMLDecodeError, RecursionError) as error:
            found = re.search(r"line (\d+), column (\d+)", str(error))
            line, column = (int(found[1]), int(found[2])) if found else (max(1, len(self.text.splitlines())), 1)
            self._broken(line, column, re.sub(r" \(at .*\)$", "", str(error)))
        if not self._is_shared:
            return whole
        tools = whole.get("tool")
        values = tools.get("callaudit") if isinstance(tools, dict) else None
        return values if isinstance(values, dict) else None

    def _ini(self) -> Mapping[str, Any] | None:
        from configparser import ConfigParser
        from configparser import Error as IniError

        parser = ConfigParser(interpolation=None)
        try:
            parser.read_string(self.text)
        except IniError as error:
            line = getattr(error, "lineno", None) or next((line for line, _ in getattr(error, "errors", ())), 1)
            self._broken(line, 1, type(error).__name__)
        return dict(parser["callaudit"]) if parser.has_section("callaudit") else None

    def _broken(self, line: int, column: int, problem: str) -> NoReturn:
        lines = self.text.splitlines()
        quoted = lines[line - 1].strip() if line <= len(lines) else ""
        raise ConfigError(
            "CA530",
            f"{self.path}:{line}:{column}",
            kind="INI" if self.is_ini else "TOML",
            problem=problem,
            line=quoted,
        ) from None

    @cached_property
    def lines(self) -> Mapping[Key, int]:
        """The line (from 1) on which each key stands, in callaudit's part."""
        lines: dict[Key, int] = {}
        for key, line in _ini_lines(self.text) if self.is_ini else _toml_lines(self.text, self._is_shared):
            for end in range(1, len(key) + 1):
                lines.setdefault(key[:end], line)
        return lines

    def line(self, key: Key) -> int:
        """The line of the key, or of the closest thing above it that is written down."""
        return next((self.lines[key[:end]] for end in range(len(key), 0, -1) if key[:end] in self.lines), 1)

    def place(self, key: Key, word: str = "") -> str:
        """Where `word` stands in the value of `key`, for a message."""
        first = self.line(key)
        last = min((line for line in self.lines.values() if line > first), default=first + len(self.text))
        for number, text in enumerate(self.text.splitlines()[first - 1 : last - 1], first):
            column = text.find(word or key[-1])
            if column >= 0:
                return f"{self.path}:{number}:{column + 1}"
        return f"{self.path}:{first}:1"


def _text(path: Path) -> str | None:
    try:
        return path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return None
    except OSError as error:
        raise ConfigError("CA105", str(path), reason=error.strerror or type(error).__name__) from None
    except UnicodeDecodeError:
        raise ConfigError("CA214", str(path)) from None


_NAME = r"(?:[A-Za-z0-9_-]+|\"(?:[^\"\\]|\\.)*\"|'[^']*')"
_TOML_KEY = re.compile(rf"\s*({_NAME}(?:\s*\.\s*{_NAME})*)\s*=")
_TOML_TABLE = re.compile(rf"\s*\[\s*({_NAME}(?:\s*\.\s*{_NAME})*)\s*\]")
_INI_SECTION = re.compile(r"\[([^\]]+)\]")
_INI_KEY = re.compile(r"([^\s#;=:][^=:]*?)\s*[=:]")


def _toml_lines(text: str, is_shared: bool) -> Iterator[tuple[Key, int]]:
    """tomllib does not say where keys stand. Lines that look like keys inside of longer strings are taken for such: it costs a wrong line."""
    above: Key = ()
    prefix: Key = ("tool", "callaudit") if is_shared else ()
    for number, line in enumerate(text.splitlines(), 1):
        table, key = _TOML_TABLE.match(line), _TOML_KEY.match(line)
        if table:
            above = _toml_key(table[1])
        if table or key:
            path = above if table else above + _toml_key(key[1] if key else "")
            if path[: len(prefix)] == prefix and len(path) > len(prefix):
                yield path[len(prefix) :], number


def _toml_key(written: str) -> Key:
    """The parts of a key as written, with its quotes and dots.

    >>> _toml_key('severity."threat.exposure"')
    ('severity', 'threat.exposure')
    """
    import tomllib

    try:
        value: Any = tomllib.loads(f"{written} = 0")
    except tomllib.TOMLDecodeError:
        return (written,)
    key: Key = ()
    while isinstance(value, dict):
        ((part, value),) = value.items()
        key += (part,)
    return key


def _ini_lines(text: str) -> Iterator[tuple[Key, int]]:
    is_ours, key = False, ""
    for number, line in enumerate(text.splitlines(), 1):
        section, named = _INI_SECTION.match(line), _INI_KEY.match(line)
        if section:
            is_ours = section[1] == "callaudit"
        elif is_ours and named:
            key = named[1].lower()
            yield (key,), number
        elif is_ours and key and line[:1].isspace() and ":" in line:
            yield (key, line.rpartition(":")[0].strip()), number


def _config(file: _File) -> Config:
    values = file.values or {}
    for key in values:
        if key not in _READERS:
            raise ConfigError("CA531", file.place((key,)), key=key, hint=_did_you_mean(key, _READERS))
    read_values = {key: _READERS[key](file, key, value) for key, value in values.items()}
    keys: list[Key] = [(key,) for key in read_values]
    keys += [(key, str(name)) for key, value in read_values.items() if isinstance(value, Mapping) for name in value]
    origins = {key: f"{file.path.name}:{file.line(key)}" for key in keys}
    fields: dict[str, Any] = {key.replace("-", "_"): value for key, value in read_values.items()}
    return Config(folder=file.path.parent, file=file.path, origins=origins, **fields)


def _did_you_mean(word: str, known: Iterable[str]) -> str:
    from audit.rules.yaml import did_you_mean  # 0.1 s that only an error may cost

    return did_you_mean(word, list(known))


def _wrong(file: _File, key: Key, expected: str, value: object) -> NoReturn:
    raise ConfigError("CA532", file.place(key), key=".".join(key), expected=expected, found=_shown(value))


def _shown(value: object) -> str:
    return _toml(value) if isinstance(value, str | int | list) and not isinstance(value, bool) else str(value).lower()


def _texts(file: _File, key: Key, value: object) -> tuple[str, ...]:
    if file.is_ini and isinstance(value, str):
        value = [part.strip() for part in re.split(r"[,\n]", value) if part.strip()]
    if not isinstance(value, list) or not all(isinstance(part, str) and part for part in value):
        _wrong(file, key, tr('文字的列表，如 ["a", "b"]', 'a list of texts, as ["a", "b"]'), value)
    return tuple(value)


def _entries(file: _File, key: str, value: object) -> Mapping[str, object]:
    """The entries of a table; in an ini file each is a line `name: value`."""
    if file.is_ini and isinstance(value, str):
        parts = [line.rpartition(":") for line in value.splitlines() if line.strip()]
        if not all(colon and name.strip() for name, colon, _ in parts):
            _wrong(file, (key,), tr("每行一个“名称: 值”", "a line `name: value` for each entry"), value)
        return {name.strip(): text.strip() for name, _, text in parts}
    if not isinstance(value, dict):
        _wrong(file, (key,), tr("“名称 = 值”的表", "a table of `name = value`"), value)
    return value


def _names(file: _File, key: str, value: object) -> tuple[str, ...]:
    return _texts(file, (key,), value)


def _globs(file: _File, key: str, value: object) -> tuple[str, ...]:
    globs = _texts(file, (key,), value)
    for glob in globs:
        _check_glob(file, (key,), glob, is_list=True)
    return globs


def _check_glob(file: _File, key: Key, glob: str, *, is_list: bool = False) -> None:
    # In a list a later `!glob` takes back what an earlier one took in; alone it says nothing.
    if not is_glob(glob) or (glob.startswith("!") and not is_list):
        raise ConfigError("CA537", file.place(key, glob), glob=glob)


def _excludes(file: _File, key: str, value: object) -> tuple[str, ...]:
    return DEFAULT_EXCLUDES + _globs(file, key, value)


def _table(
    file: _File, key: str, value: object, entry: Callable[[_File, Key, object], Value], *, by_glob: bool = False
) -> Mapping[str, Value]:
    entries = _entries(file, key, value)
    if by_glob:
        for glob in entries:
            _check_glob(file, (key, glob), glob)
    return {name: entry(file, (key, name), text) for name, text in entries.items()}


def _lists_by_glob(file: _File, key: str, value: object) -> Mapping[str, tuple[str, ...]]:
    return _table(file, key, value, _several, by_glob=True)


def _several(file: _File, key: Key, value: object) -> tuple[str, ...]:
    """Several words: in an ini file they stand on one line."""
    return _texts(file, key, ",".join(value.split()) if file.is_ini and isinstance(value, str) else value)


def _a_text(file: _File, key: Key, value: object) -> str:
    if not isinstance(value, str) or not value:
        expected = tr(
            "带引号的文字（名称里有点或斜杠时，名称也要加引号）", "a quoted text (a name with dots is quoted too)"
        )
        _wrong(file, key, expected, value)
    return value


def _one_of(file: _File, key: Key, value: object, known: Sequence[str]) -> str:
    text = _a_text(file, key, value)
    if text not in known:
        raise ConfigError(
            "CA533",
            file.place(key, text),
            key=".".join(key),
            value=text,
            known=", ".join(known),
            hint=_did_you_mean(text, known),
        )
    return text


def _severity(file: _File, key: Key, value: object) -> Severity | None:
    text = _one_of(file, key, value, [*_by_gravity(), OFF])
    return None if text == OFF else Severity(text)


def _by_gravity() -> list[str]:
    return [severity.value for severity in Severity]


def _severities(file: _File, key: str, value: object) -> Mapping[str, Severity | None]:
    return _table(file, key, value, _severity)


def _fail_on(file: _File, key: str, value: object) -> Severity:
    return Severity(_one_of(file, (key,), value, _by_gravity()))


def _audiences(file: _File, key: str, value: object) -> Mapping[str, Audience]:
    known = [audience.value for audience in Audience]
    return _table(file, key, value, lambda file, key, text: Audience(_one_of(file, key, text, known)), by_glob=True)


def _words(file: _File, key: str, value: object) -> Mapping[str, str]:
    return _table(file, key, value, _a_text)


def _voices(file: _File, key: str, value: object) -> Mapping[Voice, tuple[str, ...]]:
    known = [voice.value for voice in Voice]
    for name in (entries := _entries(file, key, value)):
        if name not in known:
            raise ConfigError("CA531", file.place((key, name)), key=f"{key}.{name}", hint=_did_you_mean(name, known))
    return {Voice(name): _several(file, (key, name), words) for name, words in entries.items()}


def _policy(file: _File, key: str, value: object) -> str:
    text = _a_text(file, (key,), value)
    path = absolute(file.path.parent / text)
    if Path(path).is_file():
        return path
    if Path(text).name != text or Path(text).suffix.lower() in (".yaml", ".yml"):
        raise ConfigError("CA535", file.place((key,), text), key=key, value=text)
    from audit.rules.loader import policy_names  # half a start's imports, which most configurations do not need here

    return _one_of(file, (key,), value, policy_names())


def _folders(file: _File, key: str, value: object) -> tuple[str, ...]:
    folders = _texts(file, (key,), value)
    for folder in folders:
        if not (file.path.parent / folder).is_dir():
            raise ConfigError("CA535", file.place((key,), folder), key=key, value=folder)
    return tuple(absolute(file.path.parent / folder) for folder in folders)


def _path(file: _File, key: str, value: object) -> str:
    return absolute(file.path.parent / _a_text(file, (key,), value))


def _size(file: _File, key: str, value: object) -> int:
    if file.is_ini and isinstance(value, str) and value.isdecimal():
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or value <= 0:
        _wrong(file, (key,), tr("大于 0 的整数", "a whole number above 0"), value)
    return value


# Every key there is, and how its value is read; docs/lint-config.md describes each.
_READERS: Mapping[str, Callable[[_File, str, object], object]] = {
    "select": _names,
    "ignore": _names,
    "per-file-ignores": _lists_by_glob,
    "severity": _severities,
    "policy": _policy,
    "rules": _folders,
    "audience": _audiences,
    "openings": _globs,
    "not-openings": _globs,
    "exclude": _excludes,
    "fail-on": _fail_on,
    "baseline": _path,
    "max-file-kb": _size,
    "placeholders": _words,
    "voices": _voices,
}
KEYS = tuple(_READERS)


def check(
    config: Config, known_rules: Collection[str], known_labels: Collection[str], meanings: Collection[str]
) -> None:
    """Raise ConfigError CA534 for a rule, label or family that the configuration names and nobody knows, CA533 for a meaning of
    placeholders that is none of `meanings`.

    The linter's own rules about suppressions are known without being given.
    """
    from audit.lint.suppressions import OWN_RULES  # which itself asks this module what a name covers

    rules = {*known_rules, *OWN_RULES}
    labels = {*known_labels, *(rule.partition("/")[0] for rule in rules)}
    known = {ALL, *rules, *labels, *(label.partition(".")[0] for label in labels)}
    named: list[tuple[Key, str]] = [
        *((("select",), name) for name in config.select),
        *((("ignore",), name) for name in config.ignore),
        *((("per-file-ignores", glob), name) for glob, names in config.per_file_ignores.items() for name in names),
        *((("severity", name), name) for name in config.severity),
    ]
    for key, name in named:
        if name not in known:
            raise ConfigError("CA534", _place(config, key, name), name=name, hint=_did_you_mean(name, sorted(known)))
    for placeholder, meaning in config.placeholders.items():
        if meaning not in meanings:
            raise ConfigError(
                "CA533",
                _place(config, ("placeholders", placeholder), meaning),
                key=f"placeholders.{placeholder}",
                value=meaning,
                known=", ".join(meanings),
                hint=_did_you_mean(meaning, meanings),
            )


def _place(config: Config, key: Key, word: str) -> str:
    """Where the word stands: in the configuration file, or in an option."""
    origin = config.origins.get(key, "")
    return origin if config.file is None or origin.startswith("-") else _File(config.file).place(key, word)


def show(config: Config, path: str) -> str:
    """The configuration for the script at `path` as TOML, each line with where it comes from, for `--show-config`."""
    lines = [f"# {path}: {config.file or tr('没有配置文件', 'no configuration file')}"]
    audience, opening = config.audience_for(path), config.is_opening(path)
    if audience:
        lines.append(f"# audience: {audience}")
    if opening is not None:
        lines.append(f"# opening: {_toml(opening)}")
    tables: list[str] = []
    for key in KEYS:
        value = getattr(config, key.replace("-", "_"))
        origin = config.origins.get((key,), "default")
        if isinstance(value, Mapping):
            tables += ["", f"[{key}]  # {origin}"]
            tables += [
                f"{_toml(str(name))} = {_toml(OFF if entry is None else entry)}  # {config.origins.get((key, name), origin)}"
                for name, entry in value.items()
            ]
        elif value is None:
            lines.append(f'# {key} = ""  # {origin}')
        else:
            lines.append(f"{key} = {_toml(value)}  # {origin}")
    return "\n".join([*lines, *tables]) + "\n"


def _toml(value: object) -> str:
    """A text, number, truth or list of texts as TOML."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        escaped = "".join(_ESCAPES.get(char, char) for char in value)
        return f'"{escaped}"'
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_toml, value))}]"
    return str(value)


_ESCAPES = {chr(code): f"\\u{code:04x}" for code in (*range(0x20), 0x7F)} | {
    '"': '\\"',
    "\\": "\\\\",
    "\n": "\\n",
    "\t": "\\t",
}
