"""What a badge in C keeps, seen as a `Store`, and its journal alone as one that can be driven."""

from __future__ import annotations

import os
import re
from collections import deque
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

import cbor2

from badge.contract.events import EVENT_TYPES
from badge.effects import Effect
from badge.entry import Entry
from badge.errors import InputError, MisuseError
from badge.extras import lacking
from badge.host.core.sources import core_digest
from badge.host.core.tape import read_one_event, read_tape
from badge.ports import FlashReader
from badge.storage import codec
from badge.storage.geometry import CONFIG_BYTES_MAX, Geometry
from badge.storage.store import Quarantined, Queue, Recovered, State

TOO_LARGE = 3
BUILT_IN = "c"  # where a command takes a core
_EXTENSION = "badge.host._c_core"
_OTHER_BUILD = "BADGE_C_CORE"
_SOURCES = Path(__file__).parents[2] / "c"
QUEUE_PLACES = 101_000  # more than any configuration asks for
ISSUED_BYTES = 256 * 1024
_LOST_MAX = 512
_TYPE_NUMBER = {name: number for number, name in enumerate(EVENT_TYPES)}
_ANY_DEVICE = b'{"device_id":"ACT-00000000"}'


class CoreLibrary(NamedTuple):
    """The compiled core: cffi's view of it, and its functions."""

    ffi: Any
    lib: Any


def core_library() -> CoreLibrary:
    """Return the compiled core; `InputError` where it was not built.

    The environment's BADGE_C_CORE names another build of badge/c, e.g. one with sanitizers.
    """
    return _library(os.environ.get(_OTHER_BUILD) or _built())


@cache
def _library(path: str) -> CoreLibrary:
    try:
        ffi = import_module("cffi").FFI()
    except ImportError:
        raise InputError(lacking("cffi", "the C core")) from None
    declared = (_SOURCES / "host" / "host.h").read_text(encoding="utf-8")
    ffi.cdef(re.sub(r"^#.*$", "", declared, flags=re.MULTILINE))
    try:
        library = ffi.dlopen(path)
    except OSError as error:
        raise InputError(f"{path}: no build of the C core: {error}") from None
    if not hasattr(library, "host_digest"):
        raise InputError(_stale(path))
    if path == _origin() and ffi.string(library.host_digest()).decode() != core_digest(_SOURCES):
        raise InputError(_stale(path))
    return CoreLibrary(ffi, library)


def _stale(path: str) -> str:
    return (
        f"{path}: built from other sources than {_SOURCES}: install the project again, or in a "
        "clone python setup.py build_ext --inplace --force"
    )


def _origin() -> str | None:
    spec = find_spec(_EXTENSION)
    return None if spec is None else spec.origin


def _built() -> str:
    path = _origin()
    if path is None:
        raise InputError(
            "the C core is not built here: install a C compiler, then the project again"
        )
    return path


def core_file(named: str) -> Path:
    """Return the library of a core: a file, or `BUILT_IN`, ours; `InputError` if there is none."""
    if named == BUILT_IN:
        core_library()
        return Path(os.environ.get(_OTHER_BUILD) or _built())
    path = Path(named)
    if not path.is_file():
        raise InputError(f"{named}: no such library; name a file, or {BUILT_IN} for our own core")
    return path


def core_is_built() -> bool:
    """Say whether the compiled core is there."""
    try:
        core_library()
    except InputError:
        return False
    return True


