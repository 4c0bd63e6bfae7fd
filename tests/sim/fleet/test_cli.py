import json
import os
import re
import signal
import stat
import subprocess
import sys
import time

import click
import pytest
from click.testing import CliRunner

from badge.errors import InputError
from badge.host.recording_file import RecordingFile
from sim.fleet.cli import simulate
from sim.ingest.api.ingest import Rules
from sim.ingest.launch import launch_ingest
from sim.ingest.store.sqlite import SqliteStore
from sim.reconcile.cli import reconcile
from tests.patience import PATIENCE_S, until
from tests.sim.fleet.story import call


def test_a_run_leaves_a_folder_a_summary_and_recordings(story):
    result = call("small.yaml", "--hours", "0.3", "--summary", "s.json", "--record", "rec")
    assert "2 badges, 0.3 h" in result.output
    summary = json.loads((story / "s.json").read_text())
    folder = story / summary["folder"]
    assert folder.name.startswith("run-small-3-")
    assert {path.name for path in (folder / "truth").iterdir()} >= {
        "events.ndjson",
        "shifts.json",
        "visits.json",
        "sessions.json",
        "presence.json",
        "run.json",
    }
    assert summary["delivered"] + sum(summary["undelivered"].values()) == summary["events"]
    recordings = sorted((story / "rec").iterdir())
    assert len(recordings) == 2
    with RecordingFile(recordings[0]) as recording:
        assert summary["run_id"] in recording.header.note
        assert sum(1 for _ in recording) > 50


def test_a_run_never_writes_over_another(story):
    call("small.yaml", "--hours", "0.05", "--out", "a")
    with pytest.raises(InputError, match="a exists; name another folder"):
        call("small.yaml", "--hours", "0.05", "--out", "a")
    for place in (".", "/"):
        with pytest.raises(InputError, match="exists; name another folder"):
            call("small.yaml", "--hours", "0.05", "--out", place)


def test_split_gives_one_file_a_badge(story):
    call("small.yaml", "--hours", "0.6", "--out", "one")
    call("small.yaml", "--hours", "0.6", "--out", "many", "--split")
    for name in ("events", "batches"):
        files = sorted((story / "many" / name).iterdir())
        assert len(files) == 2
        whole = b"".join(path.read_bytes() for path in files)
        assert whole == (story / "one" / f"{name}.ndjson").read_bytes()


def test_the_batches_are_the_uploads_and_hold_what_was_delivered(story):
    call("small.yaml", "--out", "a")
    logged = [json.loads(line) for line in (story / "a" / "events.ndjson").read_text().splitlines()]
    batches = [
        json.loads(line) for line in (story / "a" / "batches.ndjson").read_text().splitlines()
    ]
    assert all(1 <= len(batch) <= 100 for batch in batches)
    assert all(len({event["device_id"] for event in batch}) == 1 for batch in batches)
    sent = {(event["device_id"], event["sequence_number"]): event for b in batches for event in b}
    assert list(sent.values()) == logged
    call("small.yaml", "--out", "b", "--no-batches")
    assert not list((story / "b").glob("batches*"))


def test_provisioned_badges_upload_with_their_own_keys(story):
    with launch_ingest(rules=Rules()) as server:
        keys = server.ingest.new_service_keys()
        arguments = ("small.yaml", "--hours", "0.3", "--to", server.url, "--json")
        done = json.loads(
            call(*arguments, "--provision", keys["provisioning"], "--out", "a").output
        )
        assert done["undelivered"]["quarantined"] == 0
        assert server.store.counts().events == done["delivered"] > 0
        with pytest.raises(InputError, match="exists, and its key was shown only once"):
            call(*arguments, "--provision", keys["provisioning"], "--out", "b")
        with pytest.raises(InputError, match="provisioning key was refused"):
            call(*arguments, "--provision", "wrong", "--out", "b")
    assert not (story / "b").exists()


