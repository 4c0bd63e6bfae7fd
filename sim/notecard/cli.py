"""``badge notecard``: a Notecard that is not there, on a wire that is."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any

import click

from badge.cli.options import Finite
from badge.errors import InputError
from badge.host.systems import need_unix_sockets

if TYPE_CHECKING:
    from sim.notecard.model.identity import Identity
    from sim.notecard.protocol.virtual import VirtualNotecard
    from sim.notecard.storage.state import CardState
    from sim.notecard.transport.hub_link import HubLink
    from sim.notecard.transport.realtime import RealtimeNotecard

_FILE = click.Path(path_type=Path, dir_okay=False)


_ROUTES = (
    click.option("--hub-to", metavar="URL", help="Post each synced event there, as Notehub does."),
    click.option("--jsonata", type=_FILE, help="Transform events before they are posted."),
    click.option(
        "--files", metavar="LIST", default="", help="Only events of these notefiles: a,b."
    ),
    click.option(
        "--route", "proxies", multiple=True, metavar="ALIAS=URL", help="A proxy for web.*."
    ),
    click.option(
        "--header",
        "headers",
        multiple=True,
        metavar="ALIAS=NAME:VALUE",
        help="A header of a proxy (or of ALIAS hub); $NAME takes the value from the environment.",
    ),
)


def _routes(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options of Notehub's routes."""
    for option in reversed(_ROUTES):
        command = option(command)
    return command


@click.command()
@click.option("--pty", is_flag=True, help="Offer a pseudo terminal as the card's serial port.")
@click.option("--link", type=_FILE, help="A stable name for the pseudo terminal.")
@click.option("--serial", "device", metavar="DEV", help="Play the card on a real serial port.")
@click.option("--tcp", metavar="HOST:PORT", help="Offer its serial port at an address.")
@click.option("--baud", type=click.IntRange(0, 921600), default=0, help="Pace: 0 is full speed.")
@click.option("--i2c-socket", "i2c", type=_FILE, help="Offer the card on I2C over a unix socket.")
@_routes
@click.option("--api-port", type=click.IntRange(0, 65535), help="Notehub's API: inbound, faults.")
@click.option("--hub", "hub_socket", type=_FILE, help="Use the Notehub at this socket.")
@click.option("--device", "device_uid", metavar="UID", help="Be this device: dev:…")
@click.option("--sku", metavar="SKU", help="Be this kind of Notecard; NOTE-MBGLW unless said.")
@click.option("--sn", metavar="TEXT", help="A serial number, as hub.set would set it.")
@click.option("--state", type=_FILE, help="Keep the card's flash in this file.")
@click.option("--track", type=_FILE, help="Move along a GPX or NMEA track.")
@click.option("--world", metavar="SCENARIO", help="Be on a badge of a simulated crew.")
@click.option("--badge", type=int, default=1, show_default=True, help="--world: which badge.")
@click.option("--from", "begin", metavar="HH:MM", help="--world: begin then, not at its start.")
@click.option("--time-warp", type=Finite(0.1, 10_000), default=1.0, help="Faster clock.")
@click.option(
    "--registration",
    type=Finite(0, 86_400),
    default=2.0,
    help="Seconds until the network takes the card.",
)
@click.option("--fault", "faults", multiple=True, metavar="KIND[:N]", help="See --list-faults.")
@click.option("--list-faults", is_flag=True, help="Describe the faults and leave.")
@click.option("--trace", is_flag=True, help="Show every request and answer.")
@click.option("--json", "as_json", is_flag=True, help="Trace as NDJSON on stdout.")
def notecard(**options: Any) -> None:
    """Play a Notecard on a wire, with a Notehub behind it.

    A token for --api-port is taken from NOTEHUB_TOKEN, if that is set.
    """
    from sim.notecard.model.faults import KINDS

    if options["list_faults"]:
        for kind, (param, default, what) in KINDS.items():
            click.echo(f"{kind:12} {what} (:N = {param}, default {default})")
        return
    _run(_Options(**{name: options[name] for name in _Options.__slots__}))


