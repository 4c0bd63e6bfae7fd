"""`badge conform`: is this backend right?"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable
from pathlib import Path
from random import Random

import click

from badge.cli import terminal
from badge.cli.exits import EXIT_DIFFERS
from badge.errors import InputError
from badge.host.files import whole_file
from badge.host.junit import write_junit
from badge.words import counted
from sim.conformance import report
from sim.conformance.kit.check import HOOK_CHECKS, Check, Level
from sim.conformance.kit.profile import BackendProfile, ReceiverProfile, read_profile
from sim.conformance.kit.session import BackendUnderTest, Credentials
from sim.conformance.kit.webhook import ReceiverUnderTest
from sim.conformance.run import (
    CheckResult,
    Conformance,
    UnderTest,
    checks,
    chosen,
    conform,
    hook_checks,
    reach,
)
from sim.net.url import split_url, without_password

_FILE = click.Path(dir_okay=False, path_type=Path)
_INPUT = click.Path(dir_okay=False, exists=True, path_type=Path)
_LEVELS = click.Choice(["must", "should"])
_OF_AN_INGEST = ("provisioning_key", "admin_key", "devices", "is_open", "store", "tables")
_OF_A_RECEIVER = ("hook_secrets", "scheme", "taken")


@click.command("conform")
@click.argument("words", nargs=-1, metavar="[blecon|grouplink|peridio] URL")
@click.option("--provisioning-key", envvar="BADGE_PROVISIONING_KEY", help="Makes devices.")
@click.option("--admin-key", envvar="BADGE_ADMIN_KEY", help="Reads status; tags and parcels.")
@click.option("--device", "devices", multiple=True, metavar="ID:KEY", help="A device to send as.")
@click.option("--open", "is_open", is_flag=True, help="This backend asks for no keys.")
@click.option("--secret", "hook_secrets", multiple=True, help="Of a webhook; as badge send's.")
@click.option("--scheme", help="Peridio's signature, as badge send's.")
@click.option("--taken", type=_FILE, help="A webhook's events, as the receiver processed them.")
@click.option("--profile", type=_INPUT, help="What it does otherwise on purpose (TOML, JSON).")
@click.option("--level", type=_LEVELS, default="should", show_default=True, help="How strict.")
@click.option("--only", multiple=True, metavar="WORD", help="Checks with this in their name.")
@click.option("--skip", multiple=True, metavar="WORD", help="Not those with this in their name.")
@click.option("--list", "list_", is_flag=True, help="Name the checks and their clauses.")
@click.option("--store", metavar="STORE", help="Look there, too, as badge reconcile does.")
@click.option("--table", "tables", multiple=True, metavar="[OURS=]NAME", help="Its table.")
@click.option("--column", "columns", multiple=True, metavar="OURS=THEIRS", help="Its column.")
@click.option("--junit", type=_FILE, help="Write JUnit XML.")
@click.option("--view", type=_FILE, help="Write it as a page: badge view in one file.")
@click.option("--svg", type=_FILE, help="Write a badge for a README.")
@click.option("--json", "as_json", is_flag=True, help="The outcome as JSON.")
@click.pass_context
def conform_command(
    context: click.Context,
    words: tuple[str, ...],
    provisioning_key: str | None,
    admin_key: str | None,
    devices: tuple[str, ...],
    is_open: bool,
    hook_secrets: tuple[str, ...],
    scheme: str | None,
    taken: Path | None,
    profile: Path | None,
    level: Level,
    only: tuple[str, ...],
    skip: tuple[str, ...],
    list_: bool,
    store: str | None,
    tables: tuple[str, ...],
    columns: tuple[str, ...],
    junit: Path | None,
    view: Path | None,
    svg: Path | None,
    as_json: bool,
) -> None:
    """Ask a backend, over HTTP alone, whether it keeps the contract.

    Makes some hundred and fifty named checks, each with devices of its own, against the ingest API
    at URL (http://127.0.0.1:8080); or, with the name of a platform, some forty against a receiver
    of its webhook. A failure shows what was asked and answered, what the contract says, and a curl
    line that repeats it. The backend keeps what the checks send: use one for tests.

    Exit codes: 0 conforms; 1 a check failed; 2 wrong usage, or nobody answers at URL.
    """
    platform = words[0] if words and words[0] in HOOK_CHECKS else ""
    _refuse_strange_options(context, _OF_AN_INGEST if platform else _OF_A_RECEIVER, platform)
    everything = hook_checks(platform) if platform else checks()
    if list_:
        _list(everything.values(), as_json=as_json)
        return
    url = _url(words, platform)
    backend: UnderTest
    if platform:
        backend = _receiver(platform, url, hook_secrets, scheme, profile)
    else:
        accounts = [_account(device) for device in devices]
        keys = provisioning_key or "", admin_key or ""
        backend = _ingest(url, keys, accounts, is_open=is_open, profile=profile)
    wanted = chosen(level, only, skip, everything)
    reach(backend)
    with terminal.progress() as bar:
        task = bar.add_task("checking", total=len(wanted), word="")

        def told(result: CheckResult) -> None:
            bar.update(task, advance=1, word=result.check.name[:40])

        outcome = conform(backend, wanted, told)
        outcome.results += _looked(backend, store, tables, columns, taken)
    _write(outcome, junit, svg)
    if view is not None:
        from sim.view.keep import keep_report

        keep_report(
            report.document(outcome), f"badge conform {without_password(outcome.backend.url)}", view
        )
    if as_json:
        terminal.print_json(report.document(outcome))
    else:
        _show(outcome)
    if outcome.failures(level):
        raise click.exceptions.Exit(EXIT_DIFFERS)


def _refuse_strange_options(context: click.Context, names: Iterable[str], platform: str) -> None:
    typed = click.core.ParameterSource.COMMANDLINE
    whose = "an ingest" if platform else "a webhook: name blecon, grouplink or peridio before URL"
    for parameter in context.command.params:
        if parameter.name in names and context.get_parameter_source(parameter.name) is typed:
            raise click.UsageError(f"{parameter.opts[0]} is for {whose}.")


def _url(words: tuple[str, ...], platform: str) -> str:
    rest = words[1:] if platform else words
    if not rest:
        raise click.UsageError("Missing argument 'URL', like http://127.0.0.1:8080.")
    if len(rest) > 1:
        names = ", ".join(HOOK_CHECKS)
        raise click.UsageError(f"Expected a URL, with {names} or nothing before it: {rest[1]!r}.")
    split_url("URL", rest[0])
    return rest[0]


def _ingest(
    url: str,
    keys: tuple[str, str],
    accounts: list[Credentials],
    *,
    is_open: bool,
    profile: Path | None,
) -> BackendUnderTest:
    if not (is_open or keys[0] or accounts):
        raise InputError(
            "no device can send: give --provisioning-key, a --device ID:KEY for each, or --open "
            "for a backend that asks for no keys"
        )
    return BackendUnderTest(
        url=url,
        profile=read_profile(profile, BackendProfile, checks()) if profile else BackendProfile(),
        provisioning_key=keys[0],
        admin_key=keys[1],
        is_open=is_open,
        accounts=accounts,
    )


def _receiver(
    platform: str, url: str, given: tuple[str, ...], scheme: str | None, profile: Path | None
) -> ReceiverUnderTest:
    from sim.platforms.kit.receiver import check_secrets
    from sim.platforms.open import platform as platform_named

    row = platform_named(platform)
    known = given or tuple(filter(None, [os.environ.get("BADGE_WEBHOOK_SECRET", "")]))
    check_secrets(row, known, scheme)
    return ReceiverUnderTest(
        url=url,
        platform=row,
        secrets=known,
        scheme=scheme,
        profile=(
            read_profile(profile, ReceiverProfile, hook_checks(platform))
            if profile
            else ReceiverProfile()
        ),
        ids=Random(secrets.randbits(64)),  # noqa: S311  # ids, not secrets
    )


def _looked(
    backend: UnderTest,
    store: str | None,
    tables: tuple[str, ...],
    columns: tuple[str, ...],
    taken: Path | None,
) -> Iterable[CheckResult]:
    if store is not None and isinstance(backend, BackendUnderTest):
        from sim.conformance.store import look

        return look(backend, store, tables, columns)
    if taken is not None and isinstance(backend, ReceiverUnderTest):
        from sim.conformance.taken import look_at_taken

        return look_at_taken(backend, taken)
    return []


def _account(words: str) -> Credentials:
    device_id, colon, key = words.partition(":")
    if not colon or not key:
        raise InputError("--device: expected an id and its key, like ACT-3F8A21B4:ak_…")
    return Credentials(device_id, key)


def _write(outcome: Conformance, junit: Path | None, svg: Path | None) -> None:
    if junit is not None:
        write_junit(
            junit, f"badge conform {without_password(outcome.backend.url)}", report.junit(outcome)
        )
    if svg is not None:
        with whole_file(svg) as file:
            file.write(report.svg(outcome).encode())


def _show(outcome: Conformance) -> None:
    screen = terminal.out()
    rows = [(result.check.name, report.verdict(result)) for result in outcome.results]
    screen.print(terminal.table(without_password(outcome.backend.url), ("check", ""), rows))
    for result in outcome.failures():
        screen.print(f"\n{result.check.name} ({result.check.level})", style="bold")
        for line in report.lines(result):
            screen.print(line, soft_wrap=True)
    reasons = dict.fromkeys(result.skipped for result in outcome.skipped)
    screen.print(f"\n{report.summary(outcome)}", soft_wrap=True)
    for reason in reasons:
        screen.print(f"not made: {reason}", soft_wrap=True)


def _list(every: Iterable[Check], *, as_json: bool) -> None:
    if as_json:
        terminal.print_json([{"name": c.name, "clause": c.clause, "level": c.level} for c in every])
        return
    rows = [(check.name, check.level, check.clause) for check in every]
    terminal.out().print(
        terminal.table(counted(len(rows), "check"), ("check", "level", "clause"), rows)
    )
