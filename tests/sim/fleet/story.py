"""A small scenario and a way to run it, for the tests of the rooms scenario and run."""

import json
from dataclasses import dataclass
from pathlib import Path

from click.testing import CliRunner

from badge.contract.version import read_version
from sim.fleet.cli import simulate
from sim.fleet.job import Job
from sim.fleet.output.folder import RunFolder
from sim.fleet.parallel import run_job
from sim.fleet.run import run_document
from sim.fleet.upload.backend import Target
from sim.ingest.api.ingest import Rules
from sim.ingest.launch import launch_ingest
from sim.ingest.store.sqlite import SqliteStore
from sim.net.url import endpoint
from sim.scenario.language.read import parse_scenario, read_scenario
from sim.scenario.plan.parameters import Parameters
from tests.sim.scenario.story import SMALL


def call(*arguments):
    result = CliRunner().invoke(simulate, [str(one) for one in arguments])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def source(text=SMALL, folder=Path()):
    return parse_scenario(text.encode(), "small.yaml", folder)


def parameters(story, **changes):
    scenario = story.scenario
    workers = sum(
        crew.workers if isinstance(crew.workers, int) else len(crew.workers)
        for crew in scenario.crews.values()
    )
    count = sum(group.count for group in scenario.badges) or workers
    given = {"badges": count, "hours": scenario.hours, "seed": scenario.seed}
    return Parameters(**{**given, "start": scenario.start, **changes})


@dataclass
class Run:
    path: Path
    document: dict
    results: list

    def rows(self):
        lines = (self.path / "truth" / "events.ndjson").read_text().splitlines()
        return [json.loads(line) for line in lines]

    def table(self, name):
        return json.loads((self.path / "truth" / f"{name}.json").read_text())


def run(path, story, *, processes=1, split=False, **changes):
    with RunFolder(path) as folder:
        job = Job(story, parameters(story, **changes), folder.parts)
        finished = run_job(job, processes, lambda progress: None)
        where, document = folder.complete(
            run_document(job, finished.results, whole=True),
            finished.results,
            split=split,
            batches=job.batches,
        )
    return Run(where, document, finished.results)


def shipped(path, name, **changes):
    """Run a shipped scenario into the ingest of `badge serve`, whose store is beside the run."""
    story = read_scenario(name)
    oldest = story.scenario.cloud.oldest_firmware
    rules = Rules(open=True, oldest_firmware=None if oldest is None else read_version(oldest))
    store = SqliteStore(path.with_name(f"{path.name}.db"))
    with launch_ingest(store, rules=rules) as server, RunFolder(path) as folder:
        target = Target(endpoint(server.url))
        job = Job(story, parameters(story, **changes), folder.parts, None, target)
        finished = run_job(job, 1, lambda progress: None)
        assert finished.trouble is None
        document = run_document(job, finished.results, whole=True)
        where, document = folder.complete(
            document, finished.results, split=False, batches=job.batches
        )
    return Run(where, document, finished.results)
