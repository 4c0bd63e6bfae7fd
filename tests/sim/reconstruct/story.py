"""Badges of a scenario, recorded, for the law: record, reconstruct, replay, the same events."""

from __future__ import annotations

from pathlib import Path

from badge.host.recording_file import RecordingFile
from badge.recording.format import Wrote
from badge.recording.playback import replay
from sim.fleet.job import Job
from sim.fleet.shard import Shard
from sim.reconstruct.drive import reconstruct
from sim.reconstruct.seen import seen
from sim.reconstruct.settings import settings_of
from sim.scenario.language.read import parse_scenario, read_scenario
from sim.scenario.plan.parameters import Parameters


def recordings(folder, name, badges, hours, seed=None, *, text=None):
    """Let some badges of a scenario live, and give their recordings."""
    source = read_scenario(name) if text is None else parse_scenario(text.encode(), name, Path())
    scenario = source.scenario
    chosen = scenario.seed if seed is None else seed
    parameters = Parameters(badges, hours, chosen, scenario.start)
    for place in (folder / "parts", folder / "recordings"):
        place.mkdir(parents=True)
    job = Job(source, parameters, folder / "parts", record=folder / "recordings")
    Shard(job, range(badges), lambda progress: None, lambda: False).run()
    return sorted((folder / "recordings").glob("*.ndjson"))


def events_of(path):
    with RecordingFile(path) as file:
        return [line.event for line in file if isinstance(line, Wrote)]


def again(events, **settings):
    """Reconstruct, replay, and give both."""
    known = seen(events, "x")
    made = reconstruct(settings_of(events[0]["device_id"], known, settings), known)
    return made, [line.event for line in replay(made.header, made.lines)]
