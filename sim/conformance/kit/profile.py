"""What a backend does otherwise on purpose: where it answers, how it takes keys, which statuses."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from badge.cli.group import near_words
from badge.contract.documents import parse
from badge.contract.patterns import message
from badge.errors import InputError
from badge.host.documents import read_file

Status = Annotated[int, Field(ge=200, le=599)]
Promised = Literal[
    "200", "201", "202", "207", "400", "401", "404", "408", "409", "413", "415", "422", "429", "503"
]
"""The statuses of the contract, section 4; a profile names them as text."""
BYTES_MAX = 1 << 20


class BackendProfile(BaseModel):
    """A profile file, TOML or JSON; everything has the contract's value if it is not named.

    `statuses` maps a status of the contract to those that this backend answers instead; `skip`
    maps the name of a check to the reason why it is not made.  `client_timeout_s` is how long this
    backend waits for a request that does not come.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    events_path: str = "/api/events"
    devices_path: str = "/api/devices"
    status_path: str = "/api/devices/{device_id}/status"
    tags_path: str = "/api/equipment-tags"
    parcels_path: str = "/api/parcels"
    key_header: str = "X-Actual-Api-Key"
    key_prefix: str = ""
    patience_s: Annotated[float, Field(gt=0, le=300)] = 30.0
    old_firmware: str | None = None
    rate_limit_per_minute: Annotated[int, Field(ge=1, le=10_000)] | None = None
    client_timeout_s: Annotated[float, Field(gt=0, le=300)] | None = None
    statuses: dict[Promised, list[Status]] = {}
    skip: dict[str, str] = {}

    def allowed(self, *statuses: int) -> tuple[int, ...]:
        """The statuses that stand for these of the contract."""
        others = {str(name): own for name, own in self.statuses.items()}
        return tuple(other for status in statuses for other in others.get(str(status), [status]))


class ReceiverProfile(BaseModel):
    """The same for a receiver of webhooks; what is not named is what the platform promises.

    `answer_within_s` is how soon it must answer, `client_timeout_s` how long it waits for a body
    that does not come.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    patience_s: Annotated[float, Field(gt=0, le=300)] = 30.0
    answer_within_s: Annotated[float, Field(gt=0, le=300)] | None = None
    client_timeout_s: Annotated[float, Field(gt=0, le=300)] | None = None
    skip: dict[str, str] = {}


P = TypeVar("P", BackendProfile, ReceiverProfile)


def read_profile(path: Path, kind: type[P], checks: Iterable[str]) -> P:
    """Read a profile of a kind; InputError with the place of the first mistake.

    `checks` are the names that its `skip` may have: another one would skip nothing, unseen.
    """
    try:
        content = read_file(path, BYTES_MAX)
        toml = path.suffix == ".toml"
        document = tomllib.loads(content.decode()) if toml else parse(content, str(path))
        profile = kind.model_validate(document)
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); check the name") from None
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise InputError(f"{path}: {place}: {message(first)}") from None
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path}: neither TOML nor JSON ({str(error)[:120]})") from None
    known = list(checks)
    for name in profile.skip:
        if name not in known:
            near = near_words(name, known) or "see badge conform --list"
            raise InputError(f"{path}: skip: no check is called {name!r}; {near}")
    return profile
