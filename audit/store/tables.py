"""The tables. Text that people said is kept as JSON in `record` columns, exactly; what is searched and sorted by has columns.

Migrations make the tables (`migrations/versions`); a test holds that they make these.
"""

import hashlib
import re
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


class Moment(sa.types.TypeDecorator[datetime]):
    """A moment in UTC, to the microsecond, on both engines."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        """Refuse moments without an offset: they are nobody's time."""
        if value is not None and value.tzinfo is None:
            raise ValueError("a moment needs an offset")
        return value and value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        """SQLite forgets the offset, PostgreSQL answers in the session's."""
        return value and (value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC))


class Words(sa.types.TypeDecorator[str]):
    """Text as PostgreSQL can hold it, on both engines: see `storable`."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Any) -> str | None:
        """What a transcript or a file name may hold need not be what a database holds."""
        return value and storable(value)


class Tokens(sa.types.TypeDecorator[list[str]]):
    """A set of tokens without blanks in them, as each engine's index takes them: an array, or one text (SQLite)."""

    impl = sa.Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Any) -> Any:
        """An array where there are any."""
        return dialect.type_descriptor(sa.Text() if dialect.name == "sqlite" else sa.ARRAY(sa.Text()))

    def process_bind_param(self, value: list[str] | None, dialect: Any) -> Any:
        """SQLite's index parts the tokens at blanks."""
        return " ".join(value) if value is not None and dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Any) -> list[str] | None:
        """The tokens, whichever engine kept them."""
        return value.split() if isinstance(value, str) else value


def storable(text: str) -> str:
    """`text` as PostgreSQL can hold it, as long as before: NUL and lone surrogates are replaced.

    >>> storable("还\\x00钱")
    '还\ufffd钱'
    """
    return _UNSTORABLE.sub("\ufffd", text)


def storable_id(text: str) -> str:
    """An id as PostgreSQL can hold it; ids that differ stay different."""
    if storable(text) == text:
        return text
    return f"{storable(text)}-{hashlib.sha256(text.encode(errors='surrogatepass')).hexdigest()[:8]}"


metadata = sa.MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)


def _column(name: str, kind: Any, *more: Any, **options: Any) -> "sa.Column[Any]":
    return sa.Column(name, kind, *more, **({"nullable": False} | options))


def _number() -> "sa.Column[Any]":
    return sa.Column("id", sa.Integer, primary_key=True)


def _ref(name: str, table: str, **options: Any) -> "sa.Column[Any]":
    return _column(name, sa.Integer, sa.ForeignKey(f"{table}.id"), **options)


calls = sa.Table(
    "calls",
    metadata,
    _number(),
    _column("call_id", Words, unique=True),
    _column("source_path", Words),
    _column("source_sha256", Words),
    _column("source_kind", Words),
    _column("source_line", sa.Integer, nullable=True),
    _column("audio_path", Words, nullable=True),
    _column("audio_sha256", Words, nullable=True),
    _column("audio_state", Words, nullable=True),
    _column("audio_checked_at", Moment, nullable=True),
    _column("started_at", Moment, nullable=True),
    _column("day", sa.Date),
    _column("agent_id", Words, nullable=True),
    _column("team", Words, nullable=True),
    _column("verdict", Words),
    _column("score", sa.Integer),
    _column("metadata", Words),
    _column("purged_at", Moment, nullable=True),
    # How many violations the audit in force found, counted in both ways (see audit/store/violations.py): follows from the findings.
    _column("suspected", sa.Integer, server_default=sa.text("0")),
    _column("confirmed", sa.Integer, server_default=sa.text("0")),
    sa.Index("ix_calls_score", "score", "id"),
    # Statistics of all calls read nothing else.
    sa.Index("ix_calls_day", "day", "team", "agent_id", "suspected", "confirmed"),
    sa.Index("ix_calls_team", "team", "day", "agent_id", "suspected", "confirmed"),
    sa.Index("ix_calls_agent", "agent_id", "day", "team", "suspected", "confirmed"),
)

runs = sa.Table(
    "runs",
    metadata,
    _number(),
    _column("sha256", Words, unique=True),
    _column("started_at", Moment),
    _column("finished_at", Moment),
    _column("record", Words),
)

transcripts = sa.Table(
    "transcripts",
    metadata,
    _number(),
    _ref("call", "calls"),
    _column("digest", Words),
    _column("turns", sa.Integer),
    sa.UniqueConstraint("call", "digest"),
)

