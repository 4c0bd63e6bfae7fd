"""Many badges through a scenario: uploads, files, webhooks, and the truth about all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from badge.exports import exports

if TYPE_CHECKING:
    from sim.fleet.job import Job
    from sim.fleet.output.folder import RunFolder
    from sim.fleet.parallel import run_job
    from sim.fleet.upload.backend import Target

__all__ = [
    "Job",
    "RunFolder",
    "Target",
    "run_job",
]

__getattr__, __dir__ = exports(
    __name__,
    {
        "Job": "sim.fleet.job",
        "RunFolder": "sim.fleet.output.folder",
        "Target": "sim.fleet.upload.backend",
        "run_job": "sim.fleet.parallel",
    },
)
