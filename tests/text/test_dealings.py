"""Tables for identity, papers, promises and money: (predicate, text, words of the match in order, whether it is lifted)."""

import pytest

from audit.text.context import PREDICATES, Utterance
from audit.text.normalise import normalise


def lifted(name: str, text: str, *words: str) -> bool:
    """Whether the predicate lifts a match of `words`, which stand in `text` in this order."""
    utterance = Utterance(normalise(text))
    starts: list[int] = []
    ends: list[int] = []
    for word in words:
        starts.append(utterance.text.index(normalise(word).text, ends[-1] if ends else 0))
        ends.append(starts[-1] + len(normalise(word).text))
    return PREDICATES[name](utterance, starts, ends) is not None


@pytest.mark.parametrize(
    ("name", "text", "words", "expected"),
    [
        ("papers_real", "律师函已于三月二日寄出，单号您可以查", ["律师函", "寄出"], True),
        ("papers_real", "请问您收到法院传票了吗", ["传票"], True),
        ("papers_real", "目前我们没有给您寄律师函", ["寄", "律师函"], True),
        ("papers_real", "传票上个礼拜就寄出去了，你没收到是你的问题", ["传票", "寄出"], False),
        ("papers_real", "法院传票明天送到你单位", ["传票", "送到"], False),
        ("liability_true", "您签了担保合同，要承担连带责任", ["连带责任"], True),
        ("liability_true", "法律上子女没有义务替父母还，除非继承了遗产", ["子女", "还"], True),
        ("liability_true", "法律规定父债子还", ["法律规定", "父债子还"], False),
        ("liability_true", "离婚了你也得还一半", ["离婚", "还一半"], False),
        ("negated_promise", "我不能跟您保证减免", ["保证", "减免"], True),
        ("negated_promise", "征信谁都抹不掉", ["征信", "抹"], True),
        ("negated_promise", "还了本金剩下的不用还了", ["剩下的", "不用还"], False),
        ("borrowing_discouraged", "不建议您借新还旧", ["借新还旧"], True),
        ("borrowing_discouraged", "您昨天说跟朋友借到了，哪天还呢", ["朋友", "借"], True),
        ("borrowing_discouraged", "你去找朋友借点先还上", ["朋友", "借点"], False),
        ("borrowing_discouraged", "你打算怎么还，要不去借呗借点先还上", ["借呗", "借点"], False),
        ("borrowing_discouraged", "别跟我商量，去网贷再借一笔", ["网贷", "借一笔"], False),
        ("credit_asked", "您那个花呗，额度还有吧？", ["花呗"], True),
        ("credit_asked", "您信用卡还有额度吗", ["信用卡"], True),
        ("credit_asked", "花呗额度还有吧，先套出来还上", ["花呗"], False),
        ("credit_asked", "你把花呗的额度提出来", ["花呗"], False),
        ("official_payment", "请不要转给任何个人", ["转给", "个人"], True),
        ("official_payment", "在官方公众号里还，收款方是银行", ["还"], True),
        ("official_payment", "转我微信上，我替你还", ["转", "我微信"], False),
        ("secret_kept", "验证码不要告诉任何人", ["验证码", "告诉"], True),
        ("secret_kept", "密码忘了可以在官网重置", ["密码"], True),
        ("secret_kept", "把验证码念给我", ["验证码", "念给我"], False),
        ("cautioned", "有人让您转到个人账户的都是骗子", ["转到", "个人账户"], True),
        ("cautioned", "之前有同事这样说，我向您道歉", ["说"], True),
        ("cautioned", "先交五百催收费", ["先交", "催收费"], False),
        ("pretenders", "自称法院的让他出示证件", ["法院"], True),
        ("pretenders", "我是法院执行局的", ["我是", "法院"], False),
        ("no_claim", "我是建议您去派出所报案", ["我是", "派出所"], True),
        ("no_claim", "我是就业局那边的，派出所不管这个", ["我是", "派出所"], True),
        ("no_claim", "我是从检察院借调过来的", ["我是", "检察院"], False),
        ("past_the_opening", "这笔钱您先还，别的等法院通知", ["法院"], True),
        ("past_the_opening", "您好，市公安局，有你的文书", ["公安局"], False),
    ],
)
def test_dealings(name: str, text: str, words: list[str], expected: bool) -> None:
    assert lifted(name, text, *words) is expected
