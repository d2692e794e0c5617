"""The pages of people and sectors: the four steps, for those who manage them."""

import pytest
from world import CANARY, browser

from accounts.models import Invitation
from sectors.models import Sector

PAGES = ["team", "sectors"]


def send(who, path, **data):
    return browser(who).client.post(f"/t/acme/{path}", {**data, "csrfmiddlewaretoken": "c" * 32})


@pytest.mark.parametrize("name", PAGES)
def test_the_page_shows_what_there_is(name, ana, sales):
    html = browser(ana).get(f"/t/acme/{name}/").content.decode()

    assert {"team": "Bruno", "sectors": "Support"}[name] in html
    assert CANARY not in html


@pytest.mark.parametrize("name", PAGES)
def test_a_stranger_gets_404(name, rui):
    assert browser(rui).get(f"/t/acme/{name}/").status_code == 404


@pytest.mark.parametrize("who", ["sofia", "bruno"])
@pytest.mark.parametrize("name", PAGES)
def test_a_lesser_role_gets_403(name, who, request):
    somebody = request.getfixturevalue(who)
    assert browser(somebody).get(f"/t/acme/{name}/").status_code == 403
    assert send(somebody, f"{name}/").status_code == 403


@pytest.mark.parametrize("name", PAGES)
def test_a_wrong_method_gets_405(name, ana):
    assert browser(ana).call("DELETE", f"/t/acme/{name}/").status_code == 405


def test_inviting_is_recorded_and_shown(ana, sales, log):
    answer = send(ana, "team/", email="new@acme.example", role="agent", sectors=[sales.id])

    assert (answer.status_code, answer.headers["Location"]) == (302, "/t/acme/team/")
    assert Invitation.objects.get(accepted_at=None).sector_ids == [str(sales.id)]
    assert log.kinds() == ["member.invited"]
    assert "new@acme.example" in browser(ana).get("/t/acme/team/").content.decode()


@pytest.mark.parametrize("email", ["bruno@acme.example", "not an address", ""])
def test_a_refused_invitation_is_explained_on_the_page(email, ana, log):
    answer = send(ana, "team/", email=email, role="agent")

    assert answer.status_code == 200
    assert answer.context["form"].errors["email"]
    assert log.kinds() == []


def test_a_sector_is_made_and_changed(ana, bruno, carla, log):
    assert send(ana, "sectors/", name="Returns", members=[bruno.id]).status_code == 302
    made = Sector.objects.get(name="Returns")
    assert send(ana, f"sectors/{made.id}/", name="Refunds", members=[carla.id]).status_code == 302

    assert list(Sector.objects.get(id=made.id).members.all()) == [carla]
    assert log.kinds().count("sector.changed") == 2


def test_a_taken_name_is_explained_on_the_page(ana, sales, log):
    for path in ("sectors/", f"sectors/{sales.id}/"):
        answer = send(ana, path, name="Support")

        assert answer.status_code == 200
        assert answer.context["form"].errors["name"]
    assert log.kinds() == []


def test_a_sector_of_another_tenant_is_404(ana, rival):
    from tenants.scope import working_for

    with working_for(rival):
        theirs = Sector.objects.get()
    assert browser(ana).get(f"/t/acme/sectors/{theirs.id}/").status_code == 404


def test_a_connections_page_tells_its_story(ana, connection, line):
    from connections.actions import report_state

    report_state(line.lease, "reconnecting", reason="connection_lost", detail="<b>reset</b>")
    html = browser(ana).get(f"/t/acme/connections/{connection.id}/").content.decode()

    assert "<b>reset</b>" not in html
    assert "&lt;b&gt;reset&lt;/b&gt;" in html
