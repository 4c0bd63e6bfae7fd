"""`badge record` when things go wrong: killed, no room, a cloud that does not work, Ctrl-C."""

from __future__ import annotations

import json
import os
import re
import select
import signal
import socket
import subprocess
import sys
import threading
from contextlib import contextmanager, suppress
from random import Random

import pytest

from sim.ingest.launch import launch_ingest
from sim.net.server import held_port
from sim.record import uplink as http_uplink
from tests.command import RECORDINGS, call, needs_recordings, sentence, started
from tests.sim.record.walk_file import lines, numbers, write_walk

# Killed.

# One process has everything imported and forks for every run: ten starts would take half a minute.
FORKING = """
import json, os, sys
from badge.cli import main as command_line
import sim.record.cli
for line in sys.stdin:
    pid = os.fork()
    if not pid:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        sys.argv = json.loads(line)
        command_line.main()
    print(pid, flush=True)
    print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)
"""


@contextmanager
def runs():
    """Yields a call that runs `badge ARGUMENTS` until it ends or `is_time()`, when it is killed."""
    command = [sys.executable, "-c", FORKING]
    # Unbuffered: with the pid a reader ahead would take the code of a run that has ended by then,
    # and no select would tell of it.
    with started(command, stdin=-1, stdout=-1, bufsize=0) as forking:

        def run(is_time, *arguments):
            forking.stdin.write(json.dumps(["badge", *map(str, arguments)]).encode() + b"\n")
            pid = int(forking.stdout.readline())
            while not select.select([forking.stdout], [], [], 0.001)[0]:
                if is_time():
                    with suppress(ProcessLookupError):  # it ended meanwhile
                        os.kill(pid, signal.SIGKILL)
                    break
            return int(forking.stdout.readline())

        yield run
        forking.stdin.close()


def moments(tmp_path, server, seed):
    """Ten moments to kill at, by how far the run has come: predicates, chosen by the seed."""
    rng = Random(seed)
    events, flash = tmp_path / "e.ndjson", tmp_path / "f.bin"
    before = [0]

    def written(count):
        return lambda: events.exists() and events.stat().st_size >= count

    def stored(count):
        return lambda: server.store.counts().events >= before[0] + count

    def made(count):
        return lambda: flash.exists() and flash.stat().st_size >= count

    for place in range(10):
        before[0] = server.store.counts().events
        events.unlink(missing_ok=True)
        yield (
            made(1)
            if place == 0
            else rng.choice([written, stored])(rng.choice([1, rng.randrange(1, 900)]))
        )


@needs_recordings
def test_killing_it_at_ten_moments_neither_repeats_nor_loses_a_number(tmp_path):
    walk, tags = RECORDINGS / "walk-korita.gpx", RECORDINGS / "ble-tags-phone-one.csv"
    command = ["record", "--track", walk, "--adverts", tags, "--rssi-threshold", -80]
    command += ["--flash", tmp_path / "f.bin", "--out", tmp_path / "r.ndjson"]
    command += ["--events", tmp_path / "e.ndjson"]
    seen, killed = [], 0
    with launch_ingest() as server, runs() as run:
        for is_time in moments(tmp_path, server, seed=74):
            killed += run(is_time, *command, "--to", server.url) == -signal.SIGKILL
            seen += whole_lines(tmp_path / "e.ndjson")
        assert run(lambda: False, *command, "--to", server.url) == 0
        seen += lines(tmp_path / "e.ndjson")
        stored, counts = server.store.events(), server.store.counts()
    assert killed >= 8
    assert counts.conflicts == 0, "a number was used twice"
    assert numbers(stored) == list(range(1, len(stored) + 1)), "a number was lost"
    kept = {event["sequence_number"]: event for event in stored}
    assert all(kept[event["sequence_number"]] == event for event in seen)


def whole_lines(path):
    """What was written before the end came, the line that it cut aside."""
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_bytes().splitlines(True) if line.endswith(b"\n")]


# No room.


@pytest.mark.parametrize("option", ["--out", "--events"])
def test_a_full_disk_names_the_file_and_the_flash_goes_on(tmp_path, short_walk, option):
    common = ["record", "--track", short_walk, "--flash", tmp_path / "f.bin"]
    said = call(*common, option, "/dev/full")
    assert said.code == 2
    assert "/dev/full: No space left on device; make room" in sentence(said)
    with launch_ingest() as server:
        assert call(*common, "--to", server.url).code == 0
        stored = numbers(server.store.events())
    assert stored == list(range(1, len(stored) + 1))
    assert len(stored) > 40


def limited(bytes_max, *arguments):
    """Run it where no file may grow beyond that."""
    code = (
        f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({bytes_max}, {bytes_max}))\n"
    )
    code += "from badge.cli.main import main; main()"
    command = [sys.executable, "-c", code, *map(str, arguments)]
    env = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}  # it would be half written, and kept
    return subprocess.run(command, capture_output=True, text=True, check=False, env=env)


