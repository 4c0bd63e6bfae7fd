import pytest

from sim.view.keep import keep_recordings, keep_report, keep_run, keep_verdict


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
