"""Is it alive, is it ready? Honest, also when a part is down."""

from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import InterfaceError, OperationalError, connection
from django.utils import timezone
from world import browser

from config import health
from events.catalog import SectorChanged
from events.models import Event
from events.recording import record
from tenants.scope import across_tenants, working_for


@pytest.fixture(autouse=True)
def memory(monkeypatch):
    """A process that was not asked yet."""
    monkeypatch.setattr(health, "memory", health.Memory())
    return health.memory


def parts(client):
    answer = client.get("/readyz")
    return answer.status_code, {name: part["status"] for name, part in answer.json()["parts"].items()}


def test_it_is_alive(client):
    """Asks nobody else: no database is allowed in this test."""
    answer = client.get("/healthz")

    assert (answer.status_code, answer.content) == (200, b"ok")


def test_it_is_ready(client, db):
    assert parts(client) == (200, {"database": "ok", "redis": "ok", "migrations": "ok", "relay": "ok"})


def test_each_answer_says_how_long_it_took_and_is_kept_by_nobody(client, db):
    answer = client.get("/readyz")

    assert all(part["ms"] >= 0 for part in answer.json()["parts"].values())
    assert "no-store" in answer.headers["Cache-Control"]


def test_without_redis_it_is_not_ready(client, db, settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    status, told = parts(client)

    assert status == 503
    assert told == {"database": "ok", "redis": "ConnectionError", "migrations": "ok", "relay": "ok"}


@contextmanager
def database_away(error=OperationalError):
    def refuse(*_):
        raise error("connection to server failed: secret-host")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(connection, "cursor", refuse)
        yield


@pytest.mark.parametrize("error", [OperationalError, InterfaceError])
def test_without_a_database_it_is_not_ready_but_alive(error, client, db):
    with database_away(error):
        status, told = parts(client)
        assert client.get("/healthz").status_code == 200

    assert status == 503
    assert told["database"] == error.__name__
    assert told["redis"] == "ok"


def test_it_does_not_tell_where_its_database_is(client, db):
    with database_away():
        assert "secret-host" not in client.get("/readyz").content.decode()


def test_a_session_cookie_does_not_make_it_ask_the_database_first(bruno, monkeypatch):
    caller = browser(bruno)
    monkeypatch.setattr(health, "CHECKS", {})
    with database_away():
        assert caller.client.get("/healthz").status_code == 200
        assert caller.client.get("/readyz").status_code == 200


def test_migrations_that_are_missing_are_counted(client, db):
    with connection.cursor() as cursor:
        cursor.execute("delete from django_migrations where app = 'sectors' and name like '0002%'")

    assert parts(client)[1]["migrations"] == "1 migrations are not applied"


def test_migrations_are_read_until_all_are_applied_and_then_never_again(client, db, memory, monkeypatch):
    with connection.cursor() as cursor:
        cursor.execute("delete from django_migrations where app = 'sectors' and name like '0002%'")
    parts(client)
    assert not memory.is_migrated, "those that are missing may come any moment"

    with connection.cursor() as cursor:
        cursor.execute(
            "insert into django_migrations (app, name, applied)"
            " values ('sectors', '0002_row_level_security', now())"
        )
    memory.asked_at -= health.ANSWER_LASTS_SECONDS
    assert parts(client)[1]["migrations"] == "ok"

    monkeypatch.setattr(health, "MigrationExecutor", None)
    memory.asked_at -= health.ANSWER_LASTS_SECONDS
    assert parts(client)[1]["migrations"] == "ok"


def test_whoever_asks_without_end_hears_the_same_answer_for_a_second(client, db, memory, settings):
    first = client.get("/readyz").json()
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    assert client.get("/readyz").json() == first

    memory.asked_at -= health.ANSWER_LASTS_SECONDS
    assert parts(client)[0] == 503


def test_events_that_nobody_was_told_of_are_noticed(client, acme):
    record(SectorChanged(sector={}))
    with across_tenants(reason="time passes"):
        Event.objects.filter(kind="sector.changed").update(relayed_at=timezone.now())
        Event.objects.update(relayed_at=timezone.now())
        newest = Event.objects.latest("id").id
        before = timezone.now() - timedelta(minutes=2)
        Event.objects.filter(id=newest).update(relayed_at=None, recorded_at=before)
    status, told = parts(client)

    assert status == 503
    assert told["relay"].startswith("events wait for 12")


@pytest.mark.parametrize("address", ["/healthz", "/readyz"])
def test_they_are_for_looking_only(address, client, db):
    assert client.post(address).status_code == 405


def test_everything_of_the_installation_counts(acme, rival):
    """The relay's lag is asked across tenants, from outside any scope."""
    with working_for(rival):
        record(SectorChanged(sector={}))
    with across_tenants(reason="time passes"):
        Event.objects.update(relayed_at=timezone.now())
        last = Event.objects.filter(tenant=rival).latest("id").id
        Event.objects.filter(id=last).update(relayed_at=None, recorded_at=timezone.now() - timedelta(hours=1))

    assert health._relay().startswith("events wait for 36")
