"""The stores that a test of the rig made end with it."""

import pytest

from sim.chaos.rig.ingest import WatchedStore


@pytest.fixture(autouse=True)
def _stores_are_closed(monkeypatch):
    made, open_store = [], WatchedStore.__init__

    def noted(store, *words):
        open_store(store, *words)
        made.append(store)

    monkeypatch.setattr(WatchedStore, "__init__", noted)
    yield
    for store in made:
        store.close()
