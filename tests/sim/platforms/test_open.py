from __future__ import annotations

import json
import re
import sys
from queue import Queue

import pytest
from click.testing import CliRunner

from badge.errors import InputError, MisuseError
from sim.fleet.job import Job
from sim.fleet.parallel import run_job
from sim.fleet.webhooks.open import open_webhooks
from sim.fleet.webhooks.options import WebhookOptions, with_platforms
from sim.platforms import cli as command
from sim.platforms import listen, schemas
from sim.platforms import open as registry
from sim.platforms.kit import receiver
from sim.scenario.language.read import read_scenario
from sim.scenario.plan.parameters import Parameters
from sim.scenario.plan.roster import Roster
from tests.paths import DOCS
from tests.patience import PATIENCE_S
from tests.sim.platforms.cases import UTC_MS

PAGE = DOCS / "platforms.md"


@pytest.fixture
def turnstile(tmp_path, monkeypatch):
    """The fourth platform of docs/platforms.md: its one file, and its one row."""
    (code,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(), flags=re.S)
    (tmp_path / "turnstile_of_the_page.py").write_text(code)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setitem(registry.ROWS, "turnstile", "turnstile_of_the_page")
    yield registry.platform("turnstile")
    sys.modules.pop("turnstile_of_the_page", None)


def test_a_fourth_platform_needs_one_file_and_one_row(turnstile, serve):
    heard = Queue()
    rules = listen.ReceiverRules(turnstile, ["X-Gate: abc"])
    url = serve(listen.receiver_app(rules, heard.put))
    arguments = ["turnstile", "gate.opened", "--to", url, "--secret", "X-Gate: abc"]

    right = CliRunner().invoke(command.send, [*arguments, "--set", "gate=7"])
    wrong = CliRunner().invoke(command.send, [*arguments, "--fault", "bad-signature"])

    assert (right.exit_code, wrong.exit_code) == (0, 1)
    reports = [
        heard.get(timeout=PATIENCE_S),
        heard.get(timeout=PATIENCE_S),
    ]  # told in the background: any order
    (arrival,) = [report for report in reports if isinstance(report, listen.Arrival)]
    (refusal,) = [report for report in reports if isinstance(report, listen.Refusal)]
    assert arrival.received.event["gate"] == 7
    assert refusal.status == 401


def test_a_fourth_platform_has_schemas_and_a_check(turnstile):
    assert "GateOpened" in schemas.schema("turnstile")["$defs"]
    messages = schemas.schema("turnstile", "asyncapi")["components"]["messages"]
    assert [message["name"] for message in messages.values()] == ["gate.opened"]
    bad = b'{"id":"1","type":"gate.opened","at":"2026-01-05T14:34:10Z","gate":0}'
    assert [fault.path for fault in schemas.validate("turnstile", bad)] == ["gate"]
    (event,) = receiver.parse(turnstile, bad.replace(b'"gate":0', b'"gate":1'))
    assert event.typed().to_json() == json.dumps(event.event, separators=(",", ":")).encode()
    assert event.utc_ms // 1000 == UTC_MS // 1000


def test_a_fourth_platform_is_one_like_the_others(turnstile, serve, tmp_path):
    source = read_scenario("quiet-day")
    heard = Queue()
    url = serve(listen.receiver_app(listen.ReceiverRules(turnstile, ["X-Gate: abc"]), heard.put))
    webhooks = WebhookOptions({"turnstile": url}, {"turnstile": ("X-Gate: abc",)})
    source = with_platforms(source, webhooks)
    (tmp_path / "parts").mkdir()
    job = Job(source, Parameters(3, 1.5, 11, source.scenario.start), tmp_path / "parts")
    roster = Roster(source, job.parameters)
    with open_webhooks(
        roster, webhooks, tmp_path / "platforms", job.folder, None, 1
    ) as webhook_run:
        run_job(job, 1, lambda progress: None)
        webhook_run.finish()
        (tmp_path / "truth").mkdir()
        counts = webhook_run.write(tmp_path / "truth", {})["platforms"]
    assert counts["turnstile"]["by_type"] == {"gate.opened": 3}
    assert {heard.get(timeout=PATIENCE_S).received.event["gate"] for _ in range(3)} == {1}


def test_each_row_names_a_platform_of_its_name():
    assert [registry.platform(name).name for name in registry.ROWS] == list(registry.ROWS)


def test_an_unknown_platform_is_named_with_the_known_ones():
    with pytest.raises(InputError, match="blecon, grouplink, peridio"):
        registry.platform("zapier")


def test_a_row_that_names_no_platform_is_a_mistake(monkeypatch):
    monkeypatch.setitem(registry.ROWS, "odd", "sim.platforms.odd")
    monkeypatch.setitem(sys.modules, "sim.platforms.odd", type("Odd", (), {"PLATFORM": None}))
    with pytest.raises(MisuseError, match="odd"):
        registry.platform("odd")
