"""Uploads to a real server on this machine."""

import asyncio
import json
import threading
import time
from contextlib import closing
from http.server import BaseHTTPRequestHandler

import pytest

import tests.sim.fleet.story as run_story
from badge.errors import InputError
from sim.fleet.job import Job
from sim.fleet.output.folder import RunFolder
from sim.fleet.parallel import run_job
from sim.fleet.run import run_document
from sim.fleet.upload.backend import Target
from sim.fleet.upload.http_backend import FIRST_PAUSE_S, LONGEST_PAUSE_S, HttpBackend
from sim.ingest.api.ingest import Ingest
from sim.ingest.launch import launch_ingest
from sim.ingest.store.sqlite import SqliteStore
from sim.net.answer import NoAnswer
from sim.net.server import held_port
from sim.net.url import endpoint
from tests.patience import PATIENCE_S
from tests.quiet_server import QuietServer
from tests.sim.fleet.story import Run, parameters, source


def run_to(path, url, *, speed=None, hours=1.5, give_up_s=PATIENCE_S):
    story = source()
    with RunFolder(path) as folder:
        target = Target(endpoint(url), {"": "ak_secret"}, give_up_s)
        job = Job(story, parameters(story, hours=hours), folder.parts, speed, target)
        finished = run_job(job, 1, lambda progress: None)
        document = run_document(job, finished.results, whole=True)
        where, document = folder.complete(
            document, finished.results, split=False, batches=job.batches
        )
    return Run(where, document, finished.results), finished


def test_the_ingest_holds_every_event_once_and_the_bytes_are_the_same(tmp_path, small):
    with launch_ingest() as server:
        run, _ = run_to(tmp_path / "run", server.url)
        stored = server.store.events()
    wire = [json.loads(line) for line in (run.path / "events.ndjson").read_text().splitlines()]
    assert stored == wire
    for name in ("events.ndjson", "truth/events.ndjson", "truth/run.json"):
        assert (run.path / name).read_bytes() == (small.path / name).read_bytes()


