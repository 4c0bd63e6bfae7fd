"""Keys for badges that upload to a real ingest: one for all, or one each by provisioning."""

from __future__ import annotations

import json
from collections.abc import Sequence

import urllib3

from badge.errors import InputError

TIMEOUT_S = 30.0


def provision(endpoint: str, key: str, company_id: str, devices: Sequence[str]) -> dict[str, str]:
    """Register each badge at the ingest and give its key; InputError when one is refused."""
    url = endpoint.removesuffix("/events") + "/devices"
    pool = urllib3.PoolManager(retries=False, timeout=urllib3.Timeout(total=TIMEOUT_S))
    headers = {"Content-Type": "application/json", "X-Actual-Api-Key": key}
    try:
        return {one: _provision_one(pool, url, headers, company_id, one) for one in devices}
    except urllib3.exceptions.HTTPError as error:
        why = type(error).__name__
        raise InputError(f"{url}: cannot be reached ({why}); is the server running?") from None


def _provision_one(
    pool: urllib3.PoolManager, url: str, headers: dict[str, str], company_id: str, device_id: str
) -> str:
    body = json.dumps({"device_id": device_id, "company_id": company_id}).encode()
    response = pool.request("POST", url, body=body, headers=headers)
    if response.status == 409:
        raise InputError(
            f"{url}: {device_id} exists, and its key was shown only once; "
            "use its key with --api-key, another --seed, or a fresh store"
        )
    if response.status == 401:
        raise InputError(f"{url}: the provisioning key was refused; see what the server printed")
    try:
        api_key = json.loads(response.data)["api_key"]
    except (ValueError, KeyError, TypeError):
        api_key = None
    if response.status != 201 or not isinstance(api_key, str):
        raise InputError(f"{url}: {device_id} was not provisioned: answered {response.status}")
    return api_key
