"""A run told by OTLP: its parts, its uploads, its counts; and the same bytes as without."""

from __future__ import annotations

import pytest

from badge.host.telemetry.watch import TELEMETRY
from sim.fleet.job import Progress
from sim.fleet.telemetry import WatchedProgress
from sim.ingest.api.ingest import Rules
from sim.ingest.launch import launch_ingest
from tests.badge.host.telemetry.rig import collector, named
from tests.sim.fleet.story import call

RUN = ("small.yaml", "--hours", "0.6")


@pytest.mark.parametrize("jobs", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_a_run_is_a_span_with_its_parts_and_uploads_and_the_bytes_are_the_same(story, jobs):
    with launch_ingest(rules=Rules(open=True)) as running:
        words = ("--to", running.url, "--jobs", jobs)
        with collector() as kept:
            call(*RUN, *words, "--out", "told", "--telemetry", kept.url)
        heard = sum(running.traffic.statuses.values())
        call(*RUN, "--out", "untold")
    (whole,) = kept.named("badge simulate")
    told = named(whole.attributes)
    assert (told["badge.badges"], told["badge.hours"]) == (2, 0.6)
    (live,) = kept.named("live")
    assert live.parent_span_id == whole.span_id
    uploads = kept.named("POST")
    assert len(uploads) == heard > 0
    assert {one.parent_span_id for one in uploads} == {live.span_id}
    assert {named(one.attributes)["http.response.status_code"] for one in uploads} == {202}
    assert kept.counts("badge.simulate.events") == {None: told["badge.events"]}
    assert kept.counts("badge.simulate.progress") == {None: 1.0}
    assert kept.metrics["http.client.request.duration"].unit == "s"
    there, here = (story / one / "events.ndjson" for one in ("told", "untold"))
    assert there.read_bytes() == here.read_bytes()
    assert not TELEMETRY.on


def test_the_last_progress_is_replaced_by_what_came_out():
    seen = WatchedProgress(1000)
    seen.latest = Progress(badge_ms=400, events=3)
    seen.ended([], whole=False)
    assert (seen.latest.badge_ms, seen.latest.events) == (400, 0)
    seen.ended([], whole=True)
    assert seen.latest.badge_ms == 1000
