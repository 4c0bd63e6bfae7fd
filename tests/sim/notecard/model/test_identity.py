from __future__ import annotations

import pytest

from badge.errors import InputError
from sim.notecard.model.identity import MODELS, Identity, check_identity, device_uid


def test_each_card_has_a_uid_of_its_own():
    assert Identity().device == device_uid(1)
    assert len({device_uid(n) for n in range(1, 100)}) == 99


def test_max_and_target_agree_as_note_c_expects_them(make_desk):
    for sku, most in (("NOTE-MBGLW", 261_110), ("NOTE-NBGLN", 130_554)):
        desk = make_desk(identity=Identity(sku=sku))
        target = desk.ask("card.version")["body"]["target"]
        assert {"u5": 261_110, "r5": 130_554}[target] == most == desk.ask("card.binary")["max"]


def test_what_is_no_uid_or_sku_is_refused():
    check_identity("dev:864475046000009", "NOTE-NBGLN")
    for device, sku in (("864475", "NOTE-NBGLN"), ("dev:a b", "NOTE-NBGLN"), ("dev:1", "NOTE-X")):
        with pytest.raises(InputError):
            check_identity(device, sku)
    assert all(model.sku == sku for sku, model in MODELS.items())
