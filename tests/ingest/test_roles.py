import pytest

from audit.ingest.roles import role_of, split_speaker
from audit.model.call import Role


@pytest.mark.parametrize(
    ("label", "role"),
    [
        ("坐席", Role.AGENT), ("【客服】", Role.AGENT), ("催收员A12", Role.AGENT), ("坐席(A12)", Role.AGENT), ("Agent 1", Role.AGENT), ("客服 小王", Role.AGENT),
        ("客户", Role.DEBTOR), ("债务人", Role.DEBTOR), ("Customer", Role.DEBTOR), ("borrower_2", Role.DEBTOR),
        ("第三方", Role.THIRD_PARTY), ("家属", Role.THIRD_PARTY), ("third party", Role.THIRD_PARTY), ("third_party", Role.THIRD_PARTY),
        ("SPEAKER_00", Role.UNKNOWN), ("spk0", Role.UNKNOWN), ("说话人1", Role.UNKNOWN), ("说话人 A", Role.UNKNOWN), ("A", Role.UNKNOWN), ("左声道", Role.UNKNOWN),
        ("时间", None), ("客户说", None), ("10", None), ("", None), ("王女士", None), ("xb", None),
    ],
)  # fmt: skip
def test_labels_have_roles(label: str, role: Role | None) -> None:
    assert role_of(label) is role


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("坐席：您好", ("坐席", "您好")),
        ("[SPEAKER_00]: 您好: 哪位", ("SPEAKER_00", "您好: 哪位")),
        ("还款时间：下午三点", (None, "还款时间：下午三点")),
        ("您好", (None, "您好")),
    ],
)
def test_only_a_known_label_is_cut_off_a_subtitle(text: str, parts: tuple[str | None, str]) -> None:
    assert split_speaker(text) == parts
