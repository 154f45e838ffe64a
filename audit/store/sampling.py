"""Second review: what a sampling plan draws, who gives opinions on it, and how far it has got.

A plan is drawn at once, from its seed: the same store and the same seed draw the same. Each agent has a part in it.
"""

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from itertools import combinations
from typing import Any

import sqlalchemy as sa

from audit.errors import InputError
from audit.model.agreement import Agreement, agreement
from audit.model.finding import Severity
from audit.model.labels import LABELS
from audit.model.review import (
    LEADS,
    OF_CALLS,
    OF_FINDINGS,
    REVIEWERS,
    Opinion,
    ReviewState,
    UserRole,
    Verdict,
    review_state,
)
from audit.store import chain
from audit.store import tables as t
from audit.store.database import Store, now
from audit.store.review import add_decision, add_row, decisions_on, reviewer_number
from audit.store.tables import storable

LONGEST_NAME = 100
# Who took a sample and gave no opinion for so long has gone home: others are given it, too.
HELD = timedelta(minutes=20)
_BATCH = 5000


@dataclass(frozen=True, slots=True)
class Draw:
    """What a plan draws: a share (0 to 1) of the findings and one of the calls without findings, of each agent at least so many.

    Empty `labels`, `severities` and `states` mean all of them; signals are drawn only where `labels` names them. `first` and `last` are days
    of calls, both included. Findings that were superseded and calls that were purged are never drawn.
    """

    findings: float = 0.0
    calls: float = 0.0
    at_least: int = 1
    labels: tuple[str, ...] = ()
    severities: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    first: date | None = None
    last: date | None = None
    seed: str = "1"


@dataclass(frozen=True, slots=True)
class Drawn:
    """How many findings and calls without findings were drawn, from how many that fit, of how many agents."""

    findings: int
    findings_of: int
    calls: int
    calls_of: int
    agents: int


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan and how far it has got. `complete`: samples with all opinions. `gone`: samples without all of them that can have no more
    (the call was purged, or an audit no longer finds the finding)."""

    number: int
    name: str
    opinions: int
    blind: bool
    draw: Draw
    drawn: Drawn
    created_by: str
    created_at: datetime
    closed_at: datetime | None
    samples: int
    complete: int
    gone: int

    @property
    def left(self) -> int:
        """Samples that lack opinions and can have them."""
        return self.samples - self.complete - self.gone


@dataclass(frozen=True, slots=True)
class Sample:
    """One thing that was drawn: a finding, or (`finding` None) a call without findings. `number` is its place in the plan, from 1."""

    id: int
    plan: int
    call: int
    finding: int | None
    number: int

    @property
    def verdicts(self) -> tuple[Opinion, ...]:
        """What can be said of it."""
        return OF_CALLS if self.finding is None else OF_FINDINGS


@dataclass(frozen=True, slots=True)
class Group:
    """Agreement in a part of a plan: `kind` is `findings`, `calls`, `label` or `reviewers`, `key` the label or the two names."""

    kind: str
    key: str
    agreement: Agreement


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A sample on which opinions differ: who said what, and the state of the finding now."""

    sample: Sample
    label: str | None
    state: str | None
    said: tuple[tuple[str, Opinion], ...]


@dataclass(frozen=True, slots=True)
class Tally:
    """How often each opinion was given on samples of a kind (`findings`, `calls`) that have all their opinions."""

    kind: str
    samples: int
    counts: dict[Opinion, int]


def hidden_from(connection: sa.Connection, user: int) -> sa.Select[int]:
    """Numbers of the findings on which what others said is hidden from `user`, to be used as a subquery.

    These are the findings of open blind plans that lack opinions and on which the user may give one and has not.
    """
    return (
        sa.select(t.samples.c.finding)
        .join(t.plans, t.plans.c.id == t.samples.c.plan)
        .where(t.plans.c.blind, t.samples.c.finding.is_not(None), awaits(user))
    )


