"""`badge conform`: is this backend right?"""

from __future__ import annotations

import secrets
from pathlib import Path

import click

from badge.cli import terminal
from badge.cli.exits import EXIT_DIFFERS
from badge.errors import InputError
from badge.host.files import whole_file
from badge.host.junit import write_junit
from sim.conformance import report
from sim.conformance.kit.check import Level
from sim.conformance.kit.profile import BackendProfile, read_profile
from sim.conformance.kit.session import BackendUnderTest, Credentials
from sim.conformance.run import CheckResult, Conformance, checks, chosen, conform, reach
from sim.net.url import split_url

_FILE = click.Path(dir_okay=False, path_type=Path)
_INPUT = click.Path(dir_okay=False, exists=True, path_type=Path)
_LEVELS = click.Choice(["must", "should"])


@click.command("conform")
@click.argument("url", required=False)
@click.option("--provisioning-key", envvar="BADGE_PROVISIONING_KEY", help="Makes devices.")
@click.option("--admin-key", envvar="BADGE_ADMIN_KEY", help="Reads status; tags and parcels.")
@click.option("--device", "devices", multiple=True, metavar="ID:KEY", help="A device to send as.")
@click.option("--open", "is_open", is_flag=True, help="This backend asks for no keys.")
@click.option("--profile", type=_INPUT, help="What it does otherwise on purpose (TOML, JSON).")
@click.option("--level", type=_LEVELS, default="should", show_default=True, help="How strict.")
@click.option("--only", multiple=True, metavar="WORD", help="Checks with this in their name.")
@click.option("--skip", multiple=True, metavar="WORD", help="Not those with this in their name.")
@click.option("--list", "list_", is_flag=True, help="Name the checks and their clauses.")
@click.option("--store", metavar="STORE", help="Look there, too, as badge reconcile does.")
@click.option("--table", "tables", multiple=True, metavar="[OURS=]NAME", help="Its table.")
@click.option("--column", "columns", multiple=True, metavar="OURS=THEIRS", help="Its column.")
@click.option("--junit", type=_FILE, help="Write JUnit XML.")
@click.option("--svg", type=_FILE, help="Write a badge for a README.")
@click.option("--json", "as_json", is_flag=True, help="The outcome as JSON.")
def conform_command(
    url: str | None,
    provisioning_key: str | None,
    admin_key: str | None,
    devices: tuple[str, ...],
    is_open: bool,
    profile: Path | None,
    level: Level,
    only: tuple[str, ...],
    skip: tuple[str, ...],
    list_: bool,
    store: str | None,
    tables: tuple[str, ...],
    columns: tuple[str, ...],
    junit: Path | None,
    svg: Path | None,
    as_json: bool,
) -> None:
    """Ask a backend, over HTTP alone, whether it keeps the contract.

    Makes some hundred named checks, each with devices of its own, against the ingest API at URL
    (http://127.0.0.1:8080). A failure shows what was asked and answered, what the contract says,
    and a curl line that repeats it. The backend keeps what the checks send: use one for tests.

    Exit codes: 0 conforms; 1 a check failed; 2 wrong usage, or nobody answers at URL.
    """
    if list_:
        _list(as_json=as_json)
        return
    if url is None:
        raise click.UsageError("Missing argument 'URL', like http://127.0.0.1:8080.")
    split_url("URL", url)
    backend = BackendUnderTest(
        url=url,
        profile=read_profile(profile) if profile else BackendProfile(),
        provisioning_key=provisioning_key or "",
        admin_key=admin_key or "",
        is_open=is_open,
        accounts=[_account(words) for words in devices],
        prefix=secrets.randbits(24) << 8,
    )
    if not (is_open or backend.provisioning_key or backend.accounts):
        raise InputError(
            "no device can send: give --provisioning-key, a --device ID:KEY for each, or --open "
            "for a backend that asks for no keys"
        )
    wanted = chosen(level, only, skip)
    reach(backend)
    with terminal.progress() as bar:
        task = bar.add_task("checking", total=len(wanted), word="")

        def told(result: CheckResult) -> None:
            bar.update(task, advance=1, word=result.check.name[:40])

        outcome = conform(backend, wanted, told)
        if store is not None:
            from sim.conformance.store import look

            outcome.results += look(backend, store, tables, columns)
    _write(outcome, junit, svg)
    if as_json:
        terminal.print_json(report.document(outcome))
    else:
        _show(outcome)
    if outcome.failures(level):
        raise click.exceptions.Exit(EXIT_DIFFERS)


def _account(words: str) -> Credentials:
    device_id, colon, key = words.partition(":")
    if not colon or not key:
        raise InputError("--device: expected an id and its key, like ACT-3F8A21B4:ak_…")
    return Credentials(device_id, key)


def _write(outcome: Conformance, junit: Path | None, svg: Path | None) -> None:
    if junit is not None:
        write_junit(junit, f"badge conform {outcome.backend.url}", report.junit(outcome))
    if svg is not None:
        with whole_file(svg) as file:
            file.write(report.svg(outcome).encode())


def _show(outcome: Conformance) -> None:
    screen = terminal.out()
    rows = [(result.check.name, report.verdict(result)) for result in outcome.results]
    screen.print(terminal.table(outcome.backend.url, ("check", ""), rows))
    for result in outcome.failures():
        screen.print(f"\n{result.check.name} ({result.check.level})", style="bold")
        for line in report.lines(result):
            screen.print(line, soft_wrap=True)
    reasons = dict.fromkeys(result.skipped for result in outcome.skipped)
    screen.print(f"\n{report.summary(outcome)}", soft_wrap=True)
    for reason in reasons:
        screen.print(f"not made: {reason}", soft_wrap=True)


def _list(*, as_json: bool) -> None:
    every = checks().values()
    if as_json:
        terminal.print_json([{"name": c.name, "clause": c.clause, "level": c.level} for c in every])
        return
    rows = [(check.name, check.level, check.clause) for check in every]
    terminal.out().print(terminal.table(f"{len(rows)} checks", ("check", "level", "clause"), rows))
