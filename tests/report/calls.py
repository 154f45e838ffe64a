"""Call reports built by hand. All people, numbers and firms are invented."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from audit.errors import Problem
from audit.ingest.items import Failure
from audit.model.call import Call, CallMetadata, Direction, Role, Source, Turn
from audit.model.finding import Citation, Explanation, Finding, Severity
from audit.model.report import AuditInfo, CallReport, DialogueState
from audit.model.span import CharSpan, TimeSpan
from audit.model.transcript import EngineInfo, Word
from audit.report.summary import RunInfo

A, D, T, U = Role.AGENT, Role.DEBTOR, Role.THIRD_PARTY, Role.UNKNOWN
JUDGED = (
    "conduct.pressure", "contact.frequency", "contact.off_hours", "insult.demeaning", "insult.profanity",
    "privacy.pii_readout", "privacy.third_party_collection", "process.no_recording_notice", "signal.complaint",
    "signal.hardship", "signal.self_harm", "signal.stop_contact", "threat.exposure", "threat.family",
)  # fmt: skip
AUDIT = AuditInfo("0.1.0", "9c1e" * 16, "default", judged=JUDGED)
ENGINE = EngineInfo(
    "faster-whisper",
    "1.1.1",
    "whisper-base",
    "d01c" * 16,
    (("beam_size", "5"), ("compute_type", "int8"), ("language", "zh")),
)
HOURS = Citation(
    "gbt45251.hours",
    "GB/T 45251-2025 第5.3条（大意，非原文）：双方未约定时，催收作业不应在每日22:00至次日8:00进行。",
    "GB/T 45251-2025, 5.3 (gist): without an agreement, no collection between 22:00 and 08:00.",
    "paraphrase",
    "5a0d" * 16,
)
CIVIL = Citation(
    "nifa2018.civil-language",
    "《互联网金融逾期债务催收自律公约（试行）》第16条（大意，非原文）：使用文明礼貌用语；不得以恐吓、威胁、辱骂胁迫债务人及相关当事人。",
    "Pact of 2018, article 16 (gist): civil language; no intimidation, threats or insults.",
    "paraphrase",
    "77ab" * 16,
)
INSULT_LAW = Citation(
    "psl2025.50-5",
    "可能涉及《治安管理处罚法》（2025年修订）第50条第1款第(五)项：“多次发送淫秽、侮辱、恐吓等信息…”",
    "May concern the Public Security Administration Punishments Law (2025), article 50(1)(5).",
    "verbatim",
    "e21f" * 16,
)


def turns_of(lines: Sequence[tuple[Role, str]], *, timed: bool = True) -> tuple[Turn, ...]:
    """Turns spoken one after the other at four characters a second, half a second apart."""
    turns, clock = [], 0.8
    for index, (role, text) in enumerate(lines):
        step = 0.25
        time = TimeSpan(round(clock, 2), round(clock + step * len(text), 2))
        words = tuple(
            Word(
                text[i : i + 2],
                TimeSpan(round(clock + step * i, 2), round(clock + step * min(i + 2, len(text)), 2)),
                0.9,
            )
            for i in range(0, len(text), 2)
        )
        turn = Turn(index, role, text, time, words, 0 if role is A else 1, 0.91) if timed else Turn(index, role, text)
        turns.append(turn)
        clock += step * len(text) + 0.5
    return tuple(turns)


def finding(
    call_id: str,
    turn: Turn | None,
    quote: str,
    label: str,
    severity: Severity,
    names: tuple[str, str],
    reasons: tuple[str, str],
    *,
    confidence: float = 0.92,
    rule: str | None = None,
    clauses: tuple[Citation, ...] = (),
    time: TimeSpan | None = None,
    **why: object,
) -> Finding:
    """A finding on the first occurrence of `quote` in `turn`, with the time of the characters quoted."""
    span = None
    if turn is not None:
        start = turn.text.index(quote)
        span = CharSpan(start, start + len(quote))
        if turn.time:
            begin = turn.time.start_s
            time = TimeSpan(round(begin + 0.25 * span.start, 2), round(begin + 0.25 * span.end, 2))
    facts: dict[str, object] = {"matched": (quote,) if quote else ()} | why
    return Finding(
        call_id=call_id,
        turn=turn.index if turn else None,
        label=label,
        rule=rule or f"{label}/example",
        severity=severity,
        confidence=confidence,
        role=turn.role if turn else None,
        quote=quote,
        span=span,
        time=time,
        clauses=clauses,
        why=Explanation(
            {"zh": names[0], "en": names[1]},
            {"zh": reasons[0], "en": reasons[1]},
            **facts,  # type: ignore[arg-type]
        ),
        fingerprint=hashlib.sha256(f"{label}{quote}".encode(errors="surrogatepass")).hexdigest()[:16],
    )


def threat_call() -> CallReport:
    """A recording with threats, insults, a misheard word, a role in doubt, signals, and a number read out."""
    call_id = "2026-03-02_A07_0193"
    turns = turns_of(
        [
            (A, "喂，是张伟吗？"),
            (D, "我是，你哪位？"),
            (A, "我这边是鼎诚资产的，你在花田金融借的那笔三万二已经逾期四十七天了，今天准备怎么处理？"),
            (D, "我上个月刚被公司裁了，孩子又住院，真的一下子拿不出来，能不能分期？"),
            (A, "我不管你死活，今天下午五点之前必须还清，不然别怪我不客气。"),
            (D, "你这是什么态度？我要投诉你们。"),
            (A, "投诉？你去投啊。你女儿在育才小学三年级二班，我们清楚得很，放学路上车多，你自己想想。"),
            (D, "你们怎么能这样，别动我孩子！"),
            (
                A,
                "再不还就报你通讯录，让你全村都知道你是个老赖。你手机号13800138000是吧，身份证110101199003074477，我这都有。",
            ),
            (D, "你再这样逼我，我真的不想活了。"),
            (A, "煞笔，少来这套，你要死死远点。"),
            (U, "你他妈说什么？"),
            (A, "五点，我等你。"),
        ]
    )
    hardship = finding(
        call_id,
        turns[3],
        "刚被公司裁了，孩子又住院",
        "signal.hardship",
        Severity.INFO,
        ("失业、家人患病", "Lost job, illness"),
        ("债务人称失业且家人住院，应告知协商还款途径。", "The debtor tells of lost work and illness."),
        confidence=0.9,
    )
    findings = (
        hardship,
        finding(
            call_id,
            turns[4],
            "我不管你死活，今天下午五点之前必须还清",
            "conduct.pressure",
            Severity.MAJOR,
            ("限时施压并拒听困难", "Ultimatum that ignores hardship"),
            ("当日限时还清，并明确拒绝听取困难。", "A limit within the day, and hardship is brushed aside."),
            clauses=(CIVIL,),
            raised=("after_hardship",),
        ),
        finding(
            call_id,
            turns[5],
            "我要投诉你们",
            "signal.complaint",
            Severity.MINOR,
            ("投诉意向", "Intends to complain"),
            ("债务人表示要投诉，应告知投诉渠道并登记。", "The debtor intends to complain."),
            facts={"duty": "ignored", "replies": "6, 8", "raised_from": "info"},
            absent=({"zh": "坐席告知投诉渠道。", "en": "The agent names a complaint channel."},),
            advice={"zh": "请说出投诉电话并登记。", "en": "Name the complaint line and record it."},
        ),
        finding(
            call_id,
            turns[6],
            "你女儿在育才小学三年级二班，我们清楚得很，放学路上车多",
            "threat.family",
            Severity.CRITICAL,
            ("以家人行踪相威胁", "Veiled threat with a relative's whereabouts"),
            (
                "说出债务人子女的学校，并暗示其安全，构成对家人的变相威胁。",
                "Names the child's school and hints at its safety.",
            ),
            clauses=(CIVIL, INSULT_LAW),
            confidence=0.95,
            variant="pattern",
            matched=("女儿", "育才小学", "清楚得很", "放学路上"),
        ),
        finding(
            call_id,
            turns[8],
            "再不还就报你通讯录，让你全村都知道",
            "threat.exposure",
            Severity.MAJOR,
            ("扬言曝光欠款", "Threatens to make the debt public"),
            ("以告知通讯录和全村相威胁。", "Threatens to tell contacts and the village."),
            clauses=(CIVIL,),
            variant="homophone",
            matched=("报你通讯录", "全村都知道"),
            meant=("爆你通讯录",),
            confidence=0.88,
        ),
        finding(
            call_id,
            turns[8],
            "让你全村都知道你是个老赖",
            "insult.demeaning",
            Severity.MINOR,
            ("贬损人格", "Name-calling"),
            ("以“老赖”称呼债务人。", "Calls the debtor a deadbeat."),
            matched=("老赖",),
            confidence=0.81,
            clauses=(CIVIL,),
        ),
        finding(
            call_id,
            turns[8],
            "13800138000是吧，身份证110101199003074477",
            "privacy.pii_readout",
            Severity.MAJOR,
            ("完整播报号码", "Reads out whole numbers"),
            ("完整播报手机号和身份证号。", "Reads out the whole phone and id number."),
            variant="digits",
            matched=("13800138000", "110101199003074477"),
            confidence=0.97,
        ),
        finding(
            call_id,
            turns[9],
            "我真的不想活了",
            "signal.self_harm",
            Severity.CRITICAL,
            ("轻生言论", "Speaks of suicide"),
            (
                "债务人流露轻生念头，须立即停止施压并由专人跟进。",
                "The debtor speaks of suicide: stop pressing, a person must follow up now.",
            ),
        ),
        finding(
            call_id,
            turns[10],
            "煞笔",
            "insult.profanity",
            Severity.MAJOR,
            ("辱骂", "Swearing"),
            ("对债务人使用脏话。", "Swears at the debtor."),
            variant="homophone",
            meant=("傻逼",),
            confidence=0.86,
            clauses=(CIVIL, INSULT_LAW),
        ),
        finding(
            call_id,
            turns[11],
            "你他妈",
            "insult.profanity",
            Severity.MAJOR,
            ("辱骂", "Swearing"),
            ("含脏话，但说话人身份不确定。", "Swearing, but it is not certain who speaks."),
            confidence=0.41,
            lowered=("role_uncertain",),
            review=("needs_role_check",),
        ),
        finding(
            call_id,
            None,
            "",
            "process.no_recording_notice",
            Severity.INFO,
            ("未告知录音", "No recording notice"),
            ("通话开始后未提示录音。", "No notice that the call is recorded."),
            confidence=0.7,
            time=TimeSpan(0, 30),
            facts={"missing": "recording_notice", "searched": "0-4", "said_in_turn": "2"},
            absent=({"zh": "告知通话录音。", "en": "Notice that the call is recorded."},),
            advice={"zh": "开场说“本次通话将被录音”。", "en": "Say that the call is recorded."},
            variant="omission",
        ),
    )
    turns = (*turns[:11], replace(turns[11], role_confidence=0.52, doubts=("loop",), confidence=0.48), turns[12])
    metadata = CallMetadata(
        started_at=datetime.fromisoformat("2026-03-02T10:15:00+08:00"),
        duration_s=86.4,
        direction=Direction.OUTBOUND,
        connected=True,
        agent_id="A07",
        agent_channel=0,
        team="二组",
        debtor_id="D1042",
        debtor_name="张伟",
        callee_number="13800138000",
        lender="花田金融",
        agency="鼎诚资产",
        case_no="HT-2026-00817",
        extra={"批次": "三月第一批"},
    )
    source = Source("recordings/2026-03-02/A07 0193#1.wav", "ab12" * 16, "recording")
    call = Call(call_id, metadata, turns, source, ENGINE, 86.4)
    return CallReport(
        call,
        findings,
        replace(AUDIT, skipped=("contact.third_party_early/call-log: connected",)),
        (DialogueState(0, "debtor", False), DialogueState(2, "debtor", True)),
    )


def clean_call() -> CallReport:
    """A transcript without times and without findings."""
    call_id = "2026-03-02_A03_0007"
    turns = turns_of(
        [
            (A, "您好，请问是李敏女士本人吗？我是鼎诚资产的客服小陈，工号3021，本次通话将被录音。"),
            (D, "是我，你说。"),
            (A, "您在花田金融有一笔账单已到期，应还金额一千二百元，请问您方便什么时候处理？"),
            (D, "发工资之后吧，十号。"),
            (A, "好的，请您通过官方应用还款，感谢您的接听，再见。"),
        ],
        timed=False,
    )
    metadata = CallMetadata(
        started_at=datetime.fromisoformat("2026-03-02T14:02:00+08:00"),
        direction=Direction.OUTBOUND,
        agent_id="A03",
        team="一组",
        debtor_id="D1043",
        debtor_name="李敏",
        callee_number="138****0001",
    )
    source = Source("transcripts.jsonl", "cd34" * 16, "callaudit-jsonl", 7)
    return CallReport(Call(call_id, metadata, turns, source), (), AUDIT)


def off_hours_call() -> CallReport:
    """Findings about the whole call only: a call past 22:00 at the debtor's place, the fourth of the day."""
    call_id = "2026-03-02_A07_0201"
    turns = turns_of([(A, "您好，请问是王芳女士吗？"), (D, "太晚了，明天再打吧。"), (A, "好的，打扰了，再见。")])
    findings = (
        finding(
            call_id,
            None,
            "",
            "contact.frequency",
            Severity.MAJOR,
            ("一日内接通次数超限", "Too many conversations in a day"),
            ("同一债务人当日第 4 次接通。", "The fourth conversation with this debtor on the day."),
            rule="contact.frequency/effective-per-day",
            matched=(),
            variant="metadata",
            facts={"day": "2026-03-02", "count": "4", "limit": "3", "counts": "conversations"},
            confidence=1.0,
        ),
        finding(
            call_id,
            None,
            "",
            "contact.off_hours",
            Severity.MAJOR,
            ("规定时间外联系", "Outside the allowed hours"),
            ("通话 22:04 开始（债务人所在地），超出 08:00–22:00。", "The call starts at 22:04 at the debtor's place."),
            clauses=(HOURS,),
            matched=(),
            variant="metadata",
            facts={"local_start": "2026-03-02T22:04:00+08:00", "quiet_hours": "22:00-08:00"},
            confidence=1.0,
        ),
    )
    metadata = CallMetadata(
        started_at=datetime.fromisoformat("2026-03-02T22:04:00+08:00"),
        duration_s=14.0,
        direction=Direction.OUTBOUND,
        agent_id="A07",
        team="二组",
        debtor_id="D1044",
        debtor_name="王芳",
        callee_timezone="Asia/Shanghai",
    )
    return CallReport(
        Call(call_id, metadata, turns, Source("recordings/0201.mp3", "ef56" * 16, "recording"), ENGINE, 14.0),
        findings,
        AUDIT,
    )


