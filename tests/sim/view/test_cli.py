import signal
import subprocess
import sys

from tests.command import call, sentence, started


def test_one_file_is_written_whole(run, tmp_path):
    said = call("view", run, "--html", tmp_path / "x.html")
    assert said.code == 0
    assert (tmp_path / "x.html").read_text().startswith("<!doctype html>")


def test_what_is_not_there_is_one_sentence(tmp_path):
    assert "no run" in sentence(call("view", tmp_path))
    assert "no such file" in sentence(call("view", tmp_path / "x"))
    assert "start badge run --record" in sentence(call("view", tmp_path / "x", "--follow"))


def test_a_moment_that_is_none_is_refused_before_the_page_opens(run):
    assert "no moment" in sentence(call("view", run, "--no-browser", "--at", "25:99"))


def test_the_address_is_printed_and_it_ends_with_ctrl_c(run):
    command = [sys.executable, "-m", "badge", "view", str(run), "--no-browser", "--at", "07:30"]
    with started(command, stdout=subprocess.PIPE, text=True) as viewing:
        address = viewing.stdout.readline()
        viewing.send_signal(signal.SIGINT)
        assert viewing.wait(60) == 130
    assert address.startswith("http://127.0.0.1:")
    assert address.endswith("/#t=07:30\n")
