"""The owner's event schema (contract sections 1 and 2): what an event may say, and what is wrong.

Pure: it judges bytes and values, and writes the schema in the formats that other tools read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from badge.exports import exports

if TYPE_CHECKING:
    from badge.contract.asyncapi import asyncapi_document
    from badge.contract.events import EVENT_TYPES
    from badge.contract.json_schema import json_schema_document
    from badge.contract.macs import normal_mac
    from badge.contract.validation import Fault, decode, judge, judge_json, unwrap
    from badge.contract.version import Version

__all__ = [
    "EVENT_TYPES",
    "Fault",
    "Version",
    "asyncapi_document",
    "decode",
    "json_schema_document",
    "judge",
    "judge_json",
    "normal_mac",
    "unwrap",
]

__getattr__, __dir__ = exports(
    __name__,
    {
        "EVENT_TYPES": "badge.contract.events",
        "Fault": "badge.contract.validation",
        "judge": "badge.contract.validation",
        "judge_json": "badge.contract.validation",
        "decode": "badge.contract.validation",
        "unwrap": "badge.contract.validation",
        "json_schema_document": "badge.contract.json_schema",
        "asyncapi_document": "badge.contract.asyncapi",
        "normal_mac": "badge.contract.macs",
        "Version": "badge.contract.version",
    },
)
