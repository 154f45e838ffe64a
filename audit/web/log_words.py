"""What the words of the log are called on its page; a test holds that every action that the program writes has a name here."""

from audit.i18n import tr
from audit.model.labels import LABELS
from audit.report.labels import FIELDS, name
from audit.web.render import REVIEW_STATES, ROLE_NAMES

ACTIONS: dict[str, tuple[str, str]] = {
    "import": ("导入审核结果", "take in a run"),
    "decide": ("复核决定", "decide"),
    "correct": ("更正转写", "correct the transcript"),
    "add_missed": ("补记违规", "add a missed violation"),
    "withdraw_missed": ("撤回补记", "withdraw a missed violation"),
    "reaudit": ("按更正重新审核", "audit again as corrected"),
    "listen": ("听录音", "listen"),
    "reveal": ("显示遮盖内容", "reveal what is masked"),
    "check_audio": ("核对录音", "check a recording"),
    "make_pack": ("制作培训包", "make a training pack"),
    "download_pack": ("下载培训包", "download a training pack"),
    "hear_pack": ("收听培训包", "listen to a training pack"),
    "redact_call": ("导出遮盖的通话", "give out a redacted call"),
    "reindex": ("修复检索索引", "mend the search index"),
    "try_rule": ("试跑规则", "try a rule"),
    "purge": ("按期清除", "purge"),
    "export": ("导出", "export"),
    "appeal": ("申诉", "appeal"),
    "rule": ("裁定", "rule"),
    "plan": ("建立抽样", "plan a second review"),
    "opinion": ("复查意见", "give an opinion"),
    "close_plan": ("结束抽样", "close a second review"),
    "sign_in": ("登录", "sign in"),
    "sign_in_failed": ("登录失败", "sign-in failed"),
    "sign_out": ("退出", "sign out"),
    "make_token": ("新建令牌", "make a token"),
    "revoke_token": ("吊销令牌", "revoke a token"),
    "add_user": ("新增用户", "add a user"),
    "change_role": ("更改角色", "change a role"),
    "change_password": ("更改密码", "change a password"),
    "disable_user": ("停用账号", "disable an account"),
    "enable_user": ("启用账号", "enable an account"),
}