def is_hidden_from(user: int, finding: "sa.Column[Any]") -> sa.ColumnElement[bool]:
    """Whether the finding whose number is in a column is among `hidden_from`: a look at its own samples, where `hidden_from` looks at all
    there are. For findings that the audit in force finds."""
    drawn = (
        sa.select(t.samples.c.id)
        .join(t.plans, t.plans.c.id == t.samples.c.plan)
        # SQLite would take the index that has all samples, and read the row of each.
        .with_hint(t.samples, "INDEXED BY ix_samples_lacking", "sqlite")
        .where(t.samples.c.finding == finding, t.samples.c.lacking, t.plans.c.blind)
    )
    # Every opinion on a finding is a decision, too. So whoever decided nothing on it had no say in any plan, and whoever decided nothing
    # on it since the first of the plans was drawn had a say in all: only of the few between has each sample to be asked.
    decided = sa.exists().where(t.decisions.c.finding == finding, t.decisions.c.reviewer == user)
    no_say = sa.and_(sa.not_(decided.correlate(finding.table)), drawn.correlate(finding.table).exists())
    # Said twice: PostgreSQL looks at all samples at once, and then only at those.
    asked = drawn.where(decided_lately(user, t.samples.c.finding), sa.not_(_had_a_say(user)))
    owes = sa.and_(decided_lately(user, finding), asked.correlate(finding.table).exists())
    return sa.and_(_reviews(user), sa.or_(no_say, owes))


def decided_lately(user: int, finding: "sa.Column[Any]") -> sa.ColumnElement[bool]:
    """Whether the user decided on the finding since the first of the open blind plans was drawn. On what is hidden from the user, all own
    decisions are such."""
    first = sa.select(sa.func.min(t.plans.c.created_at)).where(t.plans.c.blind, t.plans.c.closed_at.is_(None))
    lately = sa.and_(t.decisions.c.reviewer == user, t.decisions.c.decided_at >= first.scalar_subquery())
    return finding.in_(sa.select(t.decisions.c.finding).where(lately))


def hides_something(connection: sa.Connection, user: int) -> bool:
    """Whether there is an open blind plan that may hide something from the user; where there is none, nothing is hidden."""
    lacking = sa.exists().where(t.samples.c.plan == t.plans.c.id, t.samples.c.lacking)
    query = sa.select(t.plans.c.id).where(t.plans.c.blind, t.plans.c.closed_at.is_(None), lacking, _reviews(user))
    return connection.execute(query.limit(1)).first() is not None


def calls_hidden_from(connection: sa.Connection, user: int) -> sa.Select[int]:
    """Numbers of the calls of which `user` owes a blind opinion on whether anything was missed: what others added is hidden."""
    return (
        sa.select(t.samples.c.call)
        .join(t.plans, t.plans.c.id == t.samples.c.plan)
        .where(t.plans.c.blind, t.samples.c.finding.is_(None), awaits(user))
    )


def awaits(user: int) -> sa.ColumnElement[bool]:
    """Whether a sample (joined with its plan) still wants an opinion of this user.

    The plan is open, opinions are lacking, the user is a reviewer who has given none and had not decided on the finding before it was
    drawn: a second look comes from another pair of eyes.
    """
    return sa.and_(t.samples.c.lacking, _is_found(), sa.not_(_had_a_say(user)), _reviews(user))


def create_plan(store: Store, name: str, draw: Draw, opinions: int, blind: bool, reviewer: str) -> tuple[int, Drawn]:
    """Draw a plan; its number, and how many were drawn from how many.

    Raises InputError: CA630 unless the reviewer is a lead, CA623 when the name is taken or cannot be one, CA624 when nothing is drawn,
    CA625 when a value of `draw` or `opinions` is none.
    """
    _check(draw, opinions)
    name = name.strip()
    # Drawing takes seconds where there are many calls; meanwhile others write. What changes in between is gone, as what changes later.
    with store.reading() as connection:
        chosen, drawn = _drawn(connection, draw)
    with store.writing() as connection:
        user = lead_number(connection, reviewer)
        taken = connection.execute(sa.select(t.plans.c.id).where(t.plans.c.name == name)).scalar()
        if taken is not None or not 0 < len(name) <= LONGEST_NAME or storable(name) != name:
            raise InputError("CA623", name[:LONGEST_NAME], most=LONGEST_NAME)
        if not chosen:
            raise InputError("CA624", findings=drawn.findings_of, calls=drawn.calls_of)
        plan = add_row(
            connection,
            t.plans,
            name=name,
            opinions=opinions,
            blind=blind,
            record=json.dumps({"draw": asdict(draw), "drawn": asdict(drawn)}, ensure_ascii=False, default=str),
            created_by=user,
            created_at=now(),
        )
        rows = [
            {"plan": plan, "call": call, "finding": finding, "number": place, "lacking": True}
            for place, (call, finding) in enumerate(chosen, 1)
        ]
        for first in range(0, len(rows), _BATCH):
            connection.execute(t.samples.insert(), rows[first : first + _BATCH])
        purged = sa.select(t.calls.c.id).where(t.calls.c.purged_at.is_not(None))
        gone = sa.and_(t.samples.c.plan == plan, t.samples.c.call.in_(purged))
        connection.execute(t.samples.update().where(gone).values(lacking=False))
        facts: dict[str, int] = {"findings": drawn.findings, "calls": drawn.calls, "opinions": opinions}
        chain.append(connection, reviewer, "plan", f"plan:{plan}", blind=int(blind), **facts)
        return plan, drawn


