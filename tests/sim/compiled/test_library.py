from __future__ import annotations

from sim.compiled import library as module
from sim.compiled.library import path_over, world_library
from sim.world.movement import Journey, Knot
from sim.world.place import Spot
from tests.sim.compiled import rig


class Elsewhere:
    def one_over(self, t0_ms, t1_ms):
        return Spot(1.0, 2.0) if t1_ms < 5 else None


def test_who_is_on_one_path_alone_is_found_there():
    journey = Journey([Knot(0, 0.0, 0.0, 0.0, "walk"), Knot(9, 1.0, 0.0, 0.0, "stand")])
    assert path_over(journey, 0, 9) is journey
    assert path_over(Spot(0.0, 0.0), 0, 9) == Spot(0.0, 0.0)
    assert path_over(Elsewhere(), 0, 4) == Spot(1.0, 2.0)
    assert path_over(Elsewhere(), 0, 9) is None
    assert path_over(object(), 0, 9) is None


def test_a_build_of_other_sources_is_not_used(monkeypatch):
    rig.library()
    monkeypatch.setattr(module, "core_digest", lambda folder: "another")
    world_library.cache_clear()
    try:
        assert world_library() is None
    finally:
        world_library.cache_clear()


def test_where_it_is_not_built_there_is_none(monkeypatch):
    monkeypatch.setattr(module, "_EXTENSION", "sim.compiled._nothing")
    world_library.cache_clear()
    try:
        assert world_library() is None
    finally:
        world_library.cache_clear()
