"""Signing up: a company is founded, the address is confirmed, the first sector is there."""

import re

import pytest
from django.test import Client

from accounts.actions import found_tenant
from accounts.models import Membership, User
from sectors.models import Sector
from tenants.models import Tenant
from tenants.scope import across_tenants, working_for

GIVEN = {
    "name": "Helena Prado",
    "company": "Padaria São João",
    "email": "helena@padaria.example",
    "password1": "uma-senha-bem-longa",
}


@pytest.fixture
def open_doors(settings):
    settings.REGISTRATION_OPEN = True


def sign_up(client, **change):
    return client.post("/accounts/signup/", {**GIVEN, **change})


def confirmation_in(mail):
    return re.search(r"(/accounts/confirm-email/[^/\s]+/)", mail.body)[1]


def user(email=GIVEN["email"]):
    return User.objects.filter(email=email).first()


def test_signing_up_founds_a_tenant_whose_owner_one_is(committed, open_doors, client, work_off):
    answer = sign_up(client)

    assert answer.status_code == 302
    tenant = Tenant.objects.get(name="Padaria São João")
    assert tenant.slug == "padaria-sao-joao"
    with working_for(tenant):
        owner = Membership.objects.get()
        assert (owner.role, owner.name) == ("owner", "Helena Prado")
    assert work_off() == ["sectors.tasks.give_first_sector"]
    with working_for(tenant):
        assert list(Sector.objects.get().members.all()) == [owner]


def test_the_address_must_be_confirmed_before_anything_opens(committed, open_doors, client, mailoutbox):
    sign_up(client)

    assert "_auth_user_id" not in client.session
    assert client.get("/t/padaria-sao-joao/inbox/").status_code == 302
    assert [mail.to for mail in mailoutbox] == [[GIVEN["email"]]]

    confirmation = confirmation_in(mailoutbox[0])
    client.get(confirmation)
    assert "_auth_user_id" not in client.session, "a link that a mail scanner follows confirms nothing"
    assert client.post(confirmation).status_code == 302
    assert client.get("/t/padaria-sao-joao/inbox/").status_code == 200


def test_an_unconfirmed_owner_cannot_sign_in_by_the_side_door(committed, open_doors, client):
    """Programs' sign-in must not let in whom the pages would not."""
    sign_up(client)
    given = {"email": GIVEN["email"], "password": GIVEN["password1"], "tenant": "padaria-sao-joao"}
    answer = client.post("/api/v1/auth/token/", given, content_type="application/json")

    assert (answer.status_code, answer.json()["code"]) == (401, "sign_in_refused")


def test_an_address_that_is_known_learns_nothing_and_founds_nothing(
    committed, open_doors, client, mailoutbox
):
    """The page says the same; whoever owns the address gets a mail."""
    before = Tenant.objects.count()
    answer = sign_up(client, email="ana@acme.example")

    assert answer.status_code == 302
    assert Tenant.objects.count() == before
    assert [mail.to for mail in mailoutbox] == [["ana@acme.example"]]
    assert "confirm-email" not in mailoutbox[0].body


@pytest.mark.parametrize(
    "change",
    [
        {"company": ""},
        {"name": ""},
        {"email": "no address"},
        {"password1": "short"},
        {"password1": "password1234"},
        {"company": "x" * 81},
    ],
)
def test_bad_input_founds_nothing(change, db, open_doors, client):
    before = Tenant.objects.count()
    answer = sign_up(client, **change)

    assert answer.status_code == 200
    assert answer.context["form"].errors
    assert user() is None
    assert Tenant.objects.count() == before


def test_nobody_signs_up_where_registration_is_closed(db, settings, client):
    settings.REGISTRATION_OPEN = False
    sign_up(client)

    assert user() is None


def test_when_founding_fails_there_is_no_user_either(committed, open_doors, client, monkeypatch):
    monkeypatch.setattr("accounts.forms.found_tenant", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        sign_up(client)

    assert user() is None


def test_signing_up_needs_the_csrf_token(db, open_doors):
    assert sign_up(Client(enforce_csrf_checks=True)).status_code == 403


# --- names of tenants -------------------------------------------------------------------------


@pytest.fixture
def helena(db):
    return User.objects.create_user("helena@padaria.example", "x", name="Helena")


@pytest.mark.parametrize(
    ("company", "slug"),
    [
        ("Padaria São João", "padaria-sao-joao"),
        ("  --Loja!!  ", "loja"),
        ("東京", "empresa"),
        ("x" * 80, "x" * 32),
        ("Admin", r"admin-[0-9a-f]{4}"),
        ("API", r"api-[0-9a-f]{4}"),
        ("Acme", r"acme-[0-9a-f]{6}"),
    ],
)
def test_the_short_name_comes_from_the_company(company, slug, helena):
    tenant = found_tenant(helena, company=company).tenant

    assert re.fullmatch(slug, tenant.slug)
    tenant.full_clean()


def test_one_person_may_found_two_companies(helena):
    first, second = (found_tenant(helena, company=name).tenant for name in ("One", "Two"))

    assert first != second
    with across_tenants(reason="both are hers"):
        assert Membership.objects.filter(user=helena, role="owner").count() == 2


def test_founding_is_recorded_in_the_new_tenant(helena, log):
    owner = found_tenant(helena, company="One")

    assert log.last("tenant.founded") == {"owner_id": str(owner.id)}
    assert log.events()[-1].tenant_id == owner.tenant_id


def test_companies_of_one_name_founded_at_once_get_different_short_names(at_once, committed):
    people = [User.objects.create_user(f"u{n}@x.example", "x", name="U") for n in range(6)]

    tenants = at_once(lambda one: found_tenant(one, company="Same Name").tenant.slug, people)

    assert len(set(tenants)) == 6
    assert all(slug.startswith("same-name") for slug in tenants)