def close_plan(store: Store, plan: int, reviewer: str) -> None:
    """Take no more opinions; what was hidden is shown. Raises InputError: CA611 no such open plan, CA630 unless the reviewer is a lead."""
    with store.writing() as connection:
        lead_number(connection, reviewer)
        still_open = sa.and_(t.plans.c.id == plan, t.plans.c.closed_at.is_(None))
        if not connection.execute(t.plans.update().where(still_open).values(closed_at=now())).rowcount:
            raise InputError("CA611", f"plan:{plan}")
        lacking = sa.and_(t.samples.c.plan == plan, t.samples.c.lacking)
        connection.execute(t.samples.update().where(lacking).values(lacking=False))
        chain.append(connection, reviewer, "close_plan", f"plan:{plan}")


def plans(connection: sa.Connection) -> list[Plan]:
    """All plans, open ones first, the latest first."""
    order = (t.plans.c.closed_at.is_not(None), t.plans.c.id.desc())
    return _plans(connection, sa.true(), order)


def plan_of(connection: sa.Connection, number: int) -> Plan:
    """The plan with this number; raises InputError CA611 when there is none."""
    found = _plans(connection, t.plans.c.id == number, ())
    if not found:
        raise InputError("CA611", f"plan:{number}")
    return found[0]


def sample_of(connection: sa.Connection, number: int) -> Sample:
    """The sample with this number (`id`); raises InputError CA611 when there is none, or when its call was purged."""
    kept = sa.and_(t.samples.c.id == number, t.calls.c.purged_at.is_(None))
    row = connection.execute(sa.select(t.samples).join(t.calls).where(kept)).one_or_none()
    if row is None:
        raise InputError("CA611", f"sample:{number}")
    return _sample(row)


def left_for(connection: sa.Connection, plan: int, user: int) -> int:
    """How many samples of the plan want an opinion of this user."""
    query = sa.select(sa.func.count()).select_from(t.samples.join(t.plans))
    return int(connection.execute(query.where(t.samples.c.plan == plan, awaits(user))).scalar_one())


def given_by(connection: sa.Connection, plan: int) -> list[tuple[str, int]]:
    """How many opinions each reviewer gave in the plan, those with most first."""
    count = sa.func.count()
    query = (
        sa.select(t.users.c.name, count)
        .select_from(t.opinions.join(t.samples).join(t.users, t.users.c.id == t.opinions.c.reviewer))
        .where(t.samples.c.plan == plan)
        .group_by(t.users.c.name)
        .order_by(count.desc(), t.users.c.name)
    )
    return [(name, number) for name, number in connection.execute(query).all()]


def own_opinion(connection: sa.Connection, sample: int, user: int) -> Opinion | None:
    """What the user said of the sample."""
    own = sa.and_(t.opinions.c.sample == sample, t.opinions.c.reviewer == user)
    said = connection.execute(sa.select(t.opinions.c.verdict).where(own)).scalar()
    return None if said is None else Opinion(said)


def wanted_from(connection: sa.Connection, sample: int, user: int) -> bool:
    """Whether the sample wants an opinion of this user."""
    query = sa.select(t.samples.c.id).join(t.plans).where(t.samples.c.id == sample, awaits(user))
    return connection.execute(query).scalar() is not None


