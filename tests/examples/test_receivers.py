from __future__ import annotations

import importlib.util
import json
import threading
from http.server import ThreadingHTTPServer
from queue import Queue

import pytest
from click.testing import CliRunner
from werkzeug.serving import make_server

from sim.conformance.kit.profile import ReceiverProfile, read_profile
from sim.conformance.kit.webhook import ReceiverUnderTest
from sim.conformance.run import chosen, conform, hook_checks
from sim.conformance.taken import look_at_taken
from sim.platforms.cli import send
from sim.platforms.open import platform
from tests.paths import EXAMPLES
from tests.patience import PATIENCE_S
from tests.sim.platforms.cases import SECRET


def load(name):
    spec = importlib.util.spec_from_file_location(name, EXAMPLES / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def codes(url, *arguments, faults=("bad-signature", "duplicate", "reorder", "truncated")):
    """What `badge send` says of a receiver: rightly sent, then with each fault."""
    command = [*arguments, "--to", url]
    right = CliRunner().invoke(send, command).exit_code
    return [right, *(CliRunner().invoke(send, [*command, "--fault", f]).exit_code for f in faults)]


def judged(name, url, *secrets, profile=None):
    """What `badge conform PLATFORM URL` finds wrong."""
    one = ReceiverUnderTest(url, platform(name), secrets, profile=profile or ReceiverProfile())
    outcome = conform(one, chosen(among=hook_checks(name)))
    assert outcome.passed > 20
    assert [f"{result.check.name}: {result.expected}" for result in outcome.failures()] == []
    return one


@pytest.fixture
def run():
    running = []

    def start(server):
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        running.append((server, thread))

    yield start
    for server, thread in running:
        server.shutdown()
        thread.join(10)
        server.server_close()


def test_starlette_receives_peridio(monkeypatch, serve, capsys):
    monkeypatch.setenv("PERIDIO_SECRET", SECRET)
    example, heard = load("receive_starlette"), Queue()
    process = example.process
    monkeypatch.setattr(example, "process", heard.put)
    url = serve(example.app).replace("/hook", "/hooks/peridio")
    arguments = ["peridio", "device.claimed-release", "--secret", SECRET]
    faults = ("stale", "bad-signature", "duplicate", "reorder", "truncated")
    assert codes(url, *arguments, faults=faults) == [0, 1, 1, 0, 0, 1]
    batches = [heard.get(timeout=PATIENCE_S) for _ in range(5)]
    assert sorted(len(batch) for batch in batches) == [0, 1, 1, 1, 1]  # one was a duplicate
    process([event for batch in batches for event in batch])
    assert capsys.readouterr().out.count("device.claimed-release") == 4


def test_flask_receives_blecon_and_answers_a_request(monkeypatch, run):
    header = "Blecon-Secret: abc"
    monkeypatch.setenv("BLECON_HEADER", header)
    example = load("receive_flask")
    server = make_server("127.0.0.1", 0, example.app, threaded=True)
    run(server)
    url = f"http://127.0.0.1:{server.server_port}/hooks/blecon"
    assert codes(url, "blecon", "network.device_spotted", "--secret", header) == [0, 1, 0, 0, 1]
    request = ["blecon", "device.request.badge.config", "--secret", header, "--to", url, "--json"]
    assert '\\"payload\\":\\"000f\\"' in CliRunner().invoke(send, request).output


def test_a_bare_function_receives_grouplink(run):
    example = load("receive_plain")
    server = ThreadingHTTPServer(("127.0.0.1", 0), example.Endpoint)
    run(server)
    url = f"http://127.0.0.1:{server.server_port}/"
    faults = ("duplicate", "reorder", "truncated")
    assert codes(url, "grouplink", "EVENT_IN", faults=faults) == [0, 0, 0, 1]
    assert example.receive({}, b"nonsense")[0] == 400


def test_the_kit_finds_nothing_wrong_with_starlette(monkeypatch, serve, tmp_path):
    monkeypatch.setenv("PERIDIO_SECRET", SECRET)
    example, taken = load("receive_starlette"), tmp_path / "taken.ndjson"

    def process(events):
        with taken.open("a") as file:
            file.writelines(json.dumps(event.event) + "\n" for event in events)

    monkeypatch.setattr(example, "process", process)
    one = judged("peridio", serve(example.app).replace("/hook", "/hooks/peridio"), SECRET)
    assert [result.expected for result in look_at_taken(one, taken) if result.expected] == []


def test_the_kit_finds_nothing_wrong_with_flask(monkeypatch, run):
    header = "Blecon-Secret: abc"
    monkeypatch.setenv("BLECON_HEADER", header)
    server = make_server("127.0.0.1", 0, load("receive_flask").app, threaded=True)
    run(server)
    judged("blecon", f"http://127.0.0.1:{server.server_port}/hooks/blecon", header)


def test_the_kit_finds_nothing_wrong_with_a_bare_function(run):
    server = ThreadingHTTPServer(("127.0.0.1", 0), load("receive_plain").Endpoint)
    run(server)
    profile = read_profile(
        EXAMPLES / "receive_plain.toml", ReceiverProfile, hook_checks("grouplink")
    )
    judged("grouplink", f"http://127.0.0.1:{server.server_port}/", profile=profile)
