from __future__ import annotations

import pytest
from dbus_fast import Message, MessageFlag, MessageType

from sim.air.bluez.interfaces import DEVICE, INTERFACES
from sim.air.bluez.link import Answers, answered
from sim.air.bluez.objects import BusRefusalError, ObjectPart, Objects
from sim.air.radio.refusals import AirRefusalError


class RecordedLink:
    """A link that writes down what goes out, in order."""

    def __init__(self):
        self.sent = []

    def emit(self, signal):
        self.sent.append(signal.member)

    def reply(self, answer):
        self.sent.append(answer.error_name or answer.message_type.name)

    def ask(self, call, then):
        self.sent.append(call.member)


def made():
    link = RecordedLink()
    objects = Objects(link.emit, lambda _: None, "0" * 32, merge=True)
    objects.add("/a", ObjectPart(INTERFACES[DEVICE]))
    return link, Answers(link, objects)


def call(flags=MessageFlag.NONE):
    return Message("org.bluez", "/a", DEVICE, "Connect", sender=":1.5", serial=3, flags=flags)


@pytest.mark.parametrize(
    ("send", "last"),
    [
        (lambda answers: answers.answer(call()), "METHOD_RETURN"),
        (lambda answers: answers.done(call())(None), "METHOD_RETURN"),
        (
            lambda answers: answers.done(call())(AirRefusalError("NotReady")),
            "org.bluez.Error.NotReady",
        ),
        (lambda answers: answers.ask(call()), "Connect"),
    ],
)
def test_what_waits_to_be_told_goes_out_before_an_answer_or_a_call(send, last):
    link, answers = made()
    send(answers)
    assert link.sent == ["InterfacesAdded", last]


def test_who_wants_no_answer_gets_none():
    link, answers = made()
    answers.answer(call(MessageFlag.NO_REPLY_EXPECTED))
    assert link.sent == ["InterfacesAdded"]


def test_refusals_become_errors_of_blue_z_or_of_the_bus():
    def raises(error):
        def answer(_):
            raise error

        return answered(call(), answer)

    assert raises(AirRefusalError("Failed")).error_name == "org.bluez.Error.Failed"
    bus = raises(BusRefusalError("UnknownMethod", "no"))
    assert (bus.error_name, bus.body) == ("org.freedesktop.DBus.Error.UnknownMethod", ["no"])
    assert answered(call(), lambda _: None) is None
    assert answered(call(), lambda _: ("s", ["x"])).message_type is MessageType.METHOD_RETURN
