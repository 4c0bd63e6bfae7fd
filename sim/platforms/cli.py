"""The commands `badge listen` and `badge send`."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click

from badge.errors import InputError

if TYPE_CHECKING:
    from sim.platforms.kit.delivery import Delivery
    from sim.platforms.send import SendResult

WAIT_S = 0.25  # between two looks whether it still can print; a signal wakes it at once
FAULTS = ("stale", "bad-signature", "duplicate", "reorder", "slow", "truncated")
_HELP_ON_SECRETS = (
    "Peridio: 32 hex digits.  Blecon, GroupLink: an agreed header, 'Name: value'.  May be given "
    "more than once (a rotation).  Environment: BADGE_WEBHOOK_SECRET."
)


@click.command()
@click.argument("platform")
@click.option("--secret", "secrets", multiple=True, help=_HELP_ON_SECRETS)
@click.option("--scheme", help="Peridio: guide_code, ascii_key or reference_vector.")
@click.option("--respond", metavar="HEX", help="Blecon: bytes that a device's request gets back.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Where to listen.")
@click.option("--port", default=8787, show_default=True, help="0 takes a free one.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def listen(
    platform: str,
    secrets: tuple[str, ...],
    scheme: str | None,
    respond: str | None,
    host: str,
    port: int,
    as_json: bool,
) -> None:
    """Receive a platform's webhook here: verify, deduplicate, answer, print each event.

    PLATFORM is blecon, grouplink or peridio.  Ends with Ctrl-C.
    """
    from sim.platforms import listen as receiving
    from sim.platforms.open import platform as platform_named

    row = platform_named(platform)
    known = secrets or _secrets_of_environment()
    rules = receiving.ReceiverRules(row, known, scheme, _bytes(respond))
    printer = receiving.Printer(receiving.print_json if as_json else receiving.print_line)
    with receiving.running(rules, printer, host, port) as served:
        click.echo(f"{row.title}: {served.url}/", err=True)
        if not known:
            click.echo("anyone may post here: no --secret, so no check of origin", err=True)
        while not served.ended.wait(WAIT_S) and printer.error is None:
            pass
    if printer.error is not None:
        raise printer.error


@click.command()
@click.argument("platform")
@click.argument("type_name", metavar="[TYPE]", required=False)
@click.option("--to", "url", metavar="URL", help="Where to post it.")
@click.option("--set", "overrides", multiple=True, metavar="PATH=VALUE", help="Override a field.")
@click.option("--secret", "secrets", multiple=True, help=_HELP_ON_SECRETS)
@click.option("--profile", help="Blecon: current, seed, rfc3339.  Peridio: guide, openapi.")
@click.option("--scheme", help="Peridio: guide_code, ascii_key or reference_vector.")
@click.option("--fault", type=click.Choice(FAULTS), help="Get this wrong on purpose.")
@click.option("--seed", type=int, help="The same ids each time; otherwise new ones.")
@click.option("--unchecked", is_flag=True, help="Send what --set made even if it is not allowed.")
@click.option("--json", "as_json", is_flag=True, help="The result as a JSON object.")
def send(
    platform: str,
    type_name: str | None,
    url: str | None,
    overrides: tuple[str, ...],
    secrets: tuple[str, ...],
    profile: str | None,
    scheme: str | None,
    fault: str | None,
    seed: int | None,
    unchecked: bool,
    as_json: bool,
) -> None:
    """Send one event of a platform by hand; without TYPE, list the types.

    The exit code tells what the receiver did: 0 it accepted, 1 it refused.  With --fault a good
    receiver refuses stale, bad-signature, slow and truncated, and accepts duplicate and reorder.
    """
    import time
    from random import Random, SystemRandom

    from sim.platforms import send as sending
    from sim.platforms.open import platform as platform_named
    from sim.platforms.schemas import profile_of

    row = platform_named(platform)
    if type_name is None:
        for kind in row.types(profile_of(row, profile)):
            click.echo(f"{kind.name:<36} {kind.evidence}")
        return
    if url is None:
        raise InputError("send: where to? give --to http://HOST:PORT/PATH")
    known = secrets or _secrets_of_environment()
    order = sending.Order(row, type_name, url, overrides, known, profile, scheme, unchecked)
    chosen = next((name for name in sending.FAULTS if name == fault), None)
    ids = Random(SystemRandom().getrandbits(64) if seed is None else seed)  # noqa: S311  # ids
    deliveries = sending.plan(order, ids, time.time_ns() // 1_000_000, chosen)
    dribble_s = row.timeout_s * 1.5 if fault == "slow" else 0
    if dribble_s:
        click.echo(f"sending slowly, over {dribble_s:g} s ...", err=True)
    results = [sending.post(delivery, dribble_s=dribble_s) for delivery in deliveries]
    took = sending.accepted(row, results)
    must_take = chosen not in sending.MUST_REFUSE
    if as_json:
        _tell_json(deliveries, results, took, must_take)
    else:
        _tell(type_name, results, took, must_take, fault)
    sys.exit(0 if took else 1)


def _tell(
    type_name: str,
    results: list[SendResult],
    took: bool,
    must_take: bool,
    fault: str | None,
) -> None:
    answers = " ".join(str(result.status or result.reason) for result in results)
    what = f"{type_name} ({fault})" if fault else type_name
    verdict = "accepted" if took else "refused"
    colour = "green" if took == must_take else "red"
    if fault:
        verdict += ", as it must" if took == must_take else ": a receiver must not do that"
    click.echo(f"{what}: {answers}: " + click.style(verdict, fg=colour))


def _tell_json(
    deliveries: list[Delivery], results: list[SendResult], took: bool, must_take: bool
) -> None:
    import json

    told = {
        "accepted": took,
        "as_it_must": took == must_take,
        "answers": [
            {"status": o.status, "reason": o.reason, "body": o.body.decode(errors="replace")}
            for o in results
        ],
        "bodies": [delivery.body.decode(errors="replace") for delivery in deliveries],
    }
    click.echo(json.dumps(told))


def _secrets_of_environment() -> tuple[str, ...]:
    """One secret from the environment, whole, since a header's value may hold blanks."""
    value = os.environ.get("BADGE_WEBHOOK_SECRET", "")
    return (value,) if value else ()


def _bytes(text: str | None) -> bytes | None:
    try:
        return None if text is None else bytes.fromhex(text)
    except ValueError:
        raise InputError(f"--respond {text}: write the bytes in hex, for instance 00ff") from None
