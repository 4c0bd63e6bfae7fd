"""JSON Schema 2020-12 and AsyncAPI 3 of a platform, and the check against them.

All three come from the same pydantic models that make and read the events, so they cannot
disagree.  On request `x-evidence` says of each type how sure the payload is; strict readers
refuse keywords that they do not know, so it is not there by default.
"""

from __future__ import annotations

from typing import Literal

from pydantic.json_schema import models_json_schema

from badge.errors import InputError
from sim.platforms.kit import receiver
from sim.platforms.kit.delivery import Json
from sim.platforms.kit.event import EventType
from sim.platforms.kit.platform import Platform
from sim.platforms.kit.receiver import Fault, Received
from sim.platforms.open import platform as platform_named

Format = Literal["json-schema", "asyncapi"]
DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schema(
    platform: str,
    form: Format = "json-schema",
    profile: str | None = None,
    *,
    evidence: bool = False,
) -> Json:
    """The schema of a POST's body, or the AsyncAPI document; InputError for unknown names."""
    row = platform_named(platform)
    chosen = profile_of(row, profile)
    if form == "asyncapi":
        return _asyncapi(row, chosen, evidence)
    if form == "json-schema":
        refs, definitions = _definitions(row, chosen, "#/$defs/{model}", evidence)
        title = f"{row.title} webhook, profile {chosen}"
        return {"$schema": DIALECT, "title": title, **_body(row, refs), "$defs": definitions}
    raise InputError(f"format {form!r} is unknown; choose json-schema or asyncapi")


def validate(platform: str, body: bytes, profile: str | None = None) -> list[Fault]:
    """All departures of a body from the documents; none: it fits.

    Without a profile, the one that it fits best is taken.
    """
    row = platform_named(platform)
    try:
        events = receiver.parse(row, body)
    except InputError as error:
        return [Fault("", str(error))]
    is_array = body.lstrip()[:1] == b"["
    if is_array != bool(row.batch_max):
        expected = "an array of events" if row.batch_max else "one event, not an array"
        return [Fault("", f"{row.title} posts {expected}")]
    names = [profile_of(row, profile)] if profile else list(row.profiles)
    return _framing(row, events) + min((_faults(row, events, name) for name in names), key=len)


def profile_of(row: Platform, name: str | None) -> str:
    """The name of an existing profile, the default for None; InputError if there is none such."""
    if name is None:
        return next(iter(row.profiles))
    if name not in row.profiles:
        raise InputError(f"profile {name!r}: {row.title} has {', '.join(row.profiles)}")
    return name


def _framing(row: Platform, events: list[Received]) -> list[Fault]:
    if not row.batch_max:
        return []
    faults = []
    if not 1 <= len(events) <= row.batch_max:
        faults.append(Fault("", f"{len(events)} events; a batch has 1 to {row.batch_max}"))
    for place, event in enumerate(events):
        if len(events) > 1 and row.alone(event.type):
            faults.append(Fault(f"[{place}]", f"{event.type} comes alone, in an array of one"))
    return faults


def _faults(row: Platform, events: list[Received], profile: str) -> list[Fault]:
    return [
        Fault(f"[{place}].{fault.path}" if row.batch_max else fault.path, fault.message)
        for place, event in enumerate(events)
        for fault in event.faults(profile)
    ]


def _definitions(
    row: Platform, profile: str, template: str, evidence: bool
) -> tuple[list[tuple[EventType, Json]], Json]:
    """A reference per event type, and the definitions that they point to."""
    types = row.types(profile)
    refs, whole = models_json_schema(
        [(kind.model, "validation") for kind in types], ref_template=template
    )
    definitions = whole["$defs"]
    for kind in types:
        definitions[kind.model.__name__] |= {
            "title": kind.name,
            "description": kind.known,
            **_evidence(kind, evidence),
        }
    return [(kind, dict(refs[kind.model, "validation"])) for kind in types], definitions


def _evidence(kind: EventType, wanted: bool) -> Json:
    return {"x-evidence": kind.evidence} if wanted else {}


def _body(row: Platform, refs: list[tuple[EventType, Json]]) -> Json:
    events = [ref for _, ref in refs]
    one: Json = events[0] if len(events) == 1 else {"oneOf": events}
    if not row.batch_max:
        return one
    return {"type": "array", "minItems": 1, "maxItems": row.batch_max, "items": one}


def _asyncapi(row: Platform, profile: str, evidence: bool) -> Json:
    refs, definitions = _definitions(row, profile, "#/components/schemas/{model}", evidence)
    messages = _messages(row, refs, evidence)
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": f"{row.title} webhook",
            "version": "1.0.0",
            "description": f"What {row.title} posts to a receiver; profile {profile}.",
        },
        "defaultContentType": "application/json",
        "channels": {
            "webhook": {
                "address": "/",
                "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in messages},
            }
        },
        "operations": {
            "receiveEvents": {
                "action": "receive",
                "channel": {"$ref": "#/channels/webhook"},
                "bindings": {"http": {"method": "POST", "bindingVersion": "0.3.0"}},
            }
        },
        "components": {"messages": messages, "schemas": definitions},
    }


def _messages(row: Platform, refs: list[tuple[EventType, Json]], evidence: bool) -> Json:
    headers: Json = {}
    if row.signed_headers:
        texts = {k: {"type": "string", "description": v} for k, v in row.signed_headers.items()}
        headers = {"headers": {"type": "object", "properties": texts, "required": list(texts)}}
    if row.batch_max:
        title = f"1 to {row.batch_max} events"
        return {"Batch": {"name": "Batch", "title": title, **headers, "payload": _body(row, refs)}}
    return {
        kind.model.__name__: {
            "name": kind.name,
            "summary": kind.known,
            **_evidence(kind, evidence),
            **headers,
            "payload": ref,
        }
        for kind, ref in refs
    }
