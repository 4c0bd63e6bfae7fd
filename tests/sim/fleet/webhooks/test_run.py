"""A morning with all four wires at once: each receiver's count equals the truth."""

import json
import os
from collections import Counter
from contextlib import ExitStack, contextmanager
from pathlib import Path
from queue import Queue

import h3
import pytest
from cloudevents.v1.http import from_dict

from badge.errors import InputError
from sim.fleet import run
from sim.ingest.launch import launch_ingest
from sim.platforms import listen
from sim.platforms import open as registry
from sim.scenario.language.read import find
from tests.sim.fleet.story import call

SECRETS = ("B284A51B143841695B2D7BF3B8554731", "C4FE345F29EF6156BD40B6DF73625243")
KEYS = {"blecon": ("X-Blecon: b",), "grouplink": ("X-Key: g",), "peridio": SECRETS}

EXACT = {
    "blecon": {
        "config.created": 1,
        "config.updated": 1,
        "device.advertising_data": 29,
        "device.message.badge.batch": 120,
        "device.request.badge.config": 29,
        "network.device_deregistered": 1,
        "network.device_first_seen": 20,
        "network.device_position": 276,
        "network.device_registered": 20,
        "network.device_spotted": 2962,
        "network.response_received": 29,
    },
    "grouplink": {"EVENT_IN": 639},
    "peridio": {
        "api_key.created": 1,
        "device.authentication-failed": 4,
        "device.checked-for-release": 83,
        "device.claimed-release": 7,
        "device.connected": 26,
        "device.release-changed": 5,
        "device.updated": 5,
        "webhook.test_fire": 1,
    },
}


class Receiver:
    """`badge listen` as a library, on loopback: what it accepted, once, and what it refused."""

    def __init__(self, name, secrets, reply):
        self.platform, self._reports = registry.platform(name), Queue()
        rules = listen.ReceiverRules(self.platform, secrets, None, reply)
        self._stack = ExitStack()
        served = self._stack.enter_context(listen.running(rules, self._reports.put))
        self.url = f"{served.url}/"

    @property
    def so_far(self):
        return self._reports.qsize()

    def stop(self):
        self._stack.close()
        reports = [self._reports.get() for _ in range(self._reports.qsize())]
        self.refused = [one for one in reports if isinstance(one, listen.Refusal)]
        arrivals = [one for one in reports if isinstance(one, listen.Arrival)]
        self.new = [one.received for one in arrivals if not one.duplicate]
        self.again = sum(one.duplicate for one in arrivals)


@contextmanager
def receivers(keys=KEYS, reply=b"\x01"):
    found = {name: Receiver(name, keys.get(name, ()), reply) for name in registry.ROWS}
    try:
        yield found
    finally:
        for one in found.values():
            one.stop()


def wired(found, keys=KEYS):
    urls = [word for name, one in found.items() for word in (f"--{name}", one.url)]
    secrets = [f"{name}={secret}" for name in keys for secret in keys[name]]
    return [*urls, *(word for secret in secrets for word in ("--secret", secret))]


def rows(folder, name="platforms"):
    lines = (folder / "truth" / f"{name}.ndjson").read_text().splitlines()
    return [json.loads(line) for line in lines]


@pytest.fixture(scope="module")
def morning(tmp_path_factory):
    """Twenty badges, until all waves are through, into four real receivers.

    BADGE_WIRES_BADGES=500 makes it a morning of so many badges and four hours: for the tests of
    the counts and the documents only, the others know what befalls the twenty.
    """
    badges = int(os.environ.get("BADGE_WIRES_BADGES", "20"))
    folder = tmp_path_factory.mktemp("wires") / "run"
    with launch_ingest() as ingest, receivers() as found:
        result = call(
            *("three-neighbours", "--out", folder, "--to", ingest.url, "--jobs", 1, "--json"),
            *("--badges", badges, "--hours", 1.6 if badges == 20 else 4, *wired(found)),
        )
        stored = ingest.store.events()
    assert result.exit_code == 0, result.output
    return folder, found, stored, result.output


