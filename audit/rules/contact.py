"""Rules about the log of calls: how often, whom, and after what (RULES.md sections 2 and 3.4).

One debtor's calls, or one number's, are looked at in the order of their start, and nothing is remembered from one debtor or
number to the next: memory does not grow with the log. What was heard in a call comes as a few words (`HEARD`) with it.
Calls that the debtor starts never count.
"""

import re
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import groupby
from operator import itemgetter
from typing import Literal, Protocol
from zoneinfo import ZoneInfo

from audit.model.call import AccountStatus, Call, CallMetadata, DialResult, Direction, Role
from audit.model.finding import Explanation, Finding, Severity
from audit.rules.engine import citations, fingerprint
from audit.rules.localtime import covered, debtor_zone
from audit.rules.pack import Rule, RulePack
from audit.rules.policy import Policy

REFUSED, WORKPLACE, WRONG_NUMBER = "refused", "workplace", "wrong_number"
PLAN, DEMANDED, DECEASED = "plan", "demanded", "deceased"
# What a call is remembered for. Behind a word that a person has yet to confirm stands DOUBT.
HEARD = (REFUSED, WORKPLACE, WRONG_NUMBER, PLAN, DEMANDED, DECEASED)
DOUBT = "?"

_SURE = 0.95
_DOUBTFUL = 0.45
_REDIAL = timedelta(minutes=10)
_WEEK = timedelta(days=7)
_PLAN_KEPT = timedelta(days=3)
_INVALID_DIALS = 3
_PLACE_OF_WORK = re.compile(
    "单位|公司|前台|厂|上班|班上|办公|学校|店里|柜台|同事|领导|老板|人事|employer|work|office|colleague", re.I
)
_FOR_A_WHILE = re.compile("晚上|夜里|半夜|中午|早上|周末|现在|这会|开会|上班时间|工作时间|少打|先别|改天")
_AGREED_PLAN = re.compile(
    "(?:给|帮|为)(?:您|你).{0,6}(?:登记|办理|办好|申请好|安排|做).{0,8}(?:分期|期|延期|方案)"
    "|(?:分期|延期|方案).{0,6}(?:办好|登记好|通过|批下来|生效|成功)"
    "|那(?:就|咱|我们).{0,4}(?:按|分)[^,，。?？]{0,8}(?:期|方案)"
)
_WHOLE_DEBT = re.compile(
    "(?:今天|今日|马上|立刻|立即|现在|必须|下午|晚上)[^,，。?？不]{0,8}(?:全额|全部|一次性|结清|还清|还上|还钱|还款|付清)"
)
# Relations that only one person can stand in: another number of theirs is the same person.
_ONE_PERSON = re.compile(
    r"(?:父亲|母亲|爸爸?|妈妈?|配偶|丈夫|妻子|老公|老婆|爱人|岳父|岳母|公公|婆婆|father|mother|spouse|husband|wife)|.*\d",
    re.I,
)

Parameters = Mapping[str, str | int | float | bool | list[str]]
Key = Literal["debtor", "number"]


@dataclass(frozen=True, slots=True)
class ContactRecord:
    """What the log says of one call or attempt. `both_spoke` is False for an attempt nobody answered; `heard` are words of
    HEARD."""

    call_id: str
    metadata: CallMetadata
    both_spoke: bool
    heard: frozenset[str] = frozenset()


class ContactLog(Protocol):
    """All calls and attempts that have a start."""

    def begins(self) -> datetime | None:
        """The first start; None for an empty log."""

    def by(self, key: Key) -> Iterator[tuple[str, ContactRecord]]:
        """The records that have the key (`log_key`), sorted by it, then by start and call id."""

    def has_unanswered(self) -> bool:
        """Whether dials that nobody answered are in it: a log of answered calls alone cannot show who was tried in vain."""


@dataclass(frozen=True, slots=True)
class Records:
    """A log small enough to be held."""

    records: Sequence[ContactRecord]

    def begins(self) -> datetime | None:
        """The first start; None for an empty log."""
        return min((start for r in self.records if (start := r.metadata.started_at)), default=None)

    def by(self, key: Key) -> Iterator[tuple[str, ContactRecord]]:
        """The records that have the key, sorted by it, then by start and call id."""
        keyed = [
            (value, start, record.call_id, record)
            for record in self.records
            if (start := record.metadata.started_at) and (value := log_key(record.metadata, key))
        ]
        return ((value, record) for value, _, _, record in sorted(keyed, key=itemgetter(0, 1, 2)))

    def has_unanswered(self) -> bool:
        """Whether dials that nobody answered are in it."""
        return any(not r.both_spoke and r.metadata.connected is not True for r in self.records)


