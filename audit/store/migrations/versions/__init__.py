"""The revisions, oldest first by name, and all that they guard."""

from audit.store.migrations.versions import v0001_first, v0002_desk

GUARDS = (*v0001_first.GUARDS, *v0002_desk.GUARDS)