@dataclass(frozen=True, slots=True)
class _Options:
    """The options as given."""

    pty: bool
    link: Path | None
    device: str | None
    baud: int
    i2c: Path | None
    tcp: str | None
    hub_to: str | None
    jsonata: Path | None
    files: str
    proxies: tuple[str, ...]
    headers: tuple[str, ...]
    api_port: int | None
    hub_socket: Path | None
    device_uid: str | None
    sku: str | None
    sn: str | None
    state: Path | None
    track: Path | None
    world: str | None
    badge: int
    begin: str | None
    time_warp: float
    registration: float
    faults: tuple[str, ...]
    trace: bool
    as_json: bool


def _run(options: _Options) -> None:
    if (
        sum(
            (
                options.pty or options.link is not None,
                bool(options.device),
                options.tcp is not None,
                options.i2c is not None,
            )
        )
        != 1
    ):
        raise InputError(
            "choose one wire: --pty (or --link PATH), --tcp HOST:PORT, --serial DEV or "
            "--i2c-socket PATH"
        )
    from sim.notecard.transport.realtime import RealtimeNotecard

    if options.i2c is not None or options.hub_socket is not None:
        need_unix_sockets("--i2c-socket and no --hub", "take --tcp HOST:PORT")
    with ExitStack() as stack:
        link = _hub_link(options, stack)
        live = RealtimeNotecard(
            _notecard(options, link),
            warp=options.time_warp,
            state_path=options.state,
            watch=_watching(as_json=options.as_json, trace=options.trace),
        )
        if link is not None:
            link.act = lambda do: live.act(lambda _: do())
        _serve(options, live, stack)


def _hub_link(options: _Options, stack: ExitStack) -> HubLink | None:
    if options.hub_socket is None:
        return None
    own = (options.hub_to, options.jsonata, options.api_port, *options.proxies, *options.headers)
    if any(one is not None for one in own):
        raise InputError("--hub: routes, headers and the API belong to badge notehub then")
    from sim.notecard.transport.hub_link import HubLink

    link = HubLink(options.hub_socket)
    stack.callback(link.close)
    return link


def _serve(options: _Options, live: RealtimeNotecard, stack: ExitStack) -> None:
    where = ""
    if options.api_port is not None:
        from sim.notecard.api.app import launch_api

        token = os.environ.get("NOTEHUB_TOKEN", "")
        where = f", Notehub API at {stack.enter_context(launch_api(live, options.api_port, token))}"
    if options.i2c is not None:
        from sim.notecard.transport.i2c import I2cBus, I2cServer

        bus = I2cBus(live)
        stack.callback(bus.close)
        stack.callback(I2cServer(bus, options.i2c).close)
        _announce(live, str(options.i2c), where)
        Event().wait()
        return
    from sim.notecard.transport.loop import SerialLine, SerialLoop
    from sim.notecard.transport.pty import PtyPort
    from sim.notecard.transport.serial import SerialPort
    from sim.notecard.transport.tcp import TcpPort

    port: SerialLine
    if options.device:
        port = SerialPort(options.device, options.baud or 9600)
    elif options.tcp is not None:
        port = TcpPort(options.tcp)
    else:
        port = PtyPort(options.link)
    loop = SerialLoop(live, port, 0 if options.device else options.baud)
    stack.callback(loop.close)
    _announce(live, port.path, where)
    loop.run()


def _announce(live: RealtimeNotecard, path: str, where: str) -> None:
    device = live.notecard.card.identity.device
    click.echo(f"Notecard {device} at {path}{where}; Ctrl-C ends", err=True)


def _watching(*, as_json: bool, trace: bool) -> Any:
    from rich.console import Console

    from sim.notecard.transport.trace import colour_watch, json_watch

    if as_json:
        return json_watch()
    return colour_watch(Console(highlight=False)) if trace else None


