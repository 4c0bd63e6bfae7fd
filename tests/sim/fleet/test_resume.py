"""A run that is cut short goes on, and comes to the same bytes as one that never was."""

import json
import os
import signal
import stat
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from badge.errors import InputError
from sim.fleet import shard
from sim.fleet.output.folder import RunFolder
from sim.fleet.output.parts import BadgeResult
from sim.fleet.pace import RealtimePace
from sim.fleet.resume import ResumePlan, read_plan
from sim.ingest.api import answers
from sim.ingest.api.ingest import Ingest, Rules
from sim.ingest.launch import launch_ingest
from sim.ingest.store.sqlite import SqliteStore
from sim.net.server import held_port
from tests.command import started
from tests.patience import PATIENCE_S, until
from tests.sim.fleet.story import call, source
from tests.sim.scenario.story import SMALL

TIMED = ("requests.ndjson", "log.ndjson")  # they tell the time of the clock on the wall
PROGRAM = "from badge.cli.main import main; import sys; sys.argv[0] = 'badge'; main()"


def contents(folder):
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.suffix != ".parquet" and path.name not in TIMED
    }


def plain(story, *arguments):
    call("small.yaml", *arguments, "--out", "plain")
    return contents(story / "plain")


def interrupt_after(monkeypatch, batches):
    """Press Ctrl-C when the server has taken so many batches."""
    taken, ask = [0], Ingest.post_events

    def counting(*arguments, **keywords):
        answer = ask(*arguments, **keywords)
        taken[0] += 1
        if taken[0] == batches:
            os.kill(os.getpid(), signal.SIGINT)
        return answer

    monkeypatch.setattr(Ingest, "post_events", counting)
    return taken


def test_ctrl_c_and_on_again_sends_nothing_twice_and_ends_in_the_same_bytes(story, monkeypatch):
    whole = plain(story, "--record", "rec-plain")
    taken = interrupt_after(monkeypatch, 4)
    with launch_ingest() as server:
        cut = call("small.yaml", "--to", server.url, "--out", "a", "--record", "rec")
        assert cut.exit_code == 130
        assert "badge simulate --resume a.interrupted goes on" in cut.stderr
        assert {path.name.endswith("interrupted.ndjson") for path in Path("rec").iterdir()} == {
            True
        }
        held = len(server.store.events())
        assert 0 < held < len(whole["events.ndjson"].splitlines())
        done = call("--resume", "a.interrupted", "--json")
        counts = server.store.counts()
    batches = whole["batches.ndjson"].splitlines()
    assert taken[0] == len(batches)  # each of them once, over both runs
    assert json.loads(done.output)["folder"] == "a"
    assert counts.duplicates == 0
    assert contents(story / "a") == whole
    assert contents(story / "rec") == contents(story / "rec-plain")
    assert sorted(p.name for p in story.iterdir()) == [
        "a",
        "plain",
        "rec",
        "rec-plain",
        "small.yaml",
    ]


def test_a_server_that_went_away_may_come_back_later(story):
    whole = plain(story)
    with held_port() as port:
        with launch_ingest(SqliteStore(story / "x.db"), port=port) as server:
            call("small.yaml", "--to", server.url, "--hours", "0.6", "--out", "warm")
        gone = call("small.yaml", "--to", server.url, "--give-up", "0.3s", "--out", "a")
        assert gone.exit_code == 1
        assert "no connection" in gone.stderr
        assert "badge simulate --resume a.interrupted goes on" in gone.stderr
        with pytest.raises(InputError, match=r"--resume a\.interrupted goes on with it"):
            call("small.yaml", "--out", "a")
        with launch_ingest(SqliteStore(story / "x.db"), port=port):
            assert call("--resume", "a.interrupted").exit_code == 0
    assert contents(story / "a") == whole


def test_badges_that_were_done_are_not_lived_through_again(story, monkeypatch):
    whole, save, saved = plain(story), BadgeResult.save, []

    def saving(self, folder):
        save(self, folder)
        saved.append(self.index)
        if len(saved) == 1:
            os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr(BadgeResult, "save", saving)
    assert call("small.yaml", "--out", "a").exit_code == 130
    document = json.loads(Path("a.interrupted/truth/run.json").read_text())
    assert (document["complete"], document["counts"]["badges"]) == (False, 1)
    parts = Path("a.interrupted/resume/parts").iterdir()  # they need no room a second time
    assert RunFolder(Path("a"), Path("a.interrupted")).kept_bytes == sum(
        part.stat().st_size for part in parts
    )
    assert call("--resume", "a.interrupted", "--json").exit_code == 0
    assert saved == [0, 1]
    assert contents(story / "a").keys() == whole.keys()
    for name, content in contents(story / "a").items():
        assert content == whole[name], name


