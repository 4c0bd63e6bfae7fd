"""A data set made by Dask: parts out to its workers, what is whole kept, the rest made again."""

from __future__ import annotations

import asyncio
import logging
import re
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import version
from threading import Event
from typing import Any

from badge.errors import BadgeError, InputError
from badge.extras import lacking
from badge.host.processes import asked_to_stop
from badge.signals import STOPS, unheard
from sim.fleet import dataset_part
from sim.fleet.dataset.address import Address, StoreLostError
from sim.fleet.dataset.manifest import (
    PartDone,
    alone,
    begin,
    forget,
    whole_parts,
    write_manifest,
)
from sim.fleet.dataset.plan import DatasetPart, DatasetPlan
from sim.fleet.dataset_part import WorkplaceError, make_part
from sim.fleet.size import check_room, size_of
from sim.scenario.plan.roster import Roster

POLL_S = 0.25
CONNECT_S = 30
RESULT_S = 5.0  # for a part's result to come over; of one lost with its worker it is made again
GONE_S = 10.0  # of a scheduler that does not answer: then it is gone
_LOCAL = re.compile(r"local:([1-9][0-9]{0,2})")
_REMOTE = re.compile(r"(?:tcp|tls|ws|wss|ucx)://[^/\s]+:([0-9]{1,5})/?")
_PORTS = range(1, 1 << 16)


@dataclass(frozen=True, slots=True)
class DatasetEnded:
    """How it went: parts in all, kept from before and made now, and what ended it early."""

    parts: int
    kept: int
    made: int
    wall_s: float
    sha256: str = ""
    trouble: str = ""
    interrupted: bool = False


def make_dataset(
    plan: DatasetPlan, url: str, dask: str, tell: Callable[[int, int], None] = lambda n, of: None
) -> DatasetEnded:
    """Make a data set, or what is left of it; Ctrl-C, SIGTERM and what is lost end it politely.

    `dask` is a scheduler's address or `local:N`; `tell` hears how many parts are whole.
    """
    check_scheduler(dask)
    address, begun_s = Address(url), time.monotonic()
    _check_room(address, plan)
    is_new = begin(address, plan)
    try:
        with alone(address):
            return _made(plan, address, dask, tell, begun_s)
    except _NoSchedulerError:
        if is_new:
            forget(address)
        raise


def check_scheduler(dask: str) -> None:
    """See that it may be a scheduler; InputError with how one is written."""
    remote = _REMOTE.fullmatch(dask)
    if _LOCAL.fullmatch(dask) is None and (remote is None or int(remote[1]) not in _PORTS):
        raise InputError(f"--dask {dask}: write local:4 or a scheduler, as tcp://127.0.0.1:8786")


def _made(
    plan: DatasetPlan, address: Address, dask: str, tell: Callable[[int, int], None], begun_s: float
) -> DatasetEnded:
    url, parts = address.url, list(plan.parts())
    done = whole_parts(address, parts)
    kept, trouble, stop = len(done), "", Event()
    left = [part for part in parts if part.name not in done]
    names = {(part.site, part.number): part.name for part in parts}
    tell(len(done), len(parts))
    with asked_to_stop(stop):
        try:
            if left:
                with _client(dask, len(left)) as client:
                    for one in _results(client, left, url, stop):
                        done[names[one.site, one.number]] = one
                        tell(len(done), len(parts))
            whole = len(done) == len(parts)
            digest = write_manifest(address, plan, done) if whole else ""
        except _LostError as error:  # workers that were told to stop with us are no trouble
            trouble, digest = "" if stop.is_set() else str(error), ""
        except StoreLostError as error:
            trouble, digest = str(error), ""
        except KeyboardInterrupt:  # the second one; parts are whole or not there
            stop.set()
            digest = ""
    made, wall_s = len(done) - kept, time.monotonic() - begun_s
    return DatasetEnded(len(parts), kept, made, wall_s, digest, trouble, stop.is_set())


