"""Linting script templates: what `callaudit lint` does with a script once `audit.ingest.scripts` has read it."""
