"""Which engine runs a fleet: the badge in C over columns, or the badge in Python input by input."""

from __future__ import annotations

from badge.errors import InputError
from badge.host.core.store import core_library
from sim.fleet.job import Engine, Job

# At once.  Worn for a day a badge takes 1.1 MiB in C and 1.4 in Python; unworn, 0.15 and 0.01.
LIVE_BADGES_MAX = 10_000


def engine_for(asked: str, job: Job) -> tuple[Engine, str | None]:
    """Choose the engine of a job, and say why it is the one in Python if it is not asked for.

    Both give the same bytes.  InputError for `columnar` where the C core is not built.
    """
    if asked == "python":
        return "python", None
    why = _lacking(job)
    if why is not None:
        return "python", why
    try:
        core_library()
    except InputError as error:
        if asked == "columnar":
            raise
        return "python", str(error)
    return "columnar", None


def _lacking(job: Job) -> str | None:
    """Say what is asked for that the columnar engine does not do."""
    if job.core is not None:
        return "a core is compared, step by step"
    is_live = job.target is not None or job.speed is not None
    if is_live and job.parameters.badges > LIVE_BADGES_MAX:
        return f"more than {LIVE_BADGES_MAX:,} badges live at once, each with its flash in memory"
    if job.record is not None:
        return "recordings are kept"
    return None