def next_sample(store: Store, plan: int, reviewer: str) -> Sample | None:
    """The next sample of the plan for this reviewer, who holds it for `HELD`; None when nothing is left.

    The one the reviewer holds comes first; then those that nobody else looks at, so that two do not do the same, and of these those that
    have an opinion already. Raises InputError CA611 when there is no such plan, CA612 when the reviewer may not decide.
    """
    with store.writing() as connection:
        user = reviewer_number(connection, reviewer)
        plan_of(connection, plan)
        since = now() - HELD
        live = sa.and_(t.pulls.c.sample == t.samples.c.id, t.pulls.c.pulled_at > since)
        mine = sa.exists().where(live, t.pulls.c.reviewer == user)
        given = sa.exists().where(t.opinions.c.sample == t.pulls.c.sample, t.opinions.c.reviewer == t.pulls.c.reviewer)
        others = sa.select(sa.func.count()).where(live, t.pulls.c.reviewer != user, sa.not_(given)).scalar_subquery()
        order = (sa.not_(mine), _given() + others >= t.plans.c.opinions, others, _given().desc(), t.samples.c.number)
        query = sa.select(t.samples).join(t.plans).where(t.samples.c.plan == plan, awaits(user)).order_by(*order)
        row = connection.execute(query.limit(1)).one_or_none()
        if row is None:
            return None
        own = sa.and_(t.pulls.c.sample == row.id, t.pulls.c.reviewer == user)
        if not connection.execute(t.pulls.update().where(own).values(pulled_at=now())).rowcount:
            add_row(connection, t.pulls, sample=row.id, reviewer=user, pulled_at=now())
        return _sample(row)


def give_opinion(
    store: Store, sample: int, reviewer: str, verdict: Opinion, *, reason: str = "", comment: str = ""
) -> int:
    """Say what a sample is; the opinion's number. On a finding it is a decision, too, in the same transaction.

    Raises InputError: CA611 no such sample, CA612 the reviewer may not decide, CA614 a dismissal without a reason, CA620 when the sample
    takes no more opinions, CA621 when this reviewer had a say already, CA622 when the verdict is not for a sample of this kind.
    """
    with store.writing() as connection:
        user = reviewer_number(connection, reviewer)
        drawn = sample_of(connection, sample)
        check_verdict(verdict.value, [known.value for known in drawn.verdicts])
        with_plan = sa.select(t.samples.c.id).join(t.plans).where(t.samples.c.id == sample)
        if connection.execute(with_plan.where(_had_a_say(user))).scalar() is not None:
            raise InputError("CA621", f"sample:{sample}")
        if connection.execute(with_plan.where(awaits(user))).scalar() is None:
            raise InputError("CA620", f"sample:{sample}")
        decision = None
        if drawn.finding is not None:
            said = Verdict(verdict.value)
            # How far reviewers agree is asked of what was ruled on, too.
            decision, _ = add_decision(connection, drawn.finding, reviewer, said, reason, comment, after_ruling=True)
        number = add_row(
            connection,
            t.opinions,
            sample=sample,
            call=drawn.call,
            reviewer=user,
            decision=decision,
            verdict=verdict.value,
            comment=comment,
            given_at=now(),
        )
        asked = sa.select(t.plans.c.opinions).where(t.plans.c.id == t.samples.c.plan).scalar_subquery()
        has_all = sa.and_(t.samples.c.id == sample, _given() >= asked)
        connection.execute(t.samples.update().where(has_all).values(lacking=False))
        chain.append(connection, reviewer, "opinion", f"sample:{sample}", opinion=number, verdict=verdict.value)
        return number


def decide_in_view(
    connection: sa.Connection, finding: int, reviewer: str, verdict: Verdict, reason: str, comment: str
) -> tuple[int, ReviewState]:
    """Decide on a finding (in `Store.writing`); the decision's number, and the state as far as the reviewer may know it.

    Raises InputError as `audit.store.review.decide`. To who owes a blind opinion on the finding, others have said nothing: the state is
    that of the reviewer's own decisions, and a ruling, which a refusal would tell of, stands in nobody's way.
    """
    user = reviewer_number(connection, reviewer)
    hidden = hidden_from(connection, user).where(t.samples.c.finding == finding)
    is_hidden = connection.execute(hidden.limit(1)).first() is not None
    number, state = add_decision(connection, finding, reviewer, verdict, reason, comment, after_ruling=is_hidden)
    if not is_hidden:
        return number, state
    return number, review_state([made for made in decisions_on(connection, finding) if made.reviewer == user])


