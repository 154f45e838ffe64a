"""Who works with the store. Passwords are hashed by who checks them; here is only where the hash is kept."""

import sqlalchemy as sa

from audit.errors import InputError
from audit.model.review import UserRole
from audit.store import chain
from audit.store import tables as t
from audit.store.database import Store, now
from audit.store.tables import storable


def add_user(store: Store, name: str, role: UserRole, actor: str, password_hash: str | None = None) -> int:
    """Add a user and return the number; raises InputError CA617 when the name is taken, empty, or cannot be stored."""
    with store.writing() as connection:
        taken = connection.execute(sa.select(t.users.c.id).where(t.users.c.name == name)).scalar()
        if taken is not None or not name.strip() or storable(name) != name:
            raise InputError("CA617", name)
        values = {"name": name, "role": role.value, "password_hash": password_hash, "created_at": now()}
        key = connection.execute(t.users.insert().values(**values)).inserted_primary_key
        assert key is not None
        chain.append(connection, actor, "add_user", f"user:{key[0]}", role=role.value)
        return int(key[0])
