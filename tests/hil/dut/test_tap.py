"""The tap on the line to an ingest."""

from __future__ import annotations

import urllib3

from hil.dut.tap import tapped
from sim.ingest.launch import launch_ingest


def test_the_tap_keeps_what_the_ingest_refuses():
    wrong = [{"device_id": "ACT-00000001", "sequence_number": 1}]
    with launch_ingest() as running, tapped(running.url + "/api/events") as tap:
        pool = urllib3.PoolManager()
        answer = pool.request("POST", tap.url, json=wrong)
        assert (answer.status, answer.json()["accepted"]) == (400, 0)
        pool.request("POST", tap.url, body=b"junk")
        assert tap.events() == wrong
        assert tap.answers == [400, 400]
        pool.clear()
    with tapped("http://127.0.0.1:1/api/events") as tap:
        pool = urllib3.PoolManager()
        assert pool.request("POST", tap.url, json=wrong).status == 502
        pool.clear()
