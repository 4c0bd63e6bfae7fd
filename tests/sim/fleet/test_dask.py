"""A data set by a real scheduler and real workers, killed and asked again."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path
from socket import socket

import pytest

from badge.errors import InputError
from sim.fleet import dask
from sim.fleet.dask import _result, make_dataset
from sim.fleet.dataset.address import Address
from sim.fleet.dataset.manifest import begin
from sim.fleet.dataset_part import WorkplaceError
from tests.patience import PATIENCE_S, until
from tests.sim.fleet.dataset.story import plan_of

pytestmark = pytest.mark.slow
distributed = pytest.importorskip("distributed", reason="Dask is not installed (extra: dask)")

QUIET = {**os.environ, "DASK_LOGGING__DISTRIBUTED": "critical"}


class Machines:
    """A scheduler and workers, each a process of its own, on loopback."""

    def __init__(self, folder):
        folder.mkdir()
        self.file = folder / "scheduler.json"
        words = ("scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard")
        self.scheduler = self.start(*words, "--no-jupyter", "--scheduler-file", self.file)
        self.workers = []
        until(lambda: self.file.exists() and "tcp://" in self.file.read_text())

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
        with distributed.Client(self.address, timeout=PATIENCE_S) as client:
            client.wait_for_workers(len(self.workers), PATIENCE_S)

    def freeze_one(self):
        """Let a worker take parts and never end one, so that others cannot end first."""
        self.workers[0].send_signal(signal.SIGSTOP)

    def close(self):
        for process in (*self.workers, self.scheduler):
            process.kill()
            process.wait()


@pytest.fixture
def machines(tmp_path):
    made = Machines(tmp_path / "dask")
    yield made
    made.close()


def tree(folder):
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The data set that all others are to equal, and its hash."""
    out = tmp_path_factory.mktemp("whole") / "set"
    ended = make_dataset(plan_of(), str(out), "local:1")
    assert (ended.made, ended.parts, ended.trouble) == (12, 12, "")
    return tree(out), ended.sha256


def test_one_two_and_eight_workers_make_the_same_bytes(machines, whole, tmp_path):
    plan = plan_of()
    for count in (1, 2, 8):
        machines.add_workers(count - len(machines.workers))
        ended = make_dataset(plan, str(tmp_path / str(count)), machines.address)
        assert (ended.made, ended.parts, ended.trouble) == (12, 12, "")
        assert (tree(tmp_path / str(count)), ended.sha256) == whole

    again = make_dataset(plan, str(tmp_path / "8"), machines.address)
    assert (again.kept, again.made, again.sha256) == (12, 0, whole[1])

    # Of what a power cut left, the whole parts stay; a file that is short is made again.
    (tmp_path / "8" / "manifest.json").unlink()
    (tmp_path / "8" / "_parts" / "site=west" / "part-00003.json").write_text('{"site"')
    short = next((tmp_path / "8" / "events" / "site=east").rglob("part-00001.parquet"))
    short.write_bytes(short.read_bytes()[:-1])
    mended = make_dataset(plan, str(tmp_path / "8"), machines.address)
    assert (mended.kept, mended.made) == (10, 2)
    assert tree(tmp_path / "8") == whole[0]


def test_a_worker_is_killed_and_the_others_do_its_parts(machines, whole, tmp_path):
    machines.add_workers(3)
    machines.freeze_one()
    killed = threading.Event()

    def kill_one(parts, of):
        if parts >= 2 and not killed.is_set():
            killed.set()
            machines.workers[0].kill()

    ended = make_dataset(plan_of(), str(tmp_path / "set"), machines.address, kill_one)
    assert killed.is_set()
    assert (ended.made, ended.trouble) == (12, "")
    assert tree(tmp_path / "set") == whole[0]


def test_a_scheduler_is_killed_and_other_machines_make_the_rest(machines, whole, tmp_path):
    machines.add_workers(3)
    machines.freeze_one()

    def kill_scheduler(parts, of):
        if parts >= 3:
            machines.scheduler.kill()

    out = tmp_path / "set"
    ended = make_dataset(plan_of(), str(out), machines.address, kill_scheduler)
    assert "scheduler is gone" in ended.trouble
    assert 3 <= ended.made < 12
    assert not (out / "manifest.json").exists()
    for process in machines.workers:  # whoever is in the middle of a part would still end it
        process.kill()
        process.wait()
    before = {name for name in tree(out) if name.startswith("_parts") and name.endswith(".json")}
    assert len(before) >= ended.made
    rest = make_dataset(plan_of(), str(out), "local:2")
    assert (rest.kept, rest.kept + rest.made) == (len(before), 12)
    assert tree(out) == whole[0]


@pytest.mark.parametrize(
    "dask", ["localhost", "local:0", "foo://a:1", "tcp://127.0.0.1", "tcp://127.0.0.1:99999"]
)
def test_a_scheduler_that_is_none(tmp_path, dask):
    with pytest.raises(InputError, match="write local:4 or a scheduler"):
        make_dataset(plan_of(), str(tmp_path / "a"), dask)


