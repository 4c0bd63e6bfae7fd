"""A server that ends by itself, or tells of a bug, is not taken for one that was killed."""

from __future__ import annotations

import asyncio

import pytest

from sim.crashtest.server import Server
from sim.engine.promises import SOUND, STATUS, BrokenPromiseError
from sim.net.server import held_port
from tests.sim.crashtest.site import mutant

DIES = """
import os
import click
echo = click.echo
click.echo = lambda text: (echo(text), os._exit(9))
"""
TELLS = "import sys; print('Traceback (most recent call last):', file=sys.stderr)"


async def lived(folder, bug, end=Server.kill):
    with held_port() as port:
        server = await Server.start(folder / "x.db", port, command=mutant(bug))
        try:
            ready = await server.ready()
            memory = server.memory_bytes()
            await end(server)
            return ready, memory
        finally:
            await server.drop()
            await server.drop()


async def killed_too_late(server):
    await server._process.wait()
    await server.kill()


@pytest.mark.parametrize("end", [Server.kill, Server.stop])
def test_a_server_tells_its_keys_and_its_memory_and_ends_either_way(tmp_path, end):
    ready, memory = asyncio.run(lived(tmp_path, "pass", end))
    assert ready.announced["provisioning_key"].startswith("prov_")
    assert ready.start_s > 0
    assert memory > 1 << 20


@pytest.mark.parametrize(
    ("bug", "end", "promise", "words"),
    [
        (DIES, killed_too_late, STATUS, "ended by itself with 9"),
        (TELLS, Server.kill, STATUS, "has a bug: Traceback"),
        ("raise SystemExit('no')", Server.kill, SOUND, "did not start: no"),
    ],
)
def test_what_is_wrong_with_a_server_is_told(tmp_path, bug, end, promise, words):
    with pytest.raises(BrokenPromiseError, match=words) as broken:
        asyncio.run(lived(tmp_path, bug, end))
    assert broken.value.promise == promise
