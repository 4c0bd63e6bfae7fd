import json

from click.testing import CliRunner

from sim.scenario.power import power


def call(*arguments):
    return CliRunner().invoke(power, [str(one) for one in arguments], catch_exceptions=False)


def test_by_the_documents_two_minute_uploads_halve_the_life_of_a_battery():
    short, long = json.loads(call("quiet-day", "--json", "--currents", "documents").output)
    assert (short["upload_s"], long["upload_s"]) == (30, 120)
    assert short["parts_ma"]["Notecard uploading"] == 6.667
    assert long["parts_ma"]["Notecard uploading"] == 26.667
    assert short["days"] > 1.7 * long["days"]


def test_by_the_published_currents_uploads_cost_a_sync_each_and_the_battery_lasts_longer():
    lives = json.loads(call("quiet-day", "--json").output)
    assert [life["currents"] for life in lives] == ["documents"] * 2 + ["published"] * 2
    documents, published = lives[0], lives[2]
    assert published["parts_ma"]["Notecard uploading"] == 0.56  # 48 syncs of 0.28 mAh a day
    assert published["parts_ma"]["Notecard idle"] < 0.02
    assert published["days"] > documents["days"]


def test_an_office_day_needs_no_gps():
    short, *_ = json.loads(call("office-day", "--json").output)
    assert short["parts_ma"]["GPS"] == 0
    assert short["days"] > 5


def test_the_table_fits_and_the_plot_is_drawn(tmp_path):
    path = tmp_path / "budget.png"
    output = call("crew-of-five", "--plot", path).output
    assert max(map(len, output.splitlines())) <= 80
    assert "a full battery lasts" in output
    assert path.read_bytes()[:4] == b"\x89PNG"
