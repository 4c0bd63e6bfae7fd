"""The strongest sample of each cycle, worked out or drawn in C."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from badge.errors import MisuseError
from sim.compiled.library import PathInC, WorldLibrary, path_over
from sim.engine.streams import seed_of
from sim.world.adverts import CHANNEL_STEP_US, PDU_US, ScanPattern, Tag
from sim.world.cycle import EXPONENTIALS
from sim.world.environments import Environment
from sim.world.movement import Journey
from sim.world.place import WHOLE_M, Mover, Spot
from sim.world.radio import CHEST, NEAREST_M, RSSI_MIN_DBM, Radio, RadioLaw, Receiver

_PATHS_HELD = 64  # journeys that are not forgotten yet
HEARD_BYTES = 7
_NO_MEMORY = "there is no memory for the clock of a tag"


class KnownTag(NamedTuple):
    """A tag that a badge knows: where it is, its MAC's bytes, and when its battery is empty."""

    tag: Tag
    mover: Mover
    mac: bytes
    silent: tuple[tuple[int, int], ...]


class _Tags(NamedTuple):
    """The tags that a badge asks for, ready for C, with room for what is heard of them."""

    whose: tuple[Any, ...]
    known: Sequence[KnownTag]
    cycles: int
    structs: Any
    room: tuple[Any, ...]
    silences: list[Any]