@pytest.mark.parametrize("fault", ["lose-answer", "duplicate", "corrupt", "late", "reorder"])
def test_a_fault_on_the_way_is_in_the_truth_and_a_right_server_loses_nothing(story, fault):
    path = story / "held.db"
    with launch_ingest(SqliteStore(str(path)), rules=Rules(open=True)) as server:
        words = ("small.yaml", "--hours", "2", "--to", server.url, "--fault", f"{fault}=0.4")
        assert call(*words, "--out", "a").exit_code == 0
        lines = dict(server.traffic.statuses)
        duplicates = server.traffic.duplicates
    counts = json.loads((story / "a" / "truth" / "run.json").read_text())["counts"]
    assert counts["faults"][fault] > 0
    assert (400 in lines) == (fault == "corrupt")
    assert (duplicates > 0) == (fault in ("lose-answer", "duplicate", "late"))
    compared = CliRunner().invoke(reconcile, [str(story / "a"), "--against", f"sqlite:///{path}"])
    assert compared.exit_code == 0, compared.output
    assert counts["undelivered"]["quarantined"] == 0


def test_a_server_that_is_not_there_is_told_and_nothing_looks_whole(story):
    with launch_ingest() as server:
        url = server.url
    result = call("small.yaml", "--hours", "0.1", "--to", url, "--give-up", "0.3", "--out", "a")
    assert result.exit_code == 1
    assert "no connection" in result.stderr
    assert [path.name for path in story.iterdir() if path.is_dir()] == ["a.interrupted"]
    document = json.loads((story / "a.interrupted" / "truth" / "run.json").read_text())
    assert document["complete"] is False


@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        (("none.yaml",), "neither a file nor a shipped scenario"),
        (("small.yaml", "--dask", "local:2", "--split"), "leave out --split"),
        (
            (
                *("first-week", "--dask", "local:1", "--hours", "99"),
                *("--start", "2026-03-02T13:00:00Z"),
            ),
            "before the run starts at 2026-03-02",
        ),
        (("small.yaml", "--dask", "here"), "write local:4 or a scheduler"),
        (("small.yaml", "--format", "ndjson"), "are of a data set: say --dask, too"),
        (("season-of-200",), "name one, as in season-of-200@boston"),
        (("small.yaml", "--speed", "fast"), "--speed fast"),
        (("small.yaml", "--start", "today"), "start: 'today'"),
        (("small.yaml", "--to", "here"), "not a URL"),
        (("small.yaml", "--fault", "late"), "--fault without --to"),
        (("small.yaml", "--to", "http://x", "--fault", "lost"), "choose one of lose-answer"),
        (("small.yaml", "--provision", "k"), "without --to"),
        (("small.yaml", "--api-key", "k", "--provision", "p", "--to", "x"), "give one"),
        (("small.yaml", "--start", "2026-03-16T07:30:00Z"), "before the run starts"),
    ],
)
def test_wrong_use_is_one_sentence_and_leaves_nothing(story, arguments, what):
    with pytest.raises(InputError, match=what):
        call(*arguments, "--out", "a")
    assert [path.name for path in story.iterdir()] == ["small.yaml"]


