"""Any call report that can exist, with hostile text in every field."""

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import strategies as st

from audit.model.call import AccountStatus, Call, CallMetadata, DialResult, Direction, Role, Source, Turn
from audit.model.finding import Citation, Explanation, Finding, Severity
from audit.model.report import AuditInfo, CallReport, DialogueState
from audit.model.span import CharSpan, TimeSpan
from audit.model.transcript import EngineInfo, Word
from audit.rules.dialogue import Listener

# Low surrogates are what `surrogateescape` leaves behind; high ones do not come out of any decoder.
texts = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        ["", "<script>alert(1)</script>", "=1+1", "\udc80坏", "\u2028行", "</mark>'\"&", "\u202e反", "\x00\x1f", "👩‍👧"]
    ),
)
maybe_text = st.none() | texts
seconds = st.integers(0, 360_000).map(lambda hundredths: hundredths / 100)
shares = st.integers(0, 100).map(lambda percent: percent / 100)
mappings = st.dictionaries(texts, texts, max_size=3)
tuples = st.lists(texts, max_size=3).map(tuple)
time_spans = st.tuples(seconds, seconds).map(lambda pair: TimeSpan(min(pair), max(pair)))
char_spans = st.tuples(st.integers(0, 40), st.integers(0, 40)).map(lambda pair: CharSpan(min(pair), max(pair)))
moments = st.builds(
    lambda moment, minutes: moment.replace(tzinfo=UTC).astimezone(timezone(timedelta(minutes=minutes))),
    st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1)),
    st.integers(-14 * 60, 14 * 60),
)

metadata = st.builds(
    CallMetadata,
    started_at=st.none() | moments,
    duration_s=st.none() | seconds,
    direction=st.none() | st.sampled_from(Direction),
    connected=st.none() | st.booleans(),
    agent_id=maybe_text,
    agent_channel=st.none() | st.integers(0, 1),
    team=maybe_text,
    debtor_id=maybe_text,
    debtor_name=maybe_text,
    callee_number=maybe_text,
    callee_relation=maybe_text,
    callee_role=st.none() | st.sampled_from(Role),
    callee_timezone=st.none() | st.sampled_from(["Asia/Shanghai", "Asia/Urumqi", "../etc/passwd", "Mars/Olympus"]),
    lender=maybe_text,
    agency=maybe_text,
    agreed_hours=maybe_text,
    case_no=maybe_text,
    dial_result=st.none() | st.sampled_from(DialResult),
    account_status=st.none() | st.sampled_from(AccountStatus),
    recording_deleted=st.none() | st.booleans(),
    extra=mappings,
)

words = st.builds(Word, text=texts, time=time_spans, confidence=st.none() | shares)
turns = st.builds(
    Turn,
    index=st.integers(0, 9),
    role=st.sampled_from(Role),
    text=texts,
    time=st.none() | time_spans,
    words=st.lists(words, max_size=2).map(tuple),
    channel=st.none() | st.integers(0, 1),
    confidence=st.none() | shares,
    role_confidence=shares,
    doubts=tuples,
)
engines = st.builds(
    EngineInfo,
    engine=texts,
    engine_version=texts,
    model=texts,
    model_sha256=texts,
    options=mappings.map(lambda options: tuple(options.items())),
)
citations = st.builds(
    Citation, key=texts, zh=texts, en=texts, state=st.sampled_from(["verbatim", "paraphrase"]), sha256=texts
)
in_both = st.fixed_dictionaries({"zh": texts, "en": texts})
explanations = st.builds(
    Explanation,
    name=in_both,
    reason=in_both,
    matched=tuples,
    variant=texts,
    meant=tuples,
    raised=tuples,
    lowered=tuples,
    review=tuples,
    facts=st.fixed_dictionaries(
        {},
        optional={
            "duty": st.sampled_from(["ignored", "answered"]) | texts,
            "searched": st.sampled_from(["0-1", "1-0", "0-99", "9" * 5000 + "-1"]) | texts,
            "said_in_turn": st.sampled_from(["0", "99"]) | texts,
            "answered_in_turn": st.sampled_from(["0", "99"]) | texts,
            "replies": st.sampled_from(["0, 1", "99", "9" * 5000]) | texts,
            "raised_from": st.sampled_from(Severity).map(str) | texts,
        },
    )
    | mappings,
    advice=st.just({}) | in_both,
    absent=st.lists(in_both, max_size=2).map(tuple),
)
LABELS = ["threat.violence", "insult.curse", "contact.off_hours", "signal.self_harm", "signal.hardship", "x", ""]
findings = st.builds(
    Finding,
    call_id=texts,
    turn=st.none() | st.integers(0, 5),
    label=st.sampled_from(LABELS) | texts,
    rule=texts,
    severity=st.sampled_from(Severity),
    confidence=shares,
    role=st.none() | st.sampled_from(Role),
    quote=texts,
    span=st.none() | char_spans,
    time=st.none() | time_spans,
    clauses=st.lists(citations, max_size=2).map(tuple),
    why=explanations,
    fingerprint=texts,
)


@st.composite
def call_reports(draw: st.DrawFn) -> CallReport:
    call = Call(
        call_id=draw(texts),
        metadata=draw(metadata),
        turns=tuple(draw(st.lists(turns, max_size=4))),
        source=Source(
            draw(texts), draw(texts), draw(st.sampled_from(["recording", "srt"])), draw(st.none() | st.just(7))
        ),
        engine=draw(st.none() | engines),
        recording_s=draw(st.none() | seconds),
    )
    audit = AuditInfo(draw(texts), draw(texts), draw(texts), draw(tuples), draw(tuples))
    states = st.builds(DialogueState, st.integers(0, 9), st.sampled_from(Listener).map(str), st.booleans())
    dialogue = tuple(draw(st.lists(states, max_size=3)))
    return CallReport(call, tuple(draw(st.lists(findings, max_size=4))), audit, dialogue)
