from __future__ import annotations

import pytest
from ingest_site import NOW_MS, Site

from sim.ingest.api import Ingest, Rules
from sim.ingest.store import SqliteStore


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
