"""Routes out of plain functions: what a function names is read from path, query and body."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Callable
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError, create_model
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from badge.contract.documents import parse
from badge.contract.patterns import message
from badge.errors import InputError

F = TypeVar("F", bound=Callable[..., Any])


class AsciiJson(JSONResponse):
    """JSON in ASCII: half a surrogate pair, which a request may hold, is no UTF-8."""

    def render(self, content: Any) -> bytes:
        """Write it as `json` does by default."""
        return json.dumps(content, allow_nan=False, separators=(",", ":")).encode("ascii")


class Routes:
    """Collects functions, and reads for each what its parameters name.

    Those of the path are texts, `Request` is the request, a model or a dictionary is the JSON body,
    the rest is the query.  What does not fit is a 422 with its place.
    """

    def __init__(self) -> None:
        self.all: list[Route] = []

    def get(self, path: str) -> Callable[[F], F]:
        """Answer GET with what the function gives."""
        return self._adding("GET", path, 200)

    def post(self, path: str, status_code: int = 200) -> Callable[[F], F]:
        """Answer POST."""
        return self._adding("POST", path, status_code)

    def put(self, path: str) -> Callable[[F], F]:
        """Answer PUT."""
        return self._adding("PUT", path, 200)

    def delete(self, path: str, status_code: int = 200) -> Callable[[F], F]:
        """Answer DELETE; 204 has no body."""
        return self._adding("DELETE", path, status_code)

    def _adding(self, method: str, path: str, status: int) -> Callable[[F], F]:
        def add(function: F) -> F:
            answer = _endpoint(function, set(re.findall(r"{(\w+)}", path)), status)
            self.all.append(Route(path, answer, methods=[method]))
            return function

        return add


def _endpoint(
    function: Callable[..., Any], in_path: set[str], status: int
) -> Callable[[Request], Any]:
    takes = inspect.signature(function).parameters
    hints = get_type_hints(function, include_extras=True)
    body = next((name for name in takes if _is_body(hints[name])), None)
    whole = next((name for name in takes if hints[name] is Request), None)
    query = _model(
        {
            name: (hints[name], ... if one.default is one.empty else one.default)
            for name, one in takes.items()
            if name not in (body, whole, *in_path)
        }
    )
    adapter = None if body is None else TypeAdapter[Any](hints[body])

    async def answer(request: Request) -> Response:
        given = {name: text for name, text in request.path_params.items() if name in takes}
        given |= _read(lambda: dict(query.model_validate(_texts(query, request))), "query")
        if adapter is not None and body is not None:
            given[body] = await _body(request, adapter, takes[body])
        if whole is not None:
            given[whole] = request
        if inspect.iscoroutinefunction(function):
            result = await function(**given)
        else:
            result = await run_in_threadpool(function, **given)
        return Response(status_code=204) if status == 204 else AsciiJson(result, status)

    return answer


def _is_body(hint: Any) -> bool:
    kinds = [hint, *get_args(hint)]
    return any(
        get_origin(one) is dict or (isinstance(one, type) and issubclass(one, BaseModel))
        for one in kinds
    )


def _model(fields: dict[str, Any]) -> type[BaseModel]:
    return create_model("Query", __config__=ConfigDict(extra="ignore"), **fields)


def _texts(query: type[BaseModel], request: Request) -> dict[str, Any]:
    """Return the query by the names in the URL; all of what may be said often."""
    found: dict[str, Any] = {}
    for name, field in query.model_fields.items():
        said = request.query_params.getlist(field.alias or name)
        if said:
            many = any(
                get_origin(one) is list for one in (field.annotation, *get_args(field.annotation))
            )
            found[field.alias or name] = said if many else said[-1]
    return found


async def _body(request: Request, adapter: TypeAdapter[Any], one: inspect.Parameter) -> Any:
    try:
        raw = await request.body()
    except ClientDisconnect:
        raise HTTPException(413, "the body is too long, or was cut off") from None
    if not raw and one.default is not one.empty:
        return one.default
    try:
        document = parse(raw, "body")
    except InputError as error:
        raise HTTPException(422, str(error)) from None
    return _read(lambda: adapter.validate_python(document), "body")


def _read(act: Callable[[], Any], place: str) -> Any:
    try:
        return act()
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, (place, *first["loc"])))
        raise HTTPException(422, f"{where}: {message(first)}") from None