def log_key(metadata: CallMetadata, key: Key) -> str | None:
    """What tells the debtor or the number of a record from others; None where the record does not say.

    A masked number stands for thousands, so it counts within one debtor's calls only, as far as the debtor is known.

    >>> log_key(CallMetadata(callee_number="+86 138-0013-8000"), "number")
    '13800138000'
    """
    if key == "debtor":
        return metadata.debtor_id
    number = re.sub(r"[^\d*+]", "", metadata.callee_number or "")
    number = re.sub(r"^(?:\+|00)86", "", number)
    if "*" in number and metadata.debtor_id:
        return f"{number} {metadata.debtor_id}"
    return number or None


def heard_in(call: Call, findings: Iterable[Finding]) -> frozenset[str]:
    """The words of HEARD that a call is remembered for, from its own findings and what the agent said."""
    words: dict[str, bool] = {}
    deferred: int | None = None
    for finding in findings:
        if finding.why.variant == "learned":  # a resemblance; nothing to hang another call on
            continue
        sure = not finding.why.review
        text = call.turns[finding.turn].text if finding.turn is not None else ""
        match finding.label:
            case "signal.wrong_person":
                words[WRONG_NUMBER] = words.get(WRONG_NUMBER, False) or sure
            case "signal.deceased":
                words[DECEASED] = words.get(DECEASED, False) or sure
            case "signal.deferral":
                deferred = finding.turn if deferred is None else deferred
            case "signal.stop_contact":
                if _PLACE_OF_WORK.search(text):
                    words[WORKPLACE] = words.get(WORKPLACE, False) or sure
                if _third_party_speaks(call, finding.role):
                    certain = sure and finding.role is Role.THIRD_PARTY and not _FOR_A_WHILE.search(text)
                    words[REFUSED] = words.get(REFUSED, False) or certain
    if deferred is not None and any(
        turn.role is Role.AGENT and _AGREED_PLAN.search(turn.text) for turn in call.turns[deferred + 1 :]
    ):
        words[PLAN] = True
    if any(turn.role is Role.AGENT and _WHOLE_DEBT.search(turn.text) for turn in call.turns):
        words[DEMANDED] = True
    return frozenset(word if sure else word + DOUBT for word, sure in words.items())


def _third_party_speaks(call: Call, role: Role | None) -> bool:
    return role is Role.THIRD_PARTY or (role is Role.UNKNOWN and call.metadata.callee_role is Role.THIRD_PARTY)


@dataclass(frozen=True, slots=True)
class Contact:
    """A record as rules about the log see it: its moment and day at the debtor's place, and what it counts as."""

    record: ContactRecord
    start: datetime
    day: date
    outbound: bool
    conversation: bool
    reached: bool

    @property
    def metadata(self) -> CallMetadata:
        """The record's metadata."""
        return self.record.metadata

    @property
    def number(self) -> str | None:
        """The number's key."""
        return log_key(self.record.metadata, "number")

    def heard(self, word: str) -> bool | None:
        """Whether this was heard: True for sure, False if a person has yet to confirm it, None if not."""
        if word in self.record.heard:
            return True
        return False if word + DOUBT in self.record.heard else None

    def agreed(self) -> bool:
        """Whether the debtor agreed to be called at this moment."""
        return covered(self.start, self.start, self.metadata.agreed_hours)


@dataclass(frozen=True, slots=True)
class Breach:
    """What a rule has against a call. `sure` is False where a person must confirm it."""

    facts: Mapping[str, str]
    sure: bool = True


class Check(Protocol):
    """One rule at work on the calls of one debtor or number."""

    def see(self, contact: Contact) -> Breach | None:
        """Take the next call into account, and say what is wrong with it."""


@dataclass(frozen=True, slots=True)
class CheckKind:
    """How the log is searched: whose calls together, what a record needs to be judged, and which check (None: the policy has it off). `make` is
    told when the log begins, None when it does not hold what was tried in vain."""

    key: Key
    needs: tuple[str, ...]
    make: Callable[[Policy, datetime | None], Check | None]


