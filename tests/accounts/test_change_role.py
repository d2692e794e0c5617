"""Changing roles, shutting people out, letting them in again."""

import pytest
from django.db import IntegrityError, transaction
from world import browser

from accounts.actions import OwnerStays, change_role, set_active
from accounts.choices import RIGHTS, Role
from accounts.models import Membership


def role(member):
    return f"/t/acme/team/{member.id}/role/"


def access(member):
    return f"/t/acme/team/{member.id}/access/"


def post(caller, path, **data):
    with_token = {**data, "csrfmiddlewaretoken": "c" * 32}
    return caller.client.post(path, with_token)


def test_a_role_is_changed(ana, bruno):
    answer = browser(ana).client.post(role(bruno), {"role": "supervisor", "csrfmiddlewaretoken": "c" * 32})

    assert answer.status_code == 302
    assert Membership.objects.get(id=bruno.id).role == "supervisor"


def test_a_stranger_gets_404(rui, bruno):
    assert post(browser(rui), role(bruno), role="admin").status_code == 404


@pytest.mark.parametrize("who", ["sofia", "bruno"])
def test_a_lesser_role_gets_403_even_for_themselves(who, request, bruno):
    somebody = request.getfixturevalue(who)
    assert post(browser(somebody), role(somebody), role="admin").status_code == 403
    assert post(browser(somebody), access(bruno), is_active="0").status_code == 403


def test_a_wrong_method_gets_405(ana, bruno):
    assert browser(ana).get(role(bruno)).status_code == 405
    assert browser(ana).get(access(bruno)).status_code == 405


def test_the_event_is_recorded_and_closes_the_members_sockets(bruno, log):
    change_role(bruno, role="supervisor")

    told = log.last("member.changed")
    assert (told["member"]["role"], told["rights_changed"]) == ("supervisor", True)
    assert told["by"] is None, "operators and reactions are no member"


def test_the_event_says_who_did_it(ana, bruno, log):
    by_ana = {"id": str(ana.id), "name": "Ana"}
    post(browser(ana), role(bruno), role="supervisor")
    assert log.last("member.changed")["by"] == by_ana

    post(browser(ana), access(bruno), is_active="0")
    told = log.last("member.changed")
    assert (told["by"], told["member"]["is_active"]) == (by_ana, False)


def test_each_change_raises_the_version(bruno, log):
    versions = [
        bruno.version,
        change_role(bruno, role="supervisor").version,
        set_active(bruno, is_active=False).version,
        set_active(bruno, is_active=True).version,
    ]

    assert versions == list(range(versions[0], versions[0] + 4))
    assert Membership.objects.get(id=bruno.id).version == versions[-1]
    assert log.last("member.changed")["member"]["version"] == versions[-1]


@pytest.mark.parametrize("wanted", ["owner", "emperor", ""])
def test_nobody_becomes_owner_or_something_unknown(wanted, ana, bruno):
    post(browser(ana), role(bruno), role=wanted)

    assert Membership.objects.get(id=bruno.id).role == "agent"


def test_the_owner_stays_the_owner(ana, dora):
    for attempt in (
        lambda: change_role(ana, role="agent"),
        lambda: change_role(dora, role=Role.OWNER),
        lambda: set_active(ana, is_active=False),
    ):
        with pytest.raises(OwnerStays):
            attempt()
    post(browser(dora), role(ana), role="agent")
    post(browser(dora), access(ana), is_active="0")

    owner = Membership.objects.get(id=ana.id)
    assert (owner.role, owner.is_active) == ("owner", True)


def test_the_database_holds_one_owner_per_tenant(dora):
    with pytest.raises(IntegrityError), transaction.atomic():
        Membership.objects.filter(id=dora.id).update(role="owner")


def test_rights_follow_at_once(ana, bruno, waiting_ticket, support):
    caller = browser(bruno)
    assert caller.post("sectors/", {"name": "New"}).status_code == 403
    change_role(bruno, role="admin")

    assert caller.post("sectors/", {"name": "New"}).status_code == 201


def test_somebody_who_is_shut_out_is_out_everywhere(ana, bruno):
    from world import program

    page, machine = browser(bruno), program(bruno)
    post(browser(ana), access(bruno), is_active="0")

    assert not Membership.objects.get(id=bruno.id).is_active
    assert page.get("/t/acme/inbox/").status_code == 404
    assert page.get("inbox/").status_code == 404
    assert machine.get("inbox/").status_code == 401


def test_and_may_be_let_in_again(ana, bruno):
    set_active(bruno, is_active=False)
    post(browser(ana), access(bruno), is_active="1")

    assert browser(bruno).get("inbox/").status_code == 200


@pytest.mark.parametrize("right", RIGHTS)
def test_owners_and_admins_have_every_right_and_agents_none(right):
    assert {Role.OWNER, Role.ADMIN} <= RIGHTS[right]
    assert Role.AGENT not in RIGHTS[right]