def review_call() -> CallReport:
    """One finding that waits for a listener, a third party on the line."""
    call_id = "2026-03-02_A05_0044"
    turns = turns_of(
        [
            (A, "你是他爸吧，他欠我们的钱，你替他还了吧。"),
            (T, "我跟他早没来往了，别再打了。"),
            (A, "那你让他小心点。"),
        ]
    )
    findings = (
        finding(
            call_id,
            turns[0],
            "他欠我们的钱，你替他还了吧",
            "privacy.third_party_collection",
            Severity.MAJOR,
            ("向第三人催收", "Collects from a third party"),
            ("要求非债务人代偿。", "Asks a non-debtor to pay."),
            confidence=0.55,
            review=("needs_listener",),
            lowered=("low_recogniser_confidence",),
            clauses=(CIVIL,),
        ),
        finding(
            call_id,
            turns[1],
            "别再打了",
            "signal.stop_contact",
            Severity.MINOR,
            ("要求停止联系", "Asks not to be called"),
            ("第三人要求停止联系。", "The third party asks not to be called."),
        ),
    )
    metadata = CallMetadata(
        started_at=datetime.fromisoformat("2026-03-02T09:40:00+08:00"),
        duration_s=20,
        direction=Direction.OUTBOUND,
        agent_id="A05",
        team="一组",
        callee_relation="父亲",
        callee_role=T,
    )
    return CallReport(
        Call(call_id, metadata, turns, Source("a/0044.wav", "0f0f" * 16, "recording"), ENGINE, 20.0), findings, AUDIT
    )