def findings_across(log: ContactLog, pack: RulePack, policy: Policy) -> Iterator[Finding]:
    """The findings of all rules about the log, with one debtor's or number's calls in memory at a time."""
    begins = log.begins() if log.has_unanswered() else None
    rules = [rule for rule in across_rules(pack) if not policy.is_disabled(rule.id) and rule.status != "deprecated"]
    for key in ("debtor", "number"):
        kinds = [(rule, CHECKS[name]) for rule in rules for name in across(rule.parameters)]
        active = [(rule, kind) for rule, kind in kinds if kind.key == key and kind.make(policy, begins)]
        if not active:
            continue
        for _, group in groupby(log.by(key), key=itemgetter(0)):
            checks = [(rule, check) for rule, kind in active if (check := kind.make(policy, begins))]
            for _, record in group:
                contact = _contact(record, policy)
                for rule, check in checks:
                    breach = check.see(contact)
                    if breach:
                        yield _finding(rule, contact, breach, pack, policy)


def across_rules(pack: RulePack) -> list[Rule]:
    """The rules that search the log, whether or not they search single calls too."""
    return [rule for rule in pack.rules if "across" in rule.parameters]


def across(parameters: Parameters) -> list[str]:
    """The names in CHECKS of how a rule with these parameters searches the log; none if it does not."""
    names = parameters.get("across", [])
    return names if isinstance(names, list) else [str(names)]


def _contact(record: ContactRecord, policy: Policy) -> Contact:
    metadata = record.metadata
    assert metadata.started_at is not None
    local = metadata.started_at.astimezone(ZoneInfo(debtor_zone(metadata, policy)))
    long_enough = metadata.duration_s is None or metadata.duration_s >= policy.conversation_min_talk_s
    return Contact(
        record=record,
        start=local,
        day=local.date(),
        outbound=metadata.direction is Direction.OUTBOUND,
        conversation=record.both_spoke and long_enough,
        reached=record.both_spoke or metadata.connected is True,
    )


def _finding(rule: Rule, contact: Contact, breach: Breach, pack: RulePack, policy: Policy) -> Finding:
    call_id = contact.record.call_id
    usual = Severity.INFO if rule.status == "preview" else rule.severity
    return Finding(
        call_id=call_id,
        turn=None,
        label=rule.label,
        rule=rule.id,
        severity=policy.severity(rule.id, usual),
        confidence=_SURE if breach.sure else _DOUBTFUL,
        role=None,
        quote="",
        span=None,
        time=None,
        clauses=citations(rule, contact.metadata, contact.day, pack, policy),
        why=Explanation(
            name=rule.name,
            reason=rule.reason,
            variant="metadata",
            review=() if breach.sure else ("unable_to_determine",),
            facts={
                "local_start": contact.start.isoformat(timespec="seconds"),
                "day": contact.day.isoformat(),
                **breach.facts,
            },
            advice=rule.advice,
        ),
        fingerprint=fingerprint(rule.id, None, (call_id,)),
    )


def _counted(count: int, limit: int, counts: str, sure: bool = True) -> Breach | None:
    facts = {"count": str(count), "limit": str(limit), "counts": counts}
    return Breach(facts, sure) if count > limit else None


# Caps


@dataclass(slots=True)
class _Conversations:
    """Conversations of a debtor's day; connected calls while the guideline of 2024 was in force."""

    policy: Policy
    counted: Counter[tuple[date, str | None]] = field(default_factory=Counter)

    def see(self, contact: Contact) -> Breach | None:
        informational = self.policy.informational
        if informational and informational.begins <= contact.day <= informational.ends:
            counts, counted, limit = "connected", contact.reached, informational.limit
        else:
            counts, counted = "conversations", contact.conversation
            limit = self.policy.conversations_per_debtor_per_day or 0
        if not contact.outbound or not counted or not limit:
            return None
        together = self.policy.sum_lender_and_agencies
        key = contact.day, None if together else contact.metadata.agency or contact.metadata.lender
        self.counted[key] += 1
        return _counted(self.counted[key], limit, counts)


