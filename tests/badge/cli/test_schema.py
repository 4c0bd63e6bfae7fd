"""`badge schema`: the contract on standard output or in a file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from badge.cli.schema import schema
from badge.config import BadgeConfig, config_schema
from badge.contract.asyncapi import asyncapi_document
from badge.contract.json_schema import json_schema_document

FORMS = [
    ([], json_schema_document()),
    (["--format", "asyncapi"], asyncapi_document()),
]


@pytest.mark.parametrize(("arguments", "document"), FORMS)
def test_it_prints_the_document(arguments: list[str], document: object) -> None:
    result = CliRunner().invoke(schema, arguments)
    assert result.exit_code == 0
    assert json.loads(result.stdout) == document


@pytest.mark.parametrize(("arguments", "document"), FORMS)
def test_it_writes_the_same_bytes_to_a_file(
    arguments: list[str], document: object, tmp_path: Path
) -> None:
    out = tmp_path / "contract.json"
    result = CliRunner().invoke(schema, [*arguments, "--out", str(out)])
    assert (result.exit_code, result.output) == (0, "")
    assert out.read_text(encoding="utf-8") == CliRunner().invoke(schema, arguments).stdout


def test_the_configuration_has_a_plain_schema_of_its_own() -> None:
    result = CliRunner().invoke(schema, ["--config"])
    assert result.exit_code == 0
    document = json.loads(result.stdout)
    assert document == config_schema()
    assert list(document["properties"]) == list(BadgeConfig.model_fields)
    assert '"x-' not in result.stdout, "a strict validator refuses words of our own"
    for words in (["--platform", "peridio"], ["--format", "asyncapi"]):
        assert CliRunner().invoke(schema, ["--config", *words]).exit_code == 2


def test_an_unknown_format_is_a_usage_error() -> None:
    assert CliRunner().invoke(schema, ["--format", "xsd"]).exit_code == 2
