"""How the database is spoken to, and how long it bears with a connection of ours."""

import pytest
from django.db import connection

from config import environment

ADDRESS = "postgres://balcao@127.0.0.1/balcao"
LIMITS = "select current_setting('lock_timeout'), current_setting('idle_in_transaction_session_timeout')"


@pytest.fixture
def at_address(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", ADDRESS)
    for name in ("DATABASE_LOCK_SECONDS", "DATABASE_IDLE_SECONDS", "DATABASE_PREPARED"):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


def test_who_waits_for_a_lock_or_forgets_a_transaction_is_not_waited_for(db):
    with connection.cursor() as cursor:
        cursor.execute(LIMITS)

        assert cursor.fetchone() == ("10s", "1min")


def test_the_limits_come_from_the_environment(at_address):
    at_address.setenv("DATABASE_LOCK_SECONDS", "3")
    at_address.setenv("DATABASE_IDLE_SECONDS", "0")

    assert environment.database()["OPTIONS"]["options"] == "-c lock_timeout=3s"


def test_without_limits_nothing_is_said_at_connecting(at_address):
    """A pgbouncer would refuse the connection."""
    at_address.setenv("DATABASE_LOCK_SECONDS", "0")
    at_address.setenv("DATABASE_IDLE_SECONDS", "0")

    assert "options" not in environment.database()["OPTIONS"]


def test_what_the_address_says_stays_and_wins(at_address):
    at_address.setenv("DATABASE_URL", f"{ADDRESS}?sslmode=require&options=-c%20lock_timeout%3D1s")
    options = environment.database()["OPTIONS"]

    assert options["sslmode"] == "require"
    assert options["options"].endswith("-c lock_timeout=1s")


def test_a_statement_that_comes_again_is_prepared(db):
    with connection.cursor() as cursor:
        for number in range(5):
            cursor.execute("select %s + 4711", [number])
        cursor.execute("select count(*) from pg_prepared_statements where statement like '%%4711%%'")

        assert cursor.fetchone()[0] >= 1


def test_a_pooler_that_cannot_keep_prepared_statements_is_not_asked_to(at_address):
    at_address.setenv("DATABASE_PREPARED", "0")
    at_address.setenv("DATABASE_LOCK_SECONDS", "0")
    at_address.setenv("DATABASE_IDLE_SECONDS", "0")

    assert "OPTIONS" not in environment.database()