# What a line is about: the word before the number.
SUBJECTS: dict[str, tuple[str, str]] = {
    "call": ("通话", "call"),
    "calls": ("多通通话", "calls"),
    "finding": ("发现", "finding"),
    "findings": ("发现清单", "list of findings"),
    "sample": ("样本", "sample"),
    "plan": ("抽样计划", "plan"),
    "user": ("用户", "user"),
    "token": ("令牌", "token"),
    "pack": ("培训包", "pack"),
    "run": ("导入", "run"),
    "purge": ("清除", "purge"),
    "search": ("检索索引", "search index"),
    "dashboards": ("统计", "dashboards"),
    "log": ("日志", "log"),
}
_PAGES = {"call": "/calls/", "finding": "/findings/", "plan": "/plans/"}
FACTS: dict[str, tuple[str, str]] = {
    "address": ("网络地址", "address"),
    "appeal": ("申诉", "appeal"),
    "appeared": ("新出现", "appeared"),
    "audit": ("审核", "audit"),
    "audited_again": ("重新审核", "audited again"),
    "beeps": ("消音处", "beeps"),
    "before": ("此前", "before"),
    "blind": ("盲审", "blind"),
    "calls": ("通话", "calls"),
    "comments": ("备注", "comments"),
    "correction": ("更正", "correction"),
    "corrections": ("更正", "corrections"),
    "counter_examples": ("反例", "counter-examples"),
    "days": ("有效天数", "days"),
    "decision": ("决定", "decision"),
    "dropped": ("剔除", "dropped"),
    "end": ("止于第几字", "to character"),
    "example": ("第几题", "example"),
    "examples": ("范例", "examples"),
    "expired": ("已过保存期限", "expired"),
    "field": ("栏目", "field"),
    "files": ("文件", "files"),
    "findings": ("发现", "findings"),
    "format": ("格式", "format"),
    "kind": ("类型", "kind"),
    "label": ("标签", "label"),
    "missed": ("补记", "missed"),
    "name": ("用户名（已散列）", "name (hashed)"),
    "new": ("新通话", "new"),
    "older": ("旧于现有审核", "older"),
    "once": ("一次性密码", "one-time password"),
    "opinion": ("意见", "opinion"),
    "opinions": ("每个样本的意见", "opinions a sample"),
    "quotes": ("引用", "quotes"),
    "regraded": ("级别有变", "regraded"),
    "remade": ("重建", "remade"),
    "role": ("角色", "role"),
    "rows": ("行", "rows"),
    "ruling": ("裁定", "ruling"),
    "session": ("会话", "session"),
    "sheets": ("工作表", "sheets"),
    "sound": ("声音", "sound"),
    "start": ("始于第几字", "from character"),
    "state": ("状态", "state"),
    "token": ("令牌", "token"),
    "turn": ("第几轮", "turn"),
    "turns": ("轮次", "turns"),
    "unchanged": ("未变", "unchanged"),
    "user": ("用户", "user"),
    "vanished": ("已消失", "vanished"),
    "verdict": ("结论", "verdict"),
    "with_sound": ("有声音", "with sound"),
}
_VALUES: dict[str, dict[str, tuple[str, str]]] = {
    "state": REVIEW_STATES
    | {
        "matches": ("与审核时一致", "matches"),
        "changed": ("已被改动", "changed"),
        "missing": ("找不到", "missing"),
    },
    "verdict": {
        "confirm": ("违规", "violation"),
        "dismiss": ("不是违规", "no violation"),
        "unsure": ("不确定", "unsure"),
        "undo": ("撤销决定", "took it back"),
        "clean": ("确无违规", "clean"),
        "missed": ("有漏判", "missed something"),
    },
    "role": dict(ROLE_NAMES),
    "before": dict(ROLE_NAMES),
    "label": dict(LABELS),
    "kind": {
        "swap_roles": ("对换坐席与债务人", "roles swapped"),
        "role": ("说话人", "speaker"),
        "text": ("文字", "words"),
        "undo": ("撤销", "taken back"),
    },
    "sound": {"clear": ("原声", "clear"), "beeped": ("已消音", "beeped")},
    "field": {**FIELDS, "call_id": ("通话编号", "call id"), "debtor_name": ("债务人姓名", "debtor's name")},
    "blind": {"0": ("否", "no"), "1": ("是", "yes")},
    "once": {"0": ("否", "no"), "1": ("是", "yes")},
    "remade": {"0": ("否", "no"), "1": ("是", "yes")},
}


def subject_words(subject: str) -> tuple[str, str | None]:
    """What a line is about, in words, and the path of its page (None without one).

    >>> subject_words("finding:12"), subject_words("pack:118eab19d335")
    (('发现 12', '/findings/12'), ('培训包 118eab19d335', None))
    """
    kind, _, which = subject.partition(":")
    page = f"{_PAGES[kind]}{which}" if kind in _PAGES and which.isdecimal() else None
    return (f"{tr(*SUBJECTS[kind])} {which}".strip() if kind in SUBJECTS else subject), page


def subject_of(words: str) -> str:
    """The subject that somebody types as the page shows it, or as the log has it.

    >>> subject_of("通话 17"), subject_of("发现"), subject_of("call:17")
    ('call:17', 'finding', 'call:17')
    """
    typed = words.strip()
    kind = typed.rstrip("0123456789").rstrip()
    found = next((key for key, names in SUBJECTS.items() if kind and kind.lower() in names), None)
    which = typed[len(kind) :].strip()
    return typed if found is None else f"{found}:{which}" if which else found


def fact_words(key: str, value: object) -> tuple[str, str]:
    """A fact's name and value, in words where the value is a code; turns are counted from 1, as the pages do.

    >>> fact_words("verdict", "dismiss"), fact_words("turn", 2)
    (('结论', '不是违规'), ('第几轮', '3'))
    """
    if key == "turn" and isinstance(value, int):
        value = value + 1
    return tr(*FACTS[key]) if key in FACTS else key, name(_VALUES.get(key, {}), str(value))
