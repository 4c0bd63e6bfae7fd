import json

import pytest

from badge.effects import Upload
from badge.inputs import UploadAnswer
from sim.fleet.upload.backend import ModelBackend, Reply


def upload(*versions):
    events = [
        {"sequence_number": number, "firmware_version": version}
        for number, version in enumerate(versions, start=1)
    ]
    return Upload(7, json.dumps(events).encode(), len(events), 1, len(events))


@pytest.mark.parametrize(
    ("versions", "status", "rejected"),
    [
        (["0.2.0", "0.10.1"], 202, []),
        (["0.1.9", "0.2.0"], 207, [1]),
        (["0.1.9", "0.1.0"], 422, []),
    ],
)
def test_old_firmware_is_refused_as_the_contract_says(versions, status, rejected):
    answer = ModelBackend("0.2.0").post("ACT-00000001", upload(*versions)).answer
    assert (answer.status, [number for number, _ in answer.rejected]) == (status, rejected)
    assert (answer.code == "schema_deprecated") is (status == 422)
    assert ModelBackend(None).post("ACT-00000001", upload(*versions)).answer.status == 202


def test_a_reply_calls_in_order_now_or_later():
    reply, seen = Reply(), []
    reply.then(lambda answer: seen.append(1))
    reply.then(lambda answer: seen.append(2))
    reply.resolve(UploadAnswer(1, 202))
    reply.then(lambda answer: seen.append(3))
    assert seen == [1, 2, 3]