HOSTILE = (
    "<script>document.title='pwned'</script><img src=x onerror=alert(1)>\"'&{{7*7}}"
    "</mark>\u202e反\udc80👩‍👧\u2028=1+1\x07"
)


def hostile_call() -> CallReport:
    """Text that attacks the reader's program in every field, and one turn of 100,000 characters."""
    long = "还钱" * 49_999 + HOSTILE
    turns = (
        Turn(0, A, HOSTILE, TimeSpan(0, 1), (), 0, 0.5, 0.5, (HOSTILE,)),
        Turn(1, D, long, TimeSpan(1, 2)),
        Turn(2, U, '=HYPERLINK("http://evil.example")'),
    )
    findings = (
        finding(
            HOSTILE,
            turns[0],
            HOSTILE,
            "threat.violence",
            Severity.CRITICAL,
            (HOSTILE, HOSTILE),
            (HOSTILE, HOSTILE),
            rule=HOSTILE,
            clauses=(Citation(HOSTILE, HOSTILE, HOSTILE, "verbatim", HOSTILE),),
            matched=(HOSTILE,),
            meant=(HOSTILE,),
            raised=(HOSTILE,),
            lowered=(HOSTILE,),
            variant=HOSTILE,
            facts={HOSTILE: HOSTILE},
        ),
        finding(HOSTILE, turns[1], long, HOSTILE, Severity.MAJOR, ("a", "a"), ("b", "b"), review=(HOSTILE,)),
        finding(HOSTILE, None, HOSTILE, "signal.self_harm", Severity.CRITICAL, ("a", "a"), ("b", "b")),
    )
    metadata = CallMetadata(
        agent_id=HOSTILE,
        team="=cmd|' /C calc'!A0",
        debtor_id="@SUM(1)",
        debtor_name=HOSTILE,
        callee_number="+8613800138000",
        callee_relation=HOSTILE,
        callee_timezone=HOSTILE,
        lender=HOSTILE,
        agency="-2+3",
        agreed_hours=HOSTILE,
        case_no="\t=1",
        extra={HOSTILE: HOSTILE},
    )
    source = Source(f"javascript:alert(1)/{HOSTILE}.wav".replace("\x07", ""), HOSTILE, "recording", 1)
    engine = EngineInfo(HOSTILE, HOSTILE, HOSTILE, HOSTILE, ((HOSTILE, HOSTILE),))
    call = Call(HOSTILE, metadata, turns, source, engine, 2.0)
    return CallReport(call, findings, AuditInfo(HOSTILE, HOSTILE, HOSTILE, (HOSTILE,)))


RUN = RunInfo(
    started_at=datetime.fromisoformat("2026-03-03T08:30:00+08:00"),
    finished_at=datetime.fromisoformat("2026-03-03T08:41:25+08:00"),
    versions={"callaudit": "0.1.0", "faster-whisper": "1.1.1"},
    options={"policy": "default", "engine": "faster-whisper"},
    hashes={"rules": "9c1e" * 16},
)
FAILURES = (
    Failure("recordings/broken.wav", Problem("CA401", "recordings/broken.wav", {"reason": "=cut off"})),
    Failure("calls.jsonl", Problem("CA402", "calls.jsonl:7", {"version": "9", "expected": "1"}), 7, "=X-1"),
)
WARNINGS = (Problem("CA403", "manifest.csv:3", {"name": "<b>x</b>", "known": "html"}),)
