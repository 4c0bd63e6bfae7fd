"""The lines of docs/ingest.md do what the page says."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess

import pytest

from sim.ingest.api.ingest import Rules
from sim.ingest.launch import launch_ingest
from tests.paths import DOCS
from tests.sim.ingest.site import NOW_MS

PAGE = DOCS / "ingest.md"
STEP = re.compile(r"```sh\n(curl .*?)```\n```json\n(.*?)```", re.DOTALL)
KEY = re.compile(r"(ak_3F8A21B4_)[0-9a-f]{48}")


@pytest.mark.skipif(shutil.which("curl") is None, reason="the page uses curl")
def test_every_curl_line_answers_what_the_page_shows():
    steps = STEP.findall(PAGE.read_text())
    assert len(steps) == PAGE.read_text().count("curl -s") == 6
    with launch_ingest(rules=Rules(), clock=lambda: NOW_MS) as server:
        keys = server.ingest.new_service_keys()
        environment = {
            **os.environ,
            "URL": server.url,
            "PROVISIONING_KEY": keys["provisioning"],
            "ADMIN_KEY": keys["admin"],
        }
        for line, shown in steps:
            command = ["bash", "-c", line]
            done = subprocess.run(command, env=environment, capture_output=True, text=True)
            if key := KEY.search(done.stdout):
                environment["DEVICE_KEY"] = key[0]
            assert json.loads(KEY.sub(r"\1…", done.stdout)) == json.loads(shown)


def test_the_page_names_every_code_that_is_answered():
    sources = (PAGE.parents[1] / "sim" / "ingest").rglob("*.py")
    text = "".join(source.read_text() for source in sources)
    codes = set(re.findall(r'\(\s*(?:400|404|408|409|422|429|503), "([a-z_]+)"', text))
    assert {"invalid_json", "busy", "store_unavailable", "all_rejected"} <= codes
    shown = set(re.findall(r"`([a-z_]+)`", PAGE.read_text()))
    assert codes <= shown
