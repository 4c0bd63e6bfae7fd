"""The samples against the contract itself: what is called allowed is, what forbidden is not."""

from __future__ import annotations

import pytest

from badge.contract.events import EVENT_TYPES
from badge.contract.validation import judge
from sim.conformance.kit.samples import (
    FORBIDDEN_NUMBERS,
    WHOLE,
    allowed_payloads,
    event,
    forbidden_envelopes,
    forbidden_payloads,
)

DEVICE = "ACT-3F8A21B4"


@pytest.mark.parametrize("kind", EVENT_TYPES)
def test_every_allowed_payload_is(kind):
    forms = dict(allowed_payloads(kind))
    assert WHOLE[kind] in forms.values()
    judged = judge([event(DEVICE, n, kind, p) for n, p in enumerate(forms.values(), start=1)])
    assert judged.faults == ()


@pytest.mark.parametrize("kind", EVENT_TYPES)
def test_every_forbidden_payload_is(kind):
    for words, payload in forbidden_payloads(kind):
        judged = judge([event(DEVICE, 1, kind) | {"payload": payload}])
        assert judged.faults, words


def test_every_forbidden_envelope_is():
    wrong = dict(forbidden_envelopes(DEVICE))
    assert len(wrong) > 30
    for words, one in wrong.items():
        assert judge([one | {"sequence_number": 1}]).faults, words
    for number in FORBIDDEN_NUMBERS:
        assert judge([event(DEVICE, number)]).faults, number


def test_every_field_of_the_contract_is_wrong_once():
    for kind in EVENT_TYPES:
        words = " ".join(words for words, _ in forbidden_payloads(kind))
        assert all(name in words for name in WHOLE[kind])
