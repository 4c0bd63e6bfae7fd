"""The badge's configuration: nine documented keys, and every decided number with its default."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, ValidationError

from badge.contract.events import DeviceId, Mac, WorkerId
from badge.errors import InputError

# A week: no number of the contract comes near, and no deadline leaves 64 bits.
Seconds = Annotated[int, Field(ge=1, le=7 * 86_400)]
# What a boot keeps before it knows the configuration; flash has room for so many.
QUARANTINE_EVENTS_LIMIT = 1000


def _upper(mac: object) -> object:
    return mac.upper() if isinstance(mac, str) else mac


class BadgeConfig(BaseModel):
    """One badge's settings (contract section 3); frozen, unknown keys are errors.

    The first nine keys are the owner's; the others are decisions with a default.  `api_key` is
    held as a secret: no repr, no log and no recording shows it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    device_id: DeviceId
    company_id: str = ""
    api_key: SecretStr = SecretStr("")
    gps_interval_s: Seconds = 15
    upload_interval_s: Seconds = 1800
    ble_rssi_threshold: Annotated[int, Field(ge=-127, le=-1)] = -70
    ble_detection_count_threshold: Annotated[int, Field(ge=1, le=1000)] = 3
    known_equipment_tags: Annotated[
        list[Annotated[Mac, BeforeValidator(_upper)]], Field(max_length=1000)
    ] = []
    worker_ids: Annotated[list[WorkerId], Field(max_length=200)] = []

    gps_timeout_s: Seconds = 10
    gps_stationary_interval_s: Seconds = 60
    gps_uere_m: Annotated[float, Field(gt=0, le=1000)] = 3.0
    ble_scan_period_s: Seconds = 5
    ble_lost_count_threshold: Annotated[int, Field(ge=1, le=1000)] = 5
    stationary_after_s: Seconds = 30
    auto_end_stationary_s: Seconds = 3600
    auto_end_min_shift_s: Seconds = 14_400
    shutdown_pct: Annotated[int, Field(ge=0, le=100)] = 2
    uptime_save_s: Seconds = 60
    boot_upload_delay_s: Seconds = 60
    batch_events_max: Annotated[int, Field(ge=1, le=500)] = 100
    queue_events_max: Annotated[int, Field(ge=1, le=100_000)] = 2000
    quarantine_events_max: Annotated[int, Field(ge=1, le=QUARANTINE_EVENTS_LIMIT)] = 100
    answer_timeout_s: Seconds = 120
    backoff_first_s: Seconds = 30
    backoff_cap_s: Seconds = 1800
    ota_confirm_s: Seconds = 600

    def public(self) -> dict[str, Any]:
        """Return every setting but `api_key`, as plain JSON values."""
        return self.model_dump(mode="json", exclude={"api_key"})

    def document(self) -> dict[str, Any]:
        """Return every setting as plain JSON values, `api_key` too: for flash and a device only."""
        return {**self.public(), "api_key": self.api_key.get_secret_value()}


def read_config(document: object, *, place: str = "config") -> BadgeConfig:
    """Validate a configuration document (a JSON object) whole.

    Raises `InputError` naming the first wrong key; the values of secrets are never in it.
    """
    if not isinstance(document, dict):
        raise InputError(f"{place}: expected a JSON object of settings")
    try:
        return BadgeConfig.model_validate(document)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        key = ".".join(str(part) for part in first["loc"])
        remedy = (
            f"; known keys: {', '.join(_OWNER_KEYS)}, …"
            if first["type"] == "extra_forbidden"
            else ""
        )
        raise InputError(f"{place}: {key}: {first['msg']}{remedy}") from None


_OWNER_KEYS = tuple(BadgeConfig.model_fields)[:9]