@pytest.mark.slow
def test_each_receivers_count_equals_the_truth(morning):
    folder, found, stored, _ = morning
    document = json.loads((folder / "truth" / "run.json").read_text())
    for name, receiver in found.items():
        truth = document["platforms"][name]
        assert receiver.refused == []
        assert Counter(one.type for one in receiver.new) == truth["by_type"]
        assert len(receiver.new) == truth["events"]
        kept = {one["key"] for one in rows(folder) if one["platform"] == name}
        assert {_key(one) for one in receiver.new} == kept
    assert len(stored) == document["counts"]["delivered"]


def test_the_shipped_morning_is_this_one(morning):
    folder, _, _, _ = morning
    document = json.loads((folder / "truth" / "run.json").read_text())
    assert {name: one["by_type"] for name, one in document["platforms"].items()} == EXACT


def _key(received):
    if received.platform.name == "grouplink":
        return received.key
    return json.loads(received.key)[-1]


def test_every_event_is_what_the_documents_say(morning):
    _, found, _, _ = morning
    for receiver in found.values():
        assert [one.faults() for one in receiver.new if one.faults()] == []
    for one in found["blecon"].new:
        assert from_dict(one.event)["id"] == one.event["id"]


def test_duplicates_came_and_were_seen_as_such(morning):
    folder, found, _, _ = morning
    posts = json.loads((folder / "truth" / "run.json").read_text())["platforms"]["peridio"]
    assert found["peridio"].again == posts["posts"] - posts["events"] > 0
    times = [one.utc_ms for one in found["peridio"].new]
    assert times != sorted(times)  # out of order, as Peridio does not promise any


def test_the_url_is_verified_before_anything_else_is_posted(morning):
    folder, found, _, _ = morning
    assert found["peridio"].new[0].type == "webhook.test_fire"
    lines = (folder / "platforms" / "peridio.ndjson").read_text().splitlines()
    assert ['"test_fire"' in line for line in lines] == [True] + [False] * (len(lines) - 1)


def test_every_cell_contains_the_position_that_caused_it(morning):
    folder, _, _, _ = morning
    entries = [one for one in rows(folder) if one["platform"] == "grouplink"]
    assert len({one["cell_id"] for one in entries}) > 10
    for one in entries:
        assert h3.is_valid_cell(one["cell_id"])
        assert h3.latlng_to_cell(one["lat"], one["lon"], 11) == one["cell_id"]


def test_a_position_is_news_by_thirty_metres_or_ten_minutes(morning):
    _, found, _, _ = morning
    last = {}
    for one in sorted(found["blecon"].new, key=lambda one: one.utc_ms):
        if one.type != "network.device_position":
            continue
        lon, lat = one.event["data"]["geojson"]["geometry"]["coordinates"]
        device = one.event["data"]["device_id"]
        if device in last:
            at, ms = last[device]
            far = h3.great_circle_distance(at, (lat, lon), unit="m") > 30
            assert far or one.utc_ms - ms >= 600_000
        last[device] = (lat, lon), one.utc_ms
    assert len(last) == 20


def test_a_wave_is_told_alike_on_both_wires(morning):
    """Claimed at the wave, rebooted for it, and the firmware of the badge's own events changes."""
    folder, _, _, _ = morning
    own = {(one["device_id"], one["sequence_number"]): one for one in rows(folder, "events")}
    theirs = [one for one in rows(folder) if one["platform"] == "peridio"]
    claimed = {one["cause"] for one in theirs if one["event_type"] == "device.claimed-release"}
    changed = [one for one in theirs if one["event_type"] == "device.release-changed"]
    assert len(claimed) == 7
    assert len(changed) == 5  # the two that could not upload went back, and said nothing of it
    for one in changed:
        assert one["cause"] in claimed
        reboot = own[one["device_id"], one["first_sequence"]]
        assert reboot["event_type"] == "reboot"
        assert json.loads(reboot["payload"])["reason"] == "firmware_update"
        assert reboot["firmware_version"] == "0.4.0"
        assert own[one["device_id"], one["first_sequence"] - 1]["firmware_version"] == "0.3.0"
    bad = {one["device_id"] for one in theirs if "authentication" in one["event_type"]}
    assert len(bad) == 1
    assert {one["firmware_version"] for one in own.values() if one["device_id"] in bad} == {"0.3.0"}


