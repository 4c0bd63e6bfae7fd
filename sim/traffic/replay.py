"""`badge replay --to`: what was recorded goes out to a backend, and every answer is kept."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from hashlib import blake2b, file_digest
from pathlib import Path
from typing import Any

import click

from badge.cli import terminal
from badge.cli.exits import EXIT_DIFFERS
from badge.errors import InputError
from badge.words import counted
from sim.fleet.output.folder import REQUESTS
from sim.fleet.pace import read_duration_s, read_speed
from sim.fleet.report import refused
from sim.fleet.run import keys_of
from sim.fleet.upload.backend import Target
from sim.fleet.upload.keys import provision
from sim.net.url import endpoint
from sim.traffic.batches import Batch, Rewriting, Spool
from sim.traffic.choice import Chosen, read_devices, read_moment, read_shift_s
from sim.traffic.folder import ReplayFolder
from sim.traffic.open import open_traffic
from sim.traffic.send import SendCounts, Sending

COMPANY = "CO-REPLAY"


@dataclass(frozen=True, slots=True)
class ReplayOptions:
    """The words of the command line."""

    sources: tuple[str, ...]
    url: str
    speed: str = "1x"
    begin: str | None = None
    end: str | None = None
    devices: tuple[str, ...] = ()
    shift: str | None = None
    api_key: str | None = None
    keys_file: Path | None = None
    provisioning_key: str | None = None
    give_up: str = "60s"
    out: Path | None = None
    as_json: bool = False

    def digest(self) -> str:
        """Name the replay: the same words and the same files give the same name."""
        words = (self.url, self.begin, self.end, self.devices, self.shift, self.sources)
        made = blake2b(repr(words).encode(), digest_size=4)
        for source in self.sources:
            path = Path(source)
            with suppress(OSError):  # what cannot be read is told by its reader
                for one in sorted(path.rglob("*.ndjson")) if path.is_dir() else [path]:
                    with one.open("rb") as file:
                        made.update(file_digest(file, "sha256").digest())
        return made.hexdigest()


def replay_to(**words: Any) -> None:
    """Send, and tell what came of it; exit code 1 unless all was taken."""
    options = ReplayOptions(**words)
    url, speed = endpoint(options.url), read_speed(options.speed)
    give_up_s = read_duration_s(options.give_up)
    chosen = Chosen(
        read_moment("--from", options.begin),
        read_moment("--until", options.end),
        read_devices(options.devices),
    )
    if options.provisioning_key and options.api_key:
        raise InputError("--provision and --api-key: give one of the two")
    read_shift_s(options.shift, 0, 0.0)
    with Spool() as spool:
        with terminal.err().status("reading"):
            found = open_traffic(options.sources, spool)
        batches = chosen.of(found.batches, options.sources[0])
        for note in found.notes:
            terminal.err().print(note, soft_wrap=True)
        digest = options.digest()
        with ReplayFolder(options.out or Path(f"replay-{digest}")) as folder:
            plan = folder.begin(
                digest, lambda: read_shift_s(options.shift, batches[0].moment_ms, time.time())
            )
            change = Rewriting(plan.shift_s, tuple(p for p in chosen.devices if p[0] != p[1]))
            going = [change.batch(batch) for batch in batches]
            keys = folder.keys() | keys_of(None, options.keys_file, options.api_key)
            target = Target(url, keys, give_up_s)
            if options.provisioning_key:
                _provision(target, options.provisioning_key, going, keys, folder)
            counts = _send(Sending(going, spool, change, target, digest, speed, folder.answers))
            ledger = folder.write_ledger()
            if counts.trouble is None and "none" not in counts.answers:
                folder.finish(plan)
    _report(going, counts, ledger, as_json=options.as_json)


def _provision(
    target: Target, key: str, batches: Sequence[Batch], keys: dict[str, str], folder: ReplayFolder
) -> None:
    devices = list(dict.fromkeys(batch.device_id for batch in batches))
    try:
        provision(
            target.url,
            key,
            COMPANY,
            devices,
            keys,
            keep=folder.keep_key,
            timeout_s=target.try_s(),
        )
    finally:
        folder.keep_keys(keys)


def _send(job: Sending) -> SendCounts:
    from sim.fleet.shard import new_event_loop

    total = len(job.batches)
    with terminal.progress() as bar:
        task = bar.add_task("sending", total=total, word="")

        def tell(counts: SendCounts) -> None:
            word = f"{counts.batches:,} of {counted(total, 'batch', 'batches')} answered"
            bar.update(task, completed=counts.batches, word=word)

        going = Sending(
            job.batches,
            job.spool,
            job.change,
            job.target,
            job.run_id,
            job.speed,
            job.answers,
            tell,
        )
        try:
            with asyncio.Runner(loop_factory=new_event_loop) as runner:
                return runner.run(going.run())
        except KeyboardInterrupt:
            raise KeyboardInterrupt(
                f"stopped; every answer is kept in {job.answers.parent}: the same command goes on"
            ) from None


def _report(batches: Sequence[Batch], counts: SendCounts, ledger: Path, *, as_json: bool) -> None:
    figures: dict[str, Any] = {
        "batches": len(batches),
        "answered": counts.batches,
        "devices": len({batch.device_id for batch in batches}),
        "events": sum(batch.count for batch in batches),
        "delivered": counts.taken,
        "rejected": counts.rejected,
        "answers": dict(sorted(counts.answers.items())),
        "behind_s": round(counts.behind_s, 3),
        "ledger": str(ledger),
        **({"trouble": counts.trouble} if counts.trouble else {}),
    }
    if as_json:
        terminal.print_json(figures)
    else:
        screen = terminal.out()
        rows = list(figures["answers"].items())
        screen.print(terminal.table("the backend answered", ("status", "batches"), rows))
        screen.print(
            f"\n{figures['answered']:,} of {counted(figures['batches'], 'batch', 'batches')} of "
            f"{counted(figures['devices'], 'device')} answered; {counts.taken:,} of "
            f"{counted(figures['events'], 'event')} taken, {counts.rejected:,} refused"
        )
        screen.print(f"every answer: {ledger}", soft_wrap=True)
    if counts.trouble:
        terminal.err().print(
            f"{counts.trouble}; every answer so far is in {ledger.parent}/{REQUESTS}: the same "
            "command goes on",
            soft_wrap=True,
        )
    elif remedy := refused(figures):
        terminal.err().print(remedy, soft_wrap=True)
    if counts.taken < figures["events"]:
        raise click.exceptions.Exit(EXIT_DIFFERS)
