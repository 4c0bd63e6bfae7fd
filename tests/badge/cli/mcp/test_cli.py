"""`badge mcp` as a client of the official SDK sees it: the command, really started, over stdio."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import pytest
from mcp.client.client import Client
from mcp.client.stdio import StdioServerParameters, stdio_client

from sim.ingest.launch import launch_ingest
from tests.command import call
from tests.patience import PATIENCE_S, until

BADGE = [sys.executable, "-m", "badge"]


@asynccontextmanager
async def client(folder, *options, **environment):
    started = StdioServerParameters(
        command=sys.executable, args=["-m", "badge", "mcp", *options], cwd=folder, env=environment
    )
    with (folder.parent / "said").open("w") as said:
        async with Client(stdio_client(started, said)) as one:
            yield one


async def asked(one: Client, name: str, **arguments):
    """Call a tool: its result, the same in both forms, or the sentence that it ends with."""
    told = await one.call_tool(name, arguments)
    text = told.content[0].text
    if told.is_error:
        assert "\n" not in text
        assert "Traceback" not in text
        return text
    assert json.loads(text) == told.structured_content
    return told.structured_content


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "project"
    made.mkdir()
    return made


@pytest.mark.slow
def test_a_client_lists_and_calls_and_is_told_what_is_wrong(folder):
    async def story():
        async with client(folder) as one:
            names = [tool.name for tool in (await one.list_tools()).tools]
            assert names == [
                *("list_scenarios", "simulate", "validate", "judge", "explain", "conform")
            ]
            (folder / "bad.json").write_text('{"device_id": 1}')
            found = await asked(one, "validate", files=["bad.json"])
            assert found["exit_code"] == 1
            assert found["result"][-1]["faults"] == len(found["result"]) - 1 > 0
            assert "outside" in await asked(one, "validate", files=["../said"])
            assert "there are list_scenarios" in await asked(one, "explode")

    anyio.run(story)
    assert (folder.parent / "said").read_text() == ""


@pytest.mark.slow
def test_every_tool_answers_with_the_json_that_the_command_prints(folder):
    """A crew's hour: simulated, validated, judged, explained; and a backend that is asked."""

    def printed(*words):
        done = subprocess.run(
            [*BADGE, *words, "--json"], cwd=folder, capture_output=True, text=True
        )
        return {"exit_code": done.returncode, "result": json.loads(done.stdout)}

    async def story(url, key):
        async with client(folder, BADGE_PROVISIONING_KEY=key) as one:
            assert await asked(one, "list_scenarios") == printed("scenario", "list")
            asking = {"scenario": "crew-of-five", "hours": 0.7, "seed": 5}
            run = await asked(one, "simulate", **asking, out="run", record="rec")
            assert run["result"]["events"] > 100
            assert (await asked(one, "validate", files=["run/events.ndjson"]))["exit_code"] == 0
            stimulus = next((folder / "rec").iterdir()).name
            judged = {"stimulus": f"rec/{stimulus}", "events": f"rec/{stimulus}"}
            words = ("judge", "--stimulus", judged["stimulus"], "--events", judged["events"])
            assert await asked(one, "judge", **judged) == printed(*words)
            said = await asked(one, "explain", what="run", at="07:10")
            assert said == printed("explain", "run", "--at", "07:10")
            assert len(said["result"]) == 5
            found = await asked(one, "conform", url=url, only=["accepts one event"])
            assert (found["exit_code"], found["result"]["passed"]) == (0, 1)

    with launch_ingest() as running:
        key = running.ingest.new_service_keys()["provisioning"]
        anyio.run(story, running.url, key)


SCENARIO = """
scenario: Out
start: "2026-03-16T06:30:00Z"
hours: 1
seed: 1
site:
  depot: [-40, 0]
  {site}
crews:
  crew:
    workers: [Ana]
    day: [{{arrive: depot, at: "06:50"}}, {step}, {{leave: depot}}]
"""
PARCELS = "parcels: {Maric: {metres: [[0, 0], [100, 0], [100, 70], [0, 70]]}}"
WORK = '{work: Maric, until: "07:20"}'


@pytest.mark.slow
def test_what_files_name_is_kept_within_the_folder_as_well(folder):
    outside = folder.parent / "outside"
    outside.mkdir()
    (outside / "walk.gpx").write_text("<gpx/>")
    (folder / "late.gpx").symlink_to(outside / "walk.gpx")
    named = {
        "absolute": ("parcels_file: /proc/self/environ", WORK),
        "above": (PARCELS, '{track: ../outside/walk.gpx, until: "07:20"}'),
        "link": (PARCELS, '{track: late.gpx, until: "07:20"}'),
    }
    for name, (site, step) in named.items():
        (folder / f"{name}.yaml").write_text(SCENARIO.format(site=site, step=step))

    async def story():
        async with client(folder, SECRET="do-not-tell") as one:
            for name in named:
                said = await asked(one, "simulate", scenario=f"{name}.yaml")
                assert isinstance(said, str), name
                assert "outside the folder" in said, (name, said)
            assert "this computer" in await asked(one, "conform", url="http://192.0.2.1")

    anyio.run(story)
    assert sorted(one.name for one in outside.iterdir()) == ["walk.gpx"]
    assert not [one for one in folder.iterdir() if one.name.startswith("run-")]


