"""What the tests of the launcher share: short folders, servers that are stopped, a pretend product."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from launched import copy_cluster

from deploy.local.cluster import Cluster
from deploy.local.paths import ROOT, VENV
from deploy.local.postgres import Postgres
from deploy.local.redis_server import Redis

PRETEND = Path(__file__).parent / "pretend"


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder with a space and an accent in its name, as people's folders have them."""
    made = Path(tempfile.mkdtemp(prefix="balcão test "))
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture(scope="session")
def fresh_cluster() -> Iterator[Path]:
    """What initdb makes, once: a copy is quicker than another."""
    place = Path(tempfile.mkdtemp(prefix="balcao-test-"))
    Cluster(place / "postgres", log=place / "log").prepare(is_durable=False)
    yield place / "postgres"
    shutil.rmtree(place)


@pytest.fixture
def postgres(folder: Path, fresh_cluster: Path) -> Iterator[Postgres]:
    copy_cluster(fresh_cluster, folder / "postgres")
    server = Postgres(folder / "postgres", log=folder / "postgres.log", password="um-dois")
    yield server
    server.stop(at_once=True)


@pytest.fixture
def redis_server(folder: Path) -> Iterator[Redis]:
    server = Redis(folder / "redis", log=folder / "redis.log", password="um-dois")
    yield server
    server.stop(at_once=True)


@pytest.fixture
def checkout(folder: Path) -> Path:
    """A checkout of its own with our launcher and a pretend product: programs of a few lines each."""
    copy = folder / "checkout"
    shutil.copytree(PRETEND, copy)
    shutil.copytree(ROOT / "deploy", copy / "deploy", ignore=shutil.ignore_patterns("__pycache__"))
    (copy / ".venv").symlink_to(VENV)
    return copy
