from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.ingest.fields import (
    COLUMNS,
    DEFAULT_ZONE,
    canonical,
    column_of,
    merge,
    metadata_of,
    parse_duration,
    parse_time,
    role_of_relation,
)
from audit.model.call import AccountStatus, CallMetadata, DialResult, Direction, Role


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("2026-03-02T10:15:00+08:00", "2026-03-02T10:15:00+08:00"),
        ("2026-03-02T02:15:00Z", "2026-03-02T02:15:00+00:00"),
        ("2026-03-02 10:15:00.250 +0530", "2026-03-02T10:15:00.250000+05:30"),
        ("2026-03-02 10:15:00", "2026-03-02T10:15:00+08:00"),
        ("2026/3/2 9:05", "2026-03-02T09:05:00+08:00"),
        ("2026年3月2日 10时15分30秒", "2026-03-02T10:15:30+08:00"),
        ("2026年3月2日10：15", "2026-03-02T10:15:00+08:00"),
        ("2026/3/2 下午 3:15", "2026-03-02T15:15:00+08:00"),
        ("2026/3/2 12:05 AM", "2026-03-02T00:05:00+08:00"),
        ("20260302101500", "2026-03-02T10:15:00+08:00"),
        ("20260302_101500", "2026-03-02T10:15:00+08:00"),
        ("46083.427083333336", "2026-03-02T10:15:00+08:00"),
        ("1772417700", "2026-03-02T10:15:00+08:00"),
        ("1772417700000", "2026-03-02T10:15:00+08:00"),
    ],
)
def test_a_moment_is_read_however_it_is_written(written: str, moment: str) -> None:
    found = parse_time(written)
    assert found is not None
    assert found.isoformat() == moment


@pytest.mark.parametrize(
    "written",
    [
        "",
        "2026-03-02",
        "46083",
        "昨天",
        "2026-13-02 10:15",
        "2026-03-02 25:00",
        "03/02/2026 10:15",
        "2026-03-02 13:00 PM",
        "-5",
    ],
)
def test_no_moment_is_made_up(written: str) -> None:
    assert parse_time(written) is None


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("143", 143),
        ("143.5", 143.5),
        ("2:23", 143),
        ("0:02:23", 143),
        ("01:00:00", 3600),
        ("2分23秒", 143),
        ("143秒", 143),
        ("1小时2分", 3720),
        ("90s", 90),
        ("１４３", 143),
        ("0", 0),
    ],
)
def test_a_duration_is_read_in_seconds(written: str, seconds: float) -> None:
    assert parse_duration(written) == seconds


@pytest.mark.parametrize("written", ["", "-5", "nan", "inf", "很久", "1:2:3:4", "2:", "秒", "9" * 400])
def test_no_duration_is_made_up(written: str) -> None:
    assert parse_duration(written) is None


@given(st.text())
def test_free_text_never_breaks_a_field(text: str) -> None:
    moment, seconds = parse_time(text), parse_duration(text)
    assert moment is None or moment.utcoffset() is not None
    assert seconds is None or seconds >= 0
    metadata, problems = metadata_of(dict.fromkeys(COLUMNS, text), "m.csv:2", 2)
    assert isinstance(metadata, CallMetadata)
    assert {problem.code for problem in problems} <= {"CA126", "CA127", "CA128"}


@given(st.datetimes(datetime(1950, 1, 1), datetime(2099, 1, 1)))
def test_what_python_writes_is_read_back(moment: datetime) -> None:
    local = moment.replace(tzinfo=DEFAULT_ZONE)
    if local.second % 1 == 0 and len(str(local.utcoffset())) == 7:
        assert parse_time(local.isoformat()) == local


@pytest.mark.parametrize(
    ("header", "column"),
    [
        ("文件", "file"),
        ("通话编号", "call_id"),
        ("通话时长（秒）", "duration_s"),
        ("Started At", "started_at"),
        ("call-id", "call_id"),
        ("\ufeff文件名", "file"),
        ("班组", "team"),
        ("坐席声道", "agent_channel"),
        ("约定时段", "agreed_hours"),
        ("案号", "case_no"),
        ("委托方", "lender"),
        ("时长（分钟）", None),
        ("逾期天数", None),
    ],
)
def test_headers_have_synonyms(header: str, column: str | None) -> None:
    assert column_of(header) == column


def test_no_header_means_two_columns() -> None:
    for column, names in COLUMNS.items():
        for name in (column, *names.split()):
            assert column_of(name) == column, name


