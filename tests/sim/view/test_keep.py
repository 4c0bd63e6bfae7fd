import json

import pytest

from sim.view.keep import keep_recordings, keep_report, keep_run, keep_verdict
from tests.command import call
from tests.sim.scenario.story import SMALL


@pytest.mark.parametrize(
    "write",
    [
        lambda run, path: keep_run(run, path),
        lambda run, path: keep_recordings(sorted((run.parent / "recordings").iterdir()), path),
        lambda run, path: keep_report({"where": "here", "gates": {}}, "gate", path),
        lambda run, path: keep_verdict([], [], [], "judged", path),
    ],
)
def test_every_picture_is_kept_as_one_page(run, tmp_path, write):
    write(run, tmp_path / "x.html")
    text = (tmp_path / "x.html").read_text()
    assert text.startswith("<!doctype html>")
    assert 'id="picture"' in text


def test_commands_write_theirs_at_once(run, tmp_path):
    """`--view FILE` of simulate, replay, judge and gate."""
    recording = sorted((run.parent / "recordings").iterdir())[0]
    (tmp_path / "small.yaml").write_text(SMALL)
    page = tmp_path / "x.html"
    for words in (
        ("simulate", tmp_path / "small.yaml", "--hours", "0.3", "--out", tmp_path / "run"),
        ("replay", recording),
        ("judge", "--stimulus", recording, "--events", recording),
        ("gate", "2"),
    ):
        page.unlink(missing_ok=True)
        said = call(*words, "--view", page, "--json")
        assert said.code == 0, said.err
        json.loads(said.out)
        assert page.read_text().startswith("<!doctype html>"), words[0]