@dataclass(slots=True)
class _Redial:
    """Knows the one redial that is free after a lost connection."""

    lost_at: datetime | None = None

    def is_free(self, contact: Contact) -> bool:
        free = self.lost_at is not None and contact.start - self.lost_at <= _REDIAL
        self.lost_at = contact.start if contact.metadata.dial_result is DialResult.LOST_CONNECTION else None
        return free


@dataclass(slots=True)
class _Attempts:
    """Attempts at a number on one day."""

    limit: int
    all_count: bool
    redial: _Redial = field(default_factory=_Redial)
    counted: Counter[date] = field(default_factory=Counter)

    def see(self, contact: Contact) -> Breach | None:
        if not contact.outbound or self.redial.is_free(contact) or (contact.reached and not self.all_count):
            return None
        self.counted[contact.day] += 1
        masked = "*" in (contact.metadata.callee_number or "") and not contact.metadata.debtor_id
        return _counted(self.counted[contact.day], self.limit, "attempts", sure=not masked)


@dataclass(slots=True)
class _Burst:
    """Dials of a number within minutes, answered or not."""

    burst: int
    within: timedelta
    redial: _Redial = field(default_factory=_Redial)
    dials: deque[datetime] = field(default_factory=deque)

    def see(self, contact: Contact) -> Breach | None:
        if not contact.outbound or self.redial.is_free(contact) or contact.agreed():
            return None
        self.dials.append(contact.start)
        while contact.start - self.dials[0] > self.within:
            self.dials.popleft()
        if len(self.dials) < self.burst:
            return None
        minutes = round(self.within.total_seconds() / 60)
        return Breach({"count": str(len(self.dials)), "minutes": str(minutes), "counts": "burst"})


def _debt(contact: Contact) -> str:
    return contact.metadata.case_no or contact.metadata.lender or ""


@dataclass(slots=True)
class _SevenDays:
    """Attempts about one debt in seven days running (us.seven-in-seven)."""

    limit: int
    dials: dict[str, deque[date]] = field(default_factory=dict)

    def see(self, contact: Contact) -> Breach | None:
        invalid = contact.metadata.dial_result is DialResult.INVALID_NUMBER
        if not contact.outbound or invalid or contact.agreed():
            return None
        days = self.dials.setdefault(_debt(contact), deque())
        days.append(contact.day)
        while contact.day - days[0] >= _WEEK:
            days.popleft()
        return _counted(len(days), self.limit, "seven_days")


@dataclass(slots=True)
class _AfterConversation:
    """A call within days after a conversation about the debt; the day of the conversation is the first (us.seven-in-seven)."""

    days: int
    last: dict[str, Contact] = field(default_factory=dict)

    def see(self, contact: Contact) -> Breach | None:
        last = self.last.get(_debt(contact))
        if contact.conversation and contact.metadata.callee_role is not Role.THIRD_PARTY:
            self.last[_debt(contact)] = contact
        if last is None or not contact.outbound or contact.agreed() or (contact.day - last.day).days >= self.days:
            return None
        return Breach(_earlier(last) | {"limit": str(self.days), "counts": "days_after"})


@dataclass(slots=True)
class _PerPeriod:
    """Conversations with a debtor in a calendar week or month."""

    limit: int
    period: Literal["week", "month"]
    counted: Counter[tuple[int, int]] = field(default_factory=Counter)

    def see(self, contact: Contact) -> Breach | None:
        if not contact.outbound or not contact.conversation:
            return None
        calendar = contact.day.isocalendar()
        key = (calendar.year, calendar.week) if self.period == "week" else (contact.day.year, contact.day.month)
        self.counted[key] += 1
        return _counted(self.counted[key], self.limit, self.period)


# Whom, and after what