class CHost:
    """One badge in C, with its flash in memory and a tape of what its last call has done."""

    def __init__(
        self,
        settings: bytes,
        firmware_version: str,
        geometry: Geometry,
        queue_places: int = QUEUE_PLACES,
        issued_bytes: int = ISSUED_BYTES,
        functions: Any = None,
    ) -> None:
        module = core_library()
        self.ffi, self.lib, self.geometry = module.ffi, module.lib, geometry
        why = self.ffi.new("char[]", 1024)
        pointer = self.lib.host_new(
            settings,
            len(settings),
            firmware_version.encode(),
            geometry.page_bytes,
            geometry.config_pages,
            geometry.ring_pages,
            queue_places,
            issued_bytes,
            self.ffi.NULL if functions is None else functions,
            why,
            len(why),
        )
        if pointer == self.ffi.NULL:
            raise InputError(self.ffi.string(why).decode(errors="replace"))
        self._hold(pointer)

    def _hold(self, pointer: Any) -> None:
        self.pointer = self.ffi.gc(pointer, self.lib.host_free)
        self._numbers = self.ffi.new("int64_t[17]")

    def close(self) -> None:
        """Free its memory before the collector would."""
        self.ffi.release(self.pointer)

    def copy(self) -> CHost:
        """Return a second badge that does from now on what this one does."""
        twin = object.__new__(CHost)
        twin.ffi, twin.lib, twin.geometry = self.ffi, self.lib, self.geometry
        twin._hold(self.lib.host_copy(self.pointer))
        return twin

    def load(self, flash: FlashReader) -> None:
        """Read a whole chip, each page once."""
        image = self.flash()
        size = self.geometry.page_bytes
        for at in range(0, self.geometry.total_bytes, size):
            image[at : at + size] = flash.read(at, size)

    def flash(self) -> Any:
        """Return the flash in memory, to be read or written."""
        return self.ffi.buffer(self.lib.host_flash(self.pointer), self.geometry.total_bytes)

    def tape(self) -> bytes:
        """Return what the last call has done."""
        size = self.lib.host_tape_bytes(self.pointer)
        if size == 0xFFFFFFFF:
            raise MemoryError("its effects take over 64 MiB, or one event over 16 KiB")
        return bytes(self.ffi.buffer(self.lib.host_tape(self.pointer), size)) if size else b""

    def look(self) -> list[int]:
        """Return the numbers of host.h's `host_look`."""
        self.lib.host_look(self.pointer, self._numbers)
        return list(self._numbers)

    def bytes_of(self, function: Any, *arguments: Any, most: int = 65_536) -> bytes:
        """Return what a function writes into a buffer."""
        buffer = self.ffi.new("uint8_t[]", most)
        size = function(self.pointer, *arguments, buffer, most)
        return bytes(self.ffi.buffer(buffer, size))

    def events(self, quarantined: bool, count: int) -> list[tuple[Entry, str]]:
        """Return the events that wait, or those in quarantine with their reasons."""
        found = []
        for place in range(count):
            if self.lib.host_event(self.pointer, quarantined, place):
                raise MisuseError(f"the C core cannot read its event at place {place}")
            found.append(read_one_event(self.tape()))
        return found


class CStore:
    """What a badge in C keeps, to be looked at (see `badge.storage.store.Store`)."""

    def __init__(self, host: CHost) -> None:
        self._host = host

    @property
    def queue(self) -> Queue:
        """The queue as it is at this moment."""
        look = self._host.look()
        return Queue(
            queue_max=look[16],
            quarantine_max=look[15],
            entries=deque(entry for entry, _ in self._host.events(False, look[6])),
            quarantined=[Quarantined(*item) for item in self._host.events(True, look[7])],
            next_sequence=look[1],
            floor=look[2],
            overflow_count=look[4],
            quarantine_count=look[5],
        )

    @property
    def state(self) -> State:
        """The state in force."""
        return State(*cbor2.loads(self._host.bytes_of(self._host.lib.host_state, most=1024)))

    @property
    def age_ms(self) -> int:
        """The lifetime clock as it was last kept."""
        return self._host.look()[3]

    @property
    def config_document(self) -> Mapping[str, Any] | None:
        """The configuration that flash holds."""
        address, size = self._host.look()[12:14]
        if size == 0:
            return None
        document = cbor2.loads(bytes(self._host.flash()[address : address + size]))
        return document if isinstance(document, dict) else None


class _Limits:
    """The two limits of a journal's queue, as attributes that can be set."""

    def __init__(self, journal: CJournal) -> None:
        self._journal = journal

    def __getattr__(self, name: str) -> Any:
        return getattr(self._journal.view.queue, name)

    def __setattr__(self, name: str, value: Any) -> None:
        if name == "_journal":
            object.__setattr__(self, name, value)
            return
        journal = self._journal
        look = journal.host.look()
        limits = {"queue_max": look[16], "quarantine_max": look[15]}
        limits[name] = value
        journal.host.lib.host_limits(journal.host.pointer, *limits.values())


