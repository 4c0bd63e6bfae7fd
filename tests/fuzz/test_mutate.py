"""Changes are reproducible, change something, and keep what makes them reach deep."""

from __future__ import annotations

import json
from random import Random

import pytest

from tests.fuzz.mutate import KINDS, document, sealed
from tests.sim.sources.test_nmea import gga

SEED = b'{"a": [1, 2.5, {"b": "c"}], "d": true}\n<x y="z">text</x>\nk: [v, w]'


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_random_numbers_make_the_same_bytes(kind):
    one, same = (
        [KINDS[kind](Random(n), SEED, [SEED, b"other"]) for n in range(300)] for _ in range(2)
    )
    assert one == same
    assert len(set(one)) > 150


def test_most_changes_of_a_document_leave_json():
    seed = json.dumps({"a": [1, 2.5, {"b": "c"}], "d": True}).encode()
    whole = 0
    for number in range(300):
        try:
            json.loads(document(Random(number), seed, [seed]))
        except (ValueError, RecursionError):
            continue
        whole += 1
    assert whole > 200


def test_a_changed_sentence_may_have_its_right_checksum():
    line = gga("120000.00").encode()
    assert sealed(line.replace(b"*", b"*FF")) == line
