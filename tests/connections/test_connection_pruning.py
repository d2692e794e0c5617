"""What is forgotten of connections: only what is past its time and can be of no use any more."""

from datetime import timedelta

import pytest
from django.utils import timezone
from world import answer, deliver, fail

from connections import inbound, mailbox, pruning
from connections.models import Download, Inbound, Outbound, Post, TrafficHour, Transition
from tenants.scope import across_tenants
from tickets.sending import retry_message


@pytest.fixture
def years_later():
    """All that is there grows old."""

    def age(**fields):
        with across_tenants(reason="time passes"):
            for model, moment in [
                (Inbound, "received_at"),
                (Outbound, "queued_at"),
                (Download, "not_before"),
                (Transition, "at"),
            ]:
                model.objects.update(**{moment: timezone.now() - timedelta(days=700)})

    return age


def test_what_was_taken_in_is_forgotten_and_what_was_not_is_kept(line, maria, joao, years_later):
    maria.writes("Taken in")
    inbound.accept(line.connection, joao.message("Not yet"), lease=line.lease)
    years_later()
    pruning.prune()

    assert [kept.payload["text"] for kept in Inbound.objects.all()] == ["Not yet"]


def test_what_is_young_is_kept(maria, bruno, line, open_ticket):
    deliver(line, answer(open_ticket, by=bruno))

    before = [model.objects.count() for model in (Inbound, Outbound, Transition)]
    pruning.prune()
    assert [model.objects.count() for model in (Inbound, Outbound, Transition)] == before


def test_what_was_set_aside_is_kept_longer(maria):
    maria.writes("Hello")
    for kept, left in ((pruning.INBOUND_KEPT, 1), (pruning.SET_ASIDE_KEPT, 0)):
        with across_tenants(reason="time passes"):
            Inbound.objects.update(received_at=timezone.now() - kept - timedelta(days=1), error="ValueError")
        pruning.prune()
        assert Inbound.objects.count() == left


def test_a_send_is_kept_as_long_as_its_message_may_be_tried_again(bruno, open_ticket, line, years_later):
    deliver(line, answer(open_ticket, "Arrived", by=bruno))
    failed = fail(line, answer(open_ticket, "Failed", by=bruno))
    queued = answer(open_ticket, "Queued", by=bruno)
    years_later()
    pruning.prune()

    assert set(Outbound.objects.values_list("client_ref", flat=True)) == {failed.id, queued.id}
    assert retry_message(failed, by=bruno).ack == "pending"


def test_files_that_are_still_to_be_fetched_are_kept(maria, years_later):
    maria.sends_file(name="here.jpg", mime="image/jpeg", arrives=b"bytes")
    waiting = maria.sends_file(name="away.jpg", mime="image/jpeg", arrives=None)
    years_later()
    pruning.prune()

    assert list(Download.objects.values_list("wa_id", flat=True)) == [waiting.wa_id]


def test_it_serves_every_tenant(rival, maria, years_later):
    maria.writes("Ours")
    years_later()

    pruning.prune()
    with across_tenants(reason="nothing may be left"):
        assert not Inbound.objects.exists()
        assert not Transition.objects.exists()


def test_posts_are_forgotten_once_read_and_kept_for_a_session_that_comes_late(line):
    for body in (b"read", b"unread"):
        mailbox.keep(line.connection, body, {"is": body.decode()})
    mailbox.mark_read([Post.objects.order_by("id").first().id])
    for kept, left in ((pruning.POSTS_KEPT, ["unread"]), (pruning.UNREAD_POSTS_KEPT, [])):
        with across_tenants(reason="time passes"):
            Post.objects.update(posted_at=timezone.now() - kept - timedelta(days=1))
        pruning.prune()
        assert [post.body["is"] for post in Post.objects.all()] == left


def test_traffic_is_forgotten_when_no_year_is_compared_with_it_any_more(line):
    now = timezone.now().replace(minute=0, second=0, microsecond=0)
    with across_tenants(reason="hours are counted in their order: none is older than one before it"):
        TrafficHour.objects.all().delete()
    for days in (401, 399):
        TrafficHour.objects.create(connection=line.connection, hour=now - timedelta(days=days))
    pruning.prune()

    assert [row.hour for row in TrafficHour.objects.all()] == [now - timedelta(days=399)]