def test_a_batch_on_the_second_wire_is_the_very_batch_of_the_first(morning):
    folder, found, _, _ = morning
    batches = set((folder / "batches.ndjson").read_bytes().splitlines())
    source = {one["key"]: one for one in rows(folder)}
    carried = [one for one in found["blecon"].new if one.type == "device.message.badge.batch"]
    assert len(carried) > 50
    for one in carried:
        body = bytes.fromhex(one.event["data"]["payload"])
        assert body in batches
        numbers = [event["sequence_number"] for event in json.loads(body)]
        row = source[one.event["id"]]
        assert (row["first_sequence"], row["last_sequence"]) == (numbers[0], numbers[-1])


def test_no_secret_is_written_or_shown(morning):
    folder, _, _, output = morning
    secrets = [*SECRETS, "X-Blecon: b", '"b"', '"g"']
    for path in folder.rglob("*"):
        if path.suffix in (".json", ".ndjson"):
            text = path.read_text()
            assert [secret for secret in secrets if secret in text] == [], path
    assert [secret for secret in secrets if secret in output] == []


def test_the_same_bytes_with_any_number_of_processes_and_at_any_speed(tmp_path):
    for name, more in {
        "one": ["--jobs", 1],
        "two": ["--jobs", 2],
        "paced": ["--speed", "2000x"],
    }.items():
        words = ["three-neighbours", "--badges", 4, "--hours", 0.4, "--out", tmp_path / name]
        assert call(*words, *more).exit_code == 0
    files = [path.relative_to(tmp_path / "one") for path in (tmp_path / "one").rglob("*.ndjson")]
    files.remove(Path("log.ndjson"))
    assert len(files) == 10
    for file in files:
        first = (tmp_path / "one" / file).read_bytes()
        assert first == (tmp_path / "two" / file).read_bytes(), file
        assert first == (tmp_path / "paced" / file).read_bytes(), file


def test_a_url_alone_brings_a_platform_with_defaults_onto_any_site(tmp_path, monkeypatch):
    monkeypatch.setenv("BADGE_PERIDIO_SECRET", SECRETS[0])
    with receivers({"peridio": SECRETS[:1]}) as found:
        urls = wired(found, {})
        out = call("quiet-day", "--hours", "1.5", "--out", tmp_path / "run", *urls, "--json").output
    counts = json.loads(out)["platforms"]
    for name, receiver in found.items():
        assert receiver.refused == []
        assert len(receiver.new) == counts[name]["events"] > 0


def test_beside_a_run_with_a_pace_everything_arrives_while_it_goes_on(tmp_path):
    words = ["three-neighbours", "--badges", 4, "--hours", 0.4, "--json", "--out", tmp_path / "run"]
    with receivers() as found:
        document = json.loads(call(*words, "--speed", "1000x", *wired(found)).output)
    for name, receiver in found.items():
        assert receiver.refused == []
        assert Counter(one.type for one in receiver.new) == document["platforms"][name]["by_type"]


def test_a_receiver_that_refuses_is_said_and_what_it_lacks_is_in_the_truth(tmp_path):
    with receivers({"grouplink": ("X-Key: other",)}) as found:
        words = ["quiet-day", "--hours", "1.5", "--out", tmp_path / "run"]
        result = call(*words, "--grouplink", found["grouplink"].url)
    assert result.exit_code == 1
    assert "grouplink accepted 0 of" in result.stderr
    assert {one["accepted"] for one in rows(tmp_path / "run")} == {False}


