from random import Random

import pytest

from badge.errors import InputError
from sim.platforms import grouplink
from sim.platforms.grouplink.emitter import Emitter
from sim.platforms.grouplink.models import phone_of
from tests.sim.platforms.cases import UTC_MS

CELL = "8881839825fffff"


def test_a_delivery_is_one_object_with_the_agreed_header():
    event = Emitter(Random(1)).event_in(phone_of("W-1", "s"), CELL, "gps", utc_ms=UTC_MS)
    delivery = grouplink.deliver(event, "https://x/", serial=3, secrets=["X-Api-Key: k"])
    assert delivery.body == event.to_json()
    assert delivery.headers == (("content-type", "application/json"), ("X-Api-Key", "k"))
    assert delivery.keys == (grouplink.parse(delivery.body)[0].key,)
    with pytest.raises(InputError):
        grouplink.deliver(event, "https://x/", serial=3, secrets=["k"])