def test_ctrl_c_says_what_was_done(story):
    program = "from sim.fleet.cli import simulate; import sys; simulate(sys.argv[1:])"
    run = subprocess.Popen(
        [sys.executable, "-c", program, "small.yaml", "--speed", "30x", "--out", "a"],
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    until(lambda: any(path.name.startswith(".a.") for path in story.iterdir()))
    time.sleep(1.5)  # past the start of the clock; sooner or later makes no difference
    run.send_signal(signal.SIGINT)
    _, errors = run.communicate(timeout=PATIENCE_S)
    assert run.returncode == 130
    assert "stopped; what was done so far is in a.interrupted" in errors.replace("\n", " ")
    assert (story / "a.interrupted" / "truth" / "run.json").exists()
    assert not (story / "a").exists()


def test_the_command_is_one_of_click():
    assert isinstance(simulate, click.Command)


def test_a_wrong_key_is_told_with_its_remedy_and_is_no_success(story):
    with launch_ingest(rules=Rules()) as server:
        words = ("small.yaml", "--hours", "0.5", "--to", server.url, "--out")
        result = call(*words, "a", "--api-key", "wrong", "--json")
        assert result.exit_code == 1
        figures = json.loads(result.stdout)
        assert (figures["delivered"], list(figures["answers"])) == (0, ["401"])
        assert "the server answered 401 for all: is the key right? --api-key KEY" in result.stderr
        table = call(*words, "b", "--api-key", "wrong").stdout
        assert re.search(r"^answers        \d+ 401$", table, re.M)


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("http://nobody.invalid:8080", "no such host; is the name right?"),
        ("https://127.0.0.1:{port}", "no TLS there; is it http:// rather than https://?"),
    ],
)
def test_what_no_waiting_mends_is_told_at_once(story, url, sentence):
    with launch_ingest() as server:
        port = server.url.rsplit(":", 1)[1]
        words = ("small.yaml", "--hours", "0.2", "--to", url.format(port=port), "--give-up", "1h")
        result = call(*words, "--out", "a")
    assert result.exit_code == 1
    assert f"/api/events: {sentence}; what was done so far is in a.interrupted" in result.stderr
    assert "server answers" not in result.stdout


def test_giving_up_says_after_how_long(story):
    with launch_ingest() as server:
        url = server.url
    result = call("small.yaml", "--hours", "0.2", "--to", url, "--give-up", "0.7s", "--out", "a")
    assert "no connection for 0.7 s; is the server running?" in result.stderr


def test_a_password_in_a_url_is_neither_shown_nor_for_others_to_read(story):
    with launch_ingest() as server:
        url = server.url.replace("http://", "http://me:s3cret@")
    result = call("small.yaml", "--hours", "0.2", "--to", url, "--give-up", "0.1s", "--out", "a")
    assert "s3cret" not in result.output + result.stderr
    assert stat.S_IMODE((story / "a.interrupted" / "resume").stat().st_mode) == 0o700
    for path in story.rglob("*"):
        if path.is_file() and path.name != "asked.json":
            assert b"s3cret" not in path.read_bytes()


def test_every_upload_to_a_server_is_in_the_request_log(story):
    with launch_ingest() as server:
        assert call("small.yaml", "--to", server.url, "--out", "a").exit_code == 0
    lines = [
        json.loads(line) for line in (story / "a" / "requests.ndjson").read_text().splitlines()
    ]
    batches = [
        json.loads(line) for line in (story / "a" / "batches.ndjson").read_text().splitlines()
    ]
    sent = {(b[0]["device_id"], b[0]["sequence_number"], b[-1]["sequence_number"]) for b in batches}
    assert {(o["device_id"], o["first_sequence"], o["last_sequence"]) for o in lines} == sent
    assert {(one["status"], one["tries"], one["rejected"]) for one in lines} == {(202, 1, 0)}
    assert [one["at"] for one in lines] == sorted(one["at"] for one in lines)
    assert call("small.yaml", "--out", "b").exit_code == 0
    assert not (story / "b" / "requests.ndjson").exists()


def test_a_server_that_wants_a_key_and_was_given_none_ends_the_run_at_once(story):
    with launch_ingest(rules=Rules()) as server:
        words = ("small.yaml", "--hours", "0.5", "--to", server.url)
        for speed in ("max", "3600x"):
            result = call(*words, "--speed", speed, "--out", f"a{speed}")
            assert result.exit_code == 1
            assert "wants a key; --api-key KEY, --keys FILE or --provision KEY" in result.stderr


def test_one_badge_is_one_badge(story):
    said = call("small.yaml", "--badges", "1", "--hours", "0.3", "--out", "a").output
    assert "1 badge, 0.3 h" in said
    assert "1 badges" not in said
    assert re.search(r"truth\s+\d+ shifts?, ", said)
    assert not re.search(r"\b1 (?:shifts|visits|sessions|presences)\b", said)
