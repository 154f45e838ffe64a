"""Second review: what a sampling plan draws, who gives opinions on it, and how far it has got."""

import sqlalchemy as sa

from audit.model.review import REVIEWERS
from audit.store import tables as t


def hidden_from(connection: sa.Connection, user: int) -> sa.Select[tuple[int]]:
    """Numbers of the findings on which what others said is hidden from `user`, to be used as a subquery.

    These are the findings of open blind plans that lack opinions and on which the user may give one and has not.
    """
    return (
        sa.select(t.samples.c.finding)
        .join(t.plans, t.plans.c.id == t.samples.c.plan)
        .where(t.plans.c.blind, t.samples.c.finding.is_not(None), awaits(user))
    )


def awaits(user: int) -> sa.ColumnElement[bool]:
    """Whether a sample (joined with its plan) still wants an opinion of this user.

    The plan is open, opinions are lacking, the user is a reviewer who has given none and had not decided on the finding before it was
    drawn: a second look comes from another pair of eyes.
    """
    given = sa.select(sa.func.count()).where(t.opinions.c.sample == t.samples.c.id).scalar_subquery()
    own = sa.exists().where(t.opinions.c.sample == t.samples.c.id, t.opinions.c.reviewer == user)
    decided = sa.exists().where(
        t.decisions.c.finding == t.samples.c.finding,
        t.decisions.c.reviewer == user,
        t.decisions.c.decided_at < t.plans.c.created_at,
    )
    reviews = sa.exists().where(
        t.users.c.id == user, t.users.c.role.in_([role.value for role in REVIEWERS]), t.users.c.disabled_at.is_(None)
    )
    return sa.and_(t.plans.c.closed_at.is_(None), given < t.plans.c.opinions, sa.not_(own), sa.not_(decided), reviews)