def test_where_nothing_answers_nothing_is_begun(tmp_path):
    with pytest.raises(
        InputError, match="start a receiver, for instance with `badge listen blecon`"
    ):
        call("quiet-day", "--out", tmp_path / "run", "--blecon", "http://127.0.0.1:1/")
    assert not (tmp_path / "run").exists()


def test_a_failing_receiver_is_asked_again_by_the_device_and_a_missing_route_is_told(tmp_path):
    story = find("three-neighbours").read_text()
    lost = story.replace('- {filter: "device.request.*"}', "").replace(
        '- {filter: "*"}', '- {filter: "network.*"}'
    )
    (tmp_path / "lost.yaml").write_text(lost)
    call(tmp_path / "lost.yaml", "--badges", 4, "--hours", 0.4, "--out", tmp_path / "lost")
    types = Counter(one["event_type"] for one in rows(tmp_path / "lost") if one["posted"])
    assert types["network.routing_failed"] > 4  # asked again
    assert types["network.response_received"] == 0
    assert {name.split(".")[0] for name in types if "." in name} >= {"network"}
    with receivers({"blecon": ("X-Blecon: other",)}) as found:
        words = ["three-neighbours", "--badges", 4, "--hours", 0.4, "--out", tmp_path / "refused"]
        assert call(*words, "--blecon", found["blecon"].url).exit_code == 1
    types = Counter(one["event_type"] for one in rows(tmp_path / "refused"))
    assert types["device.request_failed"] == types["device.request.badge.config"] > 4


def test_a_run_that_was_cut_short_posts_nothing_and_all_of_it_when_it_goes_on(
    tmp_path, monkeypatch
):
    words = ["three-neighbours", "--badges", 3, "--hours", 0.4]
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    call(*words, "--out", whole)
    run_job = run.run_job

    def interrupted(*given):
        finished = run_job(*given)
        finished.interrupted = True
        return finished

    with receivers({}) as found:
        urls = wired(found, {})
        with monkeypatch.context() as patch:
            patch.setattr(run, "run_job", interrupted)
            assert call(*words, "--out", cut, *urls).exit_code == 130
        assert not (tmp_path / "cut.interrupted" / "platforms").exists()
        assert {one.so_far for one in found.values()} == {0}
        assert call("--resume", tmp_path / "cut.interrupted", *urls).exit_code == 0
    for name, receiver in found.items():
        kept = [one for one in rows(whole) if one["platform"] == name]
        assert {_key(one) for one in receiver.new} == {one["key"] for one in kept}
        posted = (whole / "platforms" / f"{name}.ndjson").read_bytes()
        assert (cut / "platforms" / f"{name}.ndjson").read_bytes() == posted


def test_badges_that_lived_without_a_platform_cannot_be_told_of(tmp_path, monkeypatch):
    run_job = run.run_job

    def interrupted(*given):
        finished = run_job(*given)
        finished.interrupted = True
        return finished

    with monkeypatch.context() as patch:
        patch.setattr(run, "run_job", interrupted)
        call("quiet-day", "--hours", 0.4, "--out", tmp_path / "cut")
    with receivers({}) as found, pytest.raises(InputError, match="start the run anew"):
        call("--resume", tmp_path / "cut.interrupted", "--grouplink", found["grouplink"].url)


def test_the_answer_to_a_request_is_what_the_badge_gets(tmp_path):
    with receivers({}, reply=b"\x00\x0f") as found:
        words = ["three-neighbours", "--badges", 2, "--hours", 0.3, "--out", tmp_path / "run"]
        assert call(*words, "--blecon", found["blecon"].url).exit_code == 0
    got = [one for one in rows(tmp_path / "run") if one["outcome"] is not None]
    assert {(one["event_type"], one["outcome"], one["response"]) for one in got} == {
        ("network.response_received", "ok", "000f")
    }
    assert len(got) == 2
