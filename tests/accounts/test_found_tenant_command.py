"""`manage.py found_tenant`: the way in where registration is closed."""

import re

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Membership, User
from sectors.models import Sector
from tenants.models import Tenant
from tenants.scope import across_tenants, working_for

PASSWORD = "uma-senha-bem-longa"


@pytest.fixture
def found(capsys, settings):
    settings.REGISTRATION_OPEN = False

    def run(company="Padaria São João", email="Helena@padaria.example", **more):
        call_command("found_tenant", company=company, email=email, **more)
        return capsys.readouterr().out

    return run


def link_in(said):
    return re.search(r"http://[^/]+(/accounts/password/reset/key/\S+)", said)[1]


def test_the_owner_chooses_a_password_and_is_in(committed, found, client, work_off):
    said = found(name="Helena Prado")
    form = client.get(link_in(said), follow=True)
    chosen = {"password1": PASSWORD, "password2": PASSWORD}
    assert client.post(form.redirect_chain[-1][0], chosen).status_code == 302
    client.post("/accounts/login/", {"login": "helena@padaria.example", "password": PASSWORD})

    assert client.get("/").headers["Location"] == "/t/padaria-sao-joao/inbox/"
    assert client.get("/t/padaria-sao-joao/inbox/").status_code == 200
    work_off()
    with working_for(Tenant.objects.get(slug="padaria-sao-joao")):
        owner = Membership.objects.get()
        assert (owner.role, owner.name) == ("owner", "Helena Prado")
        assert list(Sector.objects.get().members.all()) == [owner]


def test_the_link_works_once(committed, found, client):
    link = link_in(found())
    form = client.get(link, follow=True)
    client.post(form.redirect_chain[-1][0], {"password1": PASSWORD, "password2": PASSWORD})

    assert client.get(link).context["token_fail"]


def test_before_that_no_password_opens_the_account(db, found):
    found()

    assert not User.objects.get(email="helena@padaria.example").has_usable_password()


def test_somebody_who_has_an_account_keeps_it(found, ana):
    said = found(email="ANA@acme.example")

    assert "/reset/key/" not in said
    assert User.objects.filter(email__iexact="ana@acme.example").count() == 1
    with across_tenants(reason="both are hers"):
        assert Membership.objects.filter(user=ana.user, role="owner").count() == 2


@pytest.mark.parametrize(
    ("given", "word"),
    [
        ({"email": "no address"}, "no e-mail address"),
        ({"company": " "}, "1 to 80"),
        ({"company": "x" * 81}, "1 to 80"),
        ({"company": "Acme"}, "already: acme"),
    ],
    ids=str,
)
def test_what_is_wrong_is_said_and_nothing_is_founded(given, word, db, found):
    before = Tenant.objects.count(), User.objects.count()
    with pytest.raises(CommandError, match=word):
        found(**given)

    assert (Tenant.objects.count(), User.objects.count()) == before


def test_nothing_is_founded_for_somebody_who_was_switched_off(found, ana):
    User.objects.filter(id=ana.user_id).update(is_active=False)

    with pytest.raises(CommandError, match="switched off"):
        found(email="ana@acme.example")
