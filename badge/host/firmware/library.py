"""Another core in C, out of a shared library: badge_core.h is the seam.

The library is foreign code: `CoreProcess` runs it in a process of its own.
"""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import cbor2
from pydantic_core import to_json

from badge.config import BadgeConfig
from badge.effects import Effect, Erase, Logged, Program
from badge.entry import timestamp
from badge.errors import BadgeError, InputError, MisuseError
from badge.host.c_core import CBadge
from badge.host.core.store import CHost, core_library
from badge.host.core.tape import read_tape
from badge.host.core.whole import REFUSALS
from badge.inputs import Battery, ConfigPush, FirmwareOffer, Input
from badge.machines.core import NEVER
from badge.storage.geometry import Geometry
from badge.words import counted

VERSION = 1
_SEAM = """
uint32_t badge_core_version(void);
uint32_t badge_core_bytes(void);
uint32_t badge_core_abilities(void);
void badge_init(void);
void badge_receive(void);
void badge_next_deadline_ms(void);
void badge_batch_json(void);
"""
CAN_FLASH, _CAN_SETTINGS, _CAN_UPDATE, _CAN_BATTERY = 1, 2, 4, 8
_NEEDS = {ConfigPush: _CAN_SETTINGS, FirmwareOffer: _CAN_UPDATE, Battery: _CAN_BATTERY}
_PLACES = 8192


class CoreEffectError(BadgeError):
    """The core did what badge_core.h does not have: words that follow "the core"."""


class LibraryBadge(CBadge):
    """A badge whose core is in that library; the library stays loaded.

    `InputError` if it is no such library.  Inputs that the core says it cannot take are not given.
    """

    def __init__(
        self,
        library: Path,
        config: BadgeConfig,
        firmware_version: str = "0.1.0",
        geometry: Geometry | None = None,
    ) -> None:
        ffi = core_library().ffi
        self._library = _opened(library)
        self.abilities = int(self._library.badge_core_abilities())
        functions = ffi.new("struct host_functions *")
        functions.badge_bytes = self._library.badge_core_bytes()
        for name, symbol in _FUNCTIONS.items():
            setattr(functions, name, ffi.cast("void *", _address(self._library, symbol)))
        self._given_config = config
        self._chip = None
        self._geometry = geometry or Geometry()
        try:
            self._host = CHost(
                to_json(config.document()),
                firmware_version,
                self._geometry,
                _PLACES,
                issued_bytes=0,
                functions=functions,
            )
        except InputError as error:
            raise InputError(f"{library}: badge_init refuses the settings: {error}") from None
        self._now_ms = 0
        self._config = ("", config)

    def receive(self, what: Input, now_ms: int) -> list[Effect]:
        """Take an input and return the effects, flash among them.

        `MisuseError` if the core refuses it, `CoreEffectError` if what it does cannot be.
        """
        if not can_take(self.abilities, what):
            return []
        result = self.give(what, now_ms)
        if result:
            raise MisuseError(REFUSALS.get(result, f"the core answers {result}"))
        try:
            effects = list(read_tape(self._host.tape()))
            for effect in effects:
                self._check(effect)
        except _UNREADABLE as error:
            why = "a value that is in none of its lists" if type(error) is IndexError else error
            raise CoreEffectError(f"did what badge_core.h does not have ({why})") from None
        return effects

    def _check(self, effect: Effect) -> None:
        chip = self._geometry
        if isinstance(effect, Program) and effect.address + len(effect.content) > chip.total_bytes:
            size = len(effect.content)
            raise CoreEffectError(
                f"programs {counted(size, 'byte')} at {effect.address:#x}, outside of its flash"
            )
        if isinstance(effect, Erase) and (
            effect.address % chip.page_bytes or effect.address >= chip.total_bytes
        ):
            raise CoreEffectError(
                f"erases at {effect.address:#x}, where no page of its flash begins"
            )
        if isinstance(effect, Logged):
            to_json(effect.entry.payload)
            timestamp((effect.entry.unix_ms or 0) // 1000)

    def load(self, image: bytes) -> None:
        """Put an image into flash, as it is before a boot."""
        self._host.flash()[:] = image

    @property
    def next_deadline_ms(self) -> int | None:
        """When the core wants to be called again."""
        due_ms = int(self._host.lib.host_deadline(self._host.pointer))
        return None if due_ms >= NEVER else due_ms

    @property
    def config(self) -> BadgeConfig:
        """The configuration that it was given."""
        return self._given_config


def can_take(abilities: int, what: Input) -> bool:
    """Say whether a core of these abilities (badge_core.h) takes that input."""
    return not _NEEDS.get(type(what), 0) & ~abilities


_FUNCTIONS = {
    "init": "badge_init",
    "receive": "badge_receive",
    "deadline": "badge_next_deadline_ms",
    "batch_json": "badge_batch_json",
}


# What the readers of foreign bytes raise: of a tape, CBOR, UTF-8, and a time beyond all calendars.
_UNREADABLE = (
    ValueError,
    LookupError,
    TypeError,
    OverflowError,
    MemoryError,
    RecursionError,
    OSError,
    struct.error,
    cbor2.CBORError,
)


class _Loaded:
    def __init__(self, path: Path) -> None:
        ffi = core_library().ffi
        self.ffi = type(ffi)()
        self.ffi.cdef(_SEAM)
        self.lib = self.ffi.dlopen(str(path.resolve()))

    def __getattr__(self, name: str) -> Any:
        return getattr(self.lib, name)


def _opened(path: Path) -> _Loaded:
    try:
        library = _Loaded(path)
        version = library.badge_core_version()
        for symbol in _FUNCTIONS.values():
            _address(library, symbol)
    except (OSError, AttributeError) as error:
        why = str(error).partition(".  Additionally")[0].replace(f"{path.resolve()}: ", "")
        raise InputError(f"{path}: not a badge core as badge_core.h has it: {why}") from None
    if version != VERSION:
        raise InputError(f"{path}: a core for version {version} of badge_core.h, not {VERSION}")
    return library


def _address(library: _Loaded, symbol: str) -> int:
    return int(library.ffi.cast("uintptr_t", library.ffi.addressof(library.lib, symbol)))