@pytest.mark.slow
def test_a_paced_run_goes_on_where_it_was(story, monkeypatch):
    interrupt_after(monkeypatch, 4)
    with launch_ingest() as server:
        paced = ("--speed", "1200x", "--to", server.url, "--out", "a")
        assert call("small.yaml", *paced).exit_code == 130
        reached_ms = read_plan(Path("a.interrupted")).reached_ms
        assert reached_ms > 600_000
        begins = []
        monkeypatch.setattr(
            shard,
            "RealtimePace",
            lambda speed, start_ms: (
                begins.append(start_ms) or RealtimePace(speed, start_ms=start_ms)
            ),
        )
        done = json.loads(call("--resume", "a.interrupted", "--json").output)
        held = server.store.events()
    assert begins == [reached_ms]  # up to there it did not wait for the clock on the wall
    assert done["complete"] is True
    assert done["delivered"] == len(held)


@pytest.mark.slow
def test_killed_at_once_it_goes_on_from_what_it_had_begun(story, monkeypatch):
    whole = plain(story)
    with launch_ingest() as server:
        words = ("small.yaml", "--to", server.url, "--speed", "300x", "--out", "a")
        run = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, "simulate", *words], stderr=subprocess.DEVNULL
        )
        until(lambda: server.store.counts().events >= 20)
        run.kill()
        run.wait()
        (hidden,) = story.glob(".a.*")
        monkeypatch.setattr(ResumePlan, "source", lambda self: source())
        plan = read_plan(hidden)
        fast = replace(plan, speed=None)
        (hidden / "resume" / "asked.json").write_text(fast.text())
        assert plan.speed == 300.0
        assert call("--resume", hidden).exit_code == 0
        assert server.store.counts().events == len(server.store.events())
    assert contents(story / "a") == whole
    assert not hidden.exists()


def test_keys_are_made_once_and_kept_for_this_user_alone(story, monkeypatch):
    interrupt_after(monkeypatch, 1)
    with launch_ingest(rules=Rules()) as server:
        keys = server.ingest.new_service_keys()
        arguments = ("small.yaml", "--to", server.url, "--hours", "0.5")
        cut = call(*arguments, "--provision", keys["provisioning"], "--out", "a")
        assert cut.exit_code == 130
        assert "keys.json holds the badges' keys" in cut.output
        kept = Path("a.interrupted/keys.json")
        assert stat.S_IMODE(kept.stat().st_mode) == 0o600
        assert len(json.loads(kept.read_text())) == 2
        assert call("--resume", "a.interrupted").exit_code == 0
        again = call(*arguments, "--keys", "a/keys.json", "--out", "b", "--json")
        assert json.loads(again.output)["undelivered"]["quarantined"] == 0
        assert stat.S_IMODE(Path("a/keys.json").stat().st_mode) == 0o600
        secret = json.loads(Path("a/keys.json").read_text()).values()
        for path in [*Path("a").rglob("*"), *Path("b").rglob("*")]:
            if path.is_file() and path.name != "keys.json":
                assert not any(key.encode() in path.read_bytes() for key in secret)


def test_keys_made_before_a_failure_are_not_lost(story, monkeypatch):
    ask, parameters = Ingest.post_devices, []

    def failing(*arguments):
        parameters.append(1)
        return answers.unauthorized() if len(parameters) == 2 else ask(*arguments)

    monkeypatch.setattr(Ingest, "post_devices", failing)
    with launch_ingest(rules=Rules()) as server:
        keys = server.ingest.new_service_keys()
        arguments = ("--provision", keys["provisioning"])
        with pytest.raises(InputError, match=r"badge simulate --resume a\.interrupted goes on"):
            call("small.yaml", "--to", server.url, *arguments, "--hours", "0.3", "--out", "a")
        assert sorted(path.name for path in Path("a.interrupted").iterdir()) == [
            "keys.json",
            "log.ndjson",
            "resume",
        ]
        assert call("--resume", "a.interrupted", *arguments).exit_code == 0
    assert len(json.loads(Path("a/keys.json").read_text())) == 2


