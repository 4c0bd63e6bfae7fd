"""A badge's small day as a recording, as events and as batches, and a backend that is watched."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler

from badge.badge import Badge
from badge.config import read_config
from badge.effects import Logged, Upload
from badge.host.recording_file import RecordingWriter
from badge.inputs import Assign, Boot, GpsFix, Movement, Tick, Unassign, UploadAnswer, UtcLearned
from badge.recording.format import Header
from tests.quiet_server import QuietServer

START_MS = 1_773_473_400_000  # 2026-03-14T07:30:00Z


def config(device_id="ACT-0000000A", **changes):
    return read_config({"device_id": device_id, "upload_interval_s": 300, **changes})


@dataclass
class Day:
    """What a badge logged and sent: `sent` has (Unix ms, body) of every POST."""

    events: list = field(default_factory=list)
    sent: list = field(default_factory=list)


def record_day(path, device_id="ACT-0000000A", *, statuses=(), minutes=20):
    """Record a shift of some minutes; uploads are answered by `statuses` in turn, then 202."""
    day, given = Day(), list(statuses)
    settings = config(device_id)
    badge = Badge(settings)
    with RecordingWriter(path, Header(settings, "0.1.0")) as writer:

        def give(ms, what):
            if not isinstance(what, Tick):
                writer.happened(ms, what)
            for effect in badge.receive(what, ms):
                if type(effect) is Logged:
                    day.events.append(effect.entry.event(device_id))
                    writer.wrote(ms, day.events[-1])
                elif type(effect) is Upload:
                    status = given.pop(0) if given else 202
                    if status is not None:
                        day.sent.append((START_MS + ms, effect.body))
                        give(ms, UploadAnswer(effect.request, status))

        inputs = [(0, Boot()), (0, UtcLearned(START_MS)), (5_000, Assign("W-007"))]
        inputs += [(5_000, Movement(True))]
        inputs += [
            (6_000 + 15_000 * n, GpsFix(45.0 + n / 1e4, 16.0, accuracy_m=3.0))
            for n in range(minutes * 4)
        ]
        inputs += [(minutes * 60_000 + 7_000, Unassign())]
        for ms, what in inputs:
            while (due := badge.next_deadline_ms) is not None and due < ms:
                give(due, Tick())
            give(ms, what)
    return day


def write_lines(path, values):
    path.write_text("".join(json.dumps(one) + "\n" for one in values), encoding="utf-8")
    return path


class Watched:
    """A backend that keeps what it is sent; `answers` gives (status, body) for the nth request."""

    def __init__(self, answer=lambda number, events: (202, {})):
        self.batches, self.keys, self.lock = [], [], threading.Lock()
        seen = self

        class Answering(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                events = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                with seen.lock:
                    seen.batches.append(events)
                    seen.keys.append(self.headers.get("X-Actual-Api-Key"))
                    number = len(seen.batches)
                status, document = answer(number, events)
                body = json.dumps(document).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *arguments):
                pass

        self.server = QuietServer(("127.0.0.1", 0), Answering)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    @property
    def numbers(self):
        return [event["sequence_number"] for batch in self.batches for event in batch]


@contextmanager
def watched(*arguments):
    backend = Watched(*arguments)
    thread = threading.Thread(target=backend.server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield backend
    finally:
        backend.server.shutdown()
        backend.server.server_close()
        thread.join()