turns = sa.Table(
    "turns",
    metadata,
    sa.Column("transcript", sa.Integer, sa.ForeignKey("transcripts.id"), primary_key=True, autoincrement=False),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    _ref("call", "calls"),
    _column("role", Words),
    _column("text", Words),
    _column("record", Words),
    sa.Index("ix_turns_call", "call"),
)

audits = sa.Table(
    "audits",
    metadata,
    _number(),
    _ref("call", "calls"),
    _ref("run", "runs"),
    _ref("transcript", "transcripts"),
    _column("digest", Words),
    _column("rules_sha256", Words),
    _column("policy", Words),
    _column("callaudit_version", Words),
    _column("audited_at", Moment),
    _column("imported_at", Moment),
    _column("verdict", Words),
    _column("score", sa.Integer),
    _column("findings", sa.Integer),
    _column("record", Words),
    _column("current", sa.Boolean),
    sa.Index("ix_audits_call", "call"),
    sa.Index("ix_audits_run", "run"),
    # A call has one audit in force.
    sa.Index(
        "uq_audits_current", "call", unique=True, sqlite_where=sa.text("current"), postgresql_where=sa.text("current")
    ),
)

# What officers decide on: the same suspicion through all audits of its call. All but call and fingerprint is as in the last
# sighting, or follows from the decisions, and is here so that the queue reads one table.
findings = sa.Table(
    "findings",
    metadata,
    _number(),
    _ref("call", "calls"),
    _column("fingerprint", Words),
    _ref("superseded_by", "audits", nullable=True),
    _column("state", Words),
    _column("turn", sa.Integer, nullable=True),
    _column("start_char", sa.Integer, nullable=True),
    _column("label", Words),
    _column("rule", Words),
    _column("severity", Words),
    _column("rank", sa.Integer),
    _column("confidence", sa.Float),
    _column("waits", sa.Boolean),
    _column("day", sa.Date),
    _column("agent_id", Words, nullable=True),
    _column("team", Words, nullable=True),
    # Seconds from the audit to the first decision; NULL where nobody decided.
    _column("waited_s", sa.Float, nullable=True),
    sa.Index("ix_findings_call", "call"),
    sa.Index(
        "ix_findings_waited",
        *("waited_s", "label", "day", "agent_id", "team"),
        sqlite_where=sa.text("waited_s IS NOT NULL"),
        postgresql_where=sa.text("waited_s IS NOT NULL"),
    ),
)
_WORST_FIRST = (findings.c.rank.desc(), findings.c.confidence.desc(), findings.c.id)
_IN_QUEUE: Any = {
    "sqlite_where": sa.text("superseded_by IS NULL"),
    "postgresql_where": sa.text("superseded_by IS NULL"),
}
for _by in ("state", "label", "agent_id", "team", "day"):
    sa.Index(f"ix_findings_queue_{_by}", findings.c[_by], *_WORST_FIRST, **_IN_QUEUE)
# The queue is of breaches or of signals. Of the two indexes of each, one holds all that the queue filters by: whatever is asked, one walk
# answers. By the other all of it is counted.
_FILTERED_BY = ("state", "severity", "label", "rule", "day", "agent_id", "team", "waits", "call")
for _name, _is in (("breaches", "<>"), ("signals", "=")):
    _of_kind = sa.text(f"superseded_by IS NULL AND substr(label, 1, 7) {_is} 'signal.'")
    _columns = [*_WORST_FIRST, *(findings.c[name] for name in _FILTERED_BY)]
    _counted = (findings.c.state, findings.c.severity)
    sa.Index(f"ix_findings_{_name}", *_columns, sqlite_where=_of_kind, postgresql_where=_of_kind)
    sa.Index(f"ix_findings_{_name}_counted", *_counted, sqlite_where=_of_kind, postgresql_where=_of_kind)
# Statistics of rules read nothing else.
_OF_RULES = [findings.c[name] for name in ("rule", "state", "label", "day", "agent_id", "team")]
sa.Index("ix_findings_rules", *_OF_RULES, **_IN_QUEUE)
# Those of labels read label after label, and of each call after call.
_OF_LABELS = [findings.c[name] for name in ("label", "call", "state", "waits", "day", "agent_id", "team")]
sa.Index("ix_findings_labels", *_OF_LABELS, **_IN_QUEUE)

