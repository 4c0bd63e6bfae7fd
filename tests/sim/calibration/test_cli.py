from __future__ import annotations

import json

import numpy as np
import pytest
import yaml

from sim.calibration import own
from sim.world.environments import YARD
from tests.command import call
from tests.sim.calibration.test_own import DWELL_MS, afternoon

MAC = "AA:BB:CC:00:00:01"
BEGIN_MS = 1_773_477_135_000


@pytest.fixture
def files(tmp_path):
    placed = own.again(afternoon(), YARD, seed=101)
    recording, truth = tmp_path / "yard.csv", tmp_path / "truth.csv"
    lines = ["unix_ms,mac,rssi"]
    lines += [
        f"{BEGIN_MS + t_ms},{MAC},{int(dbm)}"
        for t_ms, dbm in zip(placed.t_ms.tolist(), placed.rssi.tolist(), strict=True)
    ]
    recording.write_text("\n".join(lines) + "\n")
    rows = [",".join(own.COLUMNS)]
    for number in np.unique(placed.place).tolist():
        first = int(np.flatnonzero(placed.place == number)[0])
        facing = round(float(np.degrees(placed.facing_rad[first])))
        at = BEGIN_MS + number * DWELL_MS
        rows.append(f"{at},{MAC.lower()},{placed.metres[first]},{facing}")
    truth.write_text("\n".join(rows) + "\n")
    return recording, truth


def test_a_recording_names_its_environment_and_writes_it_for_a_scenario(files, tmp_path):
    recording, truth = files
    out = tmp_path / "site.yaml"
    done = call("calibrate", recording, "--truth", truth, "--out", out)
    assert done.code == 0, done.err
    assert "most like: yard" in done.out
    assert yaml.safe_load(out.read_text())["site"]["environment"]["like"] == "yard"
    found = json.loads(call("calibrate", recording, "--truth", truth, "--json").out)
    assert found["like"] == "yard"
    assert set(found["figures_db"]) == {
        "within a place",
        "5 s maxima",
        "between places",
        "front to back",
    }


def test_a_truth_about_other_tags_is_a_mistake_told_in_a_sentence(files, tmp_path):
    recording, truth = files
    truth.write_text(truth.read_text().replace("aa:bb", "aa:00"))
    done = call("calibrate", recording, "--truth", truth)
    assert done.code == 2
    assert "0 samples of tags" in done.err
    assert "Traceback" not in done.err
