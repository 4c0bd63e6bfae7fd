"""Each way in which a database can betray a badge is found, and has a name."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from sim.crashtest.audit import Audit
from sim.engine.promises import KEPT, SOUND, UNALTERED, WHOLE, BrokenPromiseError
from tests.sim.crashtest.site import account, keep


def tamper(path, *commands):
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        for command in commands:
            db.execute(command)


def broken(path, *accounts):
    with pytest.raises(BrokenPromiseError) as error:
        Audit(path, accounts).check(whole=True)
    return error.value.promise


@pytest.fixture
def path(tmp_path):
    return tmp_path / "x.db"


def test_what_is_promised_and_kept_passes_and_is_counted(path):
    keep(path, (1, 2, 3), (4, 5))
    assert Audit(path, [account((1, 2, 3), (4, 5), acknowledged=3)]).check() == 5


def test_events_that_nobody_acknowledged_may_be_missing(path):
    keep(path, (1, 2, 3))
    assert Audit(path, [account((1, 2, 3), (4, 5), acknowledged=3)]).check() == 3
    keep(path, (4, 5))


def test_an_acknowledged_event_is_missed_at_the_end_and_in_the_middle(path):
    keep(path, (1, 2, 3))
    promised = account((1, 2, 3), (4, 5), acknowledged=5)
    assert broken(path, promised) == KEPT
    keep(path, (4, 5))
    Audit(path, [promised]).check(whole=True)
    tamper(path, "DELETE FROM raw_events WHERE sequence_number = 2")
    assert broken(path, promised) == KEPT


def test_a_badge_whose_events_are_all_gone_is_missed(path):
    keep(path, (1,))
    tamper(path, "DELETE FROM raw_events")
    assert broken(path, account((1,), acknowledged=1)) == KEPT


def test_half_a_batch_is_found(path):
    keep(path, (1, 2))
    assert broken(path, account((1, 2, 3))) == WHOLE


@pytest.mark.parametrize(
    "change",
    ["payload = '{}'", "event_timestamp = '2026-03-14T08:32:16Z'", "firmware_version = '0.3.2'"],
)
def test_an_altered_event_is_found(path, change):
    keep(path, (1, 2))
    audit = Audit(path, [account((1, 2), acknowledged=2)])
    audit.check()
    tamper(path, f"UPDATE raw_events SET {change} WHERE sequence_number = 1")
    with pytest.raises(BrokenPromiseError) as error:
        audit.check(whole=True)
    assert error.value.promise == UNALTERED


def test_a_conflict_that_the_server_counted_is_found(path):
    keep(path, (1,))
    keep(path, (1,), firmware_version="0.9.9")
    assert broken(path, account((1,), acknowledged=1)) == UNALTERED


def test_a_damaged_file_is_found(path):
    numbers = tuple(range(1, 401))
    keep(path, numbers)
    promised = account(numbers, acknowledged=400)
    Audit(path, [promised]).check(whole=True)
    content = bytearray(path.read_bytes())
    content[4096 * 3 : 4096 * 8] = bytes(4096 * 5)
    path.write_bytes(content)
    assert broken(path, promised) == SOUND