def check_verdict(given: str, known: Sequence[str]) -> None:
    """Raise InputError CA622 unless `given` is one of `known`."""
    if given not in known:
        raise InputError("CA622", given=given, known=", ".join(known))


def agreement_in(connection: sa.Connection, plan: int) -> list[Group]:
    """Agreement over the samples of a plan that have two opinions: findings, calls, each label, and each two reviewers where there are
    more than two. The reviewer with the lower number is the first of a pair."""
    pairs = [(row.label, row.finding is not None, said) for row, said in _said(connection, plan) if len(said) == 2]
    of_findings = [pair for pair in pairs if pair[1]]
    groups = [Group("findings", "", _agreement(of_findings, OF_FINDINGS))] if of_findings else []
    if of_calls := [pair for pair in pairs if not pair[1]]:
        groups.append(Group("calls", "", _agreement(of_calls, OF_CALLS)))
    by_label, by_two = defaultdict(list), defaultdict(list)
    for pair in of_findings:
        by_label[pair[0]].append(pair)
        by_two[" · ".join(name for name, _ in pair[2])].append(pair)
    for kind, parts in (("label", by_label), ("reviewers", by_two if len(by_two) > 1 else {})):
        groups += [Group(kind, key, _agreement(parts[key], OF_FINDINGS)) for key in sorted(parts)]
    return groups


def tallies(connection: sa.Connection, plan: int) -> list[Tally]:
    """What the opinions of a plan say, of findings and of calls; samples that lack opinions are left out, so that nothing is told early."""
    said = _said(connection, plan)
    told = []
    for kind, verdicts in (("findings", OF_FINDINGS), ("calls", OF_CALLS)):
        of_kind = [opinions for row, opinions in said if (row.finding is not None) == (kind == "findings")]
        given = Counter(opinion for opinions in of_kind for _, opinion in opinions)
        if of_kind:
            told.append(Tally(kind, len(of_kind), {verdict: given[verdict] for verdict in verdicts}))
    return told


def disagreements(connection: sa.Connection, plan: int) -> list[Disagreement]:
    """Samples of a plan that have all their opinions, not all the same, in the order in which they were drawn."""
    return [
        Disagreement(_sample(row), row.label, row.state, said)
        for row, said in _said(connection, plan)
        if any(a[1] is not b[1] for a, b in combinations(said, 2))
    ]


def lead_number(connection: sa.Connection, name: str) -> int:
    """The number of the user of this name; raises InputError CA612 unless it may review, CA630 unless it is a lead."""
    user = reviewer_number(connection, name)
    role = connection.execute(sa.select(t.users.c.role).where(t.users.c.id == user)).scalar_one()
    if UserRole(role) not in LEADS:
        raise InputError("CA630", name)
    return user


def _given() -> sa.ScalarSelect[int]:
    """How many opinions a sample has."""
    query = sa.select(sa.func.count()).where(t.opinions.c.sample == t.samples.c.id)
    return query.correlate(t.samples).scalar_subquery()


def _is_found() -> sa.ColumnElement[bool]:
    """Whether the audit in force still finds what was drawn; in calls without findings there is nothing to be found."""
    found = sa.exists().where(t.findings.c.id == t.samples.c.finding, t.findings.c.superseded_by.is_(None))
    return sa.or_(t.samples.c.finding.is_(None), found)


def _live() -> sa.ColumnElement[bool]:
    """Whether there is still something to look at: the call was not purged, the audit in force finds the finding."""
    kept = sa.exists().where(t.calls.c.id == t.samples.c.call, t.calls.c.purged_at.is_(None))
    return sa.and_(kept, _is_found())


def _reviews(user: int) -> sa.ColumnElement[bool]:
    """Whether the user may give opinions."""
    roles = [role.value for role in REVIEWERS]
    return sa.exists().where(t.users.c.id == user, t.users.c.role.in_(roles), t.users.c.disabled_at.is_(None))


