"""The operators' page of people: nobody is deleted there, and who is switched off is out everywhere."""

import pytest
from django.urls import reverse
from world import browser

from accounts.actions import switch_user
from accounts.models import Membership, User
from tenants.scope import across_tenants, working_for


@pytest.fixture
def operator(stage, client):
    user = User.objects.create_superuser("op@balcao.example", "long-enough-1", name="Op")
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def address(page, *args):
    return reverse(f"admin:accounts_user_{page}", args=args)


def save(operator, user, **change):
    given = {"email": user.email, "name": user.name, "is_active": "on", **change}
    return operator.post(
        address("change", user.id), {name: value for name, value in given.items() if value is not None}
    )


def test_a_member_cannot_be_deleted(operator, bruno):
    """Their memberships lie behind the tenants' walls, where deleting would not even see them."""
    assert operator.post(address("delete", bruno.user_id), {"post": "yes"}).status_code == 403
    marked = {"action": "delete_selected", "_selected_action": [str(bruno.user_id)], "post": "yes"}
    operator.post(address("changelist"), marked)

    assert User.objects.filter(id=bruno.user_id).exists()
    assert "deletelink" not in operator.get(address("change", bruno.user_id)).content.decode()


def test_switching_a_person_off_tells_every_tenant_and_closes_their_sockets(
    operator, acme, rival, bruno, log
):
    with working_for(rival):
        second = Membership.objects.create(user=bruno.user, role="agent")
    assert save(operator, bruno.user, is_active=None).status_code == 302

    assert not User.objects.get(id=bruno.user_id).is_active
    told = {event.tenant_id: event.payload for event in log.events() if event.kind == "member.changed"}
    assert {tenant_id: payload["member"]["id"] for tenant_id, payload in told.items()} == {
        acme.id: str(bruno.id),
        rival.id: str(second.id),
    }
    for payload in told.values():
        assert (payload["rights_changed"], payload["member"]["is_active"]) == (True, False)
    with across_tenants(reason="both places are looked at"):
        places = Membership.objects.filter(user=bruno.user).order_by("version")
        assert [(place.is_active, place.version) for place in places] == [
            (True, 2),
            (True, bruno.version + 1),
        ]


def test_and_on_again(operator, bruno, log):
    switch_user(bruno.user, is_active=False)
    save(operator, bruno.user)

    assert log.last("member.changed")["member"]["is_active"]
    assert browser(bruno).get("inbox/").status_code == 200


def test_a_tenant_that_shut_somebody_out_hears_nothing(bruno, log):
    Membership.objects.filter(id=bruno.id).update(is_active=False)
    switch_user(bruno.user, is_active=False)

    assert log.kinds() == []


def test_other_changes_close_no_sockets(operator, bruno, log):
    assert save(operator, bruno.user, name="Bruno Lima").status_code == 302

    assert User.objects.get(id=bruno.user_id).name == "Bruno Lima"
    assert log.kinds() == []
