from __future__ import annotations

from sim.notecard.protocol.virtual import VirtualNotecard


def test_it_is_pure_the_same_bytes_and_times_give_the_same_answers():
    def life() -> list[str]:
        card, seen = VirtualNotecard(seed=7), []
        for ms, line in enumerate(
            (b'{"req":"hub.set","product":"p:q","mode":"continuous"}', b'{"req":"card.random"}')
        ):
            seen += card.receive(line + b"\n", ms * 100)
        seen += card.advance(60_000)
        return [str(one) for one in seen] + [str(e) for e in card.hub.events]

    assert life() == life()


def test_it_says_when_to_come_again():
    card = VirtualNotecard()
    assert card.next_deadline_ms is None
    card.receive(b'{"req":"card.attn","mode":"arm","seconds":9}\n', 100)
    assert card.next_deadline_ms == 9100