def _check_room(address: Address, plan: DatasetPlan) -> None:
    """See that a disk of this machine has room; an object store says itself when it is full."""
    folder = address.local("")
    if folder is None:
        return
    sizes = [size_of(Roster(one, plan.parameters[site])) for site, one in plan.sources.items()]
    events = sum(size.events for size in sizes)
    wanted = (size.dataset_bytes(plan.format) for size in sizes)
    check_room(wanted, events, folder, plan.scenario)


class _NoSchedulerError(InputError):
    """There is none, so nothing was made."""


class _LostError(BadgeError):
    """The scheduler, or all of its workers, are gone."""


@contextmanager
def _client(dask: str, parts: int) -> Iterator[Any]:
    """Connect to a scheduler, or start one and its workers on this machine's loopback alone."""
    try:
        distributed = import_module("distributed")
    except ImportError:
        raise InputError(lacking("distributed", "--dask")) from None
    for handler in logging.getLogger("distributed").handlers:
        handler.setLevel(logging.CRITICAL)  # what ends early is told in our words
    local = _LOCAL.fullmatch(dask)
    if local is not None:
        with (
            _cluster(distributed, min(int(local[1]), parts)) as cluster,
            distributed.Client(cluster) as client,
        ):
            yield client
        return
    try:
        client = distributed.Client(dask, timeout=CONNECT_S)
    except OSError:
        raise _NoSchedulerError(
            f"--dask {dask}: no scheduler answers there within {CONNECT_S} s; start one with "
            "`dask scheduler`, or write local:4"
        ) from None
    except (ValueError, TypeError) as error:
        raise _NoSchedulerError(f"--dask {dask}: no scheduler answers there ({error})") from None
    try:
        yield client
    finally:
        client.close(timeout=1)


def _cluster(distributed: Any, workers: int) -> Any:
    """Start workers that leave Ctrl-C to this process from their birth on; Dask ends them."""
    try:
        with unheard(*(one for one in STOPS if one != signal.SIGTERM)):
            return distributed.LocalCluster(
                n_workers=workers,
                threads_per_worker=1,
                host="127.0.0.1",
                dashboard_address="127.0.0.1:0",
                silence_logs=50,
                preload=[dataset_part.__name__],
            )
    except (RuntimeError, OSError) as error:  # one was killed, say
        raise _LostError(f"the workers of this machine did not start ({error})") from None


def _results(
    client: Any, parts: Sequence[DatasetPart], url: str, stop: Event
) -> Iterator[PartDone]:
    """Hand out all parts, and give each as it comes; those that are not begun are called back."""
    program = version("badge-simulator")
    waiting = {
        client.submit(make_part, part, url, program, key=f"{part.key}-{part.name}", pure=False)
        for part in parts
    }
    lost_s: float | None = None
    try:
        while waiting and not stop.is_set():
            ready = {one for one in waiting if one.status != "pending"}
            for one in ready:
                done = _result(one)
                if done is not None:
                    waiting.discard(one)
                    yield done
                elif stop.is_set():
                    break
            now_s = time.monotonic()
            lost_s = None if client.status == "running" else lost_s or now_s
            if lost_s is not None and now_s - lost_s > GONE_S:
                raise _LostError("the scheduler is gone")
            if not ready:
                stop.wait(POLL_S)
    finally:
        if client.status == "running":
            client.cancel(list(waiting), force=True)


def _result(future: Any) -> PartDone | None:
    """Give a part's result; None while it does not come over."""
    try:
        done: PartDone = future.result(timeout=RESULT_S)
    except TimeoutError:
        return None
    except WorkplaceError as error:  # of one machine: what others have made is whole
        raise _LostError(str(error)) from None
    except BadgeError:
        raise
    except (OSError, CancelledError, asyncio.CancelledError):
        raise _LostError("the scheduler is gone") from None
    except Exception as error:  # what a worker met, of any kind; it is told, and nothing is lost
        if type(error).__name__ == "KilledWorker":
            part = future.key.partition("-")[2].removesuffix(".json")
            raise _LostError(
                f"{part}: each worker that made it was killed, as where memory is short; give "
                "them more, or ask for fewer --part-badges"
            ) from None
        raise _LostError(f"a part could not be made: {type(error).__name__}: {error}") from None
    return done
