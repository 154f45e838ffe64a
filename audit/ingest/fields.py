"""The call record: column names people use, and cells turned into `CallMetadata`."""

import json
import math
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache
from zoneinfo import ZoneInfo

from audit.errors import Problem
from audit.ingest.text import clean
from audit.model.call import AccountStatus, CallMetadata, DialResult, Direction, Role

DEFAULT_ZONE = ZoneInfo("Asia/Shanghai")

COLUMNS: dict[str, str] = {
    "file": (
        "filename file_name path recording audio 文件 文件名 文件名称 文件路径 录音 录音文件 录音文件名 录音名称 "
        "录音路径 录音地址"
    ),
    "call_id": "id callid uuid 通话编号 通话id 通话标识 通话流水号 流水号 呼叫编号 呼叫id 录音编号 录音id 会话id",
    "started_at": (
        "start start_time starttime begin_time call_time 开始时间 通话时间 通话开始时间 呼叫时间 外呼时间 拨打时间 "
        "拨号时间 录音时间"
    ),
    "duration_s": "duration seconds talk_time 时长 通话时长 录音时长 时长秒 通话时长秒 通话秒数",
    "direction": "call_direction call_type 呼叫方向 方向 呼叫类型 通话方向 通话类型",
    "connected": "answered is_connected 是否接通 接通 接通状态 呼叫结果 通话状态",
    "agent_id": "agent 坐席工号 座席工号 坐席 座席 工号 坐席编号 座席编号 催收员 催收员工号 员工编号",
    "agent_channel": "channel 坐席声道 座席声道 客服声道 催收员声道",
    "team": "group 班组 组别 小组 团队 部门",
    "debtor_id": "customer_id borrower_id 借款人编号 债务人编号 客户编号 客户号 借款人id 客户id",
    "debtor_name": "name customer_name borrower_name 姓名 客户姓名 债务人姓名 借款人姓名 借款人 债务人",
    "callee_number": (
        "phone number callee mobile 被叫号码 被叫 号码 电话 电话号码 手机 手机号 手机号码 联系电话 外呼号码"
    ),
    "callee_relation": "relation relationship 关系 与借款人关系 与债务人关系 与本人关系 联系人关系 被叫关系",
    "callee_role": "被叫角色 接听人角色",
    "callee_timezone": "timezone tz 时区 被叫时区",
    "lender": "creditor bank 贷款机构 放款机构 债权人 债权机构 委托方 委托机构 委案方 金融机构",
    "agency": "company 催收机构 催收公司 机构 公司 受托机构",
    "agreed_hours": "约定时段 约定时间 约定联系时间 约定联系时段 同意联系时段",
    "case_no": "case case_id 案号 案件号 案件编号 委案编号",
    "dial_result": "拨打结果 挂断原因 结束原因 释放原因",
    "account_status": "账户状态 账号状态 案件状态 还款状态 结清状态",
    "recording_deleted": "recording_status 录音状态",
}

