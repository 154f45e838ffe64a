"""Script templates in YAML 1.2, on ruamel's events.

Always its pure Python scanner: the C one reads YAML 1.1 and is not on every machine.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from typing import Any

from audit.errors import InputError
from audit.i18n import tr
from audit.ingest.scripts.directives import Style, find
from audit.ingest.scripts.piece import Parsed
from audit.ingest.scripts.source import Source
from audit.ingest.scripts.tree import Tree
from audit.ingest.scripts.written import Written

# Line breaks in YAML 1.1 but not in 1.2; ruamel's scanner still stops at them.
_ONCE_BREAKS = re.compile("[\x85\u2028\u2029]")
# Anchor and tag before a scalar, and what may stand between.
_PROPERTIES = re.compile(r"(?:!<[^>]*>|!\S*|&[^\s,\[\]{}]*|\s+|#[^\r\n]*)*")
_NOT_SPACE = re.compile(r"[^ \r\n]")

_REASONS = (
    ("mapping values are not allowed", "这里不能再有“键: 值”，文字里的冒号后有空格时整句要加引号"),
    ("cannot start any token", "这里不能用这个字符开头（缩进要用空格，不能用制表符）"),
    ("could not find expected ':'", "缺少冒号"),
    ("expected <block end>", "缩进不一致，或引号、括号之后还有文字"),
    ("expected ',' or", "方括号或花括号里缺少逗号，或没有结束；以 { 或 [ 开头的文字要加引号"),
    ("end of stream", "引号没有结束"),
    ("unknown escape", "双引号里的反斜杠写法不对"),
    ("hexdecimal", "双引号里的反斜杠写法不对"),
    ("special characters", "有控制字符"),
    ("expected the node content", "这里应有一个值"),
    ("document separator", "引号没有结束"),
    ("document start", "文件开头的内容结束之后还有文字，请检查缩进"),
    ("alphabetic or numeric", "& 或 * 开头的文字要加引号"),
)


def parse(text: str, where: str) -> Parsed:
    """The scalars of a YAML file, each with its place; what aliases stand for is read where it is written.

    Raises InputError (CA515, CA516) when it is no YAML or nested too deeply.
    """
    directives, blanked = find(text, {Style.HASH})
    source = Source(text)
    tree = Tree(source, where)
    # A block scalar may hold comments for the linter; elsewhere they are comments to YAML, too.
    blocks = Source(blanked) if directives else source
    wholes: list[tuple[int, int]] = []
    for event in _events(text, source, where):
        match type(event).__name__:
            case "DocumentStartEvent":
                tree.document()
            case "MappingStartEvent" | "SequenceStartEvent" as kind:
                tree.open(event.start_mark.index, mapping=kind == "MappingStartEvent")
            case "MappingEndEvent" | "SequenceEndEvent":
                tree.close()
            case "AliasEvent":
                tree.scalar(Written(source))
            case "ScalarEvent":
                tree.scalar(_written(event, source, blocks))
                if event.style in ("|", ">"):
                    last = max(event.start_mark.index, event.end_mark.index - 1)
                    wholes.append((source.place(event.start_mark.index).line, source.place(last).line))
    return Parsed(tree.pieces(), directives, tuple(wholes))


def _events(text: str, source: Source, where: str) -> Iterator[Any]:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError
    from ruamel.yaml.reader import ReaderError

    try:
        yield from YAML(typ="safe", pure=True).parse(_ONCE_BREAKS.sub("\ufffd", text))
    except ReaderError as error:
        raise _wrong(where, source, error.position, "special characters") from error
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise _wrong(where, source, mark.index if mark else 0, error.problem or error.context or "") from error
    except (YAMLError, ArithmeticError, AssertionError, AttributeError, LookupError, TypeError, ValueError) as error:
        # Not only its own errors: the scanner runs into Python's on some broken input (`"\\UFFFFFFFF"`).
        raise InputError("CA515", where, reason=tr("有无法理解的写法", str(error))) from error


def _wrong(where: str, source: Source, offset: int, problem: str) -> InputError:
    line, column = source.place(offset)
    reason = next((chinese for english, chinese in _REASONS if english in problem), f"写法不对（{problem}）")
    return InputError("CA515", f"{where}:{line}:{column}", reason=tr(reason, problem))


def _written(event: Any, source: Source, blocks: Source) -> Written:
    written = Written(source)
    if not event.value.strip():
        return written
    start, end = event.start_mark.index, event.end_mark.index
    if source.text[start] in "&!" and (properties := _PROPERTIES.match(source.text, start)):
        start = properties.end()
    match event.style:
        case "|" | ">":
            return _block(event, source, blocks, start)
        case '"':
            written.double_quoted(start + 1, end - 1)
        case "'":
            written.single_quoted(start + 1, end - 1)
        case _:
            written.plain(start, end)
    return written


def _block(event: Any, source: Source, blocks: Source, start: int) -> Written:
    """A literal block has a line for each of its lines, a folded one for each paragraph and each line indented further."""
    written = Written(blocks)
    first = bisect_right(source.starts, start)
    last = bisect_right(source.starts, event.end_mark.index - 1)
    indent = _spaces_before_words(source.text, source.starts[first]) - _spaces_before_words(event.value, 0)
    between, end = "", 0
    for index in range(first, last):
        begin, line = source.starts[index], blocks.lines[index]
        if not line.strip():
            # Where the linter's comment stood is no blank line.
            between = between if source.lines[index].strip() else between and "\n"
            continue
        if len(line) - len(line.lstrip(" ")) < indent:
            break
        folds = event.style == ">" and line[indent] not in " \t"
        written.add(between if folds else between and "\n", end)
        # White space at a line's end is text, but not where the linter's comment was.
        end = begin + len(line if line == source.lines[index] else line.rstrip())
        written.copy(begin + indent, end)
        between = " " if folds else "\n"
    return written


def _spaces_before_words(text: str, start: int) -> int:
    """How far the first line with words is indented: what of it in the file and not in the value is the block's indentation."""
    words = _NOT_SPACE.search(text, start)
    end = words.start() if words else len(text)
    return end - max(text.rfind("\n", 0, end), text.rfind("\r", 0, end)) - 1
