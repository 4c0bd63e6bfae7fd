"""The badge's configuration: nine documented keys, and every decided number with its default."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    JsonValue,
    SecretStr,
    ValidationError,
)
from pydantic_core import ErrorDetails

from badge.contract.events import DeviceId, Mac, WorkerId
from badge.contract.json_schema import DIALECT
from badge.contract.patterns import message
from badge.errors import InputError
from badge.words import near

# A week: no number of the contract comes near, and no deadline leaves 64 bits.
Seconds = Annotated[int, Field(ge=1, le=7 * 86_400)]
# What a boot keeps before it knows the configuration; flash has room for so many.
QUARANTINE_EVENTS_LIMIT = 1000


def _upper(mac: object) -> object:
    return mac.upper() if isinstance(mac, str) else mac


def _key(default: Any, decided_by: str, unit: str, words: str) -> Any:
    """Describe a key: who decided its default, its unit, and what it means.

    From these come `badge schema --config`, docs/device-config.md and docs/contract.md.
    """
    extra: dict[str, JsonValue] = {"x-decided-by": decided_by}
    if unit:
        extra["x-unit"] = unit
    return Field(default, description=words, json_schema_extra=extra)


class BadgeConfig(BaseModel):
    """One badge's settings (contract section 3); frozen, unknown keys are errors.

    The first nine keys are the owner's; the others are decisions with a default.  `api_key` is
    held as a secret: no repr, no log and no recording shows it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    device_id: DeviceId = _key(..., "owner", "", "who it is, for ever; a push cannot change it")
    company_id: str = _key("", "owner", "", "whose badge it is; told to nobody")
    api_key: SecretStr = _key(
        SecretStr(""),
        "owner",
        "",
        "the header X-Actual-Api-Key of its uploads; in no log, event or recording",
    )
    gps_interval_s: Seconds = _key(15, "owner", "s", "between two polls while the wearer moves")
    upload_interval_s: Seconds = _key(
        1800, "project", "s", "between two upload windows, in every state"
    )
    ble_rssi_threshold: Annotated[int, Field(ge=-127, le=-1)] = _key(
        -70, "owner", "dBm", "a sample at or above it is a hit"
    )
    ble_detection_count_threshold: Annotated[int, Field(ge=1, le=1000)] = _key(
        3, "owner", "cycles", "hits in a row until a tag is present"
    )
    known_equipment_tags: Annotated[
        list[Annotated[Mac, BeforeValidator(_upper)]], Field(max_length=1000)
    ] = _key([], "owner", "", "the only MACs that are looked at; read in any case")
    worker_ids: Annotated[list[WorkerId], Field(max_length=200)] = _key(
        [], "owner", "", "who can be picked; anybody if it is empty"
    )

    gps_timeout_s: Seconds = _key(10, "owner", "s", "how long a poll waits for its fix")
    gps_stationary_interval_s: Seconds = _key(
        60, "owner", "s", "between two polls after more than 5 of them without movement"
    )
    gps_uere_m: Annotated[float, Field(gt=0, le=1000)] = _key(
        3.0, "project", "m", "accuracy_m is dop times this"
    )
    ble_scan_period_s: Seconds = _key(5, "project", "s", "one scan cycle")
    ble_lost_count_threshold: Annotated[int, Field(ge=1, le=1000)] = _key(
        5, "owner", "cycles", "misses in a row until a tag is lost"
    )
    stationary_after_s: Seconds = _key(30, "project", "s", "without movement until stationary")
    auto_end_stationary_s: Seconds = _key(
        3600, "project", "s", "stationary for so long a shift ends by itself"
    )
    auto_end_min_shift_s: Seconds = _key(
        14_400, "project", "s", "but not before it has been open for so long"
    )
    shutdown_pct: Annotated[int, Field(ge=0, le=100)] = _key(
        2, "project", "%", "at it a shift ends, a final upload is tried, and it is off"
    )
    uptime_save_s: Seconds = _key(
        60, "project", "s", "uptime is saved at least so often, for previous_uptime_s"
    )
    boot_upload_delay_s: Seconds = _key(
        60, "project", "s", "from a boot to its first upload window, at most"
    )
    batch_events_max: Annotated[int, Field(ge=1, le=500)] = _key(
        100, "project", "events", "in one POST"
    )
    queue_events_max: Annotated[int, Field(ge=1, le=100_000)] = _key(
        2000, "project", "events", "kept until acknowledged; then the oldest is dropped"
    )
    quarantine_events_max: Annotated[int, Field(ge=1, le=QUARANTINE_EVENTS_LIMIT)] = _key(
        100, "project", "events", "refused ones that are kept; all are counted"
    )
    answer_timeout_s: Seconds = _key(120, "project", "s", "after it an upload has no answer")
    backoff_first_s: Seconds = _key(
        30, "project", "s", "before the first repetition; it doubles, with full jitter"
    )
    backoff_cap_s: Seconds = _key(1800, "project", "s", "the longest backoff")
    ota_confirm_s: Seconds = _key(
        600, "owner", "s", "without an upload by then the former firmware comes back"
    )

    def public(self) -> dict[str, Any]:
        """Return every setting but `api_key`, as plain JSON values."""
        return self.model_dump(mode="json", exclude={"api_key"})

    def chosen(self) -> dict[str, Any]:
        """Return the settings that are not preset, but `api_key`: all that a badge has to read."""
        return self.model_dump(mode="json", exclude={"api_key"}, exclude_defaults=True)

    def document(self) -> dict[str, Any]:
        """Return every setting as plain JSON values, `api_key` too: for flash and a device only."""
        return {**self.public(), "api_key": self.api_key.get_secret_value()}


def read_config(
    document: object, *, place: str = "config", say: Callable[[ErrorDetails], str] = message
) -> BadgeConfig:
    """Validate a configuration document (a JSON object) whole.

    Raises `InputError` naming the first wrong key, `say` in which words; the values of secrets are
    never in it.
    """
    if not isinstance(document, dict):
        raise InputError(f"{place}: expected a JSON object of settings")
    try:
        return BadgeConfig.model_validate(document)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        key = ".".join(str(part) for part in first["loc"])
        remedy = ""
        if first["type"] == "extra_forbidden":
            meant = near(key, BadgeConfig.model_fields) if say is message else ""
            remedy = f"; known keys: {', '.join(_OWNER_KEYS)}, …{meant}"
        raise InputError(f"{place}: {key}: {say(first)}{remedy}") from None


def config_schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of a device_config.json, for editors and other tools.

    Plain: a strict validator refuses words that it does not know, so units are in the descriptions.
    MACs are read in any case, which the schema does not say: it wants them as they are kept.
    """
    made = BadgeConfig.model_json_schema()
    for key in made["properties"].values():
        del key["title"]
        unit = key.pop("x-unit", "")
        key.pop("x-decided-by")
        if unit:
            key["description"] += f" ({unit})"
    made["title"] = "device_config.json"
    made["description"] = "The settings of one badge; a key that is left out has its default."
    return {"$schema": DIALECT, "$id": "urn:badge:device-config", **made}


_OWNER_KEYS = tuple(BadgeConfig.model_fields)[:9]
