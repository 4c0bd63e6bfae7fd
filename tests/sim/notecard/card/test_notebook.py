from __future__ import annotations


def brown_out(desk):
    desk.notecard.transactions.brown_out(desk.now_ms)
    desk.wait(5)


def total(desk) -> int:
    return desk.ask("file.stats").get("total", 0)


def test_what_a_loss_of_power_leaves(desk):
    desk.ask("note.template", file="t.qo", body={"n": 14})
    desk.ask("note.add", file="t.qo", body={"n": 1}, verify=True)
    desk.ask("note.add", file="t.qo", body={"n": 2})
    desk.ask("note.add", file="plain.qo", body={"n": 3})
    desk.ask("note.add", file="plain.qo", body={"n": 4}, live=True)
    brown_out(desk)
    assert total(desk) == 2


def test_a_page_is_written_in_time_or_by_a_checkpoint(desk):
    desk.ask("note.template", file="t.qo", body={"n": 14})
    desk.ask("note.add", file="t.qo", body={"n": 1})
    desk.wait(16)
    desk.ask("note.add", file="t.qo", body={"n": 2})
    desk.ask("card.checkpoint")
    desk.ask("note.add", file="t.qo", body={"n": 3})
    brown_out(desk)
    assert total(desk) == 2
