"""What the desk keeps: sessions and tokens, saved views, sampling plans and opinions, appeals and rulings; what is searched."""

import sqlalchemy as sa
from alembic import op

from audit.store import search, violations, waiting
from audit.store.guards import Guard, statements
from audit.store.tables import Moment, Tokens

revision = "0002"
down_revision = "0001"

GUARDS = (
    Guard("tokens", ("id", "user", "name", "digest", "created_at", "expires_at")),
    Guard("plans", ("id", "name", "opinions", "blind", "record", "created_by", "created_at")),
    Guard("samples", ("id", "plan", "call", "finding", "number")),
    Guard("opinions", ("id", "sample", "call", "reviewer", "decision", "verdict", "given_at"), ("comment",)),
    Guard("appeals", ("id", "finding", "call", "filed_by", "filed_at"), ("statement",)),
    Guard("rulings", ("id", "finding", "call", "appeal", "reviewer", "verdict", "ruled_at"), ("comment",)),
)


def upgrade() -> None:
    """Make tables, indexes and guards."""
    op.add_column("users", sa.Column("password_until", Moment(), nullable=True))
    op.create_table(
        "sessions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("user", sa.Integer(), nullable=False),
        sa.Column("csrf", sa.Text(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("seen_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["user"], ["users.id"], name=op.f("fk_sessions_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sessions")),
        sa.UniqueConstraint("digest", name=op.f("uq_sessions_digest")),
    )
    op.create_index("ix_sessions_user", "sessions", ["user"], unique=False)
    op.create_table(
        "attempts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempts")),
    )
    op.create_index("ix_attempts_subject", "attempts", ["subject", "at"], unique=False)
    op.create_table(
        "tokens",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("expires_at", Moment(), nullable=False),
        sa.Column("used_at", Moment(), nullable=True),
        sa.Column("revoked_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(["user"], ["users.id"], name=op.f("fk_tokens_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tokens")),
        sa.UniqueConstraint("digest", name=op.f("uq_tokens_digest")),
    )
    op.create_index("ix_tokens_user", "tokens", ["user"], unique=False)
    op.create_table(
        "views",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["user"], ["users.id"], name=op.f("fk_views_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_views")),
        sa.UniqueConstraint("user", "name", name=op.f("uq_views_user")),
    )
    op.create_table(
        "plans",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("opinions", sa.Integer(), nullable=False),
        sa.Column("blind", sa.Boolean(), nullable=False),
        sa.Column("record", sa.Text(), nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("closed_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(["created_by"], ["users.id"], name=op.f("fk_plans_created_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plans")),
        sa.UniqueConstraint("name", name=op.f("uq_plans_name")),
    )
    op.create_table(
        "samples",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("plan", sa.Integer(), nullable=False),
        sa.Column("call", sa.Integer(), nullable=False),
        sa.Column("finding", sa.Integer(), nullable=True),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("lacking", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["call"], ["calls.id"], name=op.f("fk_samples_call")),
        sa.ForeignKeyConstraint(["finding"], ["findings.id"], name=op.f("fk_samples_finding")),
        sa.ForeignKeyConstraint(["plan"], ["plans.id"], name=op.f("fk_samples_plan")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_samples")),
        sa.UniqueConstraint("plan", "number", name=op.f("uq_samples_plan")),
    )
    op.create_index("ix_samples_call", "samples", ["call"], unique=False)
    op.create_index("ix_samples_finding", "samples", ["finding"], unique=False)
    op.create_index(
        "ix_samples_lacking",
        "samples",
        ["finding", "plan"],
        unique=False,
        sqlite_where=sa.text("lacking = 1"),
        postgresql_where=sa.text("lacking"),
    )
    op.create_index("ix_decisions_by", "decisions", ["finding", "reviewer", "decided_at"], unique=False)
    op.create_table(
        "opinions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sample", sa.Integer(), nullable=False),
        sa.Column("call", sa.Integer(), nullable=False),
        sa.Column("reviewer", sa.Integer(), nullable=False),
        sa.Column("decision", sa.Integer(), nullable=True),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("given_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["call"], ["calls.id"], name=op.f("fk_opinions_call")),
        sa.ForeignKeyConstraint(["decision"], ["decisions.id"], name=op.f("fk_opinions_decision")),
        sa.ForeignKeyConstraint(["reviewer"], ["users.id"], name=op.f("fk_opinions_reviewer")),
        sa.ForeignKeyConstraint(["sample"], ["samples.id"], name=op.f("fk_opinions_sample")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opinions")),
        sa.UniqueConstraint("sample", "reviewer", name=op.f("uq_opinions_sample")),
    )
    op.create_index("ix_opinions_call", "opinions", ["call"], unique=False)
    op.create_table(
        "pulls",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sample", sa.Integer(), nullable=False),
        sa.Column("reviewer", sa.Integer(), nullable=False),
        sa.Column("pulled_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["reviewer"], ["users.id"], name=op.f("fk_pulls_reviewer")),
        sa.ForeignKeyConstraint(["sample"], ["samples.id"], name=op.f("fk_pulls_sample")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pulls")),
        sa.UniqueConstraint("sample", "reviewer", name=op.f("uq_pulls_sample")),
    )
    op.create_table(
        "appeals",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("finding", sa.Integer(), nullable=False),
        sa.Column("call", sa.Integer(), nullable=False),
        sa.Column("filed_by", sa.Integer(), nullable=False),
        sa.Column("statement", sa.Text(), nullable=False),
        sa.Column("filed_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["call"], ["calls.id"], name=op.f("fk_appeals_call")),
        sa.ForeignKeyConstraint(["filed_by"], ["users.id"], name=op.f("fk_appeals_filed_by")),
        sa.ForeignKeyConstraint(["finding"], ["findings.id"], name=op.f("fk_appeals_finding")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appeals")),
    )
    op.create_index("ix_appeals_call", "appeals", ["call"], unique=False)
    op.create_index("ix_appeals_finding", "appeals", ["finding", "id"], unique=False)
    op.create_table(
        "rulings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("finding", sa.Integer(), nullable=False),
        sa.Column("call", sa.Integer(), nullable=False),
        sa.Column("appeal", sa.Integer(), nullable=True),
        sa.Column("reviewer", sa.Integer(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("ruled_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["appeal"], ["appeals.id"], name=op.f("fk_rulings_appeal")),
        sa.ForeignKeyConstraint(["call"], ["calls.id"], name=op.f("fk_rulings_call")),
        sa.ForeignKeyConstraint(["finding"], ["findings.id"], name=op.f("fk_rulings_finding")),
        sa.ForeignKeyConstraint(["reviewer"], ["users.id"], name=op.f("fk_rulings_reviewer")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rulings")),
        sa.UniqueConstraint("appeal", name=op.f("uq_rulings_appeal")),
    )
    op.create_index("ix_rulings_call", "rulings", ["call"], unique=False)
    op.create_index("ix_rulings_finding", "rulings", ["finding", "id"], unique=False)
    op.create_index(
        "ix_findings_rules",
        "findings",
        ["rule", "state", "label", "day", "agent_id", "team"],
        unique=False,
        sqlite_where=sa.text("superseded_by IS NULL"),
        postgresql_where=sa.text("superseded_by IS NULL"),
    )
    for name in ("", "_severity", "_confidence"):
        op.drop_index(f"ix_findings_queue{name}", "findings")
    worst_first: list[str | sa.ColumnElement[str]] = [
        sa.literal_column("rank DESC"),
        sa.literal_column("confidence DESC"),
        "id",
    ]
    filtered_by = ["state", "severity", "label", "rule", "day", "agent_id", "team", "waits", "call"]
    for name, is_signal in (("breaches", "<>"), ("signals", "=")):
        of_kind = sa.text(f"superseded_by IS NULL AND substr(label, 1, 7) {is_signal} 'signal.'")
        for index, columns in (("", [*worst_first, *filtered_by]), ("_counted", ["state", "severity"])):
            op.create_index(
                f"ix_findings_{name}{index}",
                "findings",
                columns,
                unique=False,
                sqlite_where=of_kind,
                postgresql_where=of_kind,
            )
    _make_counts()
    # Talk of suicide stands in front of everything.
    op.execute(sa.text("UPDATE findings SET rank = 4 WHERE label = 'signal.self_harm'"))
    _make_search()
    dialect = op.get_bind().dialect.name
    for statement in statements(GUARDS, "sqlite" if dialect == "sqlite" else "postgresql"):
        op.execute(sa.text(statement.replace(":", "\\:")))


def _make_counts() -> None:
    """What statistics read, and what it comes to for the calls and findings that are there."""
    connection = op.get_bind()
    for name in ("suspected", "confirmed"):
        op.add_column("calls", sa.Column(name, sa.Integer(), nullable=False, server_default=sa.text("0")))
    op.add_column("findings", sa.Column("waited_s", sa.Float(), nullable=True))
    violations.keep_counts(connection)
    waiting.keep_all(connection)
    op.drop_index("ix_calls_day", "calls")
    for kinds in (("day", "team", "agent_id"), ("team", "day", "agent_id"), ("agent_id", "day", "team")):
        name = f"ix_calls_{kinds[0].removesuffix('_id')}"
        op.create_index(name, "calls", [*kinds, "suspected", "confirmed"], unique=False)
    current, decided = sa.text("superseded_by IS NULL"), sa.text("waited_s IS NOT NULL")
    for name, columns, which in (
        ("labels", ["label", "call", "state", "waits", "day", "agent_id", "team"], current),
        ("waited", ["waited_s", "label", "day", "agent_id", "team"], decided),
    ):
        op.create_index(
            f"ix_findings_{name}", "findings", columns, unique=False, sqlite_where=which, postgresql_where=which
        )


def _make_search() -> None:
    """What is searched, its index, and what was said in the calls that are there."""
    op.create_table(
        "spoken",
        sa.Column("call", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("transcript", sa.Integer(), nullable=False),
        sa.Column("masked", sa.Text(), nullable=False),
        sa.Column("agent", sa.Text(), nullable=False),
        sa.Column("debtor", sa.Text(), nullable=False),
        sa.Column("third_party", sa.Text(), nullable=False),
        sa.Column("unknown", sa.Text(), nullable=False),
        sa.Column("tokens", Tokens(), nullable=False),
        sa.ForeignKeyConstraint(["call"], ["calls.id"], name=op.f("fk_spoken_call")),
        sa.ForeignKeyConstraint(["transcript"], ["transcripts.id"], name=op.f("fk_spoken_transcript")),
        sa.PrimaryKeyConstraint("call", name=op.f("pk_spoken")),
    )
    for statement in search.index_statements(op.get_bind()):
        op.execute(sa.text(statement))
    search.fill(op.get_bind())
