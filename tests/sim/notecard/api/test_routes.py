"""What a function names is read from path, query and body; what does not fit is a 422 in words."""

from __future__ import annotations

from typing import Annotated, Any

import pytest
from pydantic import BaseModel, Field
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.testclient import TestClient

from sim.notecard.api.app import _refused
from sim.notecard.api.routes import Routes


class Order(BaseModel):
    times: int = Field(ge=1)


def made() -> Routes:
    api = Routes()

    @api.get("/one/{name}")
    @api.put("/one/{name}")
    def one(
        name: str,
        size: Annotated[int, Field(alias="pageSize", ge=1, le=9)] = 5,
        uids: Annotated[list[str] | None, Field(alias="uid")] = None,
        only: bool = False,
    ) -> dict[str, Any]:
        return {"name": name, "size": size, "uids": uids, "only": only}

    @api.post("/order", status_code=201)
    def order(order: Order) -> Any:
        return order.times

    @api.post("/perhaps")
    def perhaps(wanted: dict[str, Any] | None = None) -> Any:
        return wanted

    @api.delete("/all", status_code=204)
    async def forget(request: Request) -> None:
        assert request.method == "DELETE"

    return api


@pytest.fixture
def client():
    return TestClient(Starlette(routes=made().all, exception_handlers={HTTPException: _refused}))


def test_a_query_is_read_by_its_names_in_the_url(client):
    shown = client.get("/one/a%20b?pageSize=9&uid=x&uid=y&only=true&other=1").json()
    assert shown == {"name": "a b", "size": 9, "uids": ["x", "y"], "only": True}
    assert client.put("/one/a").json() == {"name": "a", "size": 5, "uids": None, "only": False}


def test_a_body_is_a_model_or_a_dictionary(client):
    answer = client.post("/order", json={"times": 3})
    assert (answer.status_code, answer.json()) == (201, 3)
    assert client.post("/perhaps").json() is None
    assert client.post("/perhaps", json={"a": [1]}).json() == {"a": [1]}
    gone = client.delete("/all")
    assert (gone.status_code, gone.content) == (204, b"")


@pytest.mark.parametrize(
    ("method", "path", "content", "says"),
    [
        ("GET", "/one/a?pageSize=0", b"", "query.pageSize: "),
        ("POST", "/order", b'{"times":0}', "body.times: "),
        ("POST", "/order", b"", "body"),
        ("POST", "/order", b"[" * 100_000, "body"),
        ("POST", "/perhaps", b'{"a":', "body"),
        ("POST", "/perhaps", b"5", "body"),
    ],
)
def test_what_does_not_fit_is_said_with_its_place(client, method, path, content, says):
    answer = client.request(method, path, content=content)
    assert answer.status_code == 422
    assert answer.json()["err"].startswith(says)
