"""What goes into a store comes out of it, value for value."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sim.ingest.store.keys import hash_key
from sim.ingest.store.sqlite import SqliteStore
from sim.ingest.store.values import EquipmentTag, KnownDevice, Parcel

words = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
AT = "2026-03-14T08:32:15Z"


@given(words, words, words | st.none())
def test_a_device_a_tag_and_a_parcel_survive_the_tables(company, name, notes):
    store = SqliteStore(":memory:")
    device = KnownDevice("ACT-3F8A21B4", company, notes, notes, AT, hash_key("ak"))
    tag = EquipmentTag("F4:A7:2E:11:03:BC", company, name, name, "active", AT)
    parcel = Parcel(company, name, name, name, name, name, "{}", AT)
    assert store.add_device(device)
    assert store.add_tag(tag)
    assert store.add_parcel(parcel)
    assert store.device(device.device_id) == device
    assert store.tags() == [tag]
    assert store.parcels() == [parcel]
    assert not store.add_device(device)
    assert not store.add_tag(tag)
    assert not store.add_parcel(parcel)
    store.close()
