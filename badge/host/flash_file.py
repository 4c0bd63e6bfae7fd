"""A flash image in a file: the badge's memory between two runs of a program."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from types import TracebackType

from badge.config import QUARANTINE_EVENTS_LIMIT
from badge.effects import Erase, Program
from badge.errors import InputError
from badge.host.files import named
from badge.host.systems import lock
from badge.storage.geometry import Geometry
from badge.storage.journal import FlashJournal
from badge.storage.recovery import is_begun
from badge.words import counted

_BLANK = b"\xff"


class FlashFile:
    """NOR flash in a file of `geometry.total_bytes`; made blank if it does not exist.

    Locked for this process while open.  What `perform` has done survives the end of the process
    at any moment; after `sync` it survives the end of the machine's power.
    """

    def __init__(self, path: str | Path, geometry: Geometry | None = None) -> None:
        self.path = Path(path)
        self.geometry = geometry or Geometry()
        # 0600: it holds the api_key, where a push brought one.
        self._file = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            self._lock()
            self._prepare()
        except OSError as error:
            os.close(self._file)
            raise named(error, self.path) from None
        except BaseException:
            os.close(self._file)
            raise

    def _lock(self) -> None:
        try:
            # Two badges on one journal would give numbers twice. The lock ends with the process.
            lock(self._file)
        except BlockingIOError:
            raise InputError(
                f"{self.path}: in use by another process; wait for it or take another file"
            ) from None

    def _prepare(self) -> None:
        found, wanted = os.fstat(self._file), self.geometry.total_bytes
        if not stat.S_ISREG(found.st_mode):
            raise InputError(f"{self.path}: not a regular file; name a file for the flash image")
        size = found.st_size
        if size < wanted and not self.read(0, size).strip(_BLANK):
            # New, or its making was cut off.  In one piece, so that a full disk is met here and
            # not in the middle of an event.
            _write_all(self._file, _BLANK * (wanted - size), size)
            os.fsync(self._file)
        elif size != wanted:
            raise InputError(
                f"{self.path}: {counted(size, 'byte')}; a badge's flash image has {wanted}: "
                "name a new file, or the one of an earlier run"
            )

    def read(self, address: int, length: int) -> bytes:
        """Return that many bytes from this address."""
        return _read_at(self._file, length, address)

    def perform(self, effect: Program | Erase) -> bool:
        """Do what the journal asks; False if it does not read back."""
        if isinstance(effect, Erase):
            content = _BLANK * self.geometry.page_bytes
        else:
            content = effect.content
            # A NOR word is written once after its erase; a file would not mind, and hide the fault.
            if self.read(effect.address, len(content)).strip(_BLANK):
                return False
        try:
            _write_all(self._file, content, effect.address)
        except OSError as error:
            raise named(error, self.path) from None
        # Read back, as the firmware does: the journal writes elsewhere what a page did not keep.
        return self.read(effect.address, len(content)) == content

    def sync(self) -> None:
        """Wait until all is on the medium."""
        try:
            # Without the file's times, where the system can: its size never changes.
            getattr(os, "fdatasync", os.fsync)(self._file)
        except OSError as error:
            raise named(error, self.path) from None

    def close(self) -> None:
        """Sync, unlock and close."""
        try:
            self.sync()
        finally:
            os.close(self._file)

    def __enter__(self) -> FlashFile:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def open_journal(flash: FlashFile, device_id: str | None = None) -> FlashJournal:
    """Return the journal in a flash file, recovered; a boot recovers it again.

    Raises `InputError` if it is the flash of a badge other than `device_id`, or if something is
    written in it and nothing can be read: which numbers were used is then not known, and to begin
    anew takes the user's word.
    """
    journal = FlashJournal(flash, flash.geometry)
    # Nothing is evicted here: the configuration in force, which has the limits, comes at the boot.
    journal.queue.quarantine_max = QUARANTINE_EVENTS_LIMIT
    journal.recover()
    if not journal.found and not _is_unused(flash):
        raise InputError(
            f"{flash.path}: what is written in it cannot be read; a badge that began anew would "
            "give numbers a second time, and backends throw such events away: restore the file, "
            "or name a new one to begin with number 1"
        )
    owner = (journal.config_document or {}).get("device_id", device_id)
    if device_id is not None and owner != device_id:
        raise InputError(
            f"{flash.path}: it is the flash of {owner}, not of {device_id}; name another file"
        )
    return journal


def _is_unused(flash: FlashFile) -> bool:
    """Tell whether no boot has been completed on it: the first one writes its first page alone."""
    geometry = flash.geometry
    start, size = geometry.page_address(0), geometry.page_bytes
    rest = flash.read(start + size, (geometry.ring_pages - 1) * size)
    return is_begun(flash.read(start, size), geometry) and not rest.strip(_BLANK)


def _read_at(file: int, length: int, address: int) -> bytes:
    if hasattr(os, "pread"):
        return os.pread(file, length, address)
    os.lseek(file, address, os.SEEK_SET)  # Windows; one thread has the file
    return os.read(file, length)


def _write_at(file: int, content: memoryview, address: int) -> int:
    if hasattr(os, "pwrite"):
        return os.pwrite(file, content, address)
    os.lseek(file, address, os.SEEK_SET)
    return os.write(file, content)


def _write_all(file: int, content: bytes, address: int) -> None:
    view = memoryview(content)
    while view:
        written = _write_at(file, view, address)
        view, address = view[written:], address + written
