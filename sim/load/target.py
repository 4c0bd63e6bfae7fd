"""Whom the load is for: where it goes, with which keys, and whether that is this machine."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address

from badge.errors import InputError
from sim.load.engine import Address
from sim.net.answer import no_connection
from sim.net.async_client import AsyncClient
from sim.net.url import endpoint, split_url, without_password


@dataclass(frozen=True, slots=True)
class LoadTarget:
    """A backend; `heads` are the heads of requests by device, up to their length."""

    shown: str
    address: Address
    tls: tuple[ssl.SSLContext, str] | None
    heads: Mapping[str, bytes]


def target_of(url: str, keys: Mapping[str, str], *, remote: bool) -> LoadTarget:
    """Find a backend; InputError if it cannot be, or is another machine and nobody said so."""
    url = endpoint(url, "URL")
    parts = split_url("URL", url)
    host, tls = parts.hostname or "", parts.scheme == "https"
    port = parts.port or (443 if tls else 80)
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise InputError(f"{without_password(url)}: {no_connection(error)}") from None
    # Loopback first: localhost may be ::1, where nobody listens.
    found.sort(key=lambda one: one[0] is not socket.AF_INET)
    family, _, _, _, where = found[0]
    if not remote and not ip_address(str(where[0]).partition("%")[0]).is_loopback:
        raise InputError(
            f"{without_password(url)}: is another machine; --remote says that it is yours to load"
        )
    context = (ssl.create_default_context(), host) if tls else None
    client = AsyncClient(url, {"Content-Type": "application/json", "X-Badge-Simulated": "load"})
    heads = {
        name: client.head({"X-Actual-Api-Key": key} if key else {})
        for name, key in {"": "", **keys}.items()
    }
    return LoadTarget(without_password(url), (int(family), (str(where[0]), port)), context, heads)
