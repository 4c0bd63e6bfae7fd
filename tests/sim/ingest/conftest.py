from __future__ import annotations

import pytest

from sim.ingest.api.ingest import Ingest, Rules
from sim.ingest.store.sqlite import SqliteStore
from tests.sim.ingest.site import NOW_MS, Site


@pytest.fixture
def store():
    store = SqliteStore(":memory:")
    yield store
    store.close()


@pytest.fixture
def site(store):
    return Site(Ingest(store, lambda: NOW_MS)).provision()


@pytest.fixture
def open_ingest(store):
    return Ingest(store, lambda: NOW_MS, Rules(open=True))
