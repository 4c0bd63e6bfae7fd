"""`badge record`: real input in, every event stored once; and every way in which it can fail."""

from __future__ import annotations

import json

import pytest

from sim.ingest.launch import launch_ingest
from tests.command import RECORDINGS, call, needs_recordings, sentence
from tests.sim.record.walk_file import GPX, lines, numbers, write_walk

WALK = RECORDINGS / "walk-korita.gpx"
TAGS = RECORDINGS / "ble-tags-phone-one.csv"
SHOWN = {
    "walk and tags": ["--track", WALK, "--adverts", TAGS, "--rssi-threshold", -80],
    "nmea haicom": ["--track", RECORDINGS / "nmea-haicom-305n.log"],
    "nmea quectel": ["--track", RECORDINGS / "nmea-quectel-eg25-coldstart.log"],
    "nmea sirf": ["--track", RECORDINGS / "nmea-sirfstarv.log"],
    "btsnoop": ["--track", WALK, "--adverts", RECORDINGS / "ble-capture.btsnoop"],
}

# What the command is for.


@needs_recordings
@pytest.mark.parametrize("name", SHOWN)
def test_every_event_is_stored_once_in_order_and_replays_equal(tmp_path, name):
    out, events = tmp_path / "r.ndjson", tmp_path / "e.ndjson"
    with launch_ingest() as server:
        said = call(
            "record", *SHOWN[name], "--out", out, "--events", events, "--to", server.url, "--json"
        )
        stored, counts = server.store.events(), server.store.counts()
    told = json.loads(said.out)
    skipped = "358 of 871 points skipped: 358 without a time" if WALK in SHOWN[name] else ""
    assert (said.code, skipped in said.err, bool(said.err)) == (0, True, bool(skipped))
    assert stored == lines(events)
    assert numbers(stored) == list(range(1, len(stored) + 1))
    assert told["events_total"] == len(stored) == counts.events
    assert (counts.duplicates, counts.conflicts) == (0, 0)
    assert (told["waiting"], told["quarantined"], told["overflowed"]) == (0, 0, 0)
    assert told["answers"].keys() == {"202"}
    assert [line["out"] for line in lines(out) if "out" in line] == stored
    assert call("replay", out).code == 0


@needs_recordings
def test_the_walk_meets_what_it_should(tmp_path):
    said = call("record", *SHOWN["walk and tags"], "--json")
    events = json.loads(said.out)["events"]
    assert set(events) == {
        *("reboot", "shift_start", "shift_end", "gps", "gps_no_fix", "motion"),
        *("ble_proximity", "ble_lost"),
    }
    assert events["ble_proximity"] >= events["ble_lost"] > 5
    assert events["gps"] > 500


def test_the_same_run_twice_gives_the_same_bytes(tmp_path, short_walk):
    for name in ("a", "b"):
        assert call("record", "--track", short_walk, "--out", tmp_path / f"{name}.ndjson").code == 0
    assert (tmp_path / "a.ndjson").read_bytes() == (tmp_path / "b.ndjson").read_bytes()


def test_the_compact_form_replays_too(tmp_path, short_walk):
    assert call("record", "--track", short_walk, "--out", tmp_path / "r.cbor").code == 0
    assert call("replay", tmp_path / "r.cbor").code == 0


def test_a_second_run_with_the_same_flash_goes_on_with_the_next_number(tmp_path, short_walk):
    common = ["record", "--track", short_walk, "--flash", tmp_path / "f.bin"]
    for run in ("1", "2"):
        files = ["--events", tmp_path / f"{run}.ndjson", "--out", tmp_path / f"r{run}.ndjson"]
        assert call(*common, *files).code == 0
    first, second = (numbers(lines(tmp_path / f"{n}.ndjson")) for n in (1, 2))
    assert first + second == list(range(1, len(first) + len(second) + 1))
    for name in ("r1", "r2"):
        assert call("replay", tmp_path / f"{name}.ndjson").code == 0
    with launch_ingest() as server:
        assert call(*common, "--to", server.url).code == 0
        assert numbers(server.store.events())[: len(first + second)] == first + second


def test_settings_come_from_a_file_and_from_options(tmp_path, short_walk):
    config = tmp_path / "device_config.json"
    config.write_text('{"device_id": "ACT-3F8A21B4", "gps_interval_s": 60}')
    events = tmp_path / "e.ndjson"
    common = ["record", "--track", short_walk, "--events", events, "--config", config]
    call(*common, "--set", "gps_interval_s=120", "--worker", "W-1", "--firmware", "2.0.1")
    written = lines(events)
    assert {(e["device_id"], e["firmware_version"]) for e in written} == {("ACT-3F8A21B4", "2.0.1")}
    assert written[1]["payload"] == {"worker_id": "W-1"}
    assert sum(e["event_type"] == "gps" for e in written) == 5


def test_people_get_tables_within_80_columns(short_walk):
    with launch_ingest() as server:
        said = call("record", "--track", short_walk, "--to", server.url)
    assert "shift_start" in said.out
    assert "202" in said.out
    assert max(map(len, said.out.splitlines())) <= 80