def _notecard(options: _Options, link: HubLink | None) -> VirtualNotecard:
    from sim.notecard.model.faults import parse_faults
    from sim.notecard.model.link import Timing
    from sim.notecard.notehub.open import hub_of
    from sim.notecard.protocol.virtual import VirtualNotecard
    from sim.notecard.transport.realtime import load_state

    faults = parse_faults(options.faults)
    if faults.on("nack") and options.i2c is None:
        raise InputError("--fault nack: a serial wire has no acknowledge; use --i2c-socket")
    state = load_state(options.state)
    identity = _identity(options, state)
    if options.sn is not None:
        state.family("hub")["sn"] = options.sn
    return VirtualNotecard(
        hub=hub_of(
            options.hub_to, options.jsonata, options.files, options.proxies, options.headers
        ),
        link=link,
        state=state,
        faults=faults,
        timing=Timing(registration_s=options.registration),
        identity=identity,
        seed=secrets.randbits(64),  # two runs share no numbers, so no IDs either
        **_surroundings(options),
    )


def _identity(options: _Options, state: CardState) -> Identity:
    """Who the card is: as the options say, as it was, or the n-th virtual card."""
    from sim.notecard.model.identity import Identity, check_identity, device_uid

    number = options.badge if options.world is not None else 1
    device = options.device_uid or state.device or device_uid(max(1, number))
    sku = options.sku or state.sku or Identity().sku
    check_identity(device, sku)
    state.device, state.sku = device, sku
    return Identity(device=device, sku=sku)


def _surroundings(options: _Options) -> dict[str, Any]:
    """The world, and the UTC at which it begins: a track's or a scenario's own time, or now."""
    if options.world is not None and options.track is not None:
        raise InputError("--world and --track both say where the card is; give one of them")
    if options.world is not None:
        return _simulated(options, options.world)
    if options.track is None:
        import time

        return {"epoch_ms": int(time.time() * 1000)}
    from sim.notecard.world.track import TrackWorld
    from sim.sources.open import read_track
    from sim.sources.outings import Choice

    track = read_track(options.track, Choice(remedy="give a file with one of them"))
    if sentence := track.skipped.sentence(options.track):
        click.echo(sentence, err=True)
    return {"world": TrackWorld(track), "epoch_ms": track.start_utc_ms}


def _simulated(options: _Options, source: str) -> dict[str, Any]:
    from sim.notecard.world.scenario import ScenarioWorld
    from sim.scenario.pick import badge_of, moment_of, roster_of

    roster = roster_of(source)
    index, begin_ms = badge_of(roster, options.badge), moment_of(roster, options.begin)
    world, clock = ScenarioWorld(roster, index), roster.site_plan.clock
    worn = ", ".join(f"{clock.word(w.start_ms)}-{clock.word(w.end_ms)}" for w in world.days)
    who = (roster.worker_id(index) or "nobody") + (worn and f", {worn}")
    now = clock.word(begin_ms)
    click.echo(f"badge {options.badge} of {source}: {who}; now {now}", err=True)
    return {"world": world, "epoch_ms": world.epoch_ms + begin_ms}


@click.command()
@click.argument("socket", type=_FILE)
@_routes
@click.option("--api-port", type=click.IntRange(0, 65535), help="Notehub's API: inbound, events.")
@click.option("--trace", is_flag=True, help="Show what goes through it.")
@click.option("--json", "as_json", is_flag=True, help="Trace as NDJSON on stdout.")
def notehub(**options: Any) -> None:
    """Play a Notehub for several cards, each a `badge notecard --hub SOCKET`.

    A token for --api-port is taken from NOTEHUB_TOKEN, if that is set.
    """
    from sim.notecard.notehub.open import hub_of
    from sim.notecard.transport.hub_server import launch_hub

    need_unix_sockets("badge notehub", "badge notecard has a Notehub of its own")
    words = ("hub_to", "jsonata", "files", "proxies", "headers")
    hub, where = hub_of(*(options[name] for name in words)), ""
    watch = _watching(as_json=options["as_json"], trace=options["trace"])
    with ExitStack() as stack:
        live = stack.enter_context(launch_hub(hub, options["socket"], watch))
        if options["api_port"] is not None:
            from sim.notecard.api.app import launch_api

            token = os.environ.get("NOTEHUB_TOKEN", "")
            url = stack.enter_context(launch_api(live, options["api_port"], token))
            where = f", its API at {url}"
        click.echo(f"Notehub at {options['socket']}{where}; Ctrl-C ends", err=True)
        Event().wait()
