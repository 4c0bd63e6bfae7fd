"""What an upload tells: where it went, what came of it; no path, no key."""

from __future__ import annotations

from badge.host.telemetry.watch import TELEMETRY
from sim.fleet.upload.telemetry import WatchedUploads
from sim.net.answer import Answer, NoAnswer
from tests.badge.host.telemetry.rig import collector, named


def test_tries_are_durations_by_what_came_of_them_and_an_upload_is_one_span():
    with collector() as kept, TELEMETRY.of_command("simulate", kept.url):
        uploads = WatchedUploads("https://me:secret@[::1]/api/secret?x=secret")
        span = uploads.begin(77)
        assert span.headers["traceparent"]
        uploads.answered(span, 0.5, NoAnswer("cut"))
        uploads.answered(span, 0.1, Answer(503))
        span.end()
    (sent,) = kept.spans
    assert named(sent.attributes) == {
        "badge.body.size": 77,
        "error.type": "503",
        "http.request.method": "POST",
        "http.response.status_code": 503,
        "server.address": "::1",
        "server.port": 443,
        "url.scheme": "https",
    }
    points = kept.metrics["http.client.request.duration"].histogram.data_points
    assert sorted(named(one.attributes)["error.type"] for one in points) == ["503", "cut"]
    assert not any(b"secret" in one for one in kept.raw)