@pytest.mark.slow
def test_keys_made_before_a_kill_are_not_lost(story):
    """As SIGKILL leaves it: nothing is renamed, and nothing else is written."""
    with launch_ingest(rules=Rules()) as server:
        keys = server.ingest.new_service_keys()
        arguments = ("--provision", keys["provisioning"], "--hours", "0.3", "--out", "a")
        words = repr(["badge", "simulate", "small.yaml", "--to", server.url, *arguments])
        killed = (
            "import os, signal, sys; from sim.fleet.output import folder as module;"
            "kept = module.keep_key;"
            "module.keep_key = lambda *a: (kept(*a), os.kill(os.getpid(), signal.SIGKILL));"
            f"sys.argv = {words}; from badge.cli.main import main; main()"
        )
        ran = subprocess.run([sys.executable, "-c", killed], capture_output=True, timeout=120)
        assert ran.returncode == -signal.SIGKILL, ran.stderr
        left = (hidden,) = tuple(Path().glob(".a.*"))
        assert call("--resume", hidden, *arguments[:2]).exit_code == 0, left
        assert len(json.loads(Path("a/keys.json").read_text())) == 2
        assert server.store.counts().devices_provisioned == 2
    assert not list(Path("a").glob("keys.new*"))


def limited(size, *arguments):
    """Run the command on a disk on which no file may grow beyond a size."""
    limit = f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({size}, {size}));"
    return subprocess.run(
        [sys.executable, "-c", limit + PROGRAM, "simulate", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},  # it would be half written, and kept
    )


@pytest.mark.parametrize("jobs", ["1", "2"])
@pytest.mark.slow
def test_a_full_disk_is_one_sentence_and_nothing_looks_whole(story, jobs):
    ran = limited(20_000, "small.yaml", "--out", "a", "--jobs", jobs)
    assert ran.returncode == 2
    assert len(ran.stderr.strip().splitlines()) == 1, ran.stderr
    assert "File too large; make room and run it again" in ran.stderr
    assert [path.name for path in story.iterdir()] == ["small.yaml"]


@pytest.mark.parametrize("more", [(), ("--speed", "3600x")])
@pytest.mark.slow
def test_a_full_disk_of_one_of_two_processes_keeps_what_was_done(story, more):
    """Badges that were done, or, where the clock on the wall counts, the time waited for."""
    words = ("small.yaml", "--badges", "32", "--hours", "0.5", "--out")
    call(*words, "plain")
    whole = contents(story / "plain")
    of_one = len(whole["truth/events.ndjson"]) / 32  # files are of two, unless all live at once
    ran = limited(round(of_one * (0.7 if more else 1.5)), *words, "a", "--jobs", "2", *more)
    assert ran.returncode == 2
    assert len(ran.stderr.strip().splitlines()) == 1, ran.stderr
    assert "a.running/resume/parts/" in ran.stderr.replace(os.sep, "/")
    assert ran.stderr.endswith(
        "File too large; what was done is kept: badge simulate --resume a.interrupted goes on\n"
    )
    assert call("--resume", "a.interrupted").exit_code == 0
    assert contents(story / "a") == whole


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="looks for its processes in /proc")
@pytest.mark.slow
def test_a_process_that_is_killed_ends_the_run_and_it_goes_on(story):
    words = ["simulate", "small.yaml", "--out", "a", "--jobs", "2", "--speed", "60x"]
    command = [sys.executable, "-c", PROGRAM, *words]
    with started(command, stderr=subprocess.PIPE, text=True) as run:
        reached = ".a.running/resume/parts/*.reached"
        until(lambda: list(story.glob(reached)), "no process tells how far it is")
        below = Path(f"/proc/{run.pid}/task/{run.pid}/children").read_text().split()
        workers = [
            pid for pid in below if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()
        ]
        os.kill(int(workers[0]), signal.SIGKILL)
        _, said = run.communicate(timeout=PATIENCE_S)
    assert run.returncode == 2
    assert said == (
        "badge: a worker process was ended from outside; what was done is kept: "
        "badge simulate --resume a.interrupted goes on\n"
    )
    assert read_plan(story / "a.interrupted").badges == 2


