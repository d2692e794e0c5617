"""The stage: a database and a corner of Redis for each test process, the cast by name, and its props."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
import world
from channels.layers import channel_layers
from django.conf import settings as django_settings
from django.core.cache import caches
from django.db import connection as database
from django.test.utils import setup_databases, teardown_databases

from config.celery import app as celery
from connections.models import Connection
from sectors.models import Sector
from tenants.models import Tenant
from tenants.scope import working_for
from tickets.actions import close_ticket, take_ticket

CORNER = f"test.{os.getpid()}"
# How files begin: long ones before short ones, so that no worker is left with one of them at the end; and
# beside the one that keeps a machine busiest those that mostly wait.
FIRST = (
    "tests/faults/test_kill_nine.py",
    "tests/simulator/test_simulator_page.py",
    "tests/simulator/",
    "tests/bench/test_quick_runs.py",
    "tests/deploy/test_stack.py",
    "tests/deploy/test_run.py",
    "tests/deploy/test_postgres.py",
)
corners = itertools.count()


def pytest_configure(config: pytest.Config) -> None:
    """Before anything connects: names of this process's own in Redis, tasks in a queue in memory."""
    django_settings.CHANNEL_LAYERS["default"]["CONFIG"]["prefix"] = CORNER
    channel_layers.backends.clear()
    celery.conf.broker_url = "memory://localhost"
    celery.conf.broker_transport_options = {}
    config.addinivalue_line("filterwarnings", "ignore:No directory at:UserWarning")  # no collectstatic here


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """After all that shuffles: the order in which files are handed to workers."""

    def rank(item: pytest.Item) -> int:
        return next((i for i, path in enumerate(FIRST) if item.nodeid.startswith(path)), len(FIRST))

    items.sort(key=rank)


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None,
    django_db_modify_db_settings: None,
    django_db_blocker: Any,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[None]:
    """The test database, with the cast in it. (pytest-django's own fixture makes a database only where
    a test names `db` itself; here the fixtures do.)"""
    django_settings.LEASE_SECONDS = 3600.0  # the cast's number stays held while the tests run
    django_settings.MEDIA_ROOT = tmp_path_factory.mktemp("media")
    with django_db_blocker.unblock():
        made = setup_databases(verbosity=0, interactive=False, aliases={"default"})
        world.build()
        world.keep_aside()
    yield
    with django_db_blocker.unblock():
        hang_up_on_others()
        teardown_databases(made, verbosity=0)


def hang_up_on_others() -> None:
    """Threads that tests have started may be gone without having closed their connections."""
    with database.cursor() as cursor:
        cursor.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where datname = current_database() and pid <> pg_backend_pid()"
            " and backend_type = 'client backend'"  # PostgreSQL's own workers are not ours to end
        )


@pytest.fixture(autouse=True)
def own_counters() -> None:
    """Rate limits count anew in every test."""
    prefix = f"{CORNER}.{next(corners)}"
    django_settings.CACHES["default"]["KEY_PREFIX"] = prefix
    caches["default"].key_prefix = prefix


@pytest.fixture
def committed(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """For tests with several threads or a loop: what they write is really committed, and put back."""
    with django_db_blocker.unblock():
        try:
            yield
        finally:
            world.put_back()
            database.close()


@pytest.fixture
def stage(request: pytest.FixtureRequest) -> bool:
    """Rows that vanish with the test's transaction, or, with `committed`, real ones. Whether the test
    works inside one transaction."""
    is_committed = "committed" in request.fixturenames
    request.getfixturevalue("committed" if is_committed else "db")
    return not is_committed


# --- the cast ---------------------------------------------------------------------------------


@pytest.fixture
def acme(stage: bool) -> Iterator[Tenant]:
    """The tenant of most tests, which work inside its scope; with `committed` they open it themselves."""
    tenant = Tenant.objects.get(slug="acme")
    if not stage:
        yield tenant
        return
    with working_for(tenant):
        yield tenant


@pytest.fixture
def rival(stage: bool) -> Tenant:
    return Tenant.objects.get(slug="rival")


def _person(name: str, home: str) -> Any:
    @pytest.fixture(name=name.rsplit("-", 1)[-1].lower())
    def person(request: pytest.FixtureRequest) -> Any:
        request.getfixturevalue(home)
        return world.member(name)

    return person


ana = _person("Ana", "acme")
dora = _person("Dora", "acme")
sofia = _person("Sofia", "acme")
bruno = _person("Bruno", "acme")
carla = _person("Carla", "acme")
rui = _person(f"{world.CANARY}-Rui", "rival")


@pytest.fixture
def sales(acme: Tenant) -> Sector:
    with working_for(acme):
        return Sector.objects.get(name="Sales")


@pytest.fixture
def support(acme: Tenant) -> Sector:
    with working_for(acme):
        return Sector.objects.get(name="Support")


@pytest.fixture
def connection(acme: Tenant) -> Connection:
    """Acme's number, connected, its lease held by `world.WORKER`."""
    with working_for(acme):
        return Connection.objects.select_related("tenant", "sector").get(name="Acme main")


@pytest.fixture
def line(connection: Connection) -> world.Line:
    return world.line_of(connection)


@pytest.fixture
def maria(line: world.Line) -> world.Customer:
    return world.Customer("Maria", "+5511987654321", line)


@pytest.fixture
def joao(line: world.Line) -> world.Customer:
    return world.Customer("João", "+5521976543210", line)


@pytest.fixture
def waiting_ticket(maria: world.Customer) -> Any:
    """Maria wrote; nobody has taken it."""
    return maria.writes("Where is my order?").ticket


@pytest.fixture
def open_ticket(acme: Tenant, waiting_ticket: Any, bruno: Any) -> Any:
    """Bruno serves Maria."""
    with working_for(acme):
        return take_ticket(waiting_ticket, by=bruno)


@pytest.fixture
def closed_ticket(acme: Tenant, open_ticket: Any, bruno: Any) -> Any:
    with working_for(acme):
        return close_ticket(open_ticket, by=bruno)


# --- props ------------------------------------------------------------------------------------


@pytest.fixture
def log(stage: bool) -> world.Log:
    return world.Log()


@pytest.fixture
def work_off() -> Callable[[], list[str]]:
    """Run the tasks that wait, and those they start, as workers would; their names."""

    def next_task() -> Any:
        for queue in ("default", "sessions"):
            if (message := channel.basic_get(queue, no_ack=True)) is not None:
                return message
        return None

    def work() -> list[str]:
        done = []
        while (message := next_task()) is not None:
            args, kwargs, _embedded = message.payload
            name = message.headers["task"]
            celery.tasks[name](*args, **kwargs)
            done.append(name)
        return done

    celery.loader.import_default_modules()
    channel = celery.connection_for_read().default_channel
    for queue in celery.amqp.queues.values():
        queue(channel).declare()
        channel.queue_purge(queue.name)
    return work


@pytest.fixture
def at_once(committed: None) -> Callable[..., list[Any]]:
    """Run a function for each of the arguments in threads that start together; answers or errors."""

    def run(function: Callable[[Any], Any], arguments: list[Any]) -> list[Any]:
        start = Barrier(len(arguments))

        def one(argument: Any) -> Any:
            try:
                start.wait(10)
                return function(argument)
            except Exception as raised:  # noqa: BLE001 (what went wrong is what the test looks at)
                return raised
            finally:
                database.close()

        with ThreadPoolExecutor(len(arguments)) as threads:
            return list(threads.map(one, arguments))

    return run