def _had_a_say(user: int) -> sa.ColumnElement[bool]:
    """Whether the user gave an opinion on a sample, or had decided on its finding before it was drawn."""
    own = sa.exists().where(t.opinions.c.sample == t.samples.c.id, t.opinions.c.reviewer == user)
    decided = sa.exists().where(
        t.decisions.c.finding == t.samples.c.finding,
        t.decisions.c.reviewer == user,
        t.decisions.c.decided_at < t.plans.c.created_at,
    )
    return sa.or_(own, decided)


def _check(draw: Draw, opinions: int) -> None:
    """Raise InputError CA625 for the first value that is none."""
    share, known = "0-1", {"labels": LABELS, "severities": list(Severity), "states": list(ReviewState)}
    wrong: list[tuple[str, object, str]] = [
        (field, value, share)
        for field, value in (("findings", draw.findings), ("calls", draw.calls))
        if not 0 <= value <= 1
    ]
    if not 0 <= draw.at_least <= 1000:
        wrong.append(("at_least", draw.at_least, "0-1000"))
    if opinions not in (1, 2):
        wrong.append(("opinions", opinions, "1, 2"))
    for field, words in known.items():
        wrong += [(field, word, ", ".join(words)) for word in getattr(draw, field) if word not in words]
    if draw.first and draw.last and draw.first > draw.last:
        wrong.append(("first", draw.first, f"≤ {draw.last}"))
    if not 0 < len(draw.seed) <= LONGEST_NAME or storable(draw.seed) != draw.seed:
        wrong.append(("seed", storable(draw.seed)[:LONGEST_NAME], f"1-{LONGEST_NAME}"))
    for field, value, can_be in wrong[:1]:
        raise InputError("CA625", field=field, given=str(value), known=can_be)


def _drawn(connection: sa.Connection, draw: Draw) -> tuple[list[tuple[int, int | None]], Drawn]:
    """What is drawn, as call and finding, in an order that mixes agents and kinds; and the counts."""
    findings, calls = _findings_that_fit(connection, draw), _calls_that_fit(connection, draw)
    chosen = [
        *_stratified(findings, draw.findings, draw.at_least, f"{draw.seed}:finding"),
        *_stratified(calls, draw.calls, draw.at_least, f"{draw.seed}:call"),
    ]
    agents = len({row.agent_id for row in chosen})
    made = [(row.call, row.finding) for row in chosen]
    made.sort(key=lambda pair: _lot(f"{draw.seed}:order", *pair))
    found = sum(finding is not None for _, finding in made)
    return made, Drawn(found, len(findings), len(made) - found, len(calls), agents)


def _findings_that_fit(connection: sa.Connection, draw: Draw) -> Sequence[sa.Row[Any]]:
    f = t.findings.c
    query: sa.Select[Any] = (
        sa.select(f.call, f.id.label("finding"), f.agent_id)
        .join(t.calls)
        .where(f.superseded_by.is_(None), t.calls.c.purged_at.is_(None), *_in_days(f.day, draw))
    )
    for column, words in ((f.severity, draw.severities), (f.state, draw.states)):
        query = query.where(column.in_(words)) if words else query
    query = query.where(f.label.in_(draw.labels) if draw.labels else sa.not_(f.label.startswith("signal.")))
    return connection.execute(query).all()


def _calls_that_fit(connection: sa.Connection, draw: Draw) -> Sequence[sa.Row[Any]]:
    """Calls of those days in which the audit in force finds no breach; signals are none."""
    f, c = t.findings.c, t.calls.c
    breach = sa.exists().where(f.call == c.id, f.superseded_by.is_(None), sa.not_(f.label.startswith("signal.")))
    none = sa.literal(None, sa.Integer).label("finding")
    query: sa.Select[Any] = sa.select(c.id.label("call"), none, c.agent_id).where(
        c.purged_at.is_(None), sa.not_(breach)
    )
    return connection.execute(query.where(*_in_days(c.day, draw))).all()


def _in_days(column: "sa.Column[Any]", draw: Draw) -> Iterable[sa.ColumnElement[bool]]:
    if draw.first:
        yield column >= draw.first
    if draw.last:
        yield column <= draw.last