@pytest.mark.slow
def test_a_full_disk_names_the_first_file_of_a_run(story):
    ran = limited(1_000, "small.yaml", "--out", "a", "--jobs", "1")
    assert ran.stderr.startswith(f"badge: {Path('.a.running/resume/site.json')}: File too large")


@pytest.mark.slow
def test_with_room_again_a_run_on_a_full_disk_goes_on(story):
    whole = plain(story)
    with launch_ingest() as server:
        ran = limited(60_000, "small.yaml", "--to", server.url, "--out", "a")
        assert ran.returncode == 2
        assert "File too large" in ran.stderr
        assert "badge simulate --resume a.interrupted goes on" in ran.stderr
        names = sorted(path.name for path in Path("a.interrupted").iterdir())
        assert names == ["log.ndjson", "resume"]
        assert call("--resume", "a.interrupted").exit_code == 0
        assert server.store.counts().duplicates == 0
    assert contents(story / "a") == whole


@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        (("--resume", "nothing"), "no run that was cut short"),
        (("--resume", "cut", "--seed", "4"), "leave out --seed"),
        (("small.yaml", "--resume", "cut"), "leave out scenario"),
        (("--resume", "cut", "--speed", "max"), "leave out --speed"),
        (("small.yaml", "--give-up", "soon"), "--give-up soon"),
        (("small.yaml", "--keys", "none.json"), "none.json: No such file"),
        (("small.yaml", "--keys", "small.yaml"), "not a JSON object"),
    ],
)
def test_wrong_use_is_one_sentence(story, arguments, what):
    with pytest.raises(InputError, match=what):
        call(*arguments)


def test_without_scenario_the_usage_is_told(story):
    assert "or --resume RUN.interrupted" in call().stderr


def test_a_scenario_that_has_changed_is_another_run(story, monkeypatch):
    interrupt_after(monkeypatch, 1)
    with launch_ingest() as server:
        call("small.yaml", "--to", server.url, "--out", "a")
    (story / "small.yaml").write_text(SMALL + "\n")
    with pytest.raises(InputError, match="has changed since the run began"):
        call("--resume", "a.interrupted")


def cut(story, name="a", *arguments):
    """Leave a run that was cut short when its first badge was done."""
    save = BadgeResult.save

    def saving(self, folder):
        save(self, folder)
        os.kill(os.getpid(), signal.SIGINT)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BadgeResult, "save", saving)
        done = call("small.yaml", "--out", name, "--jobs", "1", *arguments)
    assert done.exit_code == 130, done.stderr
    return story / f"{name}.interrupted"


def test_a_folder_is_the_same_under_every_spelling(story):
    whole = plain(story)
    (story / "sub").mkdir()
    (story / "link").symlink_to(story)
    for number, spelled in enumerate(("sub/../{}", "link/{}", str(story / "{}"))):
        folder = cut(story, f"a{number}").name
        assert call("--resume", spelled.format(folder)).exit_code == 0
        assert contents(story / f"a{number}") == whole


def test_a_run_that_was_moved_goes_on_where_it_lies(story):
    whole = plain(story)
    (story / "other").mkdir()
    cut(story).rename(story / "other" / "a.interrupted")
    assert call("--resume", "other/a.interrupted").exit_code == 0
    assert contents(story / "other" / "a") == whole
    assert not (story / "a").exists()


def test_a_run_goes_on_once(story):
    folder = cut(story)
    with RunFolder(story / "a", folder):
        for words in (("--resume", "a.interrupted"), ("--resume", ".a.running")):
            with pytest.raises(InputError, match=r"no run that was cut short|in another process"):
                call(*words)
        with pytest.raises(InputError, match="goes on in another process"):
            call("small.yaml", "--out", "a")
    assert folder.exists()  # nothing was done, so nothing is lost
    assert call("--resume", "a.interrupted").exit_code == 0


def test_a_process_with_the_number_of_a_killed_one_is_no_obstacle(story):
    """In a container each run is process 1."""
    cut(story).rename(story / ".a.running")
    with pytest.raises(InputError, match=r"badge simulate --resume \.a\.running goes on"):
        call("small.yaml", "--out", "a")
    assert call("--resume", ".a.running").exit_code == 0
    assert not (story / ".a.running").exists()


