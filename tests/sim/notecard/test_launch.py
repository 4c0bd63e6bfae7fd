from __future__ import annotations

import os

from sim.notecard.launch import launch_card
from tests.patience import until


def test_a_card_is_there_while_the_block_lasts(tmp_path):
    seen = []
    with launch_card(tmp_path, lambda ms, one: seen.append(one.text)) as card:
        host = os.open(card.path, os.O_RDWR | os.O_NOCTTY)
        os.write(host, b'{"req":"card.voltage"}\n')
        until(lambda: any('"value":3.9' in text for text in seen))
        card.world.volts = 3.3
        os.write(host, b'{"req":"card.voltage"}\n')
        until(lambda: any('"value":3.3' in text for text in seen))
        os.close(host)
    assert not (tmp_path / "notecard").exists()
