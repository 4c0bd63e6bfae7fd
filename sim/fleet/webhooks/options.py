"""The platforms as the command line and the environment ask for them: URLs and secrets."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

from badge.errors import InputError
from badge.words import counted, near
from sim.net.answer import no_connection
from sim.net.url import split_url, without_password
from sim.platforms.kit.receiver import check_secrets
from sim.platforms.open import ROWS, platform
from sim.scenario.language import platforms as spoken
from sim.scenario.language.model import Scenario
from sim.scenario.language.read import ScenarioFile

WORDS = {
    "blecon": spoken.Blecon,
    "grouplink": spoken.GroupLink,
    "peridio": spoken.Peridio,
}
CONNECT_S = 5.0
PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class WebhookOptions:
    """Where each platform posts to (nothing: to files only), and its secrets, never shown."""

    urls: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, tuple[str, ...]] = field(default_factory=dict, repr=False)


def read_webhooks(urls: Mapping[str, str | None], secrets: tuple[str, ...]) -> WebhookOptions:
    """Read `--blecon URL` and the like, `--secret NAME=SECRET` and the environment; InputError."""
    parameters = {name: _checked(name, url) for name, url in urls.items() if url is not None}
    known: dict[str, tuple[str, ...]] = {}
    for text in secrets:
        name, equals, secret = text.partition("=")
        if not equals or name not in ROWS:
            raise InputError("--secret: write NAME=SECRET with one of " + ", ".join(ROWS))
        known[name] = (*known.get(name, ()), secret)
    for name in ROWS:
        value = os.environ.get(f"BADGE_{name.upper()}_SECRET")
        if value and name not in known:
            known[name] = (value,)
    return WebhookOptions(parameters, known)


def _checked(name: str, url: str) -> str:
    split_url(f"--{name}", url, "http://127.0.0.1:8787/")
    return url


def platforms_of(scenario: Scenario) -> list[str]:
    """Name the platforms that are on the site, in the order of the table."""
    spoken = scenario.platforms
    return [name for name in ROWS if getattr(spoken, name, None) or name in spoken.others]


def find_receivers(webhooks: WebhookOptions) -> None:
    """See whether something answers at every URL; InputError before a run that would be in vain."""
    for name, url in webhooks.urls.items():
        parts = urlsplit(url)
        where = parts.hostname or "", parts.port or PORTS[parts.scheme]
        try:
            socket.create_connection(where, CONNECT_S).close()
        except (OSError, UnicodeError) as error:
            why = no_connection(error)
            remedy = why.remedy
            if why.cause != "unknown host":
                remedy = f"start a receiver, for instance with `badge listen {name}`"
            raise InputError(f"--{name} {without_password(url)}: {why.what}; {remedy}") from None


def with_platforms(source: ScenarioFile, webhooks: WebhookOptions) -> ScenarioFile:
    """Bring those onto the site that the scenario does not speak of; InputError for bad secrets."""
    spoken, more = source.scenario.platforms, dict[str, Any]()
    for name in webhooks.urls:
        if name not in WORDS:
            more["others"] = [*more.get("others", spoken.others), name]
        elif getattr(spoken, name) is None:
            more[name] = WORDS[name]()
    if more:
        platforms = spoken.model_copy(update=more)
        scenario = source.scenario.model_copy(update={"platforms": platforms})
        source = replace(source, scenario=scenario)
    _check_names(source)
    for name in platforms_of(source.scenario):
        _check_secrets(source, name, secrets_of(source.scenario, webhooks, name))
    return source


def _check_names(source: ScenarioFile) -> None:
    """See that the platforms and the types of events that are named exist; InputError."""
    spoken = source.scenario.platforms
    unknown = [name for name in spoken.others if name not in ROWS]
    if unknown:
        what = (
            f"{unknown[0]!r} is no platform; there are: {', '.join(ROWS)}{near(unknown[0], ROWS)}"
        )
        raise source.wrong(what, "platforms", "others")
    peridio = spoken.peridio
    for number, name in enumerate((peridio and peridio.subscribed) or ()):
        assert peridio is not None
        if platform("peridio").find(name, peridio.profile) is None:
            known = ", ".join(row.name for row in platform("peridio").types(peridio.profile))
            what = f"{name!r} is no event of profile {peridio.profile}; there are: {known}"
            raise source.wrong(what, "platforms", "peridio", "subscribed", number)


def secrets_of(scenario: Scenario, webhooks: WebhookOptions, name: str) -> tuple[str, ...]:
    """Give the secrets of a platform: the command line's or environment's, else the scenario's."""
    words = getattr(scenario.platforms, name, None)
    own = getattr(words, "secrets", None) or getattr(words, "headers", None) or ()
    return webhooks.secrets.get(name) or tuple(own)


def hidden_in(scenario: Scenario, webhooks: WebhookOptions) -> set[str]:
    """Give every header value that must not be shown."""
    given = [one for name in ROWS for one in secrets_of(scenario, webhooks, name)]
    blecon = scenario.platforms.blecon
    given += [header for route in (blecon.routes if blecon else ()) for header in route.headers]
    return {one.partition(":")[2].strip() for one in given} - {""}


def _check_secrets(source: ScenarioFile, name: str, secrets: tuple[str, ...]) -> None:
    scheme = getattr(getattr(source.scenario.platforms, name, None), "scheme", None)
    try:
        check_secrets(platform(name), secrets, scheme)
    except InputError as error:
        raise InputError(f"{name}: {error}") from None
    peridio = source.scenario.platforms.peridio
    if name == "peridio" and peridio and peridio.roll and len(secrets) == 1:
        raise source.wrong("a roll needs a second secret", "platforms", "peridio", "roll")


def lacking(figures: Mapping[str, Any]) -> str:
    """Say which receivers have not accepted what they were to get; empty if all have."""
    said = []
    for name, one in figures.get("neighbours", {}).items():
        expected = figures["platforms"][name]["events"]
        if one["accepted"] < expected:
            said.append(f"{name} accepted {one['accepted']:,} of {counted(expected, 'event')}")
    return "; ".join(said)
