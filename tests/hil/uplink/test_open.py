from __future__ import annotations

import pytest

from badge.errors import InputError
from hil.uplink.note import NoteUplink
from hil.uplink.open import UPLINKS, uplink_over
from hil.uplink.web import WebUplink


def test_each_kind_is_what_it_says():
    kinds = [type(uplink_over(None, kind)) for kind in UPLINKS]
    assert kinds == [WebUplink, NoteUplink]


def test_only_two_uplinks_are_known():
    with pytest.raises(InputError, match="write web or note"):
        uplink_over(None, "pigeon")