def test_the_key_is_in_nothing_that_is_written_but_the_flash(tmp_path, short_walk, monkeypatch):
    secret = "ak_3F8A21B4_do-not-tell"
    monkeypatch.setenv("BADGE_API_KEY", secret)
    with launch_ingest() as server:
        for run in (1, 2):
            said = call(
                *(
                    "record",
                    "--track",
                    short_walk,
                    "--flash",
                    tmp_path / "f.bin",
                    "--to",
                    server.url,
                ),
                *("--out", tmp_path / f"{run}.ndjson", "--events", tmp_path / f"e{run}.ndjson"),
            )
            assert said.code == 0
            assert secret not in said.out + said.err
    for path in tmp_path.glob("*.ndjson"):
        assert secret.encode() not in path.read_bytes()


# Bad input.


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--set", "gps_interval_s=0"], "gps_interval_s"),
        (["--set", "nonsense"], "KEY=VALUE"),
        (["--set", "nonsense=1"], "nonsense"),
        (["--device-id", "act-1"], "device_id"),
        (["--rssi-threshold", "5"], "ble_rssi_threshold"),
        (["--worker", ""], "--worker"),
        (["--worker", "x" * 65], "--worker"),
        (["--worker", "\udcff"], "--worker"),
        (["--firmware", "1.0"], "--firmware"),
        (["--set", 'worker_ids=["W-1"]'], "not in the configuration's worker_ids"),
        (["--to", "nowhere"], "not a URL"),
        (["--to", "http://127.0.0.1:1", "--api-key", "a\nb"], "api_key"),
    ],
)
def test_wrong_options_are_one_sentence(short_walk, options, words):
    said = call("record", "--track", short_walk, *options)
    assert said.code == 2
    assert words in sentence(said)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", ""),
        ("my diary", ""),
        (GPX.format('<trkpt lat="45" lon="15"/>'), "time"),
        (GPX.format("")[:60], ""),
        (GPX.format('<trkpt lat="x" lon="15"/>'), ""),
        ("$GPGGA,nonsense\n", ""),
    ],
)
def test_a_track_that_is_none_is_one_sentence(tmp_path, content, words):
    track = tmp_path / "track"
    track.write_text(content)
    said = call("record", "--track", track)
    assert said.code == 2
    assert str(track) in sentence(said)
    assert words in said.err


@pytest.mark.parametrize(
    "content", [b"", b"btsnoop\0nonsense", b"unix_ms,mac,rssi\n", b"hello", b"\xff" * 100]
)
def test_adverts_that_are_none_are_one_sentence(tmp_path, short_walk, content):
    adverts = tmp_path / "adverts"
    adverts.write_bytes(content)
    said = call("record", "--track", short_walk, "--adverts", adverts)
    assert said.code == 2
    assert str(adverts) in sentence(said)


@pytest.mark.parametrize("content", [b"{", b"[]", b'{"gps_interval_s": "often"}'])
def test_a_config_that_is_wrong_is_one_sentence(tmp_path, short_walk, content):
    config = tmp_path / "device_config.json"
    config.write_bytes(content)
    said = call("record", "--track", short_walk, "--config", config)
    assert said.code == 2
    assert str(config) in sentence(said)


def test_more_tags_than_a_badge_can_know_are_one_sentence(tmp_path, short_walk):
    adverts = tmp_path / "many.csv"
    rows = (
        f"{1_773_477_135_000 + n},AA:BB:CC:DD:{n // 256:02X}:{n % 256:02X},-60\n"
        for n in range(1001)
    )
    adverts.write_text("unix_ms,mac,rssi\n" + "".join(rows))
    said = call("record", "--track", short_walk, "--adverts", adverts)
    assert said.code == 2
    assert "1001 tags" in sentence(said)


def test_an_input_is_never_written_over(tmp_path, short_walk):
    before = short_walk.read_bytes()
    for options in (["--out", short_walk], ["--out", tmp_path / "x", "--events", tmp_path / "x"]):
        said = call("record", "--track", short_walk, *options)
        assert said.code == 2
        assert "named twice" in sentence(said)
    assert short_walk.read_bytes() == before


def test_the_flash_of_another_badge_is_refused(tmp_path, short_walk):
    common = ["record", "--track", short_walk, "--flash", tmp_path / "f.bin"]
    assert call(*common, "--device-id", "ACT-3F8A21B4").code == 0
    content = (tmp_path / "f.bin").read_bytes()
    said = call(*common, "--device-id", "ACT-00000002")
    assert "the flash of ACT-3F8A21B4" in sentence(said)
    assert (tmp_path / "f.bin").read_bytes() == content


def test_points_too_far_apart_for_a_fix_are_told(tmp_path):
    path = tmp_path / "sparse.gpx"
    write_walk(path, 606, 121)
    said = call("record", "--track", path, "--json")
    assert "5 pairs of points lie more than 120 s apart: no fix between them" in said.err
    assert "gps" not in json.loads(said.out)["events"]
    write_walk(path, 606, 120)
    assert call("record", "--track", path).err == ""
