from __future__ import annotations

import pytest

from hil.card.deadline import Deadline
from hil.card.errors import GaveUp


def test_a_deadline_ends_a_transaction_or_only_an_attempt():
    now = [0.0]
    deadline = Deadline(lambda: now[0])
    deadline.check()
    deadline.attempt_until_s, deadline.until_s, now[0] = 1.0, 2.0, 1.5
    with pytest.raises(TimeoutError):
        deadline.check()
    now[0] = 2.5
    with pytest.raises(GaveUp):
        deadline.check()