@dataclass(slots=True)
class _ThirdPartyEarly:
    """A third party dialled though the debtor has not been shown to be lost (`third_party_precondition`)."""

    failures_needed: int
    days_needed: int
    log_begins: datetime | None
    failures: list[date] = field(default_factory=list)
    lost: bool = False
    reached: Contact | None = None

    def see(self, contact: Contact) -> Breach | None:
        status = contact.metadata.account_status
        if status in (AccountStatus.DECEASED, AccountStatus.INCAPABLE) or contact.heard(DECEASED) is not None:
            self.lost = True
        if contact.metadata.callee_role is not Role.THIRD_PARTY:
            self._debtor(contact)
            return None
        if not contact.outbound or self.lost or self._unreachable(contact.day):
            return None
        # A log that begins shortly before, or holds answered calls alone, says nothing of what was tried in vain.
        long_log = self.log_begins is not None and contact.start - self.log_begins >= timedelta(days=self.days_needed)
        facts = {"failures": str(len(self.failures)), "limit": str(self.failures_needed)}
        if self.log_begins:
            facts["window"] = f"{self.log_begins.astimezone(contact.start.tzinfo):%Y-%m-%d}…"
        return Breach(
            facts | (_earlier(self.reached) if self.reached else {}), sure=long_log or self.reached is not None
        )

    def _debtor(self, contact: Contact) -> None:
        if contact.metadata.callee_role is not Role.DEBTOR and contact.outbound:
            return  # a guarantor, or nobody knows whose number
        if contact.metadata.dial_result is DialResult.INVALID_NUMBER or contact.heard(WRONG_NUMBER) is not None:
            self.lost = True
        elif contact.reached or not contact.outbound:
            self.failures.clear()
            self.reached, self.lost = contact, False
        else:
            self.failures.append(contact.day)

    def _unreachable(self, today: date) -> bool:
        if len(self.failures) >= self.failures_needed and self.failures[self.failures_needed - 1] < today:
            return True
        days, last = set(self.failures), max(self.failures, default=today)
        return all(last - timedelta(days=back) in days for back in range(self.days_needed))


@dataclass(slots=True)
class _ThirdPartyRefused:
    """A third party who said no is dialled again: the same number, or another number of the same person, by whichever collector."""

    refused: dict[str, tuple[Contact, bool]] = field(default_factory=dict)

    def see(self, contact: Contact) -> Breach | None:
        known = [self.refused[name] for name in self._names(contact) if name in self.refused]
        sure = contact.heard(REFUSED)
        if sure is not None and contact.metadata.callee_role is not Role.DEBTOR:
            for name in self._names(contact):
                earlier = self.refused.get(name)
                self.refused[name] = earlier if earlier and (earlier[1] or not sure) else (contact, sure)
        if not known or not contact.outbound or contact.metadata.callee_role is Role.DEBTOR:
            return None
        earlier_contact, certain = max(known, key=lambda entry: entry[1])
        return Breach(_earlier(earlier_contact), certain)

    def _names(self, contact: Contact) -> list[str]:
        relation = (contact.metadata.callee_relation or "").strip()
        names = [f"#{contact.number}"] if contact.number else []
        return [*names, relation] if _ONE_PERSON.fullmatch(relation) else names


@dataclass(slots=True)
class _RefusedNumber:
    """As `_ThirdPartyRefused`, where the record does not say whose contact the number is."""

    of_nobody: _ThirdPartyRefused = field(default_factory=_ThirdPartyRefused)

    def see(self, contact: Contact) -> Breach | None:
        return None if contact.metadata.debtor_id else self.of_nobody.see(contact)


@dataclass(slots=True)
class _WorkplaceObjection:
    """The place of work is dialled after the debtor, or whoever answers there, objected."""

    objection: tuple[Contact, bool] | None = None
    numbers: set[str] = field(default_factory=set)

    def see(self, contact: Contact) -> Breach | None:
        earlier = self.objection
        at_work = bool(_PLACE_OF_WORK.search(contact.metadata.callee_relation or "")) or contact.number in self.numbers
        sure = contact.heard(WORKPLACE)
        if sure is not None:
            self.objection = earlier if earlier and (earlier[1] or not sure) else (contact, sure)
            if contact.number and contact.metadata.callee_role is Role.THIRD_PARTY:
                self.numbers.add(contact.number)
        if earlier is None or not at_work or not contact.outbound:
            return None
        return Breach(_earlier(earlier[0]), earlier[1])


