"""Five bugs that real firmware had or could have, seeded into the reference badge."""

from __future__ import annotations

from dataclasses import replace

from pydantic_core import from_json, to_json

from badge.effects import Upload


class Bug:
    """No bug at all."""

    def header(self, header: dict) -> dict:
        """Change how the device is set up."""
        return header

    def event(self, event: dict) -> dict | None:
        """Change an event on its way out; None loses it."""
        return event

    def upload(self, upload: Upload) -> Upload:
        """Change a batch."""
        events = [self.event(one) for one in from_json(upload.body)]
        kept = [one for one in events if one is not None]
        return replace(upload, body=to_json(kept), count=len(kept))


class RepeatsNumbers(Bug):
    """The counter is kept in RAM and saved every tenth event: after a reset it goes back."""

    def event(self, event: dict) -> dict:
        """Go back by two."""
        if event["event_type"] == "reboot" and event["sequence_number"] > 1:
            return {**event, "sequence_number": event["sequence_number"] - 2}
        return event


class StampsLate(Bug):
    """The time of an event is taken when it is sent."""

    def upload(self, upload: Upload) -> Upload:
        """Stamp all with the last."""
        events = from_json(upload.body)
        last = max(one["timestamp_utc"] for one in events)
        return replace(upload, body=to_json([{**one, "timestamp_utc": last} for one in events]))


class LosesTagsEarly(Bug):
    """Three misses instead of five."""

    def header(self, header: dict) -> dict:
        """Count to three."""
        return {**header, "config": {**header["config"], "ble_lost_count_threshold": 3}}


class WritesLowerCase(Bug):
    """MAC addresses as the radio's library prints them."""

    def event(self, event: dict) -> dict:
        """Write it so."""
        payload = event["payload"]
        if "tag_mac" in payload:
            return {**event, "payload": {**payload, "tag_mac": payload["tag_mac"].lower()}}
        return event


class ForgetsOpenShift(Bug):
    """The shift that a reset cut off is not ended."""

    def event(self, event: dict) -> dict | None:
        """Lose it."""
        lost = event["payload"].get("end_reason") == "reboot"
        return None if lost else event


BUGS: dict[str, Bug] = {
    "none": Bug(),
    "repeats-numbers": RepeatsNumbers(),
    "stamps-late": StampsLate(),
    "loses-tags-early": LosesTagsEarly(),
    "writes-lower-case": WritesLowerCase(),
    "forgets-open-shift": ForgetsOpenShift(),
}
