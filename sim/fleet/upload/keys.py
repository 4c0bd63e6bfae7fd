"""Keys for badges that upload to a real ingest: one for all, or one each by provisioning."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from badge.contract.documents import parse
from badge.errors import InputError
from badge.host.documents import read_file, read_json
from badge.host.files import append_lines, write_whole
from sim.net.answer import NoAnswer
from sim.net.client import Client
from sim.net.url import without_password

TIMEOUT_S = 30.0
FILE = "keys.json"
NEW = "keys.new.ndjson"  # beside it: those that have come since it was written
KEYS_BYTES_MAX = 64 << 20  # a million badges


def read_keys(path: Path) -> dict[str, str]:
    """Read a file of keys by device_id, as `keep_keys` writes it; InputError if it is none."""
    try:
        keys = read_json(path, KEYS_BYTES_MAX)
    except OSError as error:
        raise InputError(f"--keys {path}: {error.strerror or error}") from None
    except InputError as error:
        raise InputError(f"--keys {error}; not a JSON object of device_id and key") from None
    return _keys(keys, path)


def _keys(read: object, path: Path) -> dict[str, str]:
    if not isinstance(read, dict) or not all(isinstance(key, str) for key in read.values()):
        raise InputError(f"--keys {path}: not a JSON object of device_id and key")
    return read


def keep_keys(path: Path, keys: dict[str, str]) -> None:
    """Write keys for nobody but this user to read: a server shows each of them only once."""
    write_whole(path, json.dumps(keys, indent=1).encode() + b"\n", private=True)
    path.with_name(NEW).unlink(missing_ok=True)


def keep_key(folder: Path, device_id: str, key: str) -> None:
    """Keep one as soon as it is known, also if the program is killed the moment after."""
    line = json.dumps({device_id: key}).encode()
    # A line that a kill cut off must not take this one with it.
    append_lines(folder / NEW, [b"\n", line, b"\n"], private=True)


def kept_keys(folder: Path) -> dict[str, str]:
    """Give all that are kept in a folder; InputError if its `FILE` is none of keys."""
    path, new = folder / FILE, folder / NEW
    keys = read_keys(path) if path.exists() else {}
    for line in read_file(new, KEYS_BYTES_MAX).splitlines() if new.exists() else ():
        with suppress(InputError):  # what a kill cut off, or left empty
            keys |= _keys(parse(line), new)
    return keys


def provision(
    endpoint: str,
    key: str,
    company_id: str,
    devices: Sequence[str],
    keys: dict[str, str],
    *,
    keep: Callable[[str, str], None] = lambda device_id, key: None,
    timeout_s: float = TIMEOUT_S,
) -> None:
    """Register each badge that has no key yet, and add its key; InputError when one is refused.

    `keep` is told each as it comes: a server shows it only once.  Each is waited for `timeout_s`,
    `TIMEOUT_S` at most.
    """
    url = endpoint.removesuffix("/events") + "/devices"
    headers = {"Content-Type": "application/json", "X-Actual-Api-Key": key}
    with Client(timeout_s=min(timeout_s, TIMEOUT_S)) as client:
        for one in devices:
            if one not in keys:
                keys[one] = _provision_one(client, url, headers, company_id, one)
                keep(one, keys[one])


def _provision_one(
    client: Client, url: str, headers: dict[str, str], company_id: str, device_id: str
) -> str:
    body = json.dumps({"device_id": device_id, "company_id": company_id}).encode()
    shown = without_password(url)
    answer = client.request("POST", url, body, headers)
    if isinstance(answer, NoAnswer):
        raise InputError(f"{shown}: {answer}")
    if answer.status == 409:
        raise InputError(
            f"{shown}: {device_id} exists, and its key was shown only once; use --keys with the "
            "keys.json of the run that made it, another --seed, or a fresh store"
        )
    if answer.status == 401:
        raise InputError(f"{shown}: the provisioning key was refused; see what the server printed")
    try:
        api_key = parse(answer.body)["api_key"]
    except (InputError, KeyError, TypeError):
        api_key = None
    if answer.status != 201 or not isinstance(api_key, str):
        raise InputError(f"{shown}: {device_id} was not provisioned: answered {answer.status}")
    return api_key
