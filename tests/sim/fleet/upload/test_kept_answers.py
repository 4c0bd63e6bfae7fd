from contextlib import closing

from badge.effects import Upload
from badge.inputs import UploadAnswer
from sim.fleet.upload.backend import Reply
from sim.fleet.upload.kept_answers import KeptAnswers, request_log


class Server:
    """Answers 207 with one number, or as told; counts what it is asked."""

    def __init__(self, status=207):
        self.status, self.asked = status, []

    def post(self, device_id, upload):
        self.asked.append((device_id, upload.body))
        rejected = ((upload.first_sequence, "no"),) if self.status == 207 else ()
        return Reply(UploadAnswer(upload.request, self.status, rejected, "code", 7))


def upload(number, body=b"[1]"):
    return Upload(number, body, 1, number, number)


def answers(folder, server, *uploads, device_id="ACT-00000001", name="0", of_none=True):
    with closing(KeptAnswers(server, folder, name, of_none=of_none)) as backend:
        return [backend.post(device_id, one).answer for one in uploads]


def test_what_was_answered_is_answered_again_unasked(tmp_path):
    first = answers(tmp_path, Server(), upload(1), upload(2, b"[2]"))
    again = Server()
    assert answers(tmp_path, again, upload(1), upload(2, b"[2]"), upload(3)) == [
        *first,
        UploadAnswer(3, 207, ((3, "no"),), "code", 7),
    ]
    assert len(again.asked) == 1


def test_the_request_number_is_that_of_the_upload(tmp_path):
    answers(tmp_path, Server(), upload(1))
    (answer,) = answers(tmp_path, Server(), Upload(99, b"[1]", 1, 1, 1))
    assert (answer.request, answer.status) == (99, 207)


def test_from_the_first_difference_on_a_badge_is_sent_and_the_others_are_not(tmp_path):
    answers(tmp_path, Server(), upload(1), upload(2), upload(3))
    answers(tmp_path, Server(), upload(1), device_id="ACT-00000002", name="1")
    again = Server()
    answers(tmp_path, again, upload(1), upload(2, b"[other]"), upload(3))
    answers(tmp_path, again, upload(1), device_id="ACT-00000002", name="1")
    assert [body for _, body in again.asked] == [b"[other]", b"[1]"]


def test_no_answer_is_one_for_a_badge_whose_clock_goes_on_and_none_for_one_that_waits(tmp_path):
    for name, asked_again in (("late", 0), ("patient", 1)):
        folder, again = tmp_path / name, Server()
        answers(folder, Server(None), upload(1), of_none=name == "late")
        answers(folder, again, upload(1))
        assert len(again.asked) == asked_again


def test_when_a_late_answer_was_given_is_kept_too_and_logged_once(tmp_path):
    folder = tmp_path / "answers"
    with closing(KeptAnswers(Server(), folder, "0", of_none=True)) as backend:
        given_late = backend.post("ACT-00000001", upload(1)).given_late
        backend.post("ACT-00000001", upload(2, b"[2]"))
        given_late(4711)
    again = Server()
    with closing(KeptAnswers(again, folder, "0", of_none=True)) as backend:
        known = [backend.post("ACT-00000001", one) for one in (upload(1), upload(2, b"[2]"))]
    assert [reply.late_ms for reply in known] == [4711, None]
    assert not again.asked
    assert len(list(request_log(folder))) == 2


def test_a_line_cut_off_by_a_kill_is_as_if_never_written(tmp_path):
    answers(tmp_path, Server(), upload(1), upload(2))
    path = tmp_path / "0.ndjson"
    path.write_bytes(path.read_bytes()[:-5])
    again = Server()
    answers(tmp_path, again, upload(1), upload(2))
    assert len(again.asked) == 1
    assert len(path.read_bytes().splitlines()) == 2
