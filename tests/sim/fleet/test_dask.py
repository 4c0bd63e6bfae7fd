"""A data set by a real scheduler and real workers, killed and asked again."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from badge.errors import InputError
from sim.fleet import dask
from sim.fleet.dask import _result, make_dataset
from sim.fleet.dataset_part import WorkplaceError
from tests.sim.fleet.dataset.story import plan_of

pytestmark = pytest.mark.slow
pytest.importorskip("distributed", reason="Dask is not installed (extra: dask)")

PATIENCE_S = 120.0
QUIET = {**os.environ, "DASK_LOGGING__DISTRIBUTED": "critical"}


class Machines:
    """A scheduler and workers, each a process of its own, on loopback."""

    def __init__(self, folder):
        self.file = folder / "scheduler.json"
        words = ("scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard")
        self.scheduler = self.start(*words, "--no-jupyter", "--scheduler-file", self.file)
        self.workers = []
        wait_for(lambda: self.file.exists() and "tcp://" in self.file.read_text())

    @property
    def address(self):
        return self.file.read_text().split('"address": "')[1].split('"')[0]

    def start(self, kind, *words):
        line = [sys.executable, "-m", f"distributed.cli.dask_{kind}", *map(str, words)]
        return subprocess.Popen(
            line, env=QUIET, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    def add_workers(self, count):
        words = ("--nthreads", "1", "--no-nanny", "--no-dashboard", "--host", "127.0.0.1")
        for _ in range(count):
            self.workers.append(self.start("worker", self.address, *words))

    def close(self):
        for process in (*self.workers, self.scheduler):
            process.kill()
            process.wait()


def wait_for(there):
    until = time.monotonic() + PATIENCE_S
    while not there():
        assert time.monotonic() < until
        time.sleep(0.05)


@pytest.fixture(scope="module")
def machines(tmp_path_factory):
    made = Machines(tmp_path_factory.mktemp("dask"))
    yield made
    made.close()


def tree(folder):
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_one_two_and_eight_workers_make_the_same_bytes(machines, tmp_path):
    plan, made = plan_of(hours=200.0), []  # long enough to be killed on the way
    for count in (1, 2, 8):
        machines.add_workers(count - len(machines.workers))
        ended = make_dataset(plan, str(tmp_path / str(count)), machines.address)
        assert (ended.made, ended.parts, ended.trouble) == (12, 12, "")
        made.append((ended.sha256, tree(tmp_path / str(count))))
    assert made[0] == made[1] == made[2]

    again = make_dataset(plan, str(tmp_path / "8"), machines.address)
    assert (again.kept, again.made, again.sha256) == (12, 0, made[0][0])

    # Of what a power cut left, the whole parts stay; a file that is short is made again.
    (tmp_path / "8" / "manifest.json").unlink()
    (tmp_path / "8" / "_parts" / "site=west" / "part-00003.json").write_text('{"site"')
    short = next((tmp_path / "8" / "events" / "site=east").rglob("part-00001.parquet"))
    short.write_bytes(short.read_bytes()[:-1])
    mended = make_dataset(plan, str(tmp_path / "8"), machines.address)
    assert (mended.kept, mended.made) == (10, 2)
    assert tree(tmp_path / "8") == made[0][1]

    # A worker is killed while parts are under way: the others do its work.
    killed = threading.Event()

    def kill_one(whole, of):
        if whole == 2 and not killed.is_set():
            killed.set()
            machines.workers[0].kill()

    ended = make_dataset(plan, str(tmp_path / "killed"), machines.address, kill_one)
    assert killed.is_set()
    assert (ended.made, ended.trouble) == (12, "")
    assert tree(tmp_path / "killed") == made[0][1]

    # The scheduler is killed: what is whole stays, and other machines make the rest.
    def kill_all(whole, of):
        if whole == 3:
            machines.scheduler.kill()

    out = tmp_path / "lost"
    ended = make_dataset(plan, str(out), machines.address, kill_all)
    assert "scheduler is gone" in ended.trouble
    assert 3 <= ended.made < 12
    assert not (out / "manifest.json").exists()
    for process in machines.workers:  # whoever is in the middle of a part would still end it
        process.kill()
        process.wait()
    before = {name for name in tree(out) if name.startswith("_parts")}
    assert len(before) >= ended.made
    rest = make_dataset(plan, str(out), "local:2")
    assert (rest.kept, rest.kept + rest.made) == (len(before), 12)
    assert tree(out) == made[0][1]


def test_a_scheduler_that_is_none(tmp_path):
    with pytest.raises(InputError, match="write local:4 or a scheduler"):
        make_dataset(plan_of(), str(tmp_path / "a"), "localhost")


def spoil(out, whole):
    """Put a file where a folder should be, so that nothing more can be written there."""
    if whole == 3:
        (out / "truth").rename(out.parent / "gone")  # at once: a worker goes on writing there
        (out / "truth").write_text("in the way")


def test_a_store_that_is_lost_leaves_what_is_whole(tmp_path):
    plan, out = plan_of(hours=400.0), tmp_path / "set"  # long enough to be lost on the way

    ended = make_dataset(plan, str(out), "local:1", lambda whole, of: spoil(out, whole))
    assert "set: " in ended.trouble
    assert ended.made < 12
    assert not (out / "manifest.json").exists()
    (out / "truth").unlink()
    assert make_dataset(plan, str(out), "local:1").trouble == ""


@pytest.mark.parametrize("kind", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_leaves_what_the_same_command_goes_on_with(tmp_path, kind):
    from tests.sim.fleet.dataset.story import TWO

    Path(tmp_path / "two.yaml").write_text(TWO)
    line = [sys.executable, "-m", "badge", "simulate", "two.yaml", "--dask", "local:1"]
    line += ["--hours", "400", "--part-badges", "1", "--out", "made"]
    # As at a terminal, whose Ctrl-C goes to all processes: the workers are to say nothing.
    process = subprocess.Popen(
        line, cwd=tmp_path, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    whole = tmp_path / "made" / "_parts"
    try:
        wait_for(lambda: len(list(whole.rglob("*.json"))) >= 2)
        os.killpg(process.pid, kind)
        _, said = process.communicate(timeout=PATIENCE_S)
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
    assert process.returncode == 130, said
    assert said == "stopped; what is whole stays in made; the same command makes the rest\n"
    assert not (tmp_path / "made" / "manifest.json").exists()
    assert 2 <= len(list(whole.rglob("*.json"))) < 12


class Gone:
    """What a future gives when its part could not be made."""

    key = "0123-_parts/site=a/part-00007.json"

    def __init__(self, error):
        self.error = error

    def result(self):
        raise self.error


class KilledWorker(Exception):  # noqa: N818 -- as Dask calls it
    """As Dask's own, which wants more than words."""


@pytest.mark.parametrize(
    ("error", "what"),
    [
        (
            WorkplaceError("a worker cannot write /tmp/x: No space left"),
            "a worker cannot write /tmp/x",
        ),
        (
            KilledWorker("Attempted to run task"),
            "_parts/site=a/part-00007: each worker that made it",
        ),
        (ZeroDivisionError("by 0"), "a part could not be made: ZeroDivisionError: by 0"),
        (ConnectionResetError(), "the scheduler is gone"),
    ],
)
def test_what_a_worker_met_leaves_what_is_whole(tmp_path, monkeypatch, error, what):
    def failing(client, parts, url, stop):
        yield _result(Gone(error))

    monkeypatch.setattr(dask, "_results", failing)
    monkeypatch.setattr(dask, "_client", lambda *_: contextlib.nullcontext())
    ended = make_dataset(plan_of(), str(tmp_path / "a"), "local:1")
    assert ended.trouble.startswith(what)
    assert (ended.made, ended.sha256) == (0, "")
