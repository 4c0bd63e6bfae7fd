from __future__ import annotations

import pytest

from sim.air.radio.advert import advert_of, full_uuid
from sim.air.radio.filters import DiscoveryFilter
from tests.sim.air.rig import TAG, scanning

BEACON = advert_of(manufacturer_data={0x004C: b"\2\x15"})


@pytest.mark.parametrize(
    ("wanted", "heard"),
    [
        (DiscoveryFilter(), True),
        (DiscoveryFilter(transport="bredr"), False),
        (DiscoveryFilter(rssi_dbm=-60), True),
        (DiscoveryFilter(rssi_dbm=-59), False),
        (DiscoveryFilter(pathloss_db=56), True),
        (DiscoveryFilter(pathloss_db=55), False),
        (DiscoveryFilter(pattern="AA:BB"), True),
        (DiscoveryFilter(pattern="tag"), True),
        (DiscoveryFilter(pattern="gat"), False),
        (DiscoveryFilter(uuids=(full_uuid("180f"), full_uuid("feaa"))), True),
        (DiscoveryFilter(uuids=(full_uuid("1234"),)), False),
    ],
)
def test_a_discovery_filter_admits_as_blue_z_documents_it(wanted, heard):
    _, adapter, _, _ = scanning(wanted=wanted)
    advert = advert_of(name="tag-1", service_uuids=("feaa",), tx_power_dbm=-4)
    assert adapter.deliver(TAG, -60, advert) is heard


def test_filters_of_several_clients_add_up():
    _, adapter, _, _ = scanning(wanted=DiscoveryFilter(rssi_dbm=-40))
    assert not adapter.deliver(TAG, -60, BEACON)
    adapter.start("other")
    assert adapter.deliver(TAG, -60, BEACON)
    adapter.leave("other")
    assert not adapter.deliver(TAG, -60, BEACON)
