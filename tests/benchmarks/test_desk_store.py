from pathlib import Path

import pytest
import sqlalchemy as sa

from audit.store import tables as t
from audit.store.calls import stored_report
from audit.store.database import Store, create
from audit.store.search import search
from audit.store.soundness import check, verify
from benchmarks import desk_store


def test_the_large_store_is_sound_and_as_large_as_was_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk_store, "_EXCHANGES", 60)
    url = str(tmp_path / "store.sqlite")
    create(url)
    with Store(url) as store:
        desk_store.fill(store, 12, 30)
        assert check(store) == [] and verify(store)[0] == []
        with store.reading() as connection:
            for table, wanted in ((t.calls, 12), (t.findings, 30), (t.sightings, 30)):
                assert connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one() == wanted
            call = connection.execute(sa.select(sa.func.max(t.findings.c.call))).scalar_one()
            assert all(finding.quote for finding in stored_report(connection, call).findings)
            assert search(connection, "您").calls