class RadioInC(Radio):
    """A `Radio` whose `strongest` is worked out in C wherever it can be; the same numbers."""

    __slots__ = (
        "_air",
        "_clocks",
        "_ears",
        "_ears_of",
        "_laws_in_c",
        "_library",
        "_paths",
        "_tags",
    )

    def __init__(
        self,
        run_seed: int,
        environment: Environment,
        library: WorldLibrary,
        law: RadioLaw = "sample",
    ) -> None:
        super().__init__(run_seed, environment, law)
        self._library = library
        self._air = self._air_in_c()
        self._clocks: dict[Tag, Any] = {}
        self._ears: dict[str, tuple[Any, Any]] = {}
        self._ears_of: tuple[Any, ...] = ()
        self._paths: dict[Journey | Spot, PathInC] = {}
        self._laws_in_c: dict[int, tuple[Any, ...]] = {}
        self._tags = _Tags((), (), 0, None, (), [])

    def strongest(
        self,
        t0_ms: int,
        count: int,
        tag: Tag,
        where: Mover,
        badge: Receiver,
        period_ms: int = 5000,
        floor_dbm: int = RSSI_MIN_DBM,
        wanted: NDArray[np.bool_] | None = None,
    ) -> NDArray[np.int16]:
        """Give the strongest RSSI of each cycle; see `Radio.strongest`."""
        end_ms = t0_ms + count * period_ms
        best = np.empty(count, np.int16)
        scanner, here = self._scanner(badge), self._here(badge, t0_ms, end_ms)
        there = path_over(where, t0_ms, end_ms)
        if here is None or there is None:
            given = (t0_ms, count, tag, where, badge, period_ms, floor_dbm, wanted)
            return super().strongest(*given)
        ffi, lib, _ = self._library
        ear = self._ear(badge, scanner, tag)
        chosen = ffi.NULL if wanted is None else ffi.from_buffer("uint8_t[]", wanted)
        ends = self._path(there), self._path(here)  # the second may put the first out of the held
        asked = (
            self._air,
            self._clock(tag),
            ends[0].struct,
            ends[1].struct,
            ear,
            t0_ms,
            count,
            period_ms,
            floor_dbm,
            chosen,
            ffi.from_buffer("int16_t[]", best),
        )
        if self.law == "cycle":
            result = lib.world_drawn(self._law_in_c(period_ms), *asked)
        else:
            result = lib.world_strongest(*asked)
        if result:
            raise MisuseError(_NO_MEMORY)
        return best

    def heard(
        self,
        t0_ms: int,
        period_ms: int,
        down: bytes,
        badge: Receiver,
        known: Sequence[KnownTag],
        near: Sequence[tuple[bool, int]],
        well_dbm: int,
        hits_to_near: int,
    ) -> tuple[bytes, NDArray[np.uint32]] | None:
        """Give what a badge hears of tags in a block of cycles, as `CPump.hear` takes it.

        `near` says of each tag whether it is near, and how many cycles in a row have heard it well
        (`well_dbm`).  One that is away comes near after `hits_to_near` of these: a miss is a miss,
        heard or not, and what cannot matter is not worked out.  `down` has 1 for each cycle in
        which the scanner tells nothing.  None where C cannot tell.
        """
        count = len(down)
        end_ms = t0_ms + count * period_ms
        here = self._here(badge, t0_ms, end_ms)
        if here is None:
            return None
        tags = self._tags_for(badge, known, count)
        ffi, lib, _ = self._library
        kept = [self._path(here)]
        for struct, one, (is_near, hits) in zip(tags.structs, known, near, strict=True):
            there = path_over(one.mover, t0_ms, end_ms)
            if there is None:
                return None
            kept.append(self._path(there))
            struct.where, struct.is_away, struct.hits = kept[-1].struct, not is_near, hits
        law = self._law_in_c(period_ms) if self.law == "cycle" else ffi.NULL
        asked = (
            self._air,
            law,
            kept[0].struct,
            t0_ms,
            period_ms,
            count,
            well_dbm,
            hits_to_near,
            ffi.from_buffer("uint8_t[]", down),
        )
        ends = np.empty(count + 1, np.uint32)
        block, told = ffi.new("struct world_block *", asked), ffi.from_buffer("uint32_t[]", ends)
        found = lib.world_heard(block, tags.structs, len(known), *tags.room, told)
        if found < 0:
            raise MisuseError(_NO_MEMORY)
        return bytes(ffi.buffer(tags.room[-1], found * HEARD_BYTES)), ends

    def _tags_for(self, badge: Receiver, known: Sequence[KnownTag], cycles: int) -> _Tags:
        """Make the tags of a badge ready; as long as it asks for the same ones, they are kept."""
        scanner, whose = self._scanner(badge), (badge.name, badge.body, badge.facing is None)
        tags = self._tags
        if tags.known is known and tags.whose == whose and tags.cycles >= cycles:
            return tags
        ffi = self._library.ffi
        structs, silences = ffi.new("struct world_known[]", len(known)), []
        for struct, one in zip(structs, known, strict=True):
            struct.tag, struct.mac = self._clock(one.tag), one.mac
            struct.ear = self._ear(badge, scanner, one.tag)
            if one.silent:
                silences.append(ffi.new("int64_t[]", [ms for span in one.silent for ms in span]))
                struct.silent, struct.silent_count = silences[-1], len(one.silent)
        most = len(known) * cycles
        sizes = (("int16_t[]", most), ("uint8_t[]", cycles), ("uint8_t[]", most * HEARD_BYTES))
        room = tuple(ffi.new(kind, max(size, 1)) for kind, size in sizes)
        self._tags = _Tags(whose, known, cycles, structs, room, silences)
        return self._tags

    def _here(self, badge: Receiver, t0_ms: int, end_ms: int) -> Journey | Spot | None:
        """Give where a badge is in a span; None where C cannot listen in its place."""
        scanner = self._scanner(badge)
        step_us = scanner.interval_ms * 1000 - CHANNEL_STEP_US
        hears_twice = scanner.window_ms * 1000 - PDU_US >= step_us
        here = path_over(badge.mover, t0_ms, end_ms)
        if hears_twice or not (badge.facing is None or badge.facing is here):
            return None
        return here

    def _ear(self, badge: Receiver, scanner: ScanPattern, tag: Tag) -> Any:
        """Give how a badge hears a tag: of the badge that was asked for last, it is kept."""
        whose = (badge.name, badge.body, badge.facing is None, scanner)
        if self._ears_of != whose:
            self._ears_of = whose
            self._ears.clear()
        ear = self._ears.get(tag.mac)
        if ear is None:
            ffi = self._library.ffi
            lobe = ffi.NULL
            if badge.facing is not None:
                lobe = ffi.from_buffer("double[]", self.lobe(badge).table)
            times = (scanner.phase_us, scanner.interval_ms * 1000, scanner.window_ms * 1000)
            salts = (self._salt(badge, tag), self._salt(badge, tag, "cycle"))
            made = ffi.new("struct world_ear *", (*salts, *times, lobe))
            ear = self._ears[tag.mac] = made, lobe
        return ear[0]

    def _path(self, mover: Journey | Spot) -> PathInC:
        path = self._paths.get(mover)
        if path is None:
            while len(self._paths) >= _PATHS_HELD:
                del self._paths[next(iter(self._paths))]
            path = self._paths[mover] = PathInC(self._library, mover)
        return path

    def _clock(self, tag: Tag) -> Any:
        clock = self._clocks.get(tag)
        if clock is None:
            ffi, lib, _ = self._library
            voice = self._voice(tag)
            interval_us = tag.interval_ms * 1000
            first_us = seed_of(self.run_seed, "advert phase", tag.mac) % interval_us
            phase = ffi.from_buffer("uint32_t[]", voice.fading_phase)
            made = lib.world_tag_new(voice.clock.salt, interval_us, first_us, tag.gain_db, phase)
            if not made:
                raise MisuseError(_NO_MEMORY)
            clock = self._clocks[tag] = ffi.gc(made, lib.world_tag_free)
        return clock

    def _law_in_c(self, period_ms: int) -> Any:
        made = self._laws_in_c.get(period_ms)
        if made is None:
            ffi, law = self._library.ffi, self._law(period_ms)
            struct = ffi.new("struct world_law *", {"spans": law.spans, "most_db": law.most_db})
            struct.loose = law.loose.tolist()
            columns = (
                ("weights", "int32_t[]", law.weights),
                ("rows", "int16_t[]", law.rows),
                ("shares", "double[]", law.shares),
                ("exponentials", "double[]", EXPONENTIALS),
            )
            kept = [ffi.from_buffer(kind, column) for _, kind, column in columns]
            for (name, _, _), column in zip(columns, kept, strict=True):
                setattr(struct, name, column)
            made = self._laws_in_c[period_ms] = struct, kept
        return made[0]

    def _air_in_c(self) -> Any:
        env, shadowing, fading = self.environment, self._shadowing, self._fading
        return self._library.ffi.new(
            "struct world_air *",
            {
                "rssi_1m_dbm": env.rssi_1m_dbm,
                "half_exponent": 0.5 * env.exponent,
                "error_db": env.error_db,
                "loss": env.loss,
                "reach2": env.reach_m**2,
                "nearest2": NEAREST_M**2,
                "sensitivity_dbm": env.sensitivity_dbm,
                "shadow_scale": shadowing.scale,
                "shadow_most_db": shadowing.most_db,
                "steady": fading.steady,
                "scattered": fading.scattered,
                "mean_db": fading.mean_db,
                "fading_most_db": fading.most_db,
                "whole2": WHOLE_M * WHOLE_M,
                "shadow_waves": shadowing.waves.ravel().tolist(),
                "shadow_phase": shadowing.phase.tolist(),
                "fading_waves": fading.waves.ravel().tolist(),
                "fading_phase": fading.phase.ravel().tolist(),
                "chest": CHEST,
            },
        )