def test_a_scheduler_that_does_not_answer_leaves_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr("sim.fleet.dask.CONNECT_S", 0.2)
    with closing(socket()) as taken:  # bound and not listening: nobody else's, and no answer
        taken.bind(("127.0.0.1", 0))
        dask = f"tcp://127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(
            InputError, match=r"no scheduler answers there within 0\.2 s; start one"
        ):
            make_dataset(plan_of(), str(tmp_path / "a"), dask)
        assert not (tmp_path / "a").exists()
        (tmp_path / "b").mkdir()
        begin(Address(str(tmp_path / "b")), plan_of())  # by a run before: it stays as it is
        with pytest.raises(InputError, match="no scheduler"):
            make_dataset(plan_of(), str(tmp_path / "b"), dask)
        assert [path.name for path in (tmp_path / "b").iterdir()] == ["_plan.json"]


def test_a_store_that_is_lost_leaves_what_is_whole(whole, tmp_path):
    out = tmp_path / "set"

    def spoil(parts, of):  # before the first part
        (out / "events").mkdir(exist_ok=True)
        (out / "events" / "site=west").write_text("a file where a folder should be")

    ended = make_dataset(plan_of(), str(out), "local:1", spoil)
    assert "set: " in ended.trouble
    assert ended.made <= 6  # those of the other site
    assert not (out / "manifest.json").exists()
    (out / "events" / "site=west").unlink()
    assert make_dataset(plan_of(), str(out), "local:1").trouble == ""
    assert tree(out) == whole[0]


@pytest.mark.parametrize("kind", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_leaves_what_the_same_command_goes_on_with(tmp_path, kind):
    from tests.sim.fleet.dataset.story import TWO

    Path(tmp_path / "two.yaml").write_text(TWO)
    line = [sys.executable, "-m", "badge", "simulate", "two.yaml", "--dask", "local:1"]
    line += ["--hours", "2000", "--part-badges", "1", "--out", "made"]
    # As at a terminal, whose Ctrl-C goes to all processes: the workers are to say nothing.
    process = subprocess.Popen(
        line, cwd=tmp_path, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    whole = tmp_path / "made" / "_parts"
    try:
        until(lambda: len(list(whole.rglob("*.json"))) >= 2)
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

    def result(self, timeout):
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
        (asyncio.CancelledError(), "the scheduler is gone"),
        (distributed.client.FutureCancelledError("0123", "lost"), "the scheduler is gone"),
    ],
)
def test_what_was_met_leaves_what_is_whole(tmp_path, monkeypatch, error, what):
    def failing(client, parts, url, stop):
        yield _result(Gone(error))

    monkeypatch.setattr(dask, "_results", failing)
    monkeypatch.setattr(dask, "_client", lambda *_: contextlib.nullcontext())
    ended = make_dataset(plan_of(), str(tmp_path / "a"), "local:1")
    assert ended.trouble.startswith(what)
    assert (ended.made, ended.sha256) == (0, "")


class Lost:
    """A future whose worker ended, with the result, before that could be fetched."""

    key, status = "0123-_parts/site=a/part-00007.json", "finished"

    def __init__(self, on_asked):
        self.on_asked = on_asked

    def result(self, timeout):
        self.on_asked()
        raise TimeoutError


class Cluster:
    """A client all of whose results are lost."""

    status = "running"

    def __init__(self, on_asked):
        self.on_asked, self.cancelled = on_asked, []

    def submit(self, *words, **options):
        return Lost(self.on_asked)

    def cancel(self, futures, force):
        self.cancelled += futures


def test_a_wish_to_stop_is_heard_while_results_are_lost_with_their_worker():
    """As when SIGTERM goes to a whole group: each lost part would be made again first."""
    stop, asked = threading.Event(), []

    def on_asked():
        asked.append(None)
        if len(asked) == 20:  # of 12 parts, so that some are asked for again
            stop.set()

    cluster = Cluster(on_asked)
    assert list(dask._results(cluster, list(plan_of().parts()), "made", stop)) == []
    assert (len(asked), len(cluster.cancelled)) == (20, 12)


def signals_held():
    return signal.pthread_sigmask(signal.SIG_BLOCK, ())


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="POSIX holds signals back")
def test_workers_of_this_machine_leave_ctrl_c_to_us_from_their_birth_on():
    """A terminal tells the whole group, also while they load."""
    with dask._client("local:1", 1) as client:
        (held,) = client.run(signals_held).values()
    assert held == {signal.SIGINT, signal.SIGHUP}


def dask_setup(worker):
    os._exit(1)


def test_a_worker_that_ends_while_it_starts_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(dask, "dataset_part", sys.modules[__name__])  # it is loaded by its name
    ended = make_dataset(plan_of(), str(tmp_path / "set"), "local:1")
    assert (ended.made, ended.interrupted) == (0, False)
    assert ended.trouble.startswith("the workers of this machine did not start (")


def test_a_second_ctrl_c_keeps_what_is_whole_and_says_so(machines, whole, tmp_path):
    machines.add_workers(1)

    def twice(parts, of):
        if parts >= 2:
            raise KeyboardInterrupt

    out = str(tmp_path / "set")
    ended = make_dataset(plan_of(), out, machines.address, twice)
    assert (ended.interrupted, ended.trouble, ended.sha256) == (True, "", "")
    assert ended.made == 2
    again = make_dataset(plan_of(), out, machines.address)
    assert again.kept >= 2
    assert (tree(tmp_path / "set"), again.sha256) == whole