class Slow:
    """A server that answers 202 after a while, first otherwise, or drops so many connections."""

    def __init__(self, delay_s=0.0, drops=0, first=()):
        self.headers, self.drops, self.first = [], drops, list(first)
        seen = self

        class Answering(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                self.rfile.read(int(self.headers["Content-Length"]))
                if seen.drops > 0:
                    seen.drops -= 1
                    self.close_connection = True
                    return
                threading.Event().wait(delay_s)
                seen.headers.append(dict(self.headers))
                whole = b'{"accepted":1,"rejected":0,"rejected_events":[]}'
                status, body = seen.first.pop(0) if seen.first else (202, whole)
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = QuietServer(("127.0.0.1", 0), Answering)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


def test_every_request_says_that_it_is_simulated(tmp_path):
    with Slow() as server:
        run, _ = run_to(tmp_path / "run", server.url, hours=0.2)
    assert {one["X-Badge-Simulated"] for one in server.headers} == {run.document["run_id"]}
    assert {one["X-Actual-Api-Key"] for one in server.headers} == {"ak_secret"}


def test_a_dropped_connection_is_tried_again_and_changes_nothing(tmp_path):
    with Slow(drops=2) as server:
        run, finished = run_to(tmp_path / "run", server.url, hours=0.2)
    plain = run_story.run(tmp_path / "plain", source(), hours=0.2)
    assert finished.trouble is None
    assert run.rows() == plain.rows()


@pytest.mark.slow
def test_a_server_that_dies_half_way_and_comes_back_changes_nothing(tmp_path, small):
    """It ends after its fifth batch, refuses connections for a second, and is there again."""
    taken, ask, ended = [0], Ingest.post_events, threading.Event()

    def counting(*arguments):
        taken[0] += 1
        if taken[0] == 5:
            ended.set()
        if taken[0] >= 5 and len(urls) == 1:
            time.sleep(0.4)  # the server is about to end, and looks ten times a second
        return ask(*arguments)

    def serve(until):
        with launch_ingest(SqliteStore(tmp_path / "x.db"), port=port) as server:
            urls.append(server.url)
            began.set()
            until.wait(PATIENCE_S)

    urls, began, over = [], threading.Event(), threading.Event()

    def live_and_die():
        serve(ended)
        time.sleep(1.0)
        serve(over)

    with held_port() as port, pytest.MonkeyPatch.context() as patch:
        patch.setattr(Ingest, "post_events", counting)
        thread = threading.Thread(target=live_and_die)
        thread.start()
        assert began.wait(PATIENCE_S)
        run, finished = run_to(tmp_path / "run", urls[0], give_up_s=PATIENCE_S)
        over.set()
        thread.join(PATIENCE_S)
    assert finished.trouble is None
    assert len(urls) == 2
    assert finished.figures["slowest_s"] > 0.5
    with closing(SqliteStore(tmp_path / "x.db")) as store:
        assert len(store.events()) == run.document["counts"]["delivered"]
    for name in ("events.ndjson", "truth/events.ndjson", "truth/run.json"):
        assert (run.path / name).read_bytes() == (small.path / name).read_bytes()


def test_a_server_that_stays_away_ends_the_run_with_a_sentence(tmp_path):
    with Slow() as server:
        url = server.url
    run, finished = run_to(tmp_path / "run", url, hours=0.2, give_up_s=0.5)
    assert finished.trouble is not None
    assert finished.trouble.startswith(f"{url}/api/events: no connection for")
    assert not any(row["delivered"] for row in run.rows())


def test_against_the_wall_a_slow_server_fills_queues_but_stops_no_clock(tmp_path):
    with Slow(delay_s=1.0) as server:
        run, finished = run_to(tmp_path / "run", server.url, speed=600.0, hours=0.25)
    uploads = sum(one.uploads["late_answers"] for one in finished.results)
    assert uploads > 0
    # Had the clock stood still for each late answer, it would be half as many seconds and more.
    assert finished.figures["behind_s"] < uploads / 2
    assert {row["event_type"] for row in run.rows()} >= {"reboot", "gps"}


@pytest.mark.parametrize("url", ["nonsense", "ftp://x", "http://", "http://x:port"])
def test_what_is_no_url(url):
    with pytest.raises(InputError, match="not a URL"):
        endpoint(url)


def test_a_url_with_a_path_is_taken_as_it_is():
    assert endpoint("http://x:1/") == "http://x:1/api/events"
    assert endpoint("http://x/hook") == "http://x/hook"


@pytest.mark.parametrize(
    "list_", [b'{"accepted":1,"rejected_ev', b"", b'{"accepted":1}', b'\xef\xbb\xbf{"rejected":1}']
)
def test_a_207_that_cannot_be_read_is_no_answer_and_the_batch_comes_again(tmp_path, list_):
    """Else every event that it refused would pass for delivered."""
    plain = run_story.run(tmp_path / "plain", source(), hours=0.2)
    with Slow(first=[(207, list_)]) as server:
        run, _ = run_to(tmp_path / "run", server.url, hours=0.2)
    assert sum(one.uploads["answered_207"] for one in run.results) == 0
    posts = sum(one.uploads["answered_202"] for one in plain.results)
    assert len(server.headers) == posts + 1
    assert run.document == plain.document


@pytest.mark.parametrize("give_up_s", [0.1, 3.0, 60.0])
def test_it_gives_up_after_the_time_that_was_said_and_not_before(give_up_s):
    async def waits():
        backend = HttpBackend(Target("http://127.0.0.1:9/", {}, give_up_s), "r", patient=True)
        waited_s, pause_s = 0.0, FIRST_PAUSE_S
        while (wait_s := backend.pause_s(waited_s, pause_s, NoAnswer("away"))) is not None:
            waited_s, pause_s = waited_s + wait_s, min(pause_s * 2, LONGEST_PAUSE_S)
        return waited_s

    assert asyncio.run(waits()) == pytest.approx(give_up_s)
