"""Trying a failed message again."""

import pytest
from world import answer, browser, deliver, fail

from connections.models import Outbound
from tickets.actions import NotInService, return_ticket
from tickets.models import Message
from tickets.sending import NotRetryable, retry_message


@pytest.fixture
def failed(bruno, open_ticket, line):
    return fail(line, answer(open_ticket, "Hello", by=bruno), code="media_refused")


def attempt(message):
    return f"messages/{message.id}/attempt/"


def test_a_failed_message_is_queued_again(bruno, failed):
    assert (failed.ack, failed.error_code) == ("failed", "media_refused")
    answered = browser(bruno).post(attempt(failed))

    assert answered.status_code == 200
    assert (answered.json()["ack"], answered.json()["error"]) == ("pending", None)
    queued = Outbound.objects.get(client_ref=failed.id)
    assert (queued.state, queued.attempts, queued.error_code) == ("queued", 0, "")


def test_a_stranger_gets_404(rui, failed):
    assert browser(rui, tenant="rival").post(attempt(failed)).status_code == 404


def test_an_agent_who_does_not_see_it_gets_404(carla, failed):
    assert browser(carla).post(attempt(failed)).status_code == 404


def test_a_wrong_method_gets_405(bruno, failed):
    assert browser(bruno).get(attempt(failed)).status_code == 405


def test_the_event_is_recorded(bruno, failed, log):
    retry_message(failed, by=bruno)

    assert log.last("message.changed")["message"]["ack"] == "pending"
    assert "connection.send_queued" in log.kinds()


def test_it_goes_out_under_its_old_reference(bruno, failed, line):
    """So that WhatsApp recognises it, should the first attempt have arrived after all."""
    before = Outbound.objects.get(client_ref=failed.id).id
    retried = deliver(line, retry_message(failed, by=bruno))

    assert Outbound.objects.get(client_ref=failed.id).id == before
    assert (retried.ack, retried.wa_id) == ("sent", failed.id.hex.upper())


def test_only_what_failed_can_be_tried_again(bruno, open_ticket, line):
    pending = answer(open_ticket, "Hello", by=bruno)
    with pytest.raises(NotRetryable):
        retry_message(pending, by=bruno)

    sent = deliver(line, pending)
    with pytest.raises(NotRetryable):
        retry_message(sent, by=bruno)


def test_what_the_customer_wrote_cannot_be_tried_again(bruno, open_ticket):
    received = Message.objects.get(ticket=open_ticket, direction="in")

    assert browser(bruno).post(attempt(received)).status_code == 409


def test_not_while_the_ticket_waits_for_somebody_else(bruno, failed, open_ticket):
    return_ticket(open_ticket, by=bruno)

    with pytest.raises(NotInService):
        retry_message(failed, by=bruno)


def test_a_second_click_is_refused(bruno, failed):
    retry_message(failed, by=bruno)

    with pytest.raises(NotRetryable):
        retry_message(failed, by=bruno)
