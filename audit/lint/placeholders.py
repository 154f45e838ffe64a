"""Placeholders of script templates, understood by what they stand for.

`{{客户姓名}}`, `{欠款金额}`, `${逾期天数}`, `【机构名称】`, `<金额>`, `[姓名]`, `%name%`, `XX`: rules read an invented specimen in their place
(张伟, 3000, 30 …), and what they find is told in the words of the file.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from audit.ingest.scripts.words import Words
from audit.model.script import Passage

_STYLES = re.compile(
    r"\{\{\s*(?P<double>[^{}\n]{1,40}?)\s*\}\}|[$#]\{\s*(?P<dollar>[^{}\n]{1,40}?)\s*\}|\{\s*(?P<single>[^{}\n]{1,40}?)\s*\}"
    r"|[<＜]\s*(?P<angle>[^<>＜＞{}\n]{1,20}?)\s*[>＞]|【\s*(?P<lenticular>[^【】{}\n]{1,16}?)\s*】|[\[［]\s*(?P<square>[^\[\]［］{}\n]{1,16}?)\s*[\]］]"
    r"|〔\s*(?P<shell>[^〔〕\n]{1,16}?)\s*〕|%(?P<percent>[A-Za-z0-9_一-龥]{1,20})%"
    r"|\$(?P<dollars>[A-Za-z0-9_一-龥]{1,20})\$|#(?P<hashes>[A-Za-z_一-龥]{1,16})#|(?P<blank>[XxＸ×✕*＊_＿某]{2,}|_{3,}|…{3,})"
)
# In these brackets other things stand as well: only a name that is known makes a placeholder.
_KNOWN_ONLY = frozenset({"angle", "lenticular", "square", "shell"})
_BEFORE = (
    (re.compile(r"(?:工号|编号)[是为:：]?\s*$"), "staff_number"),
    (re.compile(r"(?:经理|专员|坐席|客服|顾问|主管)\s*$"), "staff_name"),
    (re.compile(r"(?:尾号|后四位|后4位|末四位)[是为:：]?\s*$"), "last4"),
    (re.compile(r"(?:身份证号?码?|证件号码?)[是为:：]?\s*$"), "id_number"),
    (re.compile(r"(?:手机号码?|电话号码?|手机)[是为:：]?\s*$"), "phone"),
    (re.compile(r"(?:银行卡号?|卡号|账号|账户)[是为:：]?\s*$"), "card"),
    (re.compile(r"(?:热线|客服电话|官方电话|致电|拨打)[是为:：]?\s*$"), "hotline"),
    (re.compile(r"(?:欠款|金额|本金|应还|还款|一共|共计|合计|欠|账单)(?:是|为|了|:|：)?\s*$"), "amount"),
    (re.compile(r"(?:逾期)(?:了|已|达)?\s*$"), "days"),
)
_BEHIND = (
    (re.compile(r"\s*(?:公司|银行|金融|集团|机构|平台|资产|信用|消金|小贷|律所|客服|中心)"), "institution"),
    (re.compile(r"\s*(?:先生|女士|小姐|老师|总|哥|姐)"), "surname"),
    (re.compile(r"\s*(?:元|块|万)"), "amount"),
    (re.compile(r"\s*(?:天|个月)"), "days"),
    (re.compile(r"\s*(?:期|次|个|%|折)"), "number"),
    (re.compile(r"\s*(?:月|日|号|年)"), "number"),
    (re.compile(r"\s*(?:点|时|分)"), "number"),
    (re.compile(r"\s*(?:贷|借|花)"), "place"),
    (re.compile(r"\s*(?:本人|是吗|吗|您好|你好)"), "name"),
)
# `账户是{申请人}的对公账户`: a company's, whatever stands before it.
_CORPORATE = re.compile(r"\s*(?:的|名下的?)(?:对公|官方)")
# Specimens that need a unit behind them, unless one is written there.
_UNITS = {"amount": (re.compile(r"\s*[元块万千百]"), "元"), "days": (re.compile(r"\s*[天日个]"), "天")}


@dataclass(frozen=True, slots=True)
class Placeholder:
    """One placeholder: where it stands in the text, and the meaning of its name (`unknown` when nobody knows it)."""

    start: int
    end: int
    meaning: str


@dataclass(frozen=True, slots=True)
class Spoken:
    """A text as rules read it. `starts` gives, for each character of `text` and the place behind the last, the offset in the file's
    words (of a specimen: where its placeholder begins), `ends` where it ends there."""

    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]
    placeholders: tuple[Placeholder, ...]

    def written(self, start: int, end: int) -> tuple[int, int]:
        """The span of the file's words behind a span of the text: placeholders are in it whole."""
        return self.starts[start], self.ends[end - 1] if end > start else self.starts[start]


def placeholders(text: str, words: Words) -> Iterator[Placeholder]:
    """The placeholders of a text in order; of nested ones the inner."""
    for found in _STYLES.finditer(text):
        style = found.lastgroup or ""
        if style == "blank":
            meaning = _by_neighbours(text[: found.start()], text[found.end() :])
        else:
            known = words.placeholders.of(found[style])
            if known is None and style in _KNOWN_ONLY:
                continue
            meaning = known or _by_neighbours(text[: found.start()], text[found.end() :])
        yield Placeholder(found.start(), found.end(), meaning)


def _by_neighbours(before: str, behind: str) -> str:
    if _CORPORATE.match(behind):
        return "institution"
    for pattern, meaning in _BEFORE:
        if pattern.search(before):
            return meaning
    return next((meaning for pattern, meaning in _BEHIND if pattern.match(behind)), "unknown")


def spoken(words_of_file: Passage, words: Words) -> Spoken:
    """The words as rules read them, with a specimen in place of each placeholder."""
    text = words_of_file.text
    found = tuple(placeholders(text, words))
    parts: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    at = 0
    for one in found:
        _keep(text, at, one.start, parts, starts, ends)
        specimen = words.specimens[one.meaning]
        if unit := _UNITS.get(one.meaning):
            specimen += "" if unit[0].match(text[one.end :]) else unit[1]
        parts.append(specimen)
        starts.extend([one.start] * len(specimen))
        ends.extend([one.end] * len(specimen))
        at = one.end
    _keep(text, at, len(text), parts, starts, ends)
    return Spoken("".join(parts), (*starts, len(text)), (*ends, len(text)), found)


def _keep(text: str, start: int, end: int, parts: list[str], starts: list[int], ends: list[int]) -> None:
    parts.append(text[start:end])
    starts.extend(range(start, end))
    ends.extend(range(start + 1, end + 1))
