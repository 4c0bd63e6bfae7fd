"""docs/conform.md names options, subjects and numbers that are so."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib

from sim.conformance.cli import conform_command
from sim.conformance.kit.profile import BackendProfile
from sim.conformance.run import chosen, conform
from tests.paths import DOCS
from tests.sim.conformance.faults import FAULTS
from tests.sim.conformance.rig import backend
from tests.sim.conformance.webhooks.faults import FAULTS as HOOK_FAULTS

PAGE = (DOCS / "conform.md").read_text(encoding="utf-8")


def test_every_option_it_names_is_one():
    known = {option for parameter in conform_command.params for option in parameter.opts}
    named = set(re.findall(r"(?<=[`\s])(--[a-z-]+)", PAGE)) - {
        "--db",
        "--data-binary",
        "--out",
        "--port",
    }
    assert named <= known


def test_its_profile_is_one():
    (text,) = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    profile = BackendProfile.model_validate(tomllib.loads(text))
    assert profile.allowed(202) == (200, 202)


def test_its_numbers_are_so():
    assert len(FAULTS) >= int(re.search(r"(\d+) seeded faults", PAGE)[1])
    with backend() as right:
        conform(right, chosen(skip=["slowly", "cut off", "two megabytes", "bodies of 1 MiB"]))
        assert abs(right._used - int(re.search(r"about (\d+) are used", PAGE)[1])) < 40


def test_its_numbers_of_webhooks_are_so():
    low, high = map(int, re.search(r"(\d+) to (\d+) seeded faults", PAGE).groups())
    assert all(low <= len(faults) <= high for faults in HOOK_FAULTS.values())


def test_its_lines_for_python_run():
    (text,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    with backend() as right:
        text = text.replace("http://127.0.0.1:8080", right.url)
        text = text.replace("prov_…", right.provisioning_key).replace("admin_…", right.admin_key)
        text = text.replace('chosen("must")', 'chosen("must", only=["one event", "parcel"])')
        done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_its_failure_looks_like_that():
    shown = re.search(r"```\naccepts one event \(must\)\n(.*?)```", PAGE, re.DOTALL)[1]
    assert [line.split()[0] for line in shown.splitlines() if line[2] != " "] == [
        *("asked", "answered", "expected", "clause", "again")
    ]
