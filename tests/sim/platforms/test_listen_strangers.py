"""`badge listen` among strangers: each comes to an end, and the next delivery is taken."""

from __future__ import annotations

import json

import pytest

from sim.net.answer import NoAnswer
from sim.net.client import Client
from sim.net.server import LOOPBACK, TimeLimits, listening, serving
from sim.platforms.listen import Arrival, ReceiverRules, receiver_app
from sim.platforms.open import platform
from tests.patience import until
from tests.sim.net.strangers import STRANGERS, meet

EVENT = {"mm": 1, "cell_id": "8844c0a315fffff", "event_type": "EVENT_IN", "created_at": 1.7e12}


@pytest.fixture(scope="module")
def hurried():
    told = []
    rules = ReceiverRules(platform("grouplink"), body_timeout_s=0.2)
    limits = TimeLimits(head_s=0.2, body_s=0.4, read_s=0.4, stop_s=0.2)
    app = receiver_app(rules, told.append)
    with listening(LOOPBACK, 0) as listener, serving(app, listener, limits) as served:
        yield served, told


@pytest.mark.parametrize("name", STRANGERS)
def test_every_stranger_comes_to_an_end(hurried, name, caplog):
    served, told = hurried
    meet(int(served.url.rpartition(":")[2]), STRANGERS[name])
    told.clear()
    with Client() as client:

        def taken():
            """On a busy machine an honest one may be too slow for a hurried listener, too."""
            answer = client.request("POST", served.url, json.dumps(EVENT).encode())
            return not isinstance(answer, NoAnswer) and answer.status == 200

        until(taken)
    # The stranger that left may be told of later than the delivery behind it.
    assert any(isinstance(one, Arrival) for one in told)
    assert "Traceback" not in caplog.text
