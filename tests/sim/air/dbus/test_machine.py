from __future__ import annotations

from sim.air.dbus import machine


def test_the_systems_identity_is_told_and_a_steady_one_where_there_is_none(tmp_path, monkeypatch):
    good, bad = tmp_path / "machine-id", tmp_path / "empty"
    good.write_text("0123456789abcdef" * 2 + "\n")
    bad.write_text("uninitialized\n")
    monkeypatch.setattr(machine, "_PLACES", (tmp_path / "none", bad, good))
    assert machine.machine_id() == "0123456789abcdef" * 2
    monkeypatch.setattr(machine, "_PLACES", (bad,))
    assert machine.machine_id() == machine.machine_id()
    assert len(bytes.fromhex(machine.machine_id())) == 16