def _stratified(rows: Sequence[sa.Row[Any]], share: float, at_least: int, seed: str) -> list[sa.Row[Any]]:
    """`share` of the rows in all and of each agent's, to the nearest whole (what is left over goes to the largest remainders), but of each
    agent `at_least` so many, or all there are. A share of 0 draws nothing."""
    if not share:
        return []
    by_agent: Mapping[str | None, list[sa.Row[Any]]] = defaultdict(list)
    for row in rows:
        by_agent[row.agent_id].append(row)
    quota = {agent: share * len(own) for agent, own in by_agent.items()}
    over = round(share * len(rows)) - sum(int(part) for part in quota.values())
    remainders = sorted(quota, key=lambda agent: (int(quota[agent]) - quota[agent], _lot(seed, agent)))
    one_more = set(remainders[: max(0, over)])
    chosen = []
    for agent, own in by_agent.items():
        part = max(at_least, int(quota[agent]) + (agent in one_more))
        chosen += sorted(own, key=lambda row: _lot(seed, row.call, row.finding))[:part]
    return chosen


def _lot(seed: str, *what: object) -> bytes:
    """Where chance puts something: the same seed puts it in the same place on every machine."""
    return hashlib.sha256("\x1f".join([seed, *map(str, what)]).encode()).digest()


def _plans(connection: sa.Connection, which: sa.ColumnElement[bool], order: Iterable[Any]) -> list[Plan]:
    query = (
        sa.select(t.plans, t.users.c.name.label("creator"))
        .join(t.users, t.users.c.id == t.plans.c.created_by)
        .where(which)
        .order_by(*order)
    )
    rows = connection.execute(query).all()
    complete = _given() >= t.plans.c.opinions
    counts = {
        row.plan: row
        for row in connection.execute(
            sa.select(
                t.samples.c.plan,
                sa.func.count().label("samples"),
                sa.func.sum(sa.case((complete, 1), else_=0)).label("complete"),
                sa.func.sum(sa.case((sa.and_(sa.not_(complete), sa.not_(_live())), 1), else_=0)).label("gone"),
            )
            .join(t.plans)
            .where(which)
            .group_by(t.samples.c.plan)
        )
    }
    return [_plan(row, counts[row.id]) for row in rows]


def _plan(row: sa.Row[Any], counts: sa.Row[Any]) -> Plan:
    record = json.loads(row.record)
    fields: dict[str, Any] = record["draw"]
    fields |= {name: tuple(fields[name]) for name in ("labels", "severities", "states")}
    fields |= {name: fields[name] and date.fromisoformat(fields[name]) for name in ("first", "last")}
    return Plan(
        number=row.id,
        name=row.name,
        opinions=row.opinions,
        blind=row.blind,
        draw=Draw(**fields),
        drawn=Drawn(**record["drawn"]),
        created_by=row.creator,
        created_at=row.created_at,
        closed_at=row.closed_at,
        samples=counts.samples,
        complete=int(counts.complete),
        gone=int(counts.gone),
    )


def _sample(row: sa.Row[Any]) -> Sample:
    return Sample(row.id, row.plan, row.call, row.finding, row.number)


def _said(connection: sa.Connection, plan: int) -> list[tuple[sa.Row[Any], tuple[tuple[str, Opinion], ...]]]:
    """The samples of a plan that have all their opinions, with the names and opinions in the order of the reviewers' numbers."""
    query = (
        sa.select(
            t.samples,
            t.findings.c.label,
            t.findings.c.state,
            t.users.c.name.label("reviewer"),
            t.opinions.c.verdict,
        )
        .select_from(
            t.opinions.join(t.samples)
            .join(t.plans)
            .join(t.users, t.users.c.id == t.opinions.c.reviewer)
            .outerjoin(t.findings, t.findings.c.id == t.samples.c.finding)
        )
        .where(t.samples.c.plan == plan, _given() >= t.plans.c.opinions)
        .order_by(t.samples.c.number, t.opinions.c.reviewer)
    )
    of_sample: dict[int, tuple[sa.Row[Any], tuple[tuple[str, Opinion], ...]]] = {}
    for row in connection.execute(query):
        _, before = of_sample.get(row.id, (row, ()))
        of_sample[row.id] = row, (*before, (row.reviewer, Opinion(row.verdict)))
    return list(of_sample.values())


def _agreement(pairs: Sequence[Any], categories: Sequence[Opinion]) -> Agreement:
    said = [(first.value, second.value) for _, _, ((_, first), (_, second)) in pairs]
    return agreement(said, [category.value for category in categories])
