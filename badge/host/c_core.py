"""The badge in C (badge/c), bound so that it takes the place of `badge.Badge`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import cbor2
from pydantic_core import to_json

from badge.config import BadgeConfig, read_config
from badge.effects import Effect, Erase, Program
from badge.errors import MisuseError
from badge.host.core.image import image_of
from badge.host.core.store import CHost, CStore, joined
from badge.host.core.tape import read_tape
from badge.host.core.whole import (
    FIX_TYPES,
    REBOOT_REASONS,
    REFUSALS,
    clamped,
    heard_bytes,
    whole_fix,
)
from badge.inputs import (
    Assign,
    Battery,
    Boot,
    Cellular,
    ConfigPush,
    FirmwareOffer,
    FlashFault,
    GpsFix,
    Input,
    Movement,
    ScanResult,
    Tick,
    Unassign,
    UploadAnswer,
    UtcLearned,
)
from badge.machines.core import NEVER
from badge.machines.shift import ShiftIs
from badge.machines.upload import UploadIs
from badge.storage.geometry import Geometry
from badge.storage.journal import FlashJournal
from badge.storage.memory import MemoryStore
from badge.storage.store import Store

_SHIFTS, _UPLOADS = tuple(ShiftIs), tuple(UploadIs)
_UNASSIGN, _MOVEMENT, _BATTERY, _CELLULAR = 4, 7, 8, 9  # enum badge_input_kind


class CBadge:
    """A badge whose law and journal are the C core's; takes the place of `badge.Badge`.

    Its numbers are whole: positions in micro-degrees, accuracy, height and speed in tenths, up to
    214,748,364.7.  With a `FlashJournal` it reads that journal's chip at every boot, and hands out
    the same flash effects; with a `MemoryStore`, or none, flash is its own.
    """

    def __init__(
        self, config: BadgeConfig, store: Store | None = None, firmware_version: str = "0.1.0"
    ) -> None:
        self._given_config = config
        self._chip = store if isinstance(store, FlashJournal) else None
        geometry = Geometry() if self._chip is None else self._chip.geometry
        self._host = CHost(to_json(config.document()), firmware_version, geometry)
        if isinstance(store, MemoryStore):
            self._host.flash()[:] = image_of(store, geometry)
        elif store is not None and self._chip is None:
            raise MisuseError("a badge in C stands on a FlashJournal or a MemoryStore")
        self._now_ms = 0
        self._config: tuple[object, BadgeConfig] | None = None

    @classmethod
    def on(cls, config: BadgeConfig, host: CHost) -> CBadge:
        """Return the badge that a host has, its flash its own."""
        badge = object.__new__(cls)
        badge._given_config, badge._chip, badge._host = config, None, host
        badge._now_ms, badge._config = 0, None
        return badge

    def receive(self, what: Input, now_ms: int) -> list[Effect]:
        """Take an input and return the effects, in order (see `badge.Badge.receive`)."""
        if now_ms < self._now_ms:
            raise MisuseError(f"time went back from {self._now_ms} to {now_ms} ms")
        self._now_ms = now_ms
        if type(what) is Boot and self._chip is not None:
            self._host.load(self._chip.flash)
            self._config = None
        result = self.give(what, now_ms)
        if result:
            raise MisuseError(REFUSALS[result])
        effects = list(read_tape(self._host.tape()))
        if self._chip is None:
            return [effect for effect in effects if not isinstance(effect, Program | Erase)]
        return effects

    def give(self, what: Input, now_ms: int) -> int:
        """Give the core an input; return its result, 0 if all is well (`REFUSALS`)."""
        return _GIVE[type(what)](self, what, now_ms)

    @property
    def next_deadline_ms(self) -> int | None:
        """When the badge wants to be called again; None if nothing is due (it is off)."""
        due_ms = self._host.look()[0]
        return None if due_ms >= NEVER else due_ms

    @property
    def config(self) -> BadgeConfig:
        """The configuration in force."""
        look = self._host.look()
        version = tuple(look[11:15])
        if self._config is None or self._config[0] != version:
            document = self._host.bytes_of(self._host.lib.host_settings)
            self._config = version, read_config(cbor2.loads(document))
        return self._config[1]

    @property
    def given_config(self) -> BadgeConfig:
        """The configuration that the badge was made with; a pushed one in flash outranks it."""
        return self._given_config

    def restated(self, *, kept: bool = False) -> ConfigPush | None:
        """Return the push that puts the given configuration in force again; None if it is."""
        unsaid = kept and self.store.config_document is None
        if self.config == self._given_config and not unsaid:
            return None
        return ConfigPush(self._given_config.document())

    @property
    def store(self) -> CStore:
        """Where the events wait, to be looked at."""
        return CStore(self._host)

    @property
    def firmware_version(self) -> str:
        """The version that runs."""
        version: bytes = self._host.ffi.string(self._host.lib.host_version(self._host.pointer))
        return version.decode()

    @property
    def state(self) -> str:
        """The shift machine's state."""
        return _SHIFTS[self._host.look()[8]]

    @property
    def upload_state(self) -> str:
        """The upload machine's state."""
        return _UPLOADS[self._host.look()[9]]

    @property
    def tags_near(self) -> list[str]:
        """The MACs of the tags that count as present."""
        macs = self._host.ffi.new("uint8_t[]", 6 * 1000)
        count = self._host.lib.host_near(self._host.pointer, macs, 1000)
        found = bytes(self._host.ffi.buffer(macs, 6 * count))
        return [found[at : at + 6].hex(":").upper() for at in range(0, len(found), 6)]

    # Inputs, as the core takes them.

    def _boot(self, what: Boot, now_ms: int) -> int:
        reason = REBOOT_REASONS.index(what.reason)
        return int(self._host.lib.host_boot(self._host.pointer, now_ms, reason))

    def _tick(self, what: Input, now_ms: int) -> int:
        return int(self._host.lib.host_tick(self._host.pointer, now_ms))

    def _utc(self, what: UtcLearned, now_ms: int) -> int:
        unix_ms = what.unix_ms if abs(what.unix_ms) < 2**62 else -1
        return int(self._host.lib.host_utc(self._host.pointer, now_ms, unix_ms))

    def _assign(self, what: Assign, now_ms: int) -> int:
        worker, by = what.worker_id.encode(), (what.assigned_by or "").encode()
        return int(
            self._host.lib.host_assign(self._host.pointer, now_ms, worker, len(worker), by, len(by))
        )

    def _simple(self, now_ms: int, kind: int, value: int = 0, other: int = 0) -> int:
        return int(self._host.lib.host_simple(self._host.pointer, now_ms, kind, value, other))

    def _fix(self, what: GpsFix, now_ms: int) -> int:
        uere_m = self.config.gps_uere_m
        numbers, kind = whole_fix(what, uere_m), FIX_TYPES.index(what.fix_type)
        return int(self._host.lib.host_fix(self._host.pointer, now_ms, *numbers, kind))

    def _scan(self, what: ScanResult, now_ms: int) -> int:
        heard = heard_bytes(what.heard)
        return int(self._host.lib.host_scan(self._host.pointer, now_ms, heard, len(heard) // 7))

    def _answer(self, what: UploadAnswer, now_ms: int) -> int:
        ffi = self._host.ffi
        rejected = [(n, why) for n, why in what.rejected if abs(n) < 2**63]
        reasons, ends = joined(str(why) for _, why in rejected)
        return int(
            self._host.lib.host_answer(
                self._host.pointer,
                now_ms,
                *answer_numbers(what),
                ffi.new("int64_t[]", [number for number, _ in rejected]),
                len(rejected),
                reasons,
                ffi.new("uint32_t[]", ends),
            )
        )

    def _push(self, what: ConfigPush, now_ms: int) -> int:
        document = to_json(dict(what.document))
        return int(self._host.lib.host_push(self._host.pointer, now_ms, document, len(document)))

    def _offer(self, what: FirmwareOffer, now_ms: int) -> int:
        version = what.version.encode(errors="replace")
        return int(self._host.lib.host_offer(self._host.pointer, now_ms, version, len(version)))

    def _fault(self, what: FlashFault, now_ms: int) -> int:
        return int(self._host.lib.host_fault(self._host.pointer, now_ms, what.address))


def answer_numbers(what: UploadAnswer) -> tuple[int, int, bool, int]:
    """Return request, status, whether the schema is deprecated, and Retry-After, as C has them."""
    request = what.request if abs(what.request) < 2**63 else -1
    deprecated = what.code == "schema_deprecated"
    return request, clamped(what.status, 0), deprecated, clamped(what.retry_after_s)


_GIVE: Mapping[type, Callable[[CBadge, Any, int], int]] = {
    Boot: CBadge._boot,
    Tick: CBadge._tick,
    UtcLearned: CBadge._utc,
    Assign: CBadge._assign,
    Unassign: lambda badge, what, ms: badge._simple(ms, _UNASSIGN),
    GpsFix: CBadge._fix,
    ScanResult: CBadge._scan,
    Movement: lambda badge, what, ms: badge._simple(ms, _MOVEMENT, what.moving),
    Battery: lambda badge, what, ms: badge._simple(
        ms, _BATTERY, clamped(what.pct), clamped(what.voltage_mv)
    ),
    Cellular: lambda badge, what, ms: badge._simple(ms, _CELLULAR, what.connected),
    UploadAnswer: CBadge._answer,
    ConfigPush: CBadge._push,
    FirmwareOffer: CBadge._offer,
    FlashFault: CBadge._fault,
}