@dataclass(slots=True)
class _WrongNumber:
    """A number dialled again for the same debtor after somebody said that it is not theirs, or again and again though it is invalid."""

    told: dict[str, tuple[Contact, bool]] = field(default_factory=dict)
    invalid: Contact | None = None
    dials: int = 0

    def see(self, contact: Contact) -> Breach | None:
        debtor = contact.metadata.debtor_id or ""
        earlier = self._earlier(debtor)
        sure = contact.heard(WRONG_NUMBER)
        if sure is not None:
            self.told[debtor] = earlier if earlier and (earlier[1] or not sure) else (contact, sure)
        if not contact.outbound:
            return None
        if earlier:
            return Breach(_earlier(earlier[0]), earlier[1])
        if contact.reached:
            self.invalid = None
        elif self.invalid:
            self.dials += 1
            if self.dials >= _INVALID_DIALS:
                return Breach(_earlier(self.invalid) | {"count": str(self.dials)})
        elif contact.metadata.dial_result is DialResult.INVALID_NUMBER:
            self.invalid, self.dials = contact, 0
        return None

    def _earlier(self, debtor: str) -> tuple[Contact, bool] | None:
        """Who answered may not be one debtor and yet another; where a record names no debtor, it counts for all."""
        names = (debtor, "") if debtor else self.told
        return next((self.told[name] for name in names if name in self.told), None)


@dataclass(slots=True)
class _OralPlan:
    """The whole debt is demanded within days after instalments were agreed in a call. Words alone never prove a plan."""

    plan: Contact | None = None

    def see(self, contact: Contact) -> Breach | None:
        earlier = self.plan
        if contact.heard(PLAN) is not None:
            self.plan = contact
        if earlier is None or not contact.outbound or contact.heard(DEMANDED) is None:
            return None
        return Breach(_earlier(earlier), sure=False) if contact.day - earlier.day <= _PLAN_KEPT else None


def _earlier(contact: Contact) -> dict[str, str]:
    return {
        "earlier_call": contact.record.call_id,
        "earlier_start": contact.start.isoformat(timespec="seconds"),
    }


def _cap(
    make: Callable[[int], Check], limit: Callable[[Policy], int | None]
) -> Callable[[Policy, datetime | None], Check | None]:
    def made(policy: Policy, begins: datetime | None) -> Check | None:
        value = limit(policy)
        return make(value) if value else None

    return made


def _conversations(policy: Policy, begins: datetime | None) -> Check | None:
    return _Conversations(policy) if policy.conversations_per_debtor_per_day or policy.informational else None


def _attempts(policy: Policy, begins: datetime | None) -> Check | None:
    limit = policy.attempts_per_number_per_day
    return _Attempts(limit, policy.attempts_count == "all") if limit else None


def _burst(policy: Policy, begins: datetime | None) -> Check | None:
    burst = policy.burst
    return _Burst(burst.attempts, timedelta(minutes=burst.minutes)) if burst else None


def _third_party_early(policy: Policy, begins: datetime | None) -> Check | None:
    needed = policy.third_party_precondition
    return _ThirdPartyEarly(needed.failures, needed.days, begins) if needed else None


_WHO = ("debtor_id", "callee_relation")
CHECKS: dict[str, CheckKind] = {
    "conversations": CheckKind("debtor", ("debtor_id",), _conversations),
    "attempts": CheckKind("number", ("callee_number",), _attempts),
    "burst": CheckKind("number", ("callee_number",), _burst),
    "seven_days": CheckKind("debtor", ("debtor_id",), _cap(_SevenDays, lambda p: p.attempts_per_debt_in_7_days)),
    "after_conversation": CheckKind(
        "debtor", ("debtor_id",), _cap(_AfterConversation, lambda p: p.days_after_conversation)
    ),
    "per_week": CheckKind(
        "debtor", ("debtor_id",), _cap(lambda n: _PerPeriod(n, "week"), lambda p: p.conversations_per_debtor_per_week)
    ),
    "per_month": CheckKind(
        "debtor", ("debtor_id",), _cap(lambda n: _PerPeriod(n, "month"), lambda p: p.conversations_per_debtor_per_month)
    ),
    "third_party_early": CheckKind("debtor", (*_WHO, "connected"), _third_party_early),
    "third_party_refused": CheckKind("debtor", _WHO, lambda policy, begins: _ThirdPartyRefused()),
    "refused_number": CheckKind("number", (), lambda policy, begins: _RefusedNumber()),
    "workplace_objection": CheckKind("debtor", _WHO, lambda policy, begins: _WorkplaceObjection()),
    "wrong_number": CheckKind("number", ("callee_number",), lambda policy, begins: _WrongNumber()),
    "oral_plan": CheckKind("debtor", ("debtor_id",), lambda policy, begins: _OralPlan()),
}