_RELATION_SELF = (
    "本人 债务人 债务人本人 借款人 借款人本人 客户 客户本人 持卡人 持卡人本人 self debtor borrower customer"
)
_RELATION_LIABLE = re.compile("担保|保证人|共同借款|共借|共同还款|guarant|co-?borrower|co-?debtor|surety")
_RELATION_THIRD = re.compile(
    "非本人|亲|父|母|爸|妈|配偶|夫|妻|爱人|子女|儿|女|兄|弟|哥|姐|妹|叔|姑|舅|姨|祖|爷|奶|家属|家人|家庭|同事|朋友|联系人|单位|公司|领导|老板|同学"
    "|邻居|村|居委|第三|其他|relative|family|parent|father|mother|spouse|wife|husband|child|sibling|brother|sister|colleague|coworker"
    "|friend|contact|employer|neighbou?r|third|other"
)
_DIRECTIONS = {
    Direction.OUTBOUND: "outbound out outgoing 呼出 外呼 去电 主叫 拨出 出局",
    Direction.INBOUND: "inbound in incoming 呼入 来电 被叫 拨入 入局",
}
_CONNECTED = {
    True: "true yes y 1 是 已接通 接通 已接 成功 已接听 接听 connected answered 掉线 断线 通话中断 信号中断 lost dropped",
    False: (
        "false no n 0 否 未接通 未接 不通 失败 未接听 无人接听 无应答 拒接 占线 忙线 关机 停机 空号 号码不存在 号码无效 "
        "无效号码 无法接通 挂断 busy failed missed unanswered noanswer invalid invalid_number"
    ),
}
_DIAL_RESULTS = {
    DialResult.INVALID_NUMBER: "空号 号码不存在 号码无效 无效号码 invalid invalid_number",
    DialResult.LOST_CONNECTION: "掉线 断线 通话中断 信号中断 lost dropped lost_connection",
}
_ACCOUNT_STATUSES = {
    AccountStatus.OPEN: "open overdue 未结清 逾期 逾期中 催收中 在催 分期违约 分期已违约",
    AccountStatus.SETTLED: "settled 结清 已结清 已还清 还清 已销户 销户",
    AccountStatus.ON_PLAN: "on_plan plan 分期履约 分期履约中 履约中 分期中 已签分期 已分期 个性化分期 协商还款中",
    AccountStatus.DECEASED: "deceased dead 死亡 已死亡 身故 已身故 去世 已故",
    AccountStatus.INCAPABLE: "incapable 无民事行为能力 限制民事行为能力 无行为能力 限制行为能力",
}
_DELETED = {
    True: "true 已删除 到期删除 留存期满已删除 deleted",
    False: "false 正常 未删除 kept",
}
_CHANNELS = {0: "0 left l 左 左声道", 1: "1 right r 右 右声道"}
_CALLEE_ROLES = {
    Role.DEBTOR: "debtor borrower 债务人 借款人 本人 客户",
    Role.THIRD_PARTY: "third_party 第三方 第三人 联系人",
    Role.UNKNOWN: "unknown 未知",
}

_DATE_TIME = re.compile(
    r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:\s*(?:星期|周).)?[T\s]*(上午|下午|AM|PM)?\s*"
    r"(\d{1,2})\s*[:时点]\s*(\d{1,2})\s*(?:[:分]\s*(\d{1,2})(?:[.,](\d{1,9}))?\s*秒?|分)?\s*(AM|PM)?\s*(Z|[+-]\d{2}(?::?\d{2})?)?",
    re.IGNORECASE,
)
_COMPACT = re.compile(r"((?:19|20)\d{2})(\d{2})(\d{2})[T _-]?(\d{2})(\d{2})(\d{2})")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_EXCEL_DAYS = (20_000, 80_000)
_EXCEL_EPOCH = datetime(1899, 12, 30)
_UNIX_S = (1e9, 1e11)
_UNIX_MS = (1e12, 1e14)
_CLOCK = re.compile(r"(?:(\d{1,4}):)?(\d{1,4}):(\d{1,2}(?:\.\d+)?)")
_UNITS = re.compile(
    r"(?:(\d+)\s*(?:小时|时|hours?|h))?\s*(?:(\d+)\s*(?:分钟|分|minutes?|min|m))?\s*(?:(\d+(?:\.\d+)?)\s*(?:秒钟|秒|seconds?|sec|s))?"
)
_HOURS = re.compile(r"([01]?\d|2[0-4]):([0-5]\d)\s*[-~至到–—]+\s*([01]?\d|2[0-4]):([0-5]\d)")


@lru_cache(maxsize=4096)
def column_of(header: str) -> str | None:
    """The field a column header means, None for a column nobody here knows.

    >>> column_of("通话时长（秒）"), column_of("Started At"), column_of("逾期天数")
    ('duration_s', 'started_at', None)
    """
    return _HEADERS.get(_header_key(header))


