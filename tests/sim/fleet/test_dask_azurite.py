"""A data set in a real object store: Azurite, of npm, through adlfs.

Azurite is looked for below NODE_PATH, as .ci/run installs it.
"""

import json
import os
import socket
import subprocess
import time
from hashlib import sha256
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import pytest

from badge.errors import InputError
from sim.fleet.dask import make_dataset
from sim.fleet.dataset.address import Address
from sim.fleet.dataset_part import StoppedError, make_part
from sim.net.server import held_port
from tests.patience import PATIENCE_S
from tests.sim.fleet.dataset.story import plan_of

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not all(map(find_spec, ("distributed", "adlfs"))), reason="needs the extras dask, clients"
    ),
    # adlfs closes what it leaves open when the loop of fsspec has ended.
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
fsspec = pytest.importorskip("fsspec", reason="fsspec is not installed (extra: dask)")

VERSION = version("badge-simulator")
ACCOUNT, KEY = "badges", "c2VjcmV0LW9mLWEtdGVzdA=="


def azurite():
    for folder in os.environ.get("NODE_PATH", "").split(os.pathsep):
        found = Path(folder or "/nowhere") / ".bin" / "azurite-blob"
        if found.exists():
            return found
    pytest.skip("no azurite-blob: npm install azurite, and let NODE_PATH lead to it")
    return None


@pytest.fixture
def port():
    with held_port() as held:
        yield held


@pytest.fixture
def store(tmp_path, monkeypatch, port):
    program = azurite()
    words = ("--blobHost", "127.0.0.1", "--blobPort", str(port), "--location", tmp_path / "blobs")
    line = [
        str(one)
        for one in (program, *words, "--silent", "--skipApiVersionCheck", "--disableTelemetry")
    ]
    environment = {**os.environ, "AZURITE_ACCOUNTS": f"{ACCOUNT}:{KEY}"}
    process = subprocess.Popen(line, env=environment, stdout=subprocess.DEVNULL)
    endpoint = f"http://127.0.0.1:{port}/{ACCOUNT}"
    words = f"DefaultEndpointsProtocol=http;AccountName={ACCOUNT};AccountKey={KEY};"
    monkeypatch.setenv("AZURE_STORAGE_CONNECTION_STRING", f"{words}BlobEndpoint={endpoint};")
    try:
        until = time.monotonic() + PATIENCE_S
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), 1.0).close()
                break
            except OSError:
                assert process.poll() is None
                assert time.monotonic() < until
                time.sleep(0.05)
        yield process
    finally:
        process.kill()
        process.wait()


def test_an_object_store_holds_what_a_folder_holds(store, tmp_path, monkeypatch):
    plan = plan_of(part_badges=6, hours=3.5)  # two parts
    with pytest.raises(InputError, match=r"az://season/two: .*container does not exist"):
        make_dataset(plan, "az://season/two", "local:2")
    fsspec.filesystem("az").mkdir("season")
    there = make_dataset(plan, "az://season/two", "local:2")
    assert (there.made, there.trouble) == (2, "")
    address, folder = Address("az://season/two"), Address(str(tmp_path / "two"))
    for part in plan.parts():
        make_part(part, str(tmp_path / "two"), VERSION)
    names = set(folder.sizes())
    assert set(address.sizes()) == names | {"_plan.json", "manifest.json"}
    assert all(address.read(name) == folder.read(name) for name in names)
    manifest = address.read("manifest.json")
    assert sha256(manifest).hexdigest() == there.sha256
    assert {one["path"] for one in json.loads(manifest)["files"]} < names

    again = make_dataset(plan, "az://season/two", "local:1")
    assert (again.kept, again.made, again.sha256) == (2, 0, there.sha256)

    # A part that is put away bit by bit: half of it is there when its worker stops.
    monkeypatch.setattr("sim.fleet.dataset.plan.CHUNK_BADGE_DAYS", 3)
    part, bits, asked = next(plan.parts()), Address("az://season/bits"), []
    with pytest.raises(StoppedError):
        make_part(part, bits.url, VERSION, lambda: asked.append(1) or len(asked) > 14)
    assert list(bits.sizes()) == [part.chunk_name(range(3))]
    make_part(part, bits.url, VERSION)
    assert {name: bits.read(name) for name in bits.sizes()} == {
        name: folder.read(name) for name in names if "/site=east/" in name
    }
