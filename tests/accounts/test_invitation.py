"""Invitations: good once, for seven days, for one address, into one tenant."""

import re
import smtplib
from datetime import timedelta

import pytest
from django.core.mail import EmailMessage
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from world import CANARY, PASSWORD, Caller, browser

from accounts.access import get_invitation_by_token
from accounts.actions import (
    AlreadyInvited,
    AlreadyMember,
    InvitationForOther,
    InvitationSpent,
    OwnerStays,
    accept_invitation,
    invite,
    set_active,
    withdraw_invitation,
)
from accounts.models import Invitation, Membership, User, digest
from accounts.tasks import send_invitation
from events.models import Event
from tenants.models import Tenant
from tenants.scope import across_tenants, working_for

NEW = "new@acme.example"


@pytest.fixture
def open_invitation(acme, ana, sales):
    with working_for(acme):
        made = invite(email=NEW, role="agent", sector_ids=[str(sales.id)], by=ana)
        made.token = made.issue_token()
        made.save()
    return made


@pytest.fixture
def newcomer(stage):
    from allauth.account.models import EmailAddress

    user = User.objects.create_user(NEW, PASSWORD, name="Newcomer")
    EmailAddress.objects.create(user=user, email=NEW, verified=True, primary=True)
    return user


def signed_in(user):
    caller = Caller(**{"X-CSRFToken": "c" * 32})
    caller.client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    caller.client.cookies["csrftoken"] = "c" * 32
    return caller


# --- inviting ---------------------------------------------------------------------------------


def test_an_invitation_is_recorded(ana, acme, log):
    made = invite(email="  New@ACME.example ", role="agent", sector_ids=[], by=ana)

    assert made.email == NEW
    assert log.last("member.invited") == {
        "invitation_id": str(made.id),
        "by": {"id": str(ana.id), "name": "Ana"},
    }


def test_somebody_of_the_team_needs_none(ana, bruno):
    with pytest.raises(AlreadyMember):
        invite(email="BRUNO@acme.example", role="agent", sector_ids=[], by=ana)


def test_somebody_who_was_shut_out_may_be_invited_again(ana, bruno):
    set_active(bruno, is_active=False)

    assert invite(email="bruno@acme.example", role="agent", sector_ids=[], by=ana)


def test_one_open_invitation_per_address(ana, open_invitation):
    with pytest.raises(AlreadyInvited):
        invite(email=NEW.upper(), role="agent", sector_ids=[], by=ana)


def test_an_expired_one_makes_room_for_a_new_one(ana, open_invitation):
    Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    again = invite(email=NEW, role="agent", sector_ids=[], by=ana)

    assert list(Invitation.objects.filter(email=NEW)) == [again]


def test_nobody_is_invited_to_be_the_owner(ana, acme):
    with pytest.raises(OwnerStays):
        invite(email=NEW, role="owner", sector_ids=[], by=ana)


def test_two_tenants_may_invite_the_same_address(open_invitation, rival, rui):
    with working_for(rival):
        assert invite(email=NEW, role="agent", sector_ids=[], by=rui)


# --- the e-mail -------------------------------------------------------------------------------


def test_the_link_in_the_mail_opens_the_invitation(committed, acme, ana, work_off, mailoutbox, client):
    with working_for(acme):
        made = invite(email=NEW, role="agent", sector_ids=[], by=ana)
    work_off()
    (mail,) = mailoutbox
    link = re.search(r"http://[^\s]+(/invitations/[^\s]+/)", mail.body)[1]

    assert "Acme" in mail.subject
    assert client.get(link).status_code == 200
    with working_for(acme):
        assert Invitation.objects.get(id=made.id).token_digest not in mail.body, "only a digest is kept"


def test_sent_twice_the_later_mail_is_the_one_that_works(acme, ana, open_invitation, mailoutbox):
    from accounts.invitations import write_invitation_mail

    for _ in range(2):
        write_invitation_mail(Invitation.objects.get(id=open_invitation.id)).send()
    links = [re.search(r"/invitations/([^/\s]+)/", mail.body)[1] for mail in mailoutbox]

    assert Caller().get(f"/invitations/{links[0]}/").status_code == 404
    assert Caller().get(f"/invitations/{links[1]}/").status_code == 200