def metadata_of(cells: Mapping[str, str], where: str, row: int) -> tuple[CallMetadata, list[Problem]]:
    """The call record in `cells` (header → text as written), and a warning for each cell that could not be understood.

    A cell that is not understood leaves its field None. Columns nobody knows go to `extra`, and so do a second column
    for the same field and a status in words nobody here knows: institutions have their own.
    """
    values: dict[str, object] = {}
    extra: dict[str, str] = {}
    problems: list[Problem] = []
    for header, raw in cells.items():
        if not raw or not (text := clean(raw).strip()):
            continue
        column = column_of(header)
        if column in ("file", "call_id"):
            continue
        if column is None or column in values:
            extra[clean(header).strip()] = text
            continue
        parse, code = _PARSERS.get(column, (_as_written, ""))
        value = parse(text)
        if value is None and column in _OWN_WORDS:
            extra[clean(header).strip()] = text
        elif value is None:
            problems.append(Problem(code, where, {"row": row, "column": header, "value": text[:60]}))
        else:
            values[column] = value
            if column == "connected" and (result := _PARSERS["dial_result"][0](text)):
                values.setdefault("dial_result", result)
    if "callee_role" not in values and "callee_relation" in values:
        values["callee_role"] = role_of_relation(str(values["callee_relation"]))
    return CallMetadata(**values, extra=extra), problems  # type: ignore[arg-type]


def cell_text(value: object) -> str:
    """A value of a JSON record as the text a spreadsheet would hold.

    >>> cell_text(True), cell_text(143.0), cell_text(None)
    ('true', '143', '')
    """
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case str():
            return value
        case float() if value.is_integer():
            return str(int(value))
        case int() | float():
            return str(value)
        case _:
            return json.dumps(value, ensure_ascii=False, sort_keys=True)


def call_id_of(value: object) -> str | None:
    """A call id as it stands in a record: trimmed, None when empty."""
    return clean(cell_text(value)).strip() or None


def merge(record: CallMetadata, over: CallMetadata) -> CallMetadata:
    """`record` with every field that `over` knows taken from `over`."""
    known = {f.name: value for f in fields(over) if f.name != "extra" and (value := getattr(over, f.name)) is not None}
    rest = {f.name: getattr(record, f.name) for f in fields(record) if f.name not in known and f.name != "extra"}
    return CallMetadata(**known, **rest, extra={**record.extra, **over.extra})


def canonical(metadata: CallMetadata) -> bytes:
    """One spelling of a call record, for hashing."""
    known = {f.name: value for f in fields(metadata) if (value := getattr(metadata, f.name)) is not None}
    return json.dumps(known, ensure_ascii=True, sort_keys=True, default=_plain).encode()


def parse_time(text: str) -> datetime | None:
    """A moment with its offset (Asia/Shanghai where none is written); None for unknown formats and bare dates.

    >>> parse_time("2026/3/2 10:15").isoformat()
    '2026-03-02T10:15:00+08:00'
    >>> parse_time("2026-03-02") is None
    True
    """
    text = _folded(text)
    try:
        if _NUMBER.fullmatch(text) and not _COMPACT.fullmatch(text):
            return _from_number(float(text))
        written = _COMPACT.fullmatch(text)
        if written:
            year, month, day, hour, minute, second = (int(part) for part in written.groups())
            return datetime(year, month, day, hour, minute, second, tzinfo=DEFAULT_ZONE)
        written = _DATE_TIME.fullmatch(text)
        return _from_written(written) if written else None
    except (ValueError, OverflowError):
        return None


def parse_duration(text: str) -> float | None:
    """Seconds, from `143`, `2:23`, `0:02:23`, `2分23秒`. None when it is none of these.

    >>> parse_duration("2:23"), parse_duration("2分23秒"), parse_duration("-5")
    (143.0, 143.0, None)
    """
    text = _folded(text)
    if _NUMBER.fullmatch(text):
        seconds = float(text)
        return seconds if math.isfinite(seconds) else None
    written = _CLOCK.fullmatch(text) or (_UNITS.fullmatch(text.lower()) if text else None)
    if written is None or not any(written.groups()):
        return None
    hours, minutes, seconds = (float(part or 0) for part in written.groups())
    return hours * 3600 + minutes * 60 + seconds


def role_of_relation(relation: str) -> Role | None:
    """The role of who stands in `relation` to the debtor; None for guarantors and co-borrowers, and when unknown.

    >>> role_of_relation("借款人的父亲"), role_of_relation("担保人") is None
    (<Role.THIRD_PARTY: 'third_party'>, True)
    """
    key = _folded(relation).lower()
    if key in _RELATION_SELF.split():
        return Role.DEBTOR
    if _RELATION_LIABLE.search(key):
        return None
    return Role.THIRD_PARTY if _RELATION_THIRD.search(key) else None


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip()


