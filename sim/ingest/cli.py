"""`badge serve`: the reference ingest API on this machine."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from badge.cli.options import Finite, telemetry_option
from badge.errors import BadgeError, InputError

if TYPE_CHECKING:
    from badge.contract.version import Version
    from sim.ingest.api.ingest import Rules
    from sim.ingest.http.refusals import Refusals
    from sim.ingest.launch import Running
    from sim.ingest.store.sqlite import SqliteStore

LOOPBACKS = ("127.0.0.1", "::1", "localhost")


@click.command()
@click.option(
    "--db",
    default="badge-ingest.db",
    show_default=True,
    metavar="FILE",
    help="SQLite database, made if it is not there; :memory: keeps nothing.",
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    default=8080,
    show_default=True,
    type=click.IntRange(0, 65535),
    help="Port to listen on; 0 takes a free one.",
)
@click.option("--open", "open_", is_flag=True, help="Ask for no keys: any device may send.")
@click.option("--new-keys", is_flag=True, help="Make new provisioning and admin keys.")
@click.option(
    "--min-firmware", metavar="VERSION", help="Refuse events of older firmware, like 0.4.0."
)
@click.option(
    "--current-firmware",
    metavar="VERSION",
    help="Refuse events older than its last 3 minor versions.",
)
@click.option(
    "--rate-limit",
    metavar="N",
    type=click.IntRange(1, 1_000_000),
    help="Requests a minute per device (the contract says 100); off if not given.",
)
@click.option(
    "--patience",
    metavar="SECONDS",
    default=30.0,
    show_default=True,
    type=Finite(0.1, 3600),
    help="How long a client may take to send a body; for a head at most 10 of them.",
)
@click.option(
    "--events",
    "events_file",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Append each accepted event to FILE, too, as badge judge reads it.",
)
@click.option(
    "--keep-refused",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Keep the last 50 bodies that were refused, with the answer and without keys.",
)
@click.option("--quiet", is_flag=True, help="Show the address and the keys, but no progress.")
@click.option(
    "--json",
    "as_json",
    is_flag=True,
    help="Address and keys as JSON on stdout, progress on stderr.",
)
@telemetry_option
def serve(
    db: str,
    host: str,
    port: int,
    open_: bool,
    new_keys: bool,
    min_firmware: str | None,
    current_firmware: str | None,
    rate_limit: int | None,
    patience: float,
    events_file: Path | None,
    keep_refused: Path | None,
    quiet: bool,
    as_json: bool,
) -> None:
    """Take events as the cloud does, check them by the contract, keep them in SQLite.

    The keys are shown once, at the first start of a database; it holds only their hashes. Ctrl-C
    or SIGTERM stops it, with 130; what was acknowledged is on disk. At the end it says why it
    refused what it did, by reason and device.
    """
    from sim.ingest.api.ingest import Rules
    from sim.ingest.http.limits import Bounds
    from sim.ingest.launch import launch_ingest
    from sim.ingest.progress import progress
    from sim.net.server import HEAD_TIMEOUT_S

    oldest = _oldest_firmware(min_firmware, current_firmware)
    store = _store(db, events_file)
    rules = Rules(open=open_, oldest_firmware=oldest, requests_per_minute=rate_limit)
    bounds = Bounds(body_timeout_s=patience, head_timeout_s=min(patience, HEAD_TIMEOUT_S))
    refusals = _refusals(keep_refused)
    _warn_of_exposure(host, rules)
    with (
        launch_ingest(
            store, rules=rules, bounds=bounds, host=host, port=port, refusals=refusals
        ) as running,
        progress(running.traffic, quiet=quiet, as_json=as_json) as (show, period_s),
        _answering_to_the_end(running),
    ):
        keys = _keys(running, rules, new_keys)
        _announce_json(running, db, keys) if as_json else _announce(running, db, rules, keys)
        while not running.ended.wait(period_s):
            show()
        raise BadgeError("the server ended by itself; the lines above say why")


def _refusals(folder: Path | None) -> Refusals:
    from badge.cli.terminal import say
    from badge.host.files import named
    from sim.ingest.http.refusals import Refusals

    if folder is not None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise named(error, folder) from None
    return Refusals(folder, partial(say, err=True))


def _store(db: str, events: Path | None) -> SqliteStore:
    from badge.cli.terminal import say
    from badge.host.files import refuse_overwriting
    from sim.ingest.store.event_file import EventFileStore
    from sim.ingest.store.sqlite import SqliteStore

    if events is None:
        return SqliteStore(db)
    refuse_overwriting([Path(db)], [events])
    return EventFileStore(db, events, partial(say, err=True))


def _oldest_firmware(oldest: str | None, current: str | None) -> Version | None:
    from badge.contract.version import oldest_kept

    if oldest is not None:
        return _version("--min-firmware", oldest)
    return oldest_kept(_version("--current-firmware", current)) if current is not None else None


def _version(option: str, text: str) -> Version:
    from badge.contract.version import read_version

    if version := read_version(text):
        return version
    raise InputError(f"{option} {text}: must be major.minor.patch, like 0.4.0")


def _warn_of_exposure(host: str, rules: Rules) -> None:
    if host in LOOPBACKS:
        return
    who = "anyone who reaches it may write" if rules.open else "keys travel unencrypted"
    click.echo(f"badge: {host} is not loopback: {who}; put TLS in front of it", err=True)


def _keys(running: Running, rules: Rules, new_keys: bool) -> dict[str, str]:
    """Make keys if there are none or new ones are wanted; only after the address is ours."""
    from sim.ingest.api.ingest import PROVISIONING

    if new_keys or not (rules.open or running.store.service_key(PROVISIONING)):
        return running.ingest.new_service_keys()
    return {}


def _announce(running: Running, db: str, rules: Rules, keys: dict[str, str]) -> None:
    lines = [f"Ingest API at {running.url}, database {db}"]
    lines += [f"{role + ' key:':17} {key}" for role, key in keys.items()]
    if keys:
        lines.append("The keys are shown only now; --new-keys makes new ones.")
    elif not rules.open:
        lines.append("The keys are those shown at the first start; --new-keys makes new ones.")
    if rules.open:
        lines.append("Open: no keys are asked for.")
    lines.append(f"Try: curl {running.url}/api/health    Stop: Ctrl-C")
    click.echo("\n".join(lines))


def _announce_json(running: Running, db: str, keys: dict[str, str]) -> None:
    named = {f"{role}_key": key for role, key in keys.items()}
    click.echo(json.dumps({"url": running.url, "db": db, **named}))


@contextmanager
def _answering_to_the_end(running: Running) -> Iterator[None]:
    """Stop the server before the counters are shown for the last time, so that they are final."""
    try:
        yield
    finally:
        running.stop()