@pytest.fixture
def mailing(committed, acme, ana, monkeypatch):
    """An invitation on its way, and a mail server that does what the test says."""
    with working_for(acme):
        made = invite(email=NEW, role="agent", sector_ids=[], by=ana)
        call = (str(acme.id), Event.objects.get(kind="member.invited", open_reactions__len=1).id)

    def send(mail_server):
        monkeypatch.setattr(EmailMessage, "send", lambda mail: mail_server(mail))
        return send_invitation(*call)

    def is_open():
        with working_for(acme):
            return bool(Event.objects.get(id=call[1]).open_reactions)

    def current_digest():
        with working_for(acme):
            return Invitation.objects.get(id=made.id).token_digest

    return send, is_open, current_digest


def token_in(mail):
    return re.search(r"/invitations/([^/\s]+)/", mail.body)[1]


def test_the_token_is_committed_before_its_mail_leaves(mailing):
    """A mail server that hangs must not hold rows, and a link must not arrive before it works."""
    send, _is_open, current_digest = mailing
    seen = []

    def mail_server(mail):
        seen.append((connection.in_atomic_block, digest(token_in(mail)) == current_digest()))

    send(mail_server)

    assert seen == [(False, True)]


def test_while_a_mail_is_on_its_way_the_clock_does_not_call_again(mailing, acme):
    send, _is_open, _current_digest = mailing
    due_in = []

    def mail_server(mail):
        with working_for(acme):
            due_in.append(Event.objects.get(open_reactions__len=1).next_call_at - timezone.now())

    send(mail_server)

    assert due_in[0] > timedelta(seconds=30)


def test_a_mail_that_failed_is_sent_again_and_one_that_left_is_not(mailing):
    send, is_open, current_digest = mailing

    def broken(mail):
        raise smtplib.SMTPServerDisconnected("gone")

    with pytest.raises(smtplib.SMTPException):
        send(broken)
    assert is_open(), "the clock calls again"

    sent = []
    send(sent.append)
    assert [digest(token_in(mail)) for mail in sent] == [current_digest()]
    assert not is_open()

    send(sent.append)
    assert len(sent) == 1


def test_a_withdrawn_invitation_is_not_mailed(committed, acme, ana, work_off, mailoutbox):
    with working_for(acme):
        withdraw_invitation(invite(email=NEW, role="agent", sector_ids=[], by=ana))
    work_off()

    assert mailoutbox == []


# --- accepting --------------------------------------------------------------------------------


def test_the_invited_joins_with_role_and_sectors(committed, acme, open_invitation, newcomer, sales, work_off):
    answer = signed_in(newcomer).post(f"/invitations/{open_invitation.token}/")

    assert answer.status_code == 302
    assert answer.headers["Location"] == "/t/acme/inbox/"
    with working_for(acme):
        member = Membership.objects.get(user=newcomer)
        assert (member.role, member.is_active) == ("agent", True)
    assert "sectors.tasks.seat_newcomer" in work_off()
    with working_for(acme):
        assert list(member.sectors.all()) == [sales]


def test_withdrawing_is_recorded_with_who_did_it(ana, open_invitation, log):
    path = f"/t/acme/team/invitations/{open_invitation.id}/withdrawal/"
    assert browser(ana).post(path).status_code == 302

    assert log.last("invitation.withdrawn") == {
        "invitation_id": str(open_invitation.id),
        "email": NEW,
        "role": "agent",
        "by": {"id": str(ana.id), "name": "Ana"},
    }


def test_what_was_accepted_meanwhile_is_not_withdrawn(ana, open_invitation, newcomer, log):
    accept_invitation(open_invitation, user=newcomer, token=open_invitation.token)

    with pytest.raises(InvitationSpent):
        withdraw_invitation(open_invitation, by=ana)
    assert "invitation.withdrawn" not in log.kinds()