def _header_key(header: str) -> str:
    key = _folded(header).lower().lstrip("\ufeff")
    key = re.sub(r"[(\[](?:单位[::]?)?(?:秒|s|sec|seconds)[)\]]$", "", key)
    return re.sub(r"[\s_\-*]", "", key)


_HEADERS = {_header_key(name): column for column, names in COLUMNS.items() for name in (column, *names.split())}


def _from_number(number: float) -> datetime | None:
    if _EXCEL_DAYS[0] <= number < _EXCEL_DAYS[1] and number % 1:
        seconds = round((number % 1) * 86_400)
        return (_EXCEL_EPOCH + timedelta(days=int(number), seconds=seconds)).replace(tzinfo=DEFAULT_ZONE)
    if _UNIX_S[0] <= number < _UNIX_S[1]:
        return datetime.fromtimestamp(number, DEFAULT_ZONE)
    if _UNIX_MS[0] <= number < _UNIX_MS[1]:
        return datetime.fromtimestamp(number / 1000, DEFAULT_ZONE)
    return None


def _from_written(written: re.Match[str]) -> datetime | None:
    year, month, day, before, hour, minute, second, fraction, after, offset = written.groups()
    hours = int(hour)
    half = (before or after or "").upper()
    if half:
        if not 1 <= hours <= 12:
            return None
        hours = hours % 12 + (12 if half in ("下午", "PM") else 0)
    microsecond = int((fraction or "0")[:6].ljust(6, "0"))
    return datetime(
        int(year), int(month), int(day), hours, int(minute), int(second or 0), microsecond, tzinfo=_zone(offset)
    )


def _zone(offset: str | None) -> ZoneInfo | timezone:
    if offset is None:
        return DEFAULT_ZONE
    if offset.upper() == "Z":
        return UTC
    sign = -1 if offset[0] == "-" else 1
    digits = offset[1:].replace(":", "").ljust(4, "0")
    return timezone(sign * timedelta(hours=int(digits[:2]), minutes=int(digits[2:])))


def _one_of(words: Iterable[tuple[object, str]]) -> Callable[[str], object]:
    lookup = {word: value for value, line in words for word in line.split()}
    return lambda text: lookup.get(_folded(text).lower().replace(" ", ""))


def _parse_timezone(text: str) -> str | None:
    try:
        ZoneInfo(text)
    except (KeyError, ValueError, OSError):
        return None
    return text


def _parse_hours(text: str) -> str | None:
    stretches = [_HOURS.fullmatch(part.strip()) for part in re.split("[,;、]", _folded(text).replace(" ", ""))]
    written = [f"{int(s[1]):02}:{s[2]}-{int(s[3]):02}:{s[4]}" for s in stretches if s]
    return ",".join(written) if len(written) == len(stretches) else None


def _as_written(text: str) -> str:
    return text


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else dict(value)  # type: ignore[call-overload]


_OWN_WORDS = frozenset({"dial_result", "account_status", "recording_deleted"})
_PARSERS: dict[str, tuple[Callable[[str], object], str]] = {
    "started_at": (parse_time, "CA126"),
    "duration_s": (parse_duration, "CA127"),
    "direction": (_one_of(_DIRECTIONS.items()), "CA128"),
    "connected": (_one_of(_CONNECTED.items()), "CA128"),
    "agent_channel": (_one_of(_CHANNELS.items()), "CA128"),
    "callee_role": (_one_of(_CALLEE_ROLES.items()), "CA128"),
    "callee_timezone": (_parse_timezone, "CA128"),
    "agreed_hours": (_parse_hours, "CA128"),
    "dial_result": (_one_of(_DIAL_RESULTS.items()), "CA128"),
    "account_status": (_one_of(_ACCOUNT_STATUSES.items()), "CA128"),
    "recording_deleted": (_one_of(_DELETED.items()), "CA128"),
}
