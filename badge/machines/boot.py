"""What every boot does before the machines run (contract section 3, States)."""

from __future__ import annotations

from badge.config import QUARANTINE_EVENTS_LIMIT, BadgeConfig, read_config
from badge.contract.patterns import kept_message
from badge.effects import Notice
from badge.errors import InputError
from badge.inputs import Boot
from badge.machines.core import NEVER, Core, Due
from badge.storage.store import Recovered


def start(core: Core, boot: Boot, given: BadgeConfig, version: str) -> None:
    """Forget RAM, read flash, tell of damage, and log `reboot`: first of all events.

    `given` is the configuration that the badge was made with, `version` the firmware that is
    installed; what flash holds of either outranks them.
    """
    core.due[:] = [NEVER] * Due.COUNT
    # Nothing is evicted before the configuration in force, which may be in flash, is known.
    core.store.queue.quarantine_max = QUARANTINE_EVENTS_LIMIT
    recovered = core.store.recover()
    core.effects += recovered.effects
    core.config = _stored_config(core, given)
    core.configure()
    core.state, core.unix_offset_ms = core.store.state, None
    core.age_offset_ms = core.store.age_ms - core.now_ms
    _report_damage(core, recovered)
    _log_reboot(core, boot, version)


def _stored_config(core: Core, given: BadgeConfig) -> BadgeConfig:
    """Return what was pushed before; one that this firmware cannot read is left out."""
    document = core.store.config_document
    if document is None:
        return given
    try:
        return read_config(dict(document), place="config in flash", say=kept_message)
    except InputError as error:
        core.effects.append(Notice("config_rejected", str(error)))
        return given


def _report_damage(core: Core, recovered: Recovered) -> None:
    for first, last in recovered.lost:
        text = f"flash damage: the events {first} to {last} cannot be read any more"
        numbers = tuple(range(first, last + 1))
        core.effects.append(Notice("flash_damage", text, numbers))
    for first, last in recovered.unreadable:
        text = (
            f"flash is garbage in places that no loss of power can have left so: the numbers "
            f"{first} to {last} are skipped, for they may have been used"
        )
        core.effects.append(Notice("flash_damage", text))
    for number in recovered.unfinished:
        text = f"the append of event {number} was cut off; the number is skipped"
        core.effects.append(Notice("flash_unfinished", text, (number,)))


def _log_reboot(core: Core, boot: Boot, version: str) -> None:
    state = core.state
    running, previous = state.running_version or version, state.previous_version
    # Someone wrote another firmware from outside: what an update has tried before is void.
    if state.installed_version != version:
        running, previous = version, ""
    # A trial counts from its first boot, which finds no end of it in flash (contract, OTA).
    trial_end_ms = state.ota_until_age_ms or core.age_ms + core.config.ota_confirm_s * 1000
    core.firmware_version = running
    payload = {
        "reason": boot.reason,
        "previous_uptime_s": (core.age_ms - state.boot_age_ms) // 1000,
        "events_in_queue": len(core.store.queue.entries),
    }
    core.log(
        "reboot",
        payload,
        boot_age_ms=core.age_ms,
        installed_version=version,
        running_version=running,
        previous_version=previous,
        ota_until_age_ms=trial_end_ms if previous else 0,
    )