def test_joining_is_recorded(open_invitation, newcomer, log):
    accept_invitation(open_invitation, user=newcomer, token=open_invitation.token)

    assert log.last("member.joined")["member"]["name"] == "Newcomer"


def test_a_token_works_once(open_invitation, newcomer, acme):
    accept_invitation(open_invitation, user=newcomer, token=open_invitation.token)

    with pytest.raises(InvitationSpent):
        accept_invitation(open_invitation, user=newcomer, token=open_invitation.token)
    assert Caller().get(f"/invitations/{open_invitation.token}/").status_code == 404


def test_of_two_clicks_at_once_one_joins(at_once, acme, open_invitation, newcomer):
    def click(_):
        return accept_invitation(open_invitation, user=newcomer, token=open_invitation.token)

    outcomes = at_once(click, list(range(5)))

    assert sum(isinstance(outcome, Membership) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, InvitationSpent) for outcome in outcomes) == 4


def test_an_expired_token_opens_nothing(open_invitation, newcomer):
    Invitation.objects.filter(id=open_invitation.id).update(expires_at=timezone.now() - timedelta(seconds=1))

    assert Caller().get(f"/invitations/{open_invitation.token}/").status_code == 404
    with pytest.raises(InvitationSpent):
        accept_invitation(open_invitation, user=newcomer, token=open_invitation.token)


def test_a_withdrawn_one_is_spent_even_for_a_page_that_was_open(open_invitation, newcomer):
    token = open_invitation.token
    withdraw_invitation(Invitation.objects.get(id=open_invitation.id))

    with pytest.raises(InvitationSpent):
        accept_invitation(open_invitation, user=newcomer, token=token)


def test_another_address_cannot_use_it(open_invitation, rui):
    with pytest.raises(InvitationForOther):
        accept_invitation(open_invitation, user=rui.user, token=open_invitation.token)

    answer = signed_in(rui.user).post(f"/invitations/{open_invitation.token}/")
    assert answer.headers["Location"] == "/"
    with across_tenants(reason="he stays outside"):
        assert not Membership.objects.filter(user=rui.user, tenant=open_invitation.tenant).exists()


@pytest.mark.parametrize("token", ["x", "", "../../admin", "a" * 500, "' or 1=1 --"])
def test_a_made_up_token_opens_nothing(token, db):
    assert Caller().get(f"/invitations/{token}/").status_code in (404, 302)


def test_a_token_of_another_invitation_does_not_open_this_one(open_invitation, newcomer, ana):
    other = invite(email="other@acme.example", role="admin", sector_ids=[], by=ana)
    token = other.issue_token()
    other.save()

    with pytest.raises(InvitationSpent):
        accept_invitation(open_invitation, user=newcomer, token=token)


def test_a_foreign_token_shows_no_more_than_who_invites(ana, rival, rui, rivals_invitation):
    """Whoever holds the token may read it; joining takes the invited address."""
    caller = signed_in(ana.user)
    assert caller.get(f"/invitations/{rivals_invitation}/").status_code == 200
    caller.post(f"/invitations/{rivals_invitation}/")

    with across_tenants(reason="she stays outside"):
        assert not Membership.objects.filter(user=ana.user, tenant=rival).exists()


@pytest.fixture
def rivals_invitation(rival):
    with working_for(rival):
        invitation = Invitation.objects.get()
        token = invitation.issue_token()
        invitation.save()
        assert CANARY.lower() in invitation.email
    return token


def test_somebody_who_works_there_already_keeps_their_role(acme, ana, bruno):
    """Ana invites her own second address, makes it hers and accepts: she stays the owner."""
    made = invite(email="ana.second@acme.example", role="agent", sector_ids=[], by=ana)
    token = made.issue_token()
    made.save()
    ana.user.email = "ana.second@acme.example"
    ana.user.save()

    with pytest.raises(AlreadyMember):
        accept_invitation(made, user=ana.user, token=token)
    assert Membership.objects.get(id=ana.id).role == "owner"


