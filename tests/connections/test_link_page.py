"""The link for whoever holds the phone: what it shows without an account, and when it is over."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from world import browser, outside_any_tenant

from connections import actions, invitations, leases, wire
from connections.models import Connection, LinkInvitation

BEYOND = 65


@pytest.fixture
def number(acme, sales):
    """A number that waits to be linked."""
    made = actions.create_connection(name="Branch", driver="simulator", sector=sales)
    return actions.start_connection(made)


@pytest.fixture
def offered(number, ana):
    """(link, token)."""
    return invitations.offer_link(number, by=ana)


def call(token, verb="get", **more):
    """Somebody without an account, who begins outside any tenant."""
    with outside_any_tenant():
        return getattr(Client(), verb)(f"/link/{token}/", headers={"Accept-Language": "en"}, **more)


# --- making one -------------------------------------------------------------------------------


def test_a_link_is_made_told_once_and_listed(ana, number, log):
    caller = browser(ana)
    made = caller.post(f"connections/{number.id}/links/").json()
    listed = caller.get(f"connections/{number.id}/links/").json()["results"]

    assert made["url"].startswith("http") and "/link/" in made["url"]
    assert [(one["id"], one["url"]) for one in listed] == [(made["id"], None)]
    token = made["url"].rstrip("/").rsplit("/", 1)[1]
    assert len(token) >= 43
    assert token not in str(LinkInvitation.objects.values()) + str([e.payload for e in log.events()])
    assert log.last("link.offered")["by"]["name"] == "Ana"


def test_a_new_link_ends_the_one_before(number, ana, offered):
    _link, token = offered
    invitations.offer_link(number, by=ana)

    assert call(token).status_code == 410


def test_a_linked_number_needs_no_link(ana, connection):
    answered = browser(ana).post(f"connections/{connection.id}/links/")

    assert (answered.status_code, answered.json()["code"]) == (409, "connection_linked")


def test_a_stranger_revokes_nothing(rui, number, offered):
    link, token = offered
    assert browser(rui).delete(f"connections/{number.id}/links/{link.id}/").status_code == 404
    assert call(token).status_code == 200


def test_the_page_of_members_makes_and_revokes_links_without_scripts(ana, number):
    caller = browser(ana)
    token = {"csrfmiddlewaretoken": caller.client.cookies["csrftoken"].value}
    path = f"/t/acme/connections/{number.id}/linking/"
    page = caller.client.post(path, token)
    made = LinkInvitation.objects.get()

    assert "/link/" in page.text and page.headers["Cache-Control"] == "no-store"
    assert "/link/" not in caller.client.get(path).text
    caller.client.post(f"{path}{made.id}/end/", token)
    made.refresh_from_db()
    assert made.ended_why == "revoked"


# --- opening it -------------------------------------------------------------------------------


def test_the_page_says_whose_number_it_is_and_shows_no_code_before_somebody_agreed(offered):
    page = call(offered[1])

    assert page.status_code == 200
    assert "Branch" in page.text and "Acme" in page.text and "not an official product" in page.text
    assert 'id="boot"' not in page.text


def test_nothing_of_it_stays_or_travels(offered):
    for verb in ("get", "post"):
        headers = call(offered[1], verb).headers

        assert headers["Referrer-Policy"] == "no-referrer"
        assert "no-store" in headers["Cache-Control"]
        assert "noindex" in headers["X-Robots-Tag"]
        assert "Set-Cookie" not in headers


def test_agreeing_is_recorded_and_opens_the_page(offered, log):
    link, token = offered
    assert call(token, "post").status_code == 302
    assert call(token, "post").status_code == 302
    link.refresh_from_db()

    assert link.agreed_at is not None
    assert log.kinds().count("link.agreed") == 1
    assert f"/link/{token}/live/" in call(token).text


@pytest.mark.parametrize(
    ("state", "begins"), [("failed", True), ("logged_out", True), ("stopped", False), ("banned", False)]
)
def test_a_number_whose_codes_ran_out_begins_anew(state, begins, number, offered):
    Connection.objects.filter(id=number.id).update(state=state, should_run=False)
    call(offered[1], "post")

    assert Connection.objects.get(id=number.id).should_run == begins


def test_it_ends_once_the_number_was_linked(number, offered, log):
    call(offered[1], "post")
    (lease,) = [
        leases.Lease(one.id, "w", one.lease_epoch) for one in leases.acquire("w", 9) if one.id == number.id
    ]
    actions.report_ready(lease, wire.Ready(phone="+5511900000009", profile_name="B"))
    actions.report_state(lease, "logged_out", reason="unlinked_on_phone")
    page = call(offered[1])

    assert (page.status_code, "The number is linked" in page.text) == (410, True)
    assert log.last("link.ended")["why"] == "linked"


def test_it_ends_after_half_an_hour(offered, log):
    link, token = offered
    assert link.expires_at - timezone.now() <= timedelta(minutes=30)
    LinkInvitation.objects.filter(id=link.id).update(expires_at=timezone.now())

    assert call(token, "post").status_code == 410
    assert (LinkInvitation.objects.get().agreed_at, log.last("link.ended")["why"]) == (None, "expired")


def test_it_ends_when_it_is_revoked(ana, number, offered, log):
    link, token = offered
    assert browser(ana).delete(f"connections/{number.id}/links/{link.id}/").status_code == 204
    page = call(token)

    assert (page.status_code, "not valid any more" in page.text) == (410, True)
    assert log.last("link.ended")["by"]["name"] == "Ana"


@pytest.mark.parametrize("token", ["x", "a" * 43, "%00", "'; drop table", "é" * 40])
def test_a_token_there_is_not_is_404(token, offered):
    assert call(token).status_code == 404


def test_a_link_of_a_suspended_company_opens_nothing(acme, offered):
    acme.is_active = False
    acme.save()

    assert call(offered[1]).status_code == 404


def test_a_wrong_method_gets_405(offered):
    assert call(offered[1], "delete").status_code == 405


def test_guessing_is_slowed_down(offered):
    answers = [call("a" * 43).status_code for _ in range(BEYOND)]

    assert answers[0] == 404 and answers[-1] == 429


def test_links_go_with_the_number(ana, number, offered):
    actions.stop_connection(Connection.objects.get(id=number.id))
    assert browser(ana).call("DELETE", f"connections/{number.id}/", {"name": "Branch"}).status_code == 204

    assert call(offered[1]).status_code == 404
