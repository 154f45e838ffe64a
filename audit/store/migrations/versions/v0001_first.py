"""The first tables of the store, and the guards on what is only ever added."""

import sqlalchemy as sa
from alembic import op

from audit.store.guards import Guard, statements
from audit.store.tables import Moment

revision = "0001"
down_revision = None

GUARDS = (
    Guard("calls", ("id",)),
    Guard("runs", ("id", "sha256", "started_at", "finished_at", "record")),
    Guard("transcripts", ("id", "call", "turns"), ("digest",)),
    Guard(
        "turns",
        ("transcript", "number", "call", "role", "text", "record"),
        deletes_when_purged=True,
        key=("transcript", "number"),
    ),
    Guard(
        "audits",
        (
            "id", "call", "run", "transcript", "rules_sha256", "policy", "callaudit_version", "audited_at", "imported_at",
            "verdict", "score", "findings",
        ),
        ("digest", "record"),
    ),
    Guard("findings", ("id", "call"), ("fingerprint",)),
    Guard(
        "sightings",
        ("id", "finding", "audit", "call", "number", "label", "rule", "severity", "confidence"),
        ("quote", "record"),
    ),
    Guard("users", ("id", "name")),
    Guard(
        "decisions",
        ("id", "finding", "call", "sighting", "reviewer", "verdict", "undoes", "decided_at"),
        ("reason", "comment"),
    ),
    Guard(
        "corrections",
        ("id", "call", "transcript", "reviewer", "kind", "turn", "undoes", "corrected_at"),
        ("value",),
    ),
    Guard(
        "missed",
        ("id", "call", "transcript", "reviewer", "label", "turn", "start_char", "end_char", "withdraws", "added_at"),
        ("quote", "comment"),
    ),
    Guard("purges", ("id", "before", "purged_at")),
    Guard("log", ("id", "at", "actor", "action", "subject", "facts", "previous", "hash")),
)  # fmt: skip