def test_a_file_that_the_scenario_names_may_not_change_in_between(story):
    square = "[[[15.98,45.81],[15.981,45.81],[15.981,45.811],[15.98,45.81]]]"
    parcels = story / "p.geojson"
    parcels.write_text(
        '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"name":"north"},'
        f'"geometry":{{"type":"Polygon","coordinates":{square}}}}}]}}'
    )
    text = SMALL.replace("  parcels:\n", "  parcels_file: p.geojson\n  parcels:\n")
    (story / "small.yaml").write_text(text)
    cut(story)
    before = parcels.read_text()
    parcels.write_text(before.replace("45.811", "45.812"))
    with pytest.raises(InputError, match=r"p\.geojson has changed since the run began"):
        call("--resume", "a.interrupted")
    parcels.write_text(before)
    assert call("--resume", "a.interrupted").exit_code == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"version": "0.0.1"}, "begun by version 0.0.1, and this is "),
        ({"version": 7}, "version: must be a text"),
        ({"badges": "many"}, "badges: must be a whole number"),
        ({"seed": None}, "seed: must be a whole number"),
    ],
)
def test_a_plan_that_is_none_of_this_version_is_said(story, words, said):
    plan = cut(story) / "resume" / "asked.json"
    document = json.loads(plan.read_text())
    plan.write_text(json.dumps(document | words))
    with pytest.raises(InputError, match=said):
        call("--resume", "a.interrupted")


def test_sigterm_is_as_ctrl_c(story):
    program = (
        "import os, signal; from sim.fleet.output.parts import BadgeResult as B; save = B.save\n"
        "def saving(self, folder): save(self, folder); os.kill(os.getpid(), signal.SIGTERM)\n"
        f"B.save = saving; {PROGRAM}"
    )
    words = ["simulate", "small.yaml", "--out", "a", "--jobs", "1"]
    done = subprocess.run([sys.executable, "-c", program, *words], capture_output=True, text=True)
    assert done.returncode == 130
    assert "badge simulate --resume a.interrupted goes on" in done.stderr
    assert sorted(path.name for path in story.iterdir()) == ["a.interrupted", "small.yaml"]


def test_a_disk_that_fills_with_answers_ends_the_run_and_it_goes_on(story, monkeypatch):
    """The answers' file may be the first that finds no room: nobody may wait for it."""
    from sim.fleet.upload.kept_answers import KeptAnswers

    whole, keep, room = plain(story), KeptAnswers._keep, [3]

    def full(self, *what):
        room[0] -= 1
        if room[0] < 0:
            raise OSError(28, "No space left on device", str(self._path))
        keep(self, *what)

    with launch_ingest() as server:
        with monkeypatch.context() as patch:
            patch.setattr(KeptAnswers, "_keep", full)
            with pytest.raises(InputError, match=r"answers/.*: No space left .*--resume a\.inter"):
                call("small.yaml", "--to", server.url, "--out", "a")
        assert call("--resume", "a.interrupted").exit_code == 0
        assert server.store.counts().events == len(server.store.events())
    assert contents(story / "a") == whole


def test_a_kill_sends_again_only_what_was_under_way(story, monkeypatch):
    """What was answered is on disk when it is known: of two badges, two at most were under way."""
    taken, ask, pid = [], Ingest.post_events, []

    def killing(*arguments, **keywords):
        taken.append(1)
        if len(taken) == 6:
            os.kill(pid[0], signal.SIGKILL)
        return ask(*arguments, **keywords)

    monkeypatch.setattr(Ingest, "post_events", killing)
    with launch_ingest() as server:
        command = [sys.executable, "-c", PROGRAM, "simulate"]
        words = ["small.yaml", "--out", "a", "--to", server.url, "--jobs", "1"]
        with started([*command, *words]) as run:
            pid.append(run.pid)
            assert run.wait(300) == -signal.SIGKILL
        (killed,) = story.glob(".a.*")
        kept = [p.read_bytes().count(b"\n") for p in (killed / "resume/answers").glob("*")]
        assert sum(kept) >= len(taken) - 2
        assert call("--resume", killed).exit_code == 0
        assert server.store.counts().duplicates <= 2 * 100


def test_where_a_killed_run_was_is_known_to_the_second(story):
    folder = cut(story)
    (folder / "resume" / "parts" / "000000.reached").write_text("1800000")
    with RunFolder(story / "a", folder) as run:
        assert run.reached_ms == 1_800_000
