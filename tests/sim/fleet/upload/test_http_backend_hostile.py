"""A crew that uploads to a backend with bad manners: what counts as delivered is held."""

from __future__ import annotations

import pytest

from tests.sim.fleet.upload.test_http_backend import run_to
from tests.sim.net.hostile import BEHAVIOURS, SLOW, hostile

TIMES = 3
# Those that a client waits out for as long as it may: `tests/sim/net` looks at each of them.
QUICK = [name for name in BEHAVIOURS if not name.startswith(SLOW) and "without end" not in name]
FEW = [
    "half a list", "a list cut in a chunk", "a list in gzip", "numbers as text", "207 in chunks",
    "takes and closes", "refuses, and an unasked 202", "half a head", "nonsense", "500",
]  # fmt: skip


def check(tmp_path, name):
    with hostile(name, TIMES) as backend:
        run, finished = run_to(tmp_path / "run", backend.url, hours=0.6, give_up_s=30.0)
    rows = {(row["device_id"], row["sequence_number"]): row for row in run.rows()}
    delivered = {key for key, row in rows.items() if row["delivered"]}
    assert delivered <= backend.held.keys()
    assert not delivered & backend.refused
    if finished.trouble is not None:  # no server of ours at all: the run says so and ends
        assert "not HTTP" in finished.trouble
        return
    assert backend.requests > TIMES
    # What is held and not known to be delivered was taken without an answer, at the run's end.
    unanswered = {key for key in backend.held if key in rows and not rows[key]["delivered"]}
    assert not unanswered or None in BEHAVIOURS[name].statuses or BEHAVIOURS[name].splits


@pytest.mark.parametrize("name", FEW)
def test_what_counts_as_delivered_is_held(tmp_path, name):
    check(tmp_path, name)


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in QUICK if name not in FEW])
def test_whatever_the_manner(tmp_path, name):
    check(tmp_path, name)