class CJournal:
    """The journal of the C core, driven as `badge.storage.journal.FlashJournal` is."""

    def __init__(self, flash: FlashReader, geometry: Geometry | None = None, *_: Any) -> None:
        self._flash = flash
        self.host = CHost(_ANY_DEVICE, "0.0.0", geometry or Geometry(), queue_places=4096)
        self.view = CStore(self.host)
        self.host.lib.host_limits(self.host.pointer, 2000, 100)

    def __deepcopy__(self, memo: dict[int, Any]) -> CJournal:
        twin = object.__new__(CJournal)
        twin._flash = memo.get(id(self._flash), self._flash)
        twin.host = self.host.copy()
        twin.view = CStore(twin.host)
        return twin

    @property
    def queue(self) -> Any:
        """The queue; its two limits can be set."""
        return _Limits(self)

    @property
    def state(self) -> State:
        """The state in force."""
        return self.view.state

    @property
    def age_ms(self) -> int:
        """The lifetime clock."""
        return self.view.age_ms

    @property
    def config_document(self) -> Mapping[str, Any] | None:
        """The configuration that is kept."""
        return self.view.config_document

    def recover(self) -> Recovered:
        """Read the chip, each page once, and take up the log."""
        host = self.host
        host.load(self._flash)
        effects = self._done(host.lib.host_recover(host.pointer))
        ranges, unfinished = host.ffi.new("int64_t[]", 2 * _LOST_MAX), host.ffi.new("int64_t *")
        count = host.lib.host_lost(host.pointer, ranges, _LOST_MAX, unfinished)
        lost = tuple((ranges[2 * n], ranges[2 * n + 1]) for n in range(count))
        return Recovered(effects, lost, (unfinished[0],) if unfinished[0] else ())

    def append(self, entry: Entry, state: State) -> Sequence[Effect]:
        """Keep an event and the state."""
        if entry.sequence_number != self.host.look()[1]:
            raise MisuseError(f"event {entry.sequence_number} is not the next one")
        version, payload = entry.firmware_version.encode(), cbor2.dumps(dict(entry.payload))
        packed = _packed(state)
        return self._done(
            self.host.lib.host_append(
                self.host.pointer,
                entry.sequence_number,
                _TYPE_NUMBER[entry.event_type],
                entry.age_ms,
                entry.unix_ms is not None,
                entry.unix_ms or 0,
                version,
                len(version),
                payload,
                len(payload),
                packed,
                len(packed),
            )
        )

    def save_state(self, state: State) -> Sequence[Effect]:
        """Keep a state."""
        packed = _packed(state)
        return self._done(self.host.lib.host_save_state(self.host.pointer, packed, len(packed)))

    def save_age(self, age_ms: int) -> Sequence[Effect]:
        """Keep the lifetime clock."""
        return self._done(self.host.lib.host_save_age(self.host.pointer, age_ms))

    def save_config(self, document: Mapping[str, Any]) -> Sequence[Effect]:
        """Keep a configuration."""
        content = cbor2.dumps(dict(document))
        room = min(
            CONFIG_BYTES_MAX, self.host.geometry.config_pages * self.host.geometry.page_bytes
        )
        if len(content) > room - 128:
            raise InputError(
                f"config: {len(content)} bytes are too many for flash; {room - 128} fit"
            )
        lib = self.host.lib
        return self._done(lib.host_save_config(self.host.pointer, content, len(content)))

    def stamp(self, offset_ms: int) -> tuple[Sequence[Effect], list[Entry]]:
        """Stamp the events that lack their time of day."""
        bare = {e.sequence_number for e in self.view.queue.entries if e.unix_ms is None}
        effects = self._done(self.host.lib.host_stamp(self.host.pointer, offset_ms))
        return effects, [e for e in self.view.queue.entries if e.sequence_number in bare]

    def settle(self, through: int, rejected: Mapping[int, str]) -> Sequence[Effect]:
        """Release all events up to a number."""
        reasons, ends = joined(rejected[number] for number in sorted(rejected))
        ffi = self.host.ffi
        return self._done(
            self.host.lib.host_settle(
                self.host.pointer,
                through,
                ffi.new("int64_t[]", sorted(rejected)),
                len(rejected),
                reasons,
                ffi.new("uint32_t[]", ends),
            )
        )

    def mend(self, address: int) -> Sequence[Effect]:
        """Write again, elsewhere, what did not read back."""
        return self._done(self.host.lib.host_mend(self.host.pointer, address))

    def _done(self, result: int) -> tuple[Effect, ...]:
        if result == TOO_LARGE:
            raise MisuseError("too large for a flash record")
        return tuple(read_tape(self.host.tape()))


def joined(texts: Any) -> tuple[bytes, list[int]]:
    """Return texts one behind the other, and where each ends."""
    content, ends = b"", []
    for text in texts:
        content += text.encode(errors="replace")
        ends.append(len(content))
    return content, ends


def _packed(state: State) -> bytes:
    return codec.pack_values(*codec.pack_state(state))
