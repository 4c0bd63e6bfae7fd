from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from queue import Queue
from random import Random

import pytest
from click.testing import CliRunner

from badge.cli.schema import schema
from badge.cli.validate import validate
from badge.errors import InputError
from sim.platforms import cli as command
from sim.platforms import listen, send
from sim.platforms import open as registry
from sim.platforms.cli import listen as listen_command
from sim.platforms.cli import send as send_command
from tests.patience import PATIENCE_S
from tests.sim.platforms.cases import ALL_TYPES, SECRET, UTC_MS

# The commands behind their names, as the command line opens them.
PROGRAM = (
    "import sys, click; from sim.platforms import cli as command\n"
    "try: getattr(command, sys.argv[1]).main(sys.argv[2:], standalone_mode=False)\n"
    "except (click.Abort, KeyboardInterrupt): sys.exit(130)"
)


@pytest.fixture
def listener():
    """Start `badge listen` in a process of its own; gives the process and its address."""
    running = []

    def start(*arguments, **environment):
        process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, "listen", *arguments, "--port", "0", "--json"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ | environment,
        )
        running.append(process)
        return process, process.stderr.readline().split()[-1]

    yield start
    for process in running:
        process.kill()
        process.communicate()


def test_what_is_sent_is_heard_and_ctrl_c_ends_it(listener):
    process, url = listener("peridio", "--secret", SECRET)
    arguments = ["peridio", "device.claimed-release", "--to", url, "--secret", SECRET]
    right = CliRunner().invoke(send_command, arguments)
    again = CliRunner().invoke(send_command, [*arguments, "--fault", "duplicate", "--json"])
    wrong = CliRunner().invoke(send_command, [*arguments, "--fault", "stale"])
    assert [right.exit_code, again.exit_code, wrong.exit_code] == [0, 0, 1]
    assert right.output == "device.claimed-release: 200: accepted\n"
    assert wrong.output == "device.claimed-release (stale): 401: refused, as it must\n"
    assert json.loads(again.output)["as_it_must"] is True

    lines = [json.loads(process.stdout.readline()) for _ in range(4)]
    assert [line.get("duplicate") for line in lines] == [False, False, True, None]
    assert lines[3]["refused"] == 401
    process.send_signal(signal.SIGINT)
    assert process.wait(PATIENCE_S) == 130
    assert "Traceback" not in process.stderr.read()


def test_the_secret_may_come_from_the_environment(listener, monkeypatch):
    header = "Blecon-Secret: two words"
    process, url = listener("blecon", "--respond", "0f", BADGE_WEBHOOK_SECRET=header)
    arguments = ["blecon", "device.request.badge.config", "--to", url, "--json"]
    refused = CliRunner().invoke(send_command, arguments)
    monkeypatch.setenv("BADGE_WEBHOOK_SECRET", header)
    taken = CliRunner().invoke(send_command, arguments)
    assert [refused.exit_code, taken.exit_code] == [1, 0]
    answer = json.loads(taken.output)["answers"][0]["body"]
    assert json.loads(answer) == {"response_data": {"payload": "0f"}}
    assert header not in taken.output
    assert json.loads(process.stdout.readline())["refused"] == 401


def test_without_a_secret_the_listener_says_that_anyone_may_post(listener):
    process, _ = listener("grouplink")
    assert "no check of origin" in process.stderr.readline()


@pytest.mark.parametrize("name", registry.ROWS)
def test_without_a_type_the_types_are_listed_with_their_evidence(name):
    result = CliRunner().invoke(send_command, [name])
    listed = dict(line.split() for line in result.output.splitlines())
    assert listed == {kind.name: kind.evidence for kind in registry.platform(name).types()}


def test_the_same_seed_sends_the_same_ids(serve):
    rules = listen.ReceiverRules(registry.platform("grouplink"))
    url = serve(listen.receiver_app(rules, Queue().put))
    arguments = ["grouplink", "EVENT_IN", "--to", url, "--json", "--seed"]
    told = [CliRunner().invoke(send_command, [*arguments, seed]).output for seed in "112"]
    rays = [json.loads(json.loads(text)["bodies"][0])["cfray"] for text in told]
    assert rays[0] == rays[1] != rays[2]


@pytest.mark.parametrize(
    ("run", "arguments", "words"),
    [
        (send_command, ["zapier", "x", "--to", "http://x/"], "blecon, grouplink, peridio"),
        (send_command, ["peridio", "device.updated"], "--to"),
        (send_command, ["peridio", "--profile", "seed"], "guide, openapi"),
        (listen_command, ["zapier"], "blecon, grouplink, peridio"),
        (listen_command, ["peridio", "--secret", "x"], "32 hex"),
        (listen_command, ["blecon", "--scheme", "ascii_key"], "signs nothing"),
        (listen_command, ["blecon", "--respond", "0g"], "--respond"),
        (listen_command, ["blecon", "--host", "256.0.0.1"], "--host"),
    ],
)
def test_a_users_mistake_is_one_sentence(run, arguments, words):
    with pytest.raises(InputError, match=words):
        run.main(arguments, standalone_mode=False)


def test_the_faults_of_the_help_are_those_that_can_be_sent():
    assert command.FAULTS == send.FAULTS


@pytest.mark.parametrize(("name", "profile", "kind"), ALL_TYPES)
def test_badge_validate_takes_every_type_and_badge_schema_names_it(name, profile, kind, tmp_path):
    platform = registry.platform(name)
    event = kind.sample(kind.name, Random(1), UTC_MS)
    (tmp_path / "body.json").write_bytes(platform.pack([event]))
    words = ["--platform", name, "--profile", profile]
    checked = CliRunner().invoke(validate, [*words, str(tmp_path / "body.json")])
    assert (checked.exit_code, "no fault" in checked.output) == (0, True)
    text = CliRunner().invoke(schema, [*words, "--format", "asyncapi"]).output
    assert json.loads(text)["asyncapi"] == "3.0.0"
    assert json.dumps(kind.name) in text


@pytest.mark.parametrize("name", registry.ROWS)
def test_badge_validate_says_what_departs(name, tmp_path):
    platform = registry.platform(name)
    (kind, *_) = platform.types()
    body = platform.pack([kind.sample(kind.name, Random(1), UTC_MS)])
    (tmp_path / "body.json").write_bytes(
        body.replace(b'"prn:', b'"').replace(b'"rssi":', b'"x":').replace(b'"mm":', b'"m":')
    )
    checked = CliRunner().invoke(validate, ["--platform", name, str(tmp_path / "body.json")])
    assert checked.exit_code == 1