@pytest.mark.parametrize("option", ["--out", "--events"])
def test_a_disk_that_fills_up_in_the_middle_is_one_sentence_and_nothing_is_lost(
    tmp_path, short_walk, option
):
    common = ["record", "--track", short_walk, "--flash", tmp_path / "f.bin"]
    assert call(*common).code == 0
    target = tmp_path / "target"
    write_walk(short_walk, 3600, every_s=5)
    done = limited(130_000, *common, "--set", "gps_interval_s=5", option, target)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"badge: {target}: File too large; make room and run it again\n"
    assert target.stat().st_size == 130_000
    with launch_ingest() as server:
        assert call(*common, "--to", server.url).code == 0
        stored = numbers(server.store.events())
    assert stored == list(range(1, len(stored) + 1))
    assert len(stored) > 100


def test_a_disk_without_room_for_the_flash_is_one_sentence_and_a_second_run_begins(
    tmp_path, short_walk
):
    common = ["record", "--track", short_walk, "--flash", tmp_path / "f.bin"]
    done = limited(9000, *common)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"badge: {tmp_path / 'f.bin'}: File too large; make room")
    assert call(*common).code == 0


def test_a_place_that_cannot_be_written_is_one_sentence(tmp_path, short_walk):
    for option in ("--out", "--events", "--flash"):
        said = call("record", "--track", short_walk, option, tmp_path / "no" / "where")
        assert said.code == 2
        assert re.search("No such file or directory|there is no folder .*no; make", sentence(said))


# A cloud that does not work.


@pytest.fixture
def waiting(tmp_path, short_walk):
    """A command with flash, and the check that nothing of it was lost."""
    command = ["record", "--track", short_walk, "--flash", tmp_path / "f.bin"]

    def deliver():
        with launch_ingest() as server:
            assert call(*command, "--to", server.url).code == 0
            stored = numbers(server.store.events())
        assert stored == list(range(1, len(stored) + 1))
        return len(stored)

    return command, deliver


@contextmanager
def answering(content):
    """A server that says that to whatever comes, or nothing at all (None); yields its URL."""
    held = []

    def run(listener):
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            held.append(connection)
            if content is not None:
                with suppress(OSError):  # the client may be gone by then
                    connection.recv(1 << 20)
                    connection.sendall(content)
                    connection.shutdown(socket.SHUT_RDWR)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=run, args=(listener,), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()
    for connection in held:
        connection.close()


REFUSAL = b"HTTP/1.1 500 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (REFUSAL, "answered 500"),
        (REFUSAL.replace(b"500", b"401"), "is the API key right?"),
        (b"nonsense\r\n\r\n", "an answer that is not HTTP"),
        (None, "no answer in time"),
    ],
)
def test_a_cloud_that_does_not_take_it_is_one_sentence_and_nothing_is_lost(
    waiting, monkeypatch, content, words
):
    if content is None:  # all of it is waited for
        monkeypatch.setattr(http_uplink, "TIMEOUT_S", 0.2)
        monkeypatch.setattr(http_uplink, "SILENCE_S", 0.1)
    command, deliver = waiting
    with answering(content) as url:
        said = call(*command, "--to", url)
    assert said.code == 1
    note = " ".join(said.err.split())
    assert words in note
    assert "were not delivered; they wait in" in note
    assert "Traceback" not in note
    assert deliver() > 80


def test_a_refused_connection_is_one_sentence_and_nothing_is_lost(waiting):
    command, deliver = waiting
    with held_port() as port:
        said = call(*command, "--to", f"http://127.0.0.1:{port}")
    assert said.code == 1
    assert "is the server running?" in " ".join(said.err.split())
    assert deliver() > 80


def test_without_flash_it_says_that_they_are_lost(short_walk):
    with held_port() as port:
        said = call("record", "--track", short_walk, "--to", f"http://127.0.0.1:{port}")
    assert said.code == 1
    assert "with --flash FILE they would wait" in " ".join(said.err.split())


def test_ctrl_c_in_the_middle_of_an_upload_is_one_sentence_and_nothing_is_lost(waiting):
    command, deliver = waiting
    words = [sys.executable, "-m", "badge.cli.main", *map(str, command)]
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(60)
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        with started([*words, "--to", url], stdout=-1, stderr=-1, text=True) as process:
            connection, _ = listener.accept()
            connection.recv(1)
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=60)
        connection.close()
    assert (process.returncode, out) == (130, "")
    assert [line for line in err.splitlines() if line] == [err.strip()]
    assert "events wait in" in err
    assert "the same command goes on" in err
    assert deliver() > 48
