"""Migrations of the store: one file a revision in `versions/`, run by Alembic inside one transaction of ours."""