def test_a_former_member_comes_back_with_the_new_role(acme, ana, bruno):
    set_active(bruno, is_active=False)
    made = invite(email="bruno@acme.example", role="supervisor", sector_ids=[], by=ana)
    token = made.issue_token()
    made.save()
    back = accept_invitation(made, user=bruno.user, token=token)

    assert (back.id, back.role, back.is_active) == (bruno.id, "supervisor", True)
    assert back.version > bruno.version


def test_somebody_elses_invitation_is_told_once_and_then_stands_in_nobodys_way(open_invitation, rui, client):
    """Signed out, Rui opened a link that was not for him, and signed in."""
    page = f"/invitations/{open_invitation.token}/"
    client.get(page)
    answer = client.post("/accounts/login/", {"login": rui.user.email, "password": PASSWORD})
    assert answer.headers["Location"] == page, "he is told why he is not where he wanted to be"
    assert NEW in client.get(page).content.decode()

    assert client.get("/").headers["Location"] == "/t/rival/inbox/"
    assert client.get(page).status_code == 200, "the link still works for whoever signs out"


# --- signing up on the way --------------------------------------------------------------------

GIVEN = {"name": "Newcomer", "email": NEW, "password1": "uma-senha-bem-longa"}


def test_the_invited_sign_up_without_a_company_though_registration_is_closed(
    committed, settings, client, open_invitation
):
    settings.REGISTRATION_OPEN = False
    client.get(f"/invitations/{open_invitation.token}/")
    before = Tenant.objects.count()
    answer = client.post("/accounts/signup/", GIVEN)

    assert answer.status_code == 302
    assert User.objects.filter(email=NEW).exists()
    assert Tenant.objects.count() == before, "they join one"


@pytest.mark.parametrize("spent", ["withdrawn", "expired"])
def test_a_spent_invitation_in_the_session_opens_no_registration(
    spent, committed, settings, client, open_invitation
):
    """Else anybody who was ever invited could found tenants on a closed installation."""
    settings.REGISTRATION_OPEN = False
    client.get(f"/invitations/{open_invitation.token}/")
    with working_for(open_invitation.tenant):
        rows = Invitation.objects.filter(id=open_invitation.id)
        rows.delete() if spent == "withdrawn" else rows.update(expires_at=timezone.now())
    before = Tenant.objects.count()
    client.post("/accounts/signup/", {**GIVEN, "company": "Sneaky"})

    assert Tenant.objects.count() == before
    assert not User.objects.filter(email=NEW).exists()


# --- the pages of those who manage people -----------------------------------------------------


def test_an_invitation_is_withdrawn_by_those_who_manage_people(ana, bruno, open_invitation):
    path = f"/t/acme/team/invitations/{open_invitation.id}/withdrawal/"
    assert browser(bruno).post(path).status_code == 403
    assert Invitation.objects.filter(id=open_invitation.id).exists()

    assert browser(ana).post(path).status_code == 302
    assert not Invitation.objects.filter(id=open_invitation.id).exists()


def test_an_accepted_invitation_cannot_be_withdrawn(ana, open_invitation, newcomer):
    accept_invitation(open_invitation, user=newcomer, token=open_invitation.token)

    assert browser(ana).post(f"/t/acme/team/invitations/{open_invitation.id}/withdrawal/").status_code == 404


def test_the_database_holds_one_open_invitation_per_address(open_invitation):
    with pytest.raises(IntegrityError), transaction.atomic():
        Invitation.objects.create(email=NEW.upper(), expires_at=timezone.now())


def test_the_door_finds_open_invitations_only(open_invitation, newcomer, acme):
    from django.http import Http404

    assert get_invitation_by_token(open_invitation.token).id == open_invitation.id
    accept_invitation(open_invitation, user=newcomer, token=open_invitation.token)
    with pytest.raises(Http404):
        get_invitation_by_token(open_invitation.token)
