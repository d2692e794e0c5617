"""Who a request is for: the page's address, the API's header or token."""

import pytest
from world import Caller, browser

from accounts.entrance import member_of, memberships_of
from accounts.models import Membership
from tenants.scope import working_for


def test_a_member_enters_their_tenants_pages(bruno):
    assert browser(bruno).get("/t/acme/inbox/").status_code == 200


@pytest.mark.parametrize("slug", ["ACME", "Acme", "acme_", "_", "ac-me", "a" * 41, "no-such-tenant"])
@pytest.mark.parametrize("page", ["inbox/", "team/", "sectors/", "connections/", ""])
def test_any_other_spelling_is_no_tenant_and_no_crash(slug, page, ana):
    """What the addresses accept, the door must look at: a view without a door has no tenant."""
    assert browser(ana).get(f"/t/{slug}/{page}").status_code == 404
    assert Caller().get(f"/t/{slug}/{page}").status_code == 302


def test_the_short_address_leads_to_the_inbox(bruno):
    answer = browser(bruno).get("/t/acme/")

    assert (answer.status_code, answer.headers["Location"]) == (302, "/t/acme/inbox/")


def test_the_sign_in_leads_back_to_the_page_that_was_asked_for(db):
    answer = Caller().get("/t/acme/inbox/?x=1")

    assert answer.headers["Location"] == "/accounts/login/?next=/t/acme/inbox/%3Fx%3D1"


def test_signing_in_leads_home_and_home_leads_to_the_only_tenant(bruno):
    answer = browser(bruno).get("/")

    assert (answer.status_code, answer.headers["Location"]) == (302, "/t/acme/inbox/")


def test_who_works_for_two_tenants_chooses(bruno, rival):
    with working_for(rival):
        Membership.objects.create(user=bruno.user, role="agent")
    answer = browser(bruno).get("/")

    assert answer.status_code == 200
    assert b"/t/acme/" in answer.content
    assert b"/t/rival/" in answer.content


def test_who_works_for_two_tenants_sees_each_by_itself(bruno, rival, acme):
    with working_for(rival):
        second = Membership.objects.create(user=bruno.user, role="agent")
    for slug, expected in (("acme", bruno.id), ("rival", second.id)):
        assert browser(bruno, tenant=slug).get("inbox/").json()["me"]["id"] == str(expected)


def test_a_tenant_that_was_switched_off_is_closed_to_all(ana, acme):
    caller = browser(ana)
    acme.is_active = False
    acme.save()

    assert caller.get("/t/acme/inbox/").status_code == 404
    assert caller.get("inbox/").status_code == 404
    assert memberships_of(ana.user) == []
    assert member_of(ana.user, slug="acme") is None


def test_pages_are_not_kept_by_anybody_in_between(bruno):
    assert "no-store" in browser(bruno).get("/").headers["Cache-Control"]


def test_errors_of_the_api_are_json(bruno):
    answer = browser(bruno).get("tickets/01a2017d-de84-72f7-bee4-d9d952d709c4/")

    assert (answer.status_code, answer.headers["Content-Type"]) == (404, "application/json")
    assert set(answer.json()) == {"code", "message", "fields"}
    assert answer.json()["code"] == "not_found"


def test_broken_json_is_explained(bruno, open_ticket):
    caller = browser(bruno)
    answer = caller.client.post(
        f"/api/v1/tickets/{open_ticket.id}/messages/",
        "{",
        content_type="application/json",
        headers=caller.headers,
    )

    assert (answer.status_code, answer.json()["code"]) == (400, "parse_error")


def test_another_content_type_is_refused(bruno, open_ticket):
    """A form of another site could send it without a preflight."""
    caller = browser(bruno)
    for content_type in ("text/plain", "application/x-www-form-urlencoded"):
        answer = caller.client.post(
            f"/api/v1/tickets/{open_ticket.id}/messages/",
            '{"text": "Hi"}',
            content_type=content_type,
            headers=caller.headers,
        )

        assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")


def test_signing_out_ends_the_session(bruno):
    caller = browser(bruno)
    caller.client.post("/accounts/logout/", {"csrfmiddlewaretoken": "c" * 32})

    assert caller.get("inbox/").status_code == 401


def test_signing_in_changes_the_session_key(bruno, client):
    """Session fixation."""
    client.get("/accounts/login/")
    session = client.session
    session["planted"] = True
    session.save()
    planted = session.session_key
    client.cookies["sessionid"] = planted
    client.force_login(bruno.user, backend="django.contrib.auth.backends.ModelBackend")

    assert client.session.session_key != planted