@pytest.mark.slow
def test_calls_at_once_a_cancelled_one_and_one_too_large(folder):
    """Many at once are all answered; whoever gives up is not waited for; nothing runs on."""
    os.mkfifo(folder / "endless")

    async def story():
        async with client(folder) as one:
            got = []

            async def ask(number):
                got.append(await asked(one, "validate", files=[f"{number}.json"]))

            async with anyio.create_task_group() as several:
                for number in range(6):
                    several.start_soon(ask, number)
            assert len(got) == 6
            assert all("No such file" in said for said in got)

            with anyio.move_on_after(1):
                await one.call_tool("validate", {"files": ["endless"]})
            huge = await asked(one, "validate", files=["x" * 4_000_000])  # and is at hand again
            assert "at most 1,000 characters" in huge
        async with client(folder, "--seconds", "1") as one:
            late = await asked(one, "simulate", scenario="crew-of-five", badges=500)
            assert "not done after 1 s" in late

    anyio.run(story)
    until(lambda: not living_in(folder), lambda: f"still there: {living_in(folder)}")


def living_in(folder) -> list[str]:
    """The processes that have their place there."""
    found = []
    for one in Path("/proc").glob("[0-9]*"):
        try:
            if Path(os.readlink(one / "cwd")) == folder:
                found.append((one / "cmdline").read_text())
        except OSError:  # it is gone, or another user's
            continue
    return found


@pytest.mark.slow
@pytest.mark.parametrize("how", ["its input ends", "it is killed"])
def test_a_call_under_way_ends_with_its_client_or_its_server(folder, how):
    os.mkfifo(folder / "endless")
    started = subprocess.Popen(
        [*BADGE, "mcp"], cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL
    )
    hello = {"protocolVersion": "2025-06-18", "capabilities": {}}
    asking = {"name": "validate", "arguments": {"files": ["endless"]}}
    for number, method, said in (
        (1, "initialize", hello | {"clientInfo": {"name": "x", "version": "1"}}),
        (2, "tools/call", asking),
    ):
        message = {"jsonrpc": "2.0", "id": number, "method": method, "params": said}
        started.stdin.write(json.dumps(message).encode() + b"\n")
    started.stdin.flush()
    until(lambda: len(living_in(folder)) == 2, lambda: living_in(folder))
    if how == "it is killed":
        started.kill()
    started.stdin.close()
    started.wait(PATIENCE_S)
    until(lambda: not living_in(folder), lambda: f"still there: {living_in(folder)}")


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_as_ctrl_c_does(folder, number):
    started = subprocess.Popen(
        [*BADGE, "mcp"], cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=-1
    )
    hello = {"jsonrpc": "2.0", "id": 1, "method": "server/discover", "params": {}}
    started.stdin.write(json.dumps({**hello, "method": "ping"}).encode() + b"\n")
    started.stdin.flush()
    assert started.stdout.readline()  # it is there
    started.send_signal(number)
    _, said = started.communicate(timeout=60)
    assert (started.returncode, said.decode().strip()) == (130, "badge: interrupted")


@pytest.mark.slow
def test_a_client_that_sends_rubbish_or_goes_away_ends_it_quietly(folder):
    rubbish = b"\n{\n[]\n\xff\xfe\n" + b'{"jsonrpc":"2.0","id":1,"method":"nonsense"}\n'
    done = subprocess.run([*BADGE, "mcp"], cwd=folder, input=rubbish, capture_output=True)
    assert done.returncode == 0
    assert b"Traceback" not in done.stderr
    assert done.stderr == b""
    endless = b"x" * (17 << 20)
    done = subprocess.run([*BADGE, "mcp"], cwd=folder, input=endless, capture_output=True)
    assert done.returncode == 2
    assert done.stderr.decode().count("\n") == 1
    assert "is this an MCP client?" in done.stderr.decode()


def test_a_host_is_allowed_by_whoever_starts_it_and_by_no_file_of_the_folder(folder, monkeypatch):
    (folder / "badge.toml").write_text('[mcp]\nallow-host = ["example.org"]\n')
    monkeypatch.chdir(folder)
    said = call("mcp")
    assert said.code == 2
    assert "may be a stranger's" in said.err


def test_the_root_of_all_files_is_no_project(monkeypatch):
    monkeypatch.chdir("/")
    said = call("mcp")
    assert said.code == 2
    assert "project" in said.err
