"""The counters as Prometheus's own parser reads them, for the admin key alone."""

from __future__ import annotations

import httpx
from prometheus_client.parser import text_string_to_metric_families

from sim.ingest.api.answers import Answer, Verdicts
from sim.ingest.api.ingest import KEY_HEADER, Rules
from sim.ingest.http.metrics import exposition
from sim.ingest.http.traffic import Traffic
from sim.ingest.launch import launch_ingest


def samples(text):
    return {
        (sample.name.removeprefix("badge_ingest_"), *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_each_counter_is_read_by_its_name():
    traffic = Traffic()
    traffic.count(Answer(207, {}, tally=Verdicts(45, 3, 2, 1)))
    assert samples(exposition(traffic, 4)) == {
        ("requests_total", "207"): 1,
        ("events_accepted_total",): 45,
        ("events_duplicates_total",): 3,
        ("events_rejected_total",): 2,
        ("events_conflicts_total",): 1,
        ("waiting_requests",): 4,
    }


def test_each_family_says_its_kind_and_what_it_counts():
    traffic = Traffic()
    traffic.count(Answer(207, {}, tally=Verdicts(45, 3, 2, 1)))
    traffic.count(Answer(202, {}))
    assert exposition(traffic, 4) == (
        "# HELP badge_ingest_requests_total Requests answered, by status.\n"
        "# TYPE badge_ingest_requests_total counter\n"
        'badge_ingest_requests_total{status="202"} 1\n'
        'badge_ingest_requests_total{status="207"} 1\n'
        "# HELP badge_ingest_events_accepted_total Events accepted, duplicates among them.\n"
        "# TYPE badge_ingest_events_accepted_total counter\n"
        "badge_ingest_events_accepted_total 45\n"
        "# HELP badge_ingest_events_duplicates_total Events that were there before.\n"
        "# TYPE badge_ingest_events_duplicates_total counter\n"
        "badge_ingest_events_duplicates_total 3\n"
        "# HELP badge_ingest_events_rejected_total Events refused.\n"
        "# TYPE badge_ingest_events_rejected_total counter\n"
        "badge_ingest_events_rejected_total 2\n"
        "# HELP badge_ingest_events_conflicts_total"
        " Events that differ from those there with their number.\n"
        "# TYPE badge_ingest_events_conflicts_total counter\n"
        "badge_ingest_events_conflicts_total 1\n"
        "# HELP badge_ingest_waiting_requests Requests being read or written.\n"
        "# TYPE badge_ingest_waiting_requests gauge\n"
        "badge_ingest_waiting_requests 4\n"
    )


def test_the_admin_key_alone_reads_them_and_strangers_make_no_series():
    with launch_ingest(rules=Rules()) as server:
        keys = server.ingest.new_service_keys()

        def ask(key, path="/metrics"):
            return httpx.get(server.url + path, headers={KEY_HEADER: key})

        for key in ("", "admin_wrong", keys["provisioning"]):
            assert ask(key).status_code == 401
        for number in range(20):
            ask(f"k{number}", f"/api/devices/ACT-{number:08X}/status")
            ask("", f"/no/{number}")
        said = ask(keys["admin"])
        bearer = {"Authorization": f"Bearer {keys['admin']}"}  # as any Prometheus sends it
        assert httpx.get(f"{server.url}/metrics", headers=bearer).status_code == 200
    assert said.status_code == 200
    assert said.headers["content-type"].startswith("text/plain; version=0.0.4")
    counted = {key: n for key, n in samples(said.text).items() if key[0] == "requests_total"}
    assert counted == {("requests_total", "401"): 23}
    assert "ACT-" not in said.text