def test_a_whole_row_in_chinese() -> None:
    cells = {
        "开始时间": "2026/3/2 10:15", "时长": "2:23", "呼叫方向": "外呼", "是否接通": "是", "坐席工号": "A7", "坐席声道": "左", "班组": "一组", "借款人编号": "D1",
        "姓名": "张三", "被叫号码": "138****0001", "关系": "父亲", "贷款机构": "东海银行", "催收机构": "恒诚", "约定时段": "22：00～23：00", "案号": "N1", "批次": "三月",
    }  # fmt: skip
    metadata, problems = metadata_of(cells, "m.csv:2", 2)
    assert problems == []
    assert metadata == CallMetadata(
        started_at=datetime(2026, 3, 2, 10, 15, tzinfo=DEFAULT_ZONE),
        duration_s=143,
        direction=Direction.OUTBOUND,
        connected=True,
        agent_id="A7",
        agent_channel=0,
        team="一组",
        debtor_id="D1",
        debtor_name="张三",
        callee_number="138****0001",
        callee_relation="父亲",
        callee_role=Role.THIRD_PARTY,
        lender="东海银行",
        agency="恒诚",
        agreed_hours="22:00-23:00",
        case_no="N1",
        extra={"批次": "三月"},
    )


@pytest.mark.parametrize(
    ("column", "code"),
    [
        ("开始时间", "CA126"),
        ("时长", "CA127"),
        ("方向", "CA128"),
        ("是否接通", "CA128"),
        ("坐席声道", "CA128"),
        ("时区", "CA128"),
        ("约定时段", "CA128"),
    ],
)
def test_a_cell_that_is_not_understood_is_a_warning_with_row_column_and_value(column: str, code: str) -> None:
    metadata, problems = metadata_of({column: "不清楚"}, "m.csv:7", 7)
    assert metadata == CallMetadata()
    assert [(p.code, p.where) for p in problems] == [(code, "m.csv:7")]
    for text in (problems[0].line("zh"), problems[0].line("en")):
        assert "7" in text
        assert column in text
        assert "不清楚" in text


def test_a_second_column_for_the_same_field_is_kept_as_extra() -> None:
    metadata, _ = metadata_of({"手机号": "1", "电话": "2"}, "m", 2)
    assert (metadata.callee_number, metadata.extra) == ("1", {"电话": "2"})


@pytest.mark.parametrize(
    ("header", "text", "field", "value"),
    [
        ("是否接通", "空号", "dial_result", DialResult.INVALID_NUMBER),
        ("呼叫结果", "掉线", "dial_result", DialResult.LOST_CONNECTION),
        ("是否接通", "未接通", "dial_result", None),
        ("挂断原因", "信号中断", "dial_result", DialResult.LOST_CONNECTION),
        ("账户状态", "已结清", "account_status", AccountStatus.SETTLED),
        ("案件状态", "分期履约中", "account_status", AccountStatus.ON_PLAN),
        ("案件状态", "分期已违约", "account_status", AccountStatus.OPEN),
        ("account_status", "deceased", "account_status", AccountStatus.DECEASED),
        ("录音状态", "到期删除", "recording_deleted", True),
        ("recording_deleted", "true", "recording_deleted", True),
    ],
)
def test_what_became_of_dial_account_and_recording(header: str, text: str, field: str, value: object) -> None:
    metadata, problems = metadata_of({header: text}, "m", 2)
    assert (getattr(metadata, field), problems, metadata.extra) == (value, [], {})


def test_a_status_in_an_institutions_own_words_is_kept_without_a_warning() -> None:
    metadata, problems = metadata_of({"账户状态": "M3+", "挂断原因": "坐席先挂", "录音状态": "是"}, "m", 2)
    assert problems == []
    assert metadata == CallMetadata(extra={"账户状态": "M3+", "挂断原因": "坐席先挂", "录音状态": "是"})


@pytest.mark.parametrize(
    ("relation", "role"),
    [
        ("本人", Role.DEBTOR),
        ("self", Role.DEBTOR),
        ("非本人", Role.THIRD_PARTY),
        ("同事", Role.THIRD_PARTY),
        ("借款人配偶", Role.THIRD_PARTY),
        ("紧急联系人1", Role.THIRD_PARTY),
        ("Colleague", Role.THIRD_PARTY),
        ("担保人", None),
        ("共同借款人", None),
        ("不详", None),
    ],
)
def test_the_relation_gives_the_role(relation: str, role: Role | None) -> None:
    assert role_of_relation(relation) is role


def test_a_role_that_is_written_counts_more_than_the_relation() -> None:
    metadata, _ = metadata_of({"callee_relation": "同事", "callee_role": "debtor"}, "m", 2)
    assert metadata.callee_role is Role.DEBTOR


def test_merging_takes_what_the_second_record_knows() -> None:
    record = CallMetadata(agent_id="A1", connected=True, extra={"a": "1"})
    assert merge(record, CallMetadata(connected=False, extra={"b": "2"})) == CallMetadata(
        agent_id="A1", connected=False, extra={"a": "1", "b": "2"}
    )


def test_records_that_differ_are_spelled_differently() -> None:
    one = CallMetadata(agent_id="A1", extra={"a": "1", "b": "2"})
    assert canonical(one) == canonical(CallMetadata(agent_id="A1", extra={"b": "2", "a": "1"}))
    assert canonical(one) != canonical(CallMetadata(agent_id="A2", extra={"a": "1", "b": "2"}))
