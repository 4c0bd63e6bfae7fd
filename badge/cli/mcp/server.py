"""The server that a client speaks with: the table of tools, and a call's way to its answer."""

from __future__ import annotations

import json
import logging
from typing import Any, cast

import anyio
import mcp_types as types
from mcp.server import Server
from mcp.server.stdio import stdio_server

from badge.cli.exits import EXIT_DIFFERS, EXIT_OK
from badge.cli.mcp.calls import Calls, CommandEnd
from badge.cli.mcp.lines import lines
from badge.cli.mcp.rule import Confinement
from badge.cli.mcp.tools import TOOLS, Offered, tool_named
from badge.errors import InputError
from badge.extras import PACKAGE, installed
from badge.host.log import without_secrets

_log = logging.getLogger("badge.mcp")
_PREFIXES = ("Error: ", "badge: ")
ANSWER = {
    "type": "object",
    "properties": {
        "exit_code": {"enum": [EXIT_OK, EXIT_DIFFERS], "description": "1: it found differences."},
        "result": {"description": "What the command prints with --json."},
    },
    "required": ["exit_code", "result"],
}


def serve(rule: Confinement, seconds_max: float) -> None:
    """Serve one client over standard input and output, until its end."""
    logging.getLogger("mcp").addHandler(logging.NullHandler())  # else Python prints its warnings
    try:
        anyio.run(_serve, rule, seconds_max)
    except BaseExceptionGroup as error:
        raise _first(error) from None


async def _serve(rule: Confinement, seconds_max: float) -> None:
    calls = Calls(rule, seconds_max)

    async def listed(_: Any, __: types.PaginatedRequestParams | None) -> types.ListToolsResult:
        return types.ListToolsResult(tools=[described(one) for one in TOOLS])

    async def called(_: Any, asked: types.CallToolRequestParams) -> types.CallToolResult:
        return await answer(calls, asked.name, asked.arguments or {})

    server: Server[Any] = Server(
        "badge",
        version=installed(PACKAGE) or "",
        instructions=f"Files are read and written in {rule.folder} and nowhere else, hosts reached "
        "on this computer. A path is relative to that folder.",
        on_list_tools=listed,
        on_call_tool=called,
    )
    given = cast("anyio.AsyncFile[str]", lines(0))  # all that is asked of it is to be iterated
    async with stdio_server(stdin=given) as (coming, going):
        await server.run(coming, going, server.create_initialization_options())


def described(tool: Offered) -> types.Tool:
    """Return a tool as a client sees it."""
    return types.Tool(
        name=tool.name,
        description=tool.purpose,
        input_schema=tool.takes.model_json_schema(),
        output_schema=ANSWER,
        annotations=types.ToolAnnotations(
            read_only_hint=not (tool.writes or tool.reaches),
            destructive_hint=False,
            open_world_hint=tool.reaches,
        ),
    )


async def answer(calls: Calls, name: str, arguments: dict[str, Any]) -> types.CallToolResult:
    """Run a call and answer it: the command's JSON, or one sentence that says what is wrong."""
    try:
        tool = tool_named(name)
        words = tool.words(arguments, calls.rule)
        _log.info("call", extra={"tool": name, "words": words})
        ended = await calls.run(words)
        if ended.code not in (EXIT_OK, EXIT_DIFFERS):
            raise InputError(sentence(ended))
        document = {"exit_code": ended.code, "result": _document(tool, ended)}
    except BaseExceptionGroup as error:
        if not isinstance(_first(error), InputError):
            raise
        return _wrong(name, _first(error))
    except InputError as error:
        return _wrong(name, error)
    text = json.dumps(document, separators=(",", ":"), ensure_ascii=False)
    return types.CallToolResult(
        content=[types.TextContent(type="text", text=text)], structured_content=document
    )


def _document(tool: Offered, ended: CommandEnd) -> Any:
    """Return what was printed; a command that found a difference may have said it only in words."""
    try:
        return tool.document(ended.out)
    except InputError:
        raise InputError(sentence(ended)) from None


def _wrong(name: str, error: BaseException) -> types.CallToolResult:
    said = without_secrets(str(error))
    _log.warning("refused", extra={"tool": name[:40], "said": said})
    return types.CallToolResult(content=[types.TextContent(type="text", text=said)], is_error=True)


def sentence(ended: CommandEnd) -> str:
    """Return the one sentence that a command ended with."""
    told = [line.strip() for line in ended.said.splitlines() if line.strip()]
    for line in reversed(told):
        for prefix in _PREFIXES:
            if line.startswith(prefix):
                return line.removeprefix(prefix)
    if ended.code < 0:
        return f"the command was ended by signal {-ended.code}; ask for less"
    return told[-1] if told else f"the command ended with {ended.code} and said nothing"


def _first(error: BaseException) -> BaseException:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
