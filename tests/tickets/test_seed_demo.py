"""The demo companies: made once, safe to make again."""

import io
import json

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Membership, User
from connections.models import Connection
from sectors.models import Sector
from tenants.scope import across_tenants


def seed():
    out = io.StringIO()
    call_command("seed_demo", stdout=out)
    return [json.loads(row) for row in out.getvalue().splitlines()]


@pytest.fixture
def password(monkeypatch):
    monkeypatch.setenv("DEMO_PASSWORD", "a-demo-password")


def counts():
    with across_tenants(reason="the demo is counted"):
        return [model.objects.count() for model in (User, Membership, Sector, Connection)]


def test_the_demo_prints_who_can_sign_in(db, password):
    people = seed()

    assert {person["role"] for person in people} == {"operator", "owner", "supervisor", "agent"}
    assert all(person["password"] == "a-demo-password" for person in people)
    assert {person["tenant"] for person in people} == {"", "aurora", "horizonte"}


def test_they_really_can(db, password, client):
    seed()

    assert client.login(username="ana@aurora.example", password="a-demo-password")
    assert client.get("/t/aurora/inbox/").status_code == 200


def test_seeding_again_changes_nothing(db, password):
    first = seed()
    before = counts()

    assert seed() == first
    assert counts() == before


def test_a_short_password_is_refused(db, monkeypatch):
    monkeypatch.setenv("DEMO_PASSWORD", "short")

    with pytest.raises(CommandError, match="DEMO_PASSWORD"):
        seed()


def test_the_operator_may_enter_the_admin_and_nobody_else(db, password):
    seed()

    assert list(User.objects.filter(is_staff=True).values_list("email", flat=True)) == [
        "operador@balcao.example"
    ]
