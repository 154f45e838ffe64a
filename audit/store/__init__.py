"""What must be remembered of calls: audits, findings, what people decided, and who did what.

Needs the extra `store` (SQLAlchemy, Alembic, psycopg); docs/store.md describes the tables.
"""
