"""`badge send` at a receiver with bad manners: a result or one sentence, in time."""

from __future__ import annotations

import pytest

from sim.platforms.kit.delivery import CONTENT_TYPE, Delivery
from sim.platforms.send import ANSWER_MAX_BYTES, post
from tests.sim.net.hostile import BEHAVIOURS, SLOW, hostile

BODY = b'[{"device_id":"ACT-00000001","sequence_number":10}]'  # an ingest that lists refuses it


@pytest.mark.parametrize("name", BEHAVIOURS)
def test_every_bad_manner_is_a_status_or_a_reason(name):
    timeout_s = 0.3 if name.startswith(SLOW) else 30.0
    with hostile(name) as receiver:
        result = post(Delivery(1, receiver.url, (CONTENT_TYPE,), BODY, timeout_s, ()))
    assert result.status in BEHAVIOURS[name].statuses
    assert bool(result.reason) is (result.status is None)
    assert len(result.body) <= ANSWER_MAX_BYTES
