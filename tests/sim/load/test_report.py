"""The closing tables, within 80 columns."""

from sim.load import report
from sim.load.counts import LoadCounts
from tests.badge.host.telemetry.rig import collector, named
from tests.command import call
from tests.sim.load.backends import backend


def shown(capsys, counts):
    report.print_tables("http://127.0.0.1:8080/api/events", counts)
    out = capsys.readouterr().out
    assert all(len(line) <= 80 for line in out.splitlines())
    return out


def test_it_tells_latencies_outcomes_and_what_found_no_connection(capsys):
    counts = LoadCounts(due=30, sent=20, answered=19, events=1900, unsent=10, seconds=2.0)
    for label in ("202", "503 \x1b[31mbusy"):
        counts.note(label)
    counts.latencies.note(1500, 19)
    out = shown(capsys, counts)
    for word in ("99.9 %", "1.5", "503", "due, and no connection was free", "1 without an answer"):
        assert word in out
    assert "\x1b" not in out


def test_it_says_when_this_side_limits(capsys):
    assert "this generator was full" in shown(capsys, LoadCounts(seconds=1.0, cpu_s=0.99))
    assert "this generator was full" not in shown(capsys, LoadCounts(seconds=1.0, cpu_s=0.1))


def test_off_a_terminal_nothing_is_drawn(capsys):
    with report.live("x") as tell:
        tell(LoadCounts())
    assert capsys.readouterr().err == ""


def test_a_load_is_told_by_rate_with_percentiles_and_answers_by_status():
    with collector() as kept, backend() as one:
        words = ("--rate", "100/s", "--for", "0.3", "--connections", "3")
        said = call("load", one.url, *words, "--telemetry", kept.url)
    assert said.code == 0, said.err
    (whole,), (rate,) = kept.named("badge load"), kept.named("load at a rate")
    assert rate.parent_span_id == whole.span_id
    assert named(rate.attributes)["badge.load.answered"] == 30
    assert kept.counts("badge.load.requests", "http.response.status_code") == {202: 30}
    assert kept.counts("badge.load.rate") == {None: 100.0}
    latencies = kept.counts("badge.load.latency", "quantile")
    assert list(latencies) == [0.5, 0.9, 0.99, 0.999]
    assert 0 < latencies[0.5] <= latencies[0.999]
    assert kept.metrics["badge.load.latency"].unit == "s"
