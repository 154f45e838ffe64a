"""Identifiers written and spoken; what is no identifier. All numbers are invented and fail their check digits on purpose."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.model.span import CharSpan
from audit.pii import RECOGNISERS, identifiers
from audit.pii.redact import MASK, mask, mask_spans
from audit.text.normalise import normalise


def kinds(text: str) -> list[str]:
    return [identifier.kind for identifier in identifiers(normalise(text))]


def test_registered_recognisers() -> None:
    assert sorted(RECOGNISERS) == ["address", "bank_card", "id_number", "landline", "mobile", "passport", "plate"]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("您身份证是430602199001011234对吧", "id_number"),
        ("430602 19900101 123X", "id_number"),
        ("身份证四三零六零二,一九九零零一零一,幺二三四", "id_number"),
        ("身份证 四 三 零 六 零 二 嗯 一九九零零一零一 幺二三四", "id_number"),
        ("您的身分證號四三零六零二一九九零零一零一一二三四", "id_number"),
        ("卡号6222 0802 0001 2345 678", "bank_card"),
        ("六二二二零八零二零零零一二三四五六七八", "bank_card"),
        ("卡号是六二九九,零零三一。七四零五八百二一六四七是这张吧", "bank_card"),
        ("绑的是6217-0028-7000-4415-832这张", "bank_card"),
        ("手机13800001234", "mobile"),
        ("打一三八、零零零零、幺二三四", "mobile"),
        ("电话13800138000在用吗", "mobile"),
        ("+8613800001234", "mobile"),
        ("家里座机0730-8712345", "landline"),
        ("六二零四二一啊一九八六零五零三啊九一五八", "id_number"),
        ("先六二零四二一，再一九八六零五零三，再九一五八", "id_number"),
        ("开头六一零三二二，生日一九七四零一零九，尾巴九一七X", "id_number"),
        ("五三二一二六、九九年四月二十五、八五二九，拼一块就是你", "id_number"),
        ("是呃四六零幺零五两千年的零二幺六八五六零", "id_number"),
        ("您的证件，450821、19800922、8497，您答是或否", "id_number"),
        ("幺三八 哎 不对 幺三九零零零零幺二三四", "mobile"),
        ("号码是幺三八零零一，不对，零零二，三四五六七", "mobile"),
        ("幺三八 幺三八 零零零零 幺二三四", "mobile"),
        ("您那辆京A12345在楼下", "plate"),
        ("车牌是粤B·D12345吧", "plate"),
        ("粤 B 幺 二 三 四 五", "plate"),
        ("沪A幺二三D五那台车", "plate"),
        ("您护照号E12345678对吧", "passport"),
        ("您住在河西路88号锦绣花园6栋2单元1403", "address"),
        ("兰江街道塘下村四组26号", "address"),
    ],
)
def test_identifier_is_recognised(text: str, kind: str) -> None:
    assert kinds(text) == [kind]


@pytest.mark.parametrize(
    "text",
    [
        "身份证后四位1234",
        "卡尾号五六七八",
        "客服热线4008001234",
        "请拨打95588或者12378",
        "本金三千二百八十六块五",
        "一千二百三十四块一共五千六百七十八",
        "一共是140,000,000.00元",
        "逾期45天了,欠款28000元",
        "案号是(2026)浙0102民初1234号",
        "2026年3月2号",
        "一二三四五",
        "138****0001",
        "138＊＊＊＊0001",
        "京A开头的车",
        "车牌尾号六零三",
        "一共1000、2000和3000",
        "您在花园路那边吗",
    ],
)
def test_what_is_no_full_identifier_passes(text: str) -> None:
    assert kinds(text) == []


def test_number_without_word_boundaries_beside_han_characters_is_found() -> None:
    # `\b` sees no boundary between Han characters and digits (STYLE.md).
    assert kinds("电话13800138000打给他") == ["mobile"]


def test_mask_keeps_length_and_the_last_four_digits() -> None:
    text = "卡号6222 0802 0001 2345,尾号2345"
    masked = mask(text)
    assert len(masked) == len(text)
    assert "6222" not in masked and masked.endswith("2345,尾号2345")


def test_mask_covers_a_spoken_number_across_pauses() -> None:
    masked = mask("一三八 零零零零 嗯 幺二三四")
    assert "三八" not in masked and "零零零零" not in masked and masked.endswith("幺二三四")


DIGITS = st.text("0123456789零一二三四五六七八九幺两", min_size=0, max_size=24)


@given(st.text(max_size=60), DIGITS, st.text(max_size=60))
def test_masking_any_text_keeps_its_length_and_changes_only_masked_places(before: str, digits: str, after: str) -> None:
    text = before + digits + after
    masked = mask(text)
    assert len(masked) == len(text)
    covered = {at for span in mask_spans(text) for at in range(span.start, span.end)}
    assert all((masked[at] == MASK) if at in covered else (masked[at] == text[at]) for at in range(len(text)))


@given(st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True), st.sampled_from(["", " ", "，", "号码是", "Tel"]))
def test_every_mobile_number_is_covered_but_for_its_tail(number: str, before: str) -> None:
    assert mask(f"{before}{number}") == f"{before}{MASK * 7}{number[-4:]}"


def test_identifiers_do_not_overlap() -> None:
    found = identifiers(normalise("身份证430602199001011234手机13800001234卡6222080200012345678"))
    assert [f.kind for f in found] == ["id_number", "mobile", "bank_card"]
    spans: list[CharSpan] = [f.span for f in found]
    assert not any(a.overlaps(b) for a, b in pairwise(spans))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("你爸的手机13800138000 13900139000", ["mobile", "mobile"]),
        ("一三八零零一三八零零零，一三九零零一三九零零零", ["mobile", "mobile"]),
        ("工号1024 13800138000", ["mobile"]),
        ("身份证110101199003070011 13800138000", ["id_number", "mobile"]),
        ("13800138000 3月2号", ["mobile"]),
    ],
)
def test_numbers_that_follow_each_other_are_told_apart_and_masked(text: str, found: list[str]) -> None:
    assert kinds(text) == found
    assert "138001" not in mask(text) and "139001" not in mask(text) and "三八零零一" not in mask(text)


def test_a_long_number_of_no_known_kind_is_masked_all_the_same() -> None:
    assert mask("号是1234567890123") == f"号是{MASK * 9}0123"