# What one audit said of a finding. Never changed.
sightings = sa.Table(
    "sightings",
    metadata,
    _number(),
    _ref("finding", "findings"),
    _ref("audit", "audits"),
    _ref("call", "calls"),
    _column("number", sa.Integer),
    _column("label", Words),
    _column("rule", Words),
    _column("severity", Words),
    _column("confidence", sa.Float),
    _column("quote", Words),
    _column("record", Words),
    sa.UniqueConstraint("audit", "number"),
    sa.Index("ix_sightings_finding", "finding"),
    sa.Index("ix_sightings_call", "call"),
)

users = sa.Table(
    "users",
    metadata,
    _number(),
    _column("name", Words, unique=True),
    _column("role", Words),
    _column("password_hash", Words, nullable=True),
    # Until when a password that somebody else made may be changed for one's own; NULL for one's own.
    _column("password_until", Moment, nullable=True),
    _column("created_at", Moment),
    _column("disabled_at", Moment, nullable=True),
)

decisions = sa.Table(
    "decisions",
    metadata,
    _number(),
    _ref("finding", "findings"),
    _ref("call", "calls"),
    _ref("sighting", "sightings"),
    _ref("reviewer", "users"),
    _column("verdict", Words),
    _ref("undoes", "decisions", nullable=True, unique=True),
    _column("reason", Words),
    _column("comment", Words),
    _column("decided_at", Moment),
    sa.Index("ix_decisions_finding", "finding", "id"),
    sa.Index("ix_decisions_reviewer", "reviewer", "decided_at"),
    sa.Index("ix_decisions_call", "call"),
    # Whether somebody had a say on a finding is asked of each that a blind plan drew.
    sa.Index("ix_decisions_by", "finding", "reviewer", "decided_at"),
)

corrections = sa.Table(
    "corrections",
    metadata,
    _number(),
    _ref("call", "calls"),
    _ref("transcript", "transcripts"),
    _ref("reviewer", "users"),
    _column("kind", Words),
    _column("turn", sa.Integer, nullable=True),
    _column("value", Words),
    _ref("undoes", "corrections", nullable=True, unique=True),
    _column("corrected_at", Moment),
    sa.Index("ix_corrections_call", "call", "id"),
)

missed = sa.Table(
    "missed",
    metadata,
    _number(),
    _ref("call", "calls"),
    _ref("transcript", "transcripts"),
    _ref("reviewer", "users"),
    _column("label", Words),
    _column("turn", sa.Integer, nullable=True),
    _column("start_char", sa.Integer, nullable=True),
    _column("end_char", sa.Integer, nullable=True),
    _column("quote", Words),
    _column("comment", Words),
    _ref("withdraws", "missed", nullable=True, unique=True),
    _column("added_at", Moment),
    sa.Index("ix_missed_call", "call", "id"),
    sa.Index("ix_missed_label", "label"),
)

purges = sa.Table(
    "purges",
    metadata,
    _number(),
    _column("before", sa.Date),
    _column("calls", sa.Integer),
    _column("purged_at", Moment),
)

# What is searched: the words of the transcript in force, masked. `masked` is JSON, a list of [number, role, start in seconds, text] by
# turn; then, by role, the same words folded for comparison; then their tokens, which have an index. See audit/store/search.py.
spoken = sa.Table(
    "spoken",
    metadata,
    sa.Column("call", sa.Integer, sa.ForeignKey("calls.id"), primary_key=True, autoincrement=False),
    _ref("transcript", "transcripts"),
    _column("masked", Words),
    _column("agent", Words),
    _column("debtor", Words),
    _column("third_party", Words),
    _column("unknown", Words),
    _column("tokens", Tokens),
    sa.Index("ix_spoken_tokens", "tokens", postgresql_using="gin").ddl_if(dialect="postgresql"),
)

# Who is signed in. The browser holds the token, the store its SHA-256: who reads the store cannot sign in with it.
sessions = sa.Table(
    "sessions",
    metadata,
    _number(),
    _column("digest", Words, unique=True),
    _ref("user", "users"),
    _column("csrf", Words),
    _column("created_at", Moment),
    _column("seen_at", Moment),
    sa.Index("ix_sessions_user", "user"),
)

