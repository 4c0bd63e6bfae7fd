"""`badge serve` as a real process: its keys, its counters, its end, and its sudden death."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from threading import Event
from types import SimpleNamespace

import pytest
import urllib3
from click.testing import CliRunner

from badge.errors import InputError
from sim.ingest import cli
from sim.ingest.api.answers import refused_batch
from sim.ingest.api.ingest import Rules
from sim.ingest.cli import serve
from sim.ingest.store.sqlite import SqliteStore
from tests.command import started
from tests.patience import PATIENCE_S
from tests.sim.ingest.site import BADGE, ask_http, batch, raw

DEATHS = 2  # `badge crashtest` goes on to 200
COMMAND = [sys.executable, "-c", "from badge.cli.main import main; main()", "serve"]


@contextmanager
def serving(*options):
    """Run the command on a free port; yield the process and the first line that it prints."""
    with started(
        [*COMMAND, "--port", "0", *map(str, options)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        yield process, process.stdout.readline()


def ended(process, number):
    process.send_signal(number)
    code = process.wait(PATIENCE_S)
    return code, process.stdout.read(), process.stderr.read()


def test_keys_are_printed_at_the_first_start_only_and_open_the_api(tmp_path):
    db = tmp_path / "x.db"
    with serving("--db", db, "--json") as (process, line):
        first = json.loads(line)
        body = {"device_id": BADGE, "company_id": "acme"}
        headers = {"X-Actual-Api-Key": first["provisioning_key"]}
        key = ask_http(first["url"], "POST", "/api/devices", body, headers).body["api_key"]
        headers = {"X-Actual-Api-Key": key}
        sent = [*batch(1, 2, 2), batch(3, payload=7)[0]]
        assert ask_http(first["url"], "POST", "/api/events", sent, headers).status == 207
        code, out, err = ended(process, signal.SIGTERM)
    figures = {"requests": 2, "accepted": 3, "duplicates": 1, "rejected": 1, "conflicts": 0}
    told, last = err.replace("\n\n", "\n").splitlines()[-2:]
    assert (code, out, json.loads(told), last) == (130, "", figures, "badge: interrupted")
    with serving("--db", db, "--json") as (process, line):
        second = json.loads(line)
        assert second.keys() == {"url", "db"}
        path = f"/api/devices/{BADGE}/status"
        headers = {"X-Actual-Api-Key": first["admin_key"]}
        assert ask_http(second["url"], "GET", path, None, headers).status == 200
        ended(process, signal.SIGTERM)
    with serving("--db", db, "--json", "--new-keys") as (process, line):
        third = json.loads(line)
        assert third["admin_key"] != first["admin_key"]
        assert ask_http(third["url"], "GET", path, None, headers).status == 401


def test_ctrl_c_shows_the_counters_and_ends_with_130():
    with serving("--db", ":memory:", "--open") as (process, line):
        url = line.split()[3].rstrip(",")
        ask_http(url, "POST", "/api/events", batch(1))
        code, out, err = ended(process, signal.SIGINT)
    assert code == 130
    assert "Open: no keys are asked for." in out
    assert "requests 1  accepted 1  duplicates 0  rejected 0  conflicts 0" in err
    assert "Traceback" not in err


def test_quiet_shows_the_keys_but_no_counters():
    with serving("--db", ":memory:", "--quiet") as (process, _):
        code, out, err = ended(process, signal.SIGTERM)
    assert (code, err.strip()) == (130, "badge: interrupted")
    assert "admin key:        admin_" in out


def run(*options):
    return CliRunner().invoke(serve, list(map(str, options)), standalone_mode=False).exception


@pytest.mark.parametrize("name", ["", "  "])
def test_a_database_without_a_name_would_keep_nothing_and_is_refused(name):
    error = run("--db", name, "--port", 0)
    assert isinstance(error, InputError)
    assert "name a file, or :memory:" in str(error)


def test_a_port_in_use_is_one_sentence(tmp_path):
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
        error = run("--db", ":memory:", "--port", port)
    assert isinstance(error, InputError)
    assert str(error).startswith(f"port {port} of 127.0.0.1 cannot be had (Address already in use)")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--db", "nowhere/x.db"], "nowhere/x.db: cannot be used as the database"),
        (["--db", ":memory:", "--min-firmware", "4"], "--min-firmware 4: must be"),
        (["--db", ":memory:", "--current-firmware", "x"], "--current-firmware x: must be"),
        (["--db", ":memory:", "--current-firmware", "1.0.0"], "--min-firmware"),
        (["--db", ":memory:", "--host", "no such host"], "--host no such host"),
    ],
)
def test_mistakes_are_one_sentence(options, words):
    error = run(*options)
    assert isinstance(error, InputError)
    assert words in str(error)


def test_a_mistake_ends_the_command_with_2(tmp_path):
    ended_ = subprocess.run(
        [*COMMAND, "--db", tmp_path / "nowhere" / "x.db"], capture_output=True, text=True
    )
    assert ended_.returncode == 2
    assert ended_.stdout == ""
    assert ended_.stderr.count("\n") == 1


def test_firmware_options_reach_the_api():
    with serving("--db", ":memory:", "--open", "--json", "--current-firmware", "0.7.0") as (
        _,
        line,
    ):
        url = json.loads(line)["url"]
        assert (
            ask_http(url, "POST", "/api/events", batch(1, firmware_version="0.4.9")).status == 422
        )
        assert (
            ask_http(url, "POST", "/api/events", batch(1, firmware_version="0.5.0")).status == 202
        )


def upload_until_dead(url, device, first, some_came):
    """Send batches until the server is gone; return the numbers it acknowledged."""
    acknowledged = []
    with urllib3.PoolManager(retries=False) as pool:
        for start in range(first, first + 100_000, 10):
            numbers = range(start, start + 10)
            body = raw(batch(*numbers, device=device))
            try:
                response = pool.request("POST", f"{url}/api/events", body=body)
            except urllib3.exceptions.HTTPError:
                return acknowledged
            assert response.status == 202
            acknowledged += numbers
            if len(acknowledged) >= 50:
                some_came.set()
    raise AssertionError


def test_what_was_acknowledged_survives_a_sudden_death_under_load(tmp_path):
    db = tmp_path / "x.db"
    devices = [f"ACT-{n:08X}" for n in range(4)]
    acknowledged = {device: [] for device in devices}
    for death in range(DEATHS):
        first = death * 1_000_000 + 1
        with serving("--db", db, "--open", "--json") as (process, line):
            url, some_came = json.loads(line)["url"], Event()
            with ThreadPoolExecutor(len(devices)) as pool:
                clients = {
                    device: pool.submit(upload_until_dead, url, device, first, some_came)
                    for device in devices
                }
                assert some_came.wait(PATIENCE_S)
                process.kill()
                for device, client in clients.items():
                    acknowledged[device] += client.result()
    with closing(SqliteStore(db)) as store:
        counts = store.counts()
        for device in devices:
            kept = [event["sequence_number"] for event in store.events(device)]
            assert len(kept) == len(set(kept))
            assert set(acknowledged[device]) <= set(kept)
            # A batch is there whole or not at all, and at most the last of each life unanswered.
            assert len(kept) % 10 == 0
            assert len(kept) - len(acknowledged[device]) <= DEATHS * 10
        total = sum(len(numbers) for numbers in acknowledged.values())
        assert 0 <= counts.events - total <= DEATHS * 10 * len(devices)
        assert store._db.execute("PRAGMA integrity_check").fetchone() == ("ok",)


@dataclass
class Started:
    """What the command tells about, without a server: its address and its keys."""

    kept: str | None = None
    url: str = "http://127.0.0.1:8080"

    @property
    def store(self):
        return SimpleNamespace(service_key={"provisioning": self.kept}.get)

    @property
    def ingest(self):
        return SimpleNamespace(new_service_keys=lambda: dict(KEYS))


KEYS = {"provisioning": "prov_1", "admin": "admin_2"}
FIRST = "Ingest API at http://127.0.0.1:8080, database x.db\n"
LAST = "Try: curl http://127.0.0.1:8080/api/health    Stop: Ctrl-C\n"


@pytest.mark.parametrize(
    ("open_", "keys", "words"),
    [
        (
            False,
            KEYS,
            "provisioning key: prov_1\nadmin key:        admin_2\n"
            "The keys are shown only now; --new-keys makes new ones.\n",
        ),
        (
            False,
            {},
            "The keys are those shown at the first start; --new-keys makes new ones.\n",
        ),
        (True, {}, "Open: no keys are asked for.\n"),
    ],
)
def test_where_it_is_and_who_may_send_is_said_word_by_word(capsys, open_, keys, words):
    cli._announce(Started(), "x.db", Rules(open=open_), keys)
    assert capsys.readouterr() == (FIRST + words + LAST, "")


def test_the_same_for_a_program(capsys):
    cli._announce_json(Started(), "x.db", KEYS)
    out, err = capsys.readouterr()
    assert (json.loads(out), err) == (
        {
            "url": "http://127.0.0.1:8080",
            "db": "x.db",
            "provisioning_key": "prov_1",
            "admin_key": "admin_2",
        },
        "",
    )


@pytest.mark.parametrize(
    ("open_", "kept", "wanted", "made"),
    [
        (False, None, False, KEYS),
        (False, "one", False, {}),
        (False, "one", True, KEYS),
        (True, None, False, {}),
        (True, None, True, KEYS),
    ],
)
def test_keys_are_made_where_none_are_or_new_ones_are_wanted(open_, kept, wanted, made):
    assert cli._keys(Started(kept), Rules(open=open_), wanted) == made


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost"])
def test_nobody_is_warned_of_loopback(capsys, host):
    cli._warn_of_exposure(host, Rules())
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("open_", "who"),
    [(True, "anyone who reaches it may write"), (False, "keys travel unencrypted")],
)
def test_who_listens_to_others_is_warned_on_stderr(capsys, open_, who):
    cli._warn_of_exposure("0.0.0.0", Rules(open=open_))
    said = f"badge: 0.0.0.0 is not loopback: {who}; put TLS in front of it\n"
    assert capsys.readouterr() == ("", said)


def test_a_folder_for_what_is_refused_is_made_with_those_above_it(tmp_path, capsys):
    folder = tmp_path / "a" / "b"
    for _ in range(2):  # that it is there is no mistake
        refusals = cli._refusals(folder)
    assert folder.is_dir()
    folder.rmdir()
    refused = refused_batch(400, "x", "no")
    refusals.note(refused, b"[]", "", "2026-03-14T08:32:15Z")
    out, err = capsys.readouterr()
    assert out == ""
    assert "no more refused bodies are kept" in err
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="file/c"):
        cli._refusals(tmp_path / "file" / "c")
    cli._refusals(None).note(refused, b"[]", "", "")
    assert capsys.readouterr() == ("", "")


def test_a_file_of_events_is_another_file_than_the_database(tmp_path, capsys):
    db, events = tmp_path / "x.db", tmp_path / "events.ndjson"
    with closing(cli._store(str(db), None)) as store:
        assert type(store) is SqliteStore
    with pytest.raises(InputError):
        cli._store(str(db), db)
    with closing(cli._store(str(db), events)) as store:
        store.add_batch(batch(1), "2026-03-14T08:33:00Z")
    assert (db.exists(), len(events.read_text().splitlines())) == (True, 1)
    events.unlink()
    events.symlink_to("/dev/full")
    with closing(cli._store(str(db), events)) as store:
        store.add_batch(batch(2), "2026-03-14T08:33:00Z")
    out, err = capsys.readouterr()
    assert out == ""
    assert "the list of events ends here" in err