def upgrade() -> None:
    """Make tables, indexes, guards, and the end of an empty log."""
    op.create_table(
        "calls",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("call_id", sa.Text(), nullable=False),
        sa.Column("source_path", sa.Text(), nullable=False),
        sa.Column("source_sha256", sa.Text(), nullable=False),
        sa.Column("source_kind", sa.Text(), nullable=False),
        sa.Column("source_line", sa.Integer(), nullable=True),
        sa.Column("audio_path", sa.Text(), nullable=True),
        sa.Column("audio_sha256", sa.Text(), nullable=True),
        sa.Column("audio_state", sa.Text(), nullable=True),
        sa.Column("audio_checked_at", Moment(), nullable=True),
        sa.Column("started_at", Moment(), nullable=True),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("agent_id", sa.Text(), nullable=True),
        sa.Column("team", sa.Text(), nullable=True),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("metadata", sa.Text(), nullable=False),
        sa.Column("purged_at", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calls")),
        sa.UniqueConstraint("call_id", name=op.f("uq_calls_call_id")),
    )
    op.create_index("ix_calls_day", "calls", ["day"], unique=False)
    op.create_index("ix_calls_score", "calls", ["score", "id"], unique=False)
    op.create_table(
        "log",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("previous", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_log")),
    )
    op.create_table(
        "log_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_log_head")),
    )
    op.create_table(
        "purges",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("before", sa.Date(), nullable=False),
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.Column("purged_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_purges")),
    )
    op.create_table(
        "runs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("started_at", Moment(), nullable=False),
        sa.Column("finished_at", Moment(), nullable=False),
        sa.Column("record", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_runs")),
        sa.UniqueConstraint("sha256", name=op.f("uq_runs_sha256")),
    )
    op.create_table(
        "users",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("disabled_at", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("name", name=op.f("uq_users_name")),
    )
    op.create_table(
        "transcripts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("call", sa.Integer(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("turns", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["call"], ["calls.id"], name=op.f("fk_transcripts_call")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transcripts")),
        sa.UniqueConstraint("call", "digest", name=op.f("uq_transcripts_call")),
    )
    op.create_table(
        "audits",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("call", sa.Integer(), nullable=False),
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("transcript", sa.Integer(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("rules_sha256", sa.Text(), nullable=False),
        sa.Column("policy", sa.Text(), nullable=False),
        sa.Column("callaudit_version", sa.Text(), nullable=False),
        sa.Column("audited_at", Moment(), nullable=False),
        sa.Column("imported_at", Moment(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("findings", sa.Integer(), nullable=False),
        sa.Column("record", sa.Text(), nullable=False),
        sa.Column("current", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["call"], ["calls.id"], name=op.f("fk_audits_call")),
        sa.ForeignKeyConstraint(["run"], ["runs.id"], name=op.f("fk_audits_run")),
        sa.ForeignKeyConstraint(["transcript"], ["transcripts.id"], name=op.f("fk_audits_transcript")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audits")),
    )
    op.create_index("ix_audits_call", "audits", ["call"], unique=False)
    op.create_index("ix_audits_run", "audits", ["run"], unique=False)
    op.create_index(
        "uq_audits_current",
        "audits",
        ["call"],
        unique=True,
        sqlite_where=sa.text("current"),
        postgresql_where=sa.text("current"),
    )
    op.create_table(
        "corrections",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("call", sa.Integer(), nullable=False),
        sa.Column("transcript", sa.Integer(), nullable=False),
        sa.Column("reviewer", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=True),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("undoes", sa.Integer(), nullable=True),
        sa.Column("corrected_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["call"], ["calls.id"], name=op.f("fk_corrections_call")),
        sa.ForeignKeyConstraint(["reviewer"], ["users.id"], name=op.f("fk_corrections_reviewer")),
        sa.ForeignKeyConstraint(["transcript"], ["transcripts.id"], name=op.f("fk_corrections_transcript")),
        sa.ForeignKeyConstraint(["undoes"], ["corrections.id"], name=op.f("fk_corrections_undoes")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_corrections")),
        sa.UniqueConstraint("undoes", name=op.f("uq_corrections_undoes")),
    )
    op.create_index("ix_corrections_call", "corrections", ["call", "id"], unique=False)
    op.create_table(
        "missed",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("call", sa.Integer(), nullable=False),
        sa.Column("transcript", sa.Integer(), nullable=False),
        sa.Column("reviewer", sa.Integer(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=True),
        sa.Column("start_char", sa.Integer(), nullable=True),
        sa.Column("end_char", sa.Integer(), nullable=True),
        sa.Column("quote", sa.Text(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("withdraws", sa.Integer(), nullable=True),
        sa.Column("added_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["call"], ["calls.id"], name=op.f("fk_missed_call")),
        sa.ForeignKeyConstraint(["reviewer"], ["users.id"], name=op.f("fk_missed_reviewer")),
        sa.ForeignKeyConstraint(["transcript"], ["transcripts.id"], name=op.f("fk_missed_transcript")),
        sa.ForeignKeyConstraint(["withdraws"], ["missed.id"], name=op.f("fk_missed_withdraws")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_missed")),
        sa.UniqueConstraint("withdraws", name=op.f("uq_missed_withdraws")),
    )
    op.create_index("ix_missed_call", "missed", ["call", "id"], unique=False)
    op.create_index("ix_missed_label", "missed", ["label"], unique=False)
    op.create_table(
        "turns",
        sa.Column("transcript", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("call", sa.Integer(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("record", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["call"], ["calls.id"], name=op.f("fk_turns_call")),
        sa.ForeignKeyConstraint(["transcript"], ["transcripts.id"], name=op.f("fk_turns_transcript")),
        sa.PrimaryKeyConstraint("transcript", "number", name=op.f("pk_turns")),
    )
    op.create_index("ix_turns_call", "turns", ["call"], unique=False)
    op.create_table(
        "findings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("call", sa.Integer(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("superseded_by", sa.Integer(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=True),
        sa.Column("start_char", sa.Integer(), nullable=True),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("confidence", sa.Float(), nullable=False),
        sa.Column("waits", sa.Boolean(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("agent_id", sa.Text(), nullable=True),
        sa.Column("team", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["call"], ["calls.id"], name=op.f("fk_findings_call")),
        sa.ForeignKeyConstraint(["superseded_by"], ["audits.id"], name=op.f("fk_findings_superseded_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_findings")),
    )
    op.create_index("ix_findings_call", "findings", ["call"], unique=False)
    op.create_index(
        "ix_findings_queue",
        "findings",
        [sa.literal_column("rank DESC"), sa.literal_column("confidence DESC"), "id"],
        unique=False,
        sqlite_where=sa.text("superseded_by IS NULL"),
        postgresql_where=sa.text("superseded_by IS NULL"),
    )
    op.create_index(
        "ix_findings_queue_agent_id",
        "findings",
        ["agent_id", sa.literal_column("rank DESC"), sa.literal_column("confidence DESC"), "id"],
        unique=False,
        sqlite_where=sa.text("superseded_by IS NULL"),
        postgresql_where=sa.text("superseded_by IS NULL"),
    )
    op.create_index(
        "ix_findings_queue_confidence",
        "findings",
        ["confidence", "id"],
        unique=False,
        sqlite_where=sa.text("superseded_by IS NULL"),
        postgresql_where=sa.text("superseded_by IS NULL"),
    )
    op.create_index(
        "ix_findings_queue_day",
        "findings",
        ["day", sa.literal_column("rank DESC"), sa.literal_column("confidence DESC"), "id"],
        unique=False,
        sqlite_where=sa.text("superseded_by IS NULL"),
        postgresql_where=sa.text("superseded_by IS NULL"),
    )
    op.create_index(
        "ix_findings_queue_label",
        "findings",
        ["label", sa.literal_column("rank DESC"), sa.literal_column("confidence DESC"), "id"],
        unique=False,
        sqlite_where=sa.text("superseded_by IS NULL"),
        postgresql_where=sa.text("superseded_by IS NULL"),
    )
    op.create_index(
        "ix_findings_queue_severity",
        "findings",
        ["severity", sa.literal_column("rank DESC"), sa.literal_column("confidence DESC"), "id"],
        unique=False,
        sqlite_where=sa.text("superseded_by IS NULL"),
        postgresql_where=sa.text("superseded_by IS NULL"),
    )
    op.create_index(
        "ix_findings_queue_state",
        "findings",
        ["state", sa.literal_column("rank DESC"), sa.literal_column("confidence DESC"), "id"],
        unique=False,
        sqlite_where=sa.text("superseded_by IS NULL"),
        postgresql_where=sa.text("superseded_by IS NULL"),
    )
    op.create_index(
        "ix_findings_queue_team",
        "findings",
        ["team", sa.literal_column("rank DESC"), sa.literal_column("confidence DESC"), "id"],
        unique=False,
        sqlite_where=sa.text("superseded_by IS NULL"),
        postgresql_where=sa.text("superseded_by IS NULL"),
    )
    op.create_table(
        "sightings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("finding", sa.Integer(), nullable=False),
        sa.Column("audit", sa.Integer(), nullable=False),
        sa.Column("call", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("confidence", sa.Float(), nullable=False),
        sa.Column("quote", sa.Text(), nullable=False),
        sa.Column("record", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["audit"], ["audits.id"], name=op.f("fk_sightings_audit")),
        sa.ForeignKeyConstraint(["call"], ["calls.id"], name=op.f("fk_sightings_call")),
        sa.ForeignKeyConstraint(["finding"], ["findings.id"], name=op.f("fk_sightings_finding")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sightings")),
        sa.UniqueConstraint("audit", "number", name=op.f("uq_sightings_audit")),
    )
    op.create_index("ix_sightings_call", "sightings", ["call"], unique=False)
    op.create_index("ix_sightings_finding", "sightings", ["finding"], unique=False)
    op.create_table(
        "decisions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("finding", sa.Integer(), nullable=False),
        sa.Column("call", sa.Integer(), nullable=False),
        sa.Column("sighting", sa.Integer(), nullable=False),
        sa.Column("reviewer", sa.Integer(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("undoes", sa.Integer(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("decided_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["call"], ["calls.id"], name=op.f("fk_decisions_call")),
        sa.ForeignKeyConstraint(["finding"], ["findings.id"], name=op.f("fk_decisions_finding")),
        sa.ForeignKeyConstraint(["reviewer"], ["users.id"], name=op.f("fk_decisions_reviewer")),
        sa.ForeignKeyConstraint(["sighting"], ["sightings.id"], name=op.f("fk_decisions_sighting")),
        sa.ForeignKeyConstraint(["undoes"], ["decisions.id"], name=op.f("fk_decisions_undoes")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decisions")),
        sa.UniqueConstraint("undoes", name=op.f("uq_decisions_undoes")),
    )
    op.create_index("ix_decisions_call", "decisions", ["call"], unique=False)
    op.create_index("ix_decisions_finding", "decisions", ["finding", "id"], unique=False)
    op.create_index("ix_decisions_reviewer", "decisions", ["reviewer", "decided_at"], unique=False)
    op.execute(sa.text("INSERT INTO log_head (id, last, hash) VALUES (1, 0, :start)").bindparams(start="0" * 64))
    dialect = op.get_bind().dialect.name
    for statement in statements(GUARDS, "sqlite" if dialect == "sqlite" else "postgresql"):
        op.execute(sa.text(statement.replace(":", "\\:")))