# Failed sign-ins, for the limit on them: `subject` is a name or an address, hashed.
attempts = sa.Table(
    "attempts",
    metadata,
    _number(),
    _column("subject", Words),
    _column("at", Moment),
    sa.Index("ix_attempts_subject", "subject", "at"),
)

tokens = sa.Table(
    "tokens",
    metadata,
    _number(),
    _ref("user", "users"),
    _column("name", Words),
    _column("digest", Words, unique=True),
    _column("created_at", Moment),
    _column("expires_at", Moment),
    _column("used_at", Moment, nullable=True),
    _column("revoked_at", Moment, nullable=True),
    sa.Index("ix_tokens_user", "user"),
)

views = sa.Table(
    "views",
    metadata,
    _number(),
    _ref("user", "users"),
    _column("name", Words),
    _column("query", Words),
    _column("created_at", Moment),
    sa.UniqueConstraint("user", "name"),
)

# A sampling plan for second review; `record` is JSON: what was drawn from what, how much, with what seed, how many opinions each.
plans = sa.Table(
    "plans",
    metadata,
    _number(),
    _column("name", Words, unique=True),
    _column("opinions", sa.Integer),
    _column("blind", sa.Boolean),
    _column("record", Words),
    _ref("created_by", "users"),
    _column("created_at", Moment),
    _column("closed_at", Moment, nullable=True),
)

# What a plan drew: a finding, or (`finding` NULL) a call without findings. `lacking`: it takes opinions: the plan is open, the call was not
# purged, and there are not all of them yet.
samples = sa.Table(
    "samples",
    metadata,
    _number(),
    _ref("plan", "plans"),
    _ref("call", "calls"),
    _ref("finding", "findings", nullable=True),
    _column("number", sa.Integer),
    _column("lacking", sa.Boolean),
    sa.UniqueConstraint("plan", "number"),
    sa.Index("ix_samples_call", "call"),
    sa.Index("ix_samples_finding", "finding"),
    sa.Index(
        "ix_samples_lacking",
        "finding",
        "plan",
        sqlite_where=sa.text("lacking = 1"),
        postgresql_where=sa.text("lacking"),
    ),
)

# What a reviewer said of a sample. On a finding it is a decision, too.
opinions = sa.Table(
    "opinions",
    metadata,
    _number(),
    _ref("sample", "samples"),
    _ref("call", "calls"),
    _ref("reviewer", "users"),
    _ref("decision", "decisions", nullable=True),
    _column("verdict", Words),
    _column("comment", Words),
    _column("given_at", Moment),
    sa.UniqueConstraint("sample", "reviewer"),
    sa.Index("ix_opinions_call", "call"),
)

# Who took which sample to look at, and when: others are given another one meanwhile.
pulls = sa.Table(
    "pulls",
    metadata,
    _number(),
    _ref("sample", "samples"),
    _ref("reviewer", "users"),
    _column("pulled_at", Moment),
    sa.UniqueConstraint("sample", "reviewer"),
)

# What an agent says against a finding, written down by who files it.
appeals = sa.Table(
    "appeals",
    metadata,
    _number(),
    _ref("finding", "findings"),
    _ref("call", "calls"),
    _ref("filed_by", "users"),
    _column("statement", Words),
    _column("filed_at", Moment),
    sa.Index("ix_appeals_finding", "finding", "id"),
    sa.Index("ix_appeals_call", "call"),
)

# The last word on a finding: on an appeal, or where reviewers disagree (`appeal` NULL). It outweighs decisions.
rulings = sa.Table(
    "rulings",
    metadata,
    _number(),
    _ref("finding", "findings"),
    _ref("call", "calls"),
    _ref("appeal", "appeals", nullable=True, unique=True),
    _ref("reviewer", "users"),
    _column("verdict", Words),
    _column("comment", Words),
    _column("ruled_at", Moment),
    sa.Index("ix_rulings_finding", "finding", "id"),
    sa.Index("ix_rulings_call", "call"),
)

# `at` and `facts` are text: the hash is over exactly these characters.
log = sa.Table(
    "log",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    _column("at", Words),
    _column("actor", Words),
    _column("action", Words),
    _column("subject", Words),
    _column("facts", Words),
    _column("previous", Words),
    _column("hash", Words),
)

# One row: where the log ends. Who writes anything holds it, so that all changes stand in one line.
log_head = sa.Table(
    "log_head",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    _column("last", sa.Integer),
    _column("hash", Words),
)
