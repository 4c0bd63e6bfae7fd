"""The dashboard of `badge serve`: its panels lie well, and ask for what is there.

Grafana itself is not at hand; a real Prometheus that scrapes a real server answers its queries.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from contextlib import contextmanager
from itertools import combinations

import pytest
import urllib3
import yaml
from prometheus_client.parser import text_string_to_metric_families

from sim.ingest.launch import launch_ingest
from tests.paths import EXAMPLES
from tests.patience import PATIENCE_S, until

FOLDER = EXAMPLES / "grafana"
BOARD = json.loads((FOLDER / "badge-serve.json").read_text("utf-8"))
TARGETS = [target for panel in BOARD["panels"] for target in panel["targets"]]
ask = urllib3.PoolManager(retries=False).request


def concrete(expression: str) -> str:
    """As Grafana asks, its variables put in."""
    for name, value in (("$__rate_interval", "1m"), ("$__range", "1m"), ("$instance", ".*")):
        expression = expression.replace(name, value)
    assert "$" not in expression
    return expression


def exposed(url: str, key: str = "") -> dict[str, set[str]]:
    """Each metric that a server tells, and its labels."""
    text = ask("GET", f"{url}/metrics", headers={"Authorization": f"Bearer {key}"}).data.decode()
    return {
        sample.name: set(sample.labels)
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_every_metric_and_label_that_it_asks_for_is_there():
    with launch_ingest() as running:
        ask("GET", f"{running.url}/api/health")
        there = exposed(running.url)
    asked = {name for one in TARGETS for name in re.findall(r"\bbadge_\w+", one["expr"])}
    assert asked == set(there)
    labels = {"instance"} | {label for found in there.values() for label in found}
    for one in TARGETS:
        inner = " ".join(re.findall(r"\{(.*?)\}", one["expr"]))
        assert set(re.findall(r"(\w+)\s*(?:=~|!~|!=|=)", inner)) <= labels
    (query,) = (one["query"] for one in BOARD["templating"]["list"] if one["name"] == "instance")
    assert re.search(r"badge_\w+", query["query"])[0] in there


def test_its_panels_lie_side_by_side_and_have_what_a_reader_needs():
    panels = BOARD["panels"]
    assert len({one["id"] for one in panels}) == len(panels)
    for one in panels:
        at = one["gridPos"]
        assert at["x"] + at["w"] <= 24
        assert one["type"] in ("stat", "timeseries")
        assert one["title"]
        assert one["description"]
        assert one["fieldConfig"]["defaults"]["unit"]
        assert len({target["refId"] for target in one["targets"]}) == len(one["targets"])
    for one, other in combinations((panel["gridPos"] for panel in panels), 2):
        beside = one["x"] + one["w"] <= other["x"] or other["x"] + other["w"] <= one["x"]
        below = one["y"] + one["h"] <= other["y"] or other["y"] + other["h"] <= one["y"]
        assert beside or below
    sources = {json.dumps(one["datasource"]) for one in (*panels, *TARGETS)}
    assert sources == {'{"type": "prometheus", "uid": "${datasource}"}'}
    assert [one["name"] for one in BOARD["templating"]["list"]] == ["datasource", "instance"]
    assert BOARD["uid"]
    assert BOARD["schemaVersion"] >= 39


@contextmanager
def prometheus(folder, url, key):
    """The example's configuration, with another address and a shorter interval."""
    asked = yaml.safe_load((FOLDER / "prometheus.yml").read_text("utf-8"))
    (job,) = asked["scrape_configs"]
    job["static_configs"][0]["targets"] = [url.removeprefix("http://")]
    job["scrape_interval"] = "1s"
    (folder / "prometheus.yml").write_text(yaml.safe_dump(asked))
    (folder / job["authorization"]["credentials_file"]).write_text(key)
    line = ["prometheus", "--config.file=prometheus.yml", "--web.listen-address=127.0.0.1:0"]
    with (folder / "said").open("w") as said:
        started = subprocess.Popen([*line, "--storage.tsdb.path=data"], cwd=folder, stderr=said)
    try:

        def found():
            told = (folder / "said").read_text()
            assert started.poll() is None, told
            return re.search(r"Listening on.*address=(\S+)", told)

        until(found)
        yield f"http://{found()[1]}"
    finally:
        started.terminate()
        started.wait(PATIENCE_S)


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("prometheus"), reason="prometheus is not installed")
def test_a_real_prometheus_answers_every_query_of_it(tmp_path):
    line = [sys.executable, "-m", "badge", "serve", "--db", ":memory:", "--port", "0", "--json"]
    server = subprocess.Popen(line, stdout=subprocess.PIPE, text=True)
    try:
        told = json.loads(server.stdout.readline())
        with prometheus(tmp_path, told["url"], told["admin_key"]) as url:
            waiting = {one["expr"] for one in TARGETS}

            def answered():
                ask("GET", f"{told['url']}/api/health")
                for one in list(waiting):
                    query = {"query": concrete(one)}
                    said = ask("GET", f"{url}/api/v1/query", fields=query).json()
                    assert said["status"] == "success", said
                    if said["data"]["result"]:
                        waiting.discard(one)
                return not waiting

            until(answered, waiting)
    finally:
        server.terminate()
        server.communicate()
