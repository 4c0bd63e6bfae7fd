"""Over-the-air updates: a new version is on trial until an upload succeeds (contract, OTA)."""

from __future__ import annotations

import re
from enum import StrEnum

from badge.contract.events import VERSION_PATTERN
from badge.effects import Notice, Reboot
from badge.machines.core import NEVER, Core, Due
from badge.machines.table import Table, ignore, never


class FirmwareIs(StrEnum):
    """The running version is trusted, on trial (a boot reads it from flash), or about to give
    way to another at the next boot.
    """

    STEADY = "steady"
    TRIAL = "trial"
    LEAVING = "leaving"


class FirmwareFact(StrEnum):
    """What the update service, the uploads and the clock say."""

    OFFERED = "another version offered"
    UNUSABLE = "same or malformed version offered"
    UPLOADED = "upload succeeded"
    EXPIRED = "trial expired"


class Firmware:
    """Chooses the running version; both choices are in flash before the reboot."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._rows = FIRMWARE.rows
        state = core.state
        self.state: StrEnum = FirmwareIs.TRIAL if state.previous_version else FirmwareIs.STEADY
        if self.state is FirmwareIs.TRIAL:
            due_ms = state.ota_until_age_ms - core.age_offset_ms
            # Never in this millisecond: the boot itself must be over before it is taken back.
            core.due[Due.FIRMWARE] = max(due_ms, core.now_ms + 1)

    def offer(self, version: str) -> None:
        """Apply an offered version."""
        # fullmatch: `$` alone lets a trailing newline pass (section 1).
        usable = re.fullmatch(VERSION_PATTERN.strip("^$"), version) is not None
        usable = usable and version != self._core.firmware_version
        self.on(FirmwareFact.OFFERED if usable else FirmwareFact.UNUSABLE, version)

    def on(self, fact: FirmwareFact, version: str = "") -> None:
        """Apply a fact."""
        self.state, action = self._rows[self.state, fact]
        action(self, version)

    def _try_out(self, version: str) -> None:
        core = self._core
        core.change(
            running_version=version,
            previous_version=core.firmware_version,
            ota_until_age_ms=0,  # set at the boot: the trial counts from there
        )
        core.effects.append(Reboot(version))

    def _keep(self, version: str) -> None:
        core = self._core
        core.due[Due.FIRMWARE] = NEVER
        core.change(previous_version="", ota_until_age_ms=0)
        core.effects.append(Notice("firmware_kept", f"{core.firmware_version} is kept"))

    def _go_back(self, version: str) -> None:
        core = self._core
        previous = core.state.previous_version
        text = f"no upload with {core.firmware_version}: back to {previous}"
        core.change(running_version=previous, previous_version="", ota_until_age_ms=0)
        core.effects += [Notice("firmware_reverted", text), Reboot(previous)]

    def _refuse(self, version: str) -> None:
        text = f"firmware {version!r} is the running version or no major.minor.patch"
        self._core.effects.append(Notice("firmware_refused", text))


_S, _F = FirmwareIs, FirmwareFact
FIRMWARE = Table(
    "firmware",
    FirmwareIs,
    FirmwareFact,
    {
        (_S.STEADY, _F.OFFERED): (_S.LEAVING, Firmware._try_out),
        (_S.STEADY, _F.UNUSABLE): (_S.STEADY, Firmware._refuse),
        (_S.STEADY, _F.UPLOADED): (_S.STEADY, ignore),
        (_S.STEADY, _F.EXPIRED): (_S.STEADY, never),
        (_S.TRIAL, _F.OFFERED): (_S.TRIAL, ignore),
        (_S.TRIAL, _F.UNUSABLE): (_S.TRIAL, Firmware._refuse),
        (_S.TRIAL, _F.UPLOADED): (_S.STEADY, Firmware._keep),
        (_S.TRIAL, _F.EXPIRED): (_S.LEAVING, Firmware._go_back),
        (_S.LEAVING, _F.OFFERED): (_S.LEAVING, ignore),
        (_S.LEAVING, _F.UNUSABLE): (_S.LEAVING, ignore),
        (_S.LEAVING, _F.UPLOADED): (_S.LEAVING, ignore),
        (_S.LEAVING, _F.EXPIRED): (_S.LEAVING, never),
    },
)
