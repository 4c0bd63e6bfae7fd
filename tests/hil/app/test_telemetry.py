"""What `badge run` tells by OTLP: test_run.py has it on a virtual card."""

from __future__ import annotations

import asyncio

from badge.effects import Upload
from badge.host.telemetry.watch import TELEMETRY
from badge.inputs import UploadAnswer
from hil.app.telemetry import WatchedUplink, watched_uplink
from hil.clock import SystemClock
from tests.badge.host.telemetry.rig import collector, named


class Answering:
    """Answers with one status after another."""

    trouble: str | None = "none yet"

    def __init__(self, *statuses: int | None) -> None:
        self._statuses = list(statuses)

    async def send(self, upload: Upload) -> UploadAnswer:
        return UploadAnswer(upload.request, self._statuses.pop(0))


def test_each_upload_is_a_span_and_a_duration_with_its_answer():
    def around(uplink):
        return watched_uplink("web", SystemClock())(uplink)

    plain = Answering()
    assert around(plain) is plain  # nobody listens
    with collector() as kept, TELEMETRY.of_command("run", kept.url):
        uplink = around(Answering(202, None, 503))
        assert isinstance(uplink, WatchedUplink)
        assert uplink.trouble == "none yet"
        for number in range(3):
            asyncio.run(uplink.send(Upload(number, b"secret", 1, 1, 1)))
    told = [named(span.attributes) for span in kept.named("upload")]
    assert [one.get("http.response.status_code") for one in told] == [202, None, 503]
    assert [one.get("error.type") for one in told] == [None, "no_answer", "503"]
    assert {one["badge.body.size"] for one in told} == {6}
    assert kept.samples("badge.upload.duration") == 3
    assert not any(b"secret" in one for one in kept.raw)
