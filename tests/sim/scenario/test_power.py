import json

from click.testing import CliRunner

from sim.scenario.power import power


def call(*arguments):
    return CliRunner().invoke(power, [str(one) for one in arguments], catch_exceptions=False)


def test_two_minute_uploads_halve_the_life_of_a_battery(tmp_path):
    short, long = json.loads(call("quiet-day", "--json").output)
    assert (short["upload_s"], long["upload_s"]) == (30, 120)
    assert short["parts_ma"]["Notecard uploading"] == 6.667
    assert long["parts_ma"]["Notecard uploading"] == 26.667
    assert short["days"] > 1.7 * long["days"]


def test_an_office_day_needs_no_gps():
    short, _ = json.loads(call("office-day", "--json").output)
    assert short["parts_ma"]["GPS"] == 0
    assert short["days"] > 5


def test_the_table_fits_and_the_plot_is_drawn(tmp_path):
    path = tmp_path / "budget.png"
    output = call("crew-of-five", "--plot", path).output
    assert max(map(len, output.splitlines())) <= 80
    assert "a full battery lasts" in output
    assert path.read_bytes()[:4] == b"\x89PNG"
