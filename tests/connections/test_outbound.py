"""The send queue: strict order in a lane, one attempt at a time, everything settled once."""

import uuid
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone
from world import take_line

from connections import actions, leases, outbound
from connections.leases import LeaseLost
from connections.models import Connection, Outbound
from connections.wire import Sent
from tenants.scope import working_for

ONE, TWO = uuid.UUID(int=1), uuid.UUID(int=2)


@pytest.fixture
def enqueue(acme, connection):
    def put(text, lane=ONE, reference=None):
        return outbound.enqueue(
            connection,
            lane=lane,
            kind="message",
            chat="5511@c.us",
            payload={"text": text},
            client_ref=reference or uuid.uuid4(),
        )

    return put


def claimed(line):
    one = outbound.claim(line.lease)
    return one and one.payload["text"]


def state(one):
    return Outbound.objects.get(id=one.id).state


def test_queueing_wakes_the_session(enqueue, connection, log):
    enqueue("a")

    assert log.last("connection.send_queued") == {"connection_id": str(connection.id)}


def test_an_empty_queue_has_nothing_to_claim(line):
    assert outbound.claim(line.lease) is None


def test_a_claimed_one_is_being_sent_under_our_epoch(enqueue, line):
    enqueue("a")
    one = outbound.claim(line.lease)

    assert (one.state, one.epoch, one.attempts) == ("sending", line.lease.epoch, 1)
    assert outbound.claim(line.lease) is None, "one attempt at a time"


def test_a_lane_goes_on_only_when_its_first_is_settled(enqueue, line):
    first, _second = enqueue("first"), enqueue("second")
    assert claimed(line) == "first"
    assert claimed(line) is None

    outbound.mark_sent(line.lease, first.id, Sent(wa_id="X"))
    assert claimed(line) == "second"


@pytest.mark.parametrize("end", ["sent", "failed", "unconfirmed"])
def test_any_end_lets_the_next_one_go(end, enqueue, line):
    first, _second = enqueue("first"), enqueue("second")
    outbound.claim(line.lease)
    match end:
        case "sent":
            outbound.mark_sent(line.lease, first.id, Sent(wa_id="X"))
        case "failed":
            outbound.mark_failed(line.lease, first.id, code="c", detail="d")
        case "unconfirmed":
            outbound.mark_unconfirmed(line.lease, first.id)

    assert state(first) == end
    assert claimed(line) == "second"


def test_a_postponed_one_holds_up_its_lane_and_no_other(enqueue, line):
    first, _second, _other = enqueue("first"), enqueue("second"), enqueue("other", lane=TWO)
    outbound.claim(line.lease)
    outbound.postpone(line.lease, first.id, seconds=3600)

    assert claimed(line) == "other"
    assert claimed(line) is None


def test_a_postponed_ones_time_comes(enqueue, line):
    first = enqueue("first")
    outbound.claim(line.lease)
    outbound.postpone(line.lease, first.id, seconds=3600)
    Outbound.objects.update(not_before=timezone.now() - timedelta(minutes=5))

    assert claimed(line) == "first"
    assert Outbound.objects.get(id=first.id).attempts == 2


def test_a_session_claims_for_its_own_connection_only(enqueue, line, acme, sales):
    from world import take_line

    from connections.actions import create_connection, start_connection

    second = create_connection(name="Second", driver="simulator", sector=sales)
    start_connection(second)
    enqueue("for the first")

    assert claimed(take_line(second)) is None
    assert claimed(line) == "for the first"


def test_settling_records_it_once(enqueue, line, log):
    one = enqueue("a")
    outbound.claim(line.lease)
    outbound.mark_sent(line.lease, one.id, Sent(wa_id="X"))
    outbound.mark_failed(line.lease, one.id, code="late", detail="too late")

    settled = Outbound.objects.get(id=one.id)
    assert (settled.state, settled.wa_id, settled.error_code) == ("sent", "X", "")
    assert settled.settled_at is not None
    assert log.kinds().count("connection.sends_settled") == 1


def test_what_was_never_claimed_is_not_settled(enqueue, line, log):
    one = enqueue("a")
    outbound.mark_sent(line.lease, one.id, Sent(wa_id="X"))

    assert state(one) == "queued"
    assert "connection.sends_settled" not in log.kinds()


def test_what_is_in_doubt_is_what_was_being_sent(enqueue, line):
    doubtful, _queued = enqueue("doubtful"), enqueue("queued", lane=TWO)
    outbound.claim(line.lease)

    assert [one.id for one in outbound.in_doubt(line.lease)] == [doubtful.id]


def test_a_poll_finds_the_connections_with_something_to_do(enqueue, line, connection):
    assert outbound.with_something_queued([connection.id]) == set()
    one = enqueue("a")
    assert outbound.with_something_queued([connection.id]) == {connection.id}
    outbound.claim(line.lease)
    outbound.postpone(line.lease, one.id, seconds=3600)
    assert outbound.with_something_queued([connection.id]) == set()


def test_a_reference_is_used_once(enqueue):
    enqueue("a", reference=ONE)

    with pytest.raises(IntegrityError):
        enqueue("b", reference=ONE)


@pytest.mark.parametrize("end", ["failed", "unconfirmed"])
def test_a_failed_one_may_be_queued_again(end, enqueue, line, log):
    one = enqueue("a", reference=ONE)
    outbound.claim(line.lease)
    if end == "failed":
        outbound.mark_failed(line.lease, one.id, code="c", detail="d")
    else:
        outbound.mark_unconfirmed(line.lease, one.id)

    assert outbound.retry(ONE) is True
    again = Outbound.objects.get(id=one.id)
    assert (again.state, again.attempts, again.error_code, again.error) == ("queued", 0, "", "")
    assert log.kinds()[-1] == "connection.send_queued"


def test_what_is_on_its_way_is_not_queued_again(enqueue, line):
    one = enqueue("a", reference=ONE)
    assert outbound.retry(ONE) is False
    outbound.claim(line.lease)
    assert outbound.retry(ONE) is False
    outbound.mark_sent(line.lease, one.id, Sent(wa_id="X"))
    assert outbound.retry(ONE) is False
    assert outbound.retry(TWO) is False


def test_an_order_survives_a_long_refusal(enqueue, line):
    """Codes and words of a gateway may be longer than their columns."""
    one = enqueue("a")
    outbound.claim(line.lease)
    outbound.mark_failed(line.lease, one.id, code="c" * 100, detail="d" * 1000)

    failed = Outbound.objects.get(id=one.id)
    assert (len(failed.error_code), len(failed.error)) == (40, 300)


def test_many_threads_of_one_session_claim_each_once(at_once, acme, line, enqueue):
    with working_for(acme):
        for n in range(20):
            enqueue(f"{n}", lane=uuid.uuid4())

    def claim(_):
        with working_for(acme):
            return claimed(line)

    assert sorted(at_once(claim, list(range(20))), key=int) == [f"{n}" for n in range(20)]


# --- several sessions at once -----------------------------------------------------------------


@pytest.fixture
def second(acme, sales, line):
    """Another number that the same worker hosts."""
    made = actions.create_connection(name="Second", driver="simulator", sector=sales)
    return take_line(actions.start_connection(made))


def queued_on(line, text, lane=None):
    return outbound.enqueue(
        line.connection,
        lane=lane or uuid.uuid4(),
        kind="message",
        chat="5511@c.us",
        payload={"text": text},
        client_ref=uuid.uuid4(),
    )


def turn(line, settled=None):
    return outbound.Turn(line.lease, settled)


def sent(one, wa_id="WA"):
    return outbound.Settled(outbound_id=one.id, state="sent", wa_id=wa_id)


def texts(ones):
    return [one and one.payload["text"] for one in ones]


def test_each_session_gets_the_next_of_its_own_queue(line, second):
    queued_on(line, "a")
    queued_on(second, "b")
    queued_on(line, "c")
    ones = outbound.take_turns([turn(line), turn(second)])

    assert texts(ones) == ["a", "b"]
    assert [(one.state, one.epoch, one.attempts) for one in ones] == [
        ("sending", line.lease.epoch, 1),
        ("sending", second.lease.epoch, 1),
    ]
    for one in ones:
        kept = Outbound.objects.get(id=one.id)
        assert (kept.state, kept.epoch, kept.attempts) == (one.state, one.epoch, one.attempts)


def test_a_turn_settles_what_was_sent_and_its_lane_goes_on_in_the_same_breath(line, second, log):
    queued_on(line, "a", lane=ONE)
    queued_on(line, "b", lane=ONE)
    other = queued_on(second, "c")
    first, third = outbound.take_turns([turn(line), turn(second)])
    ones = outbound.take_turns([turn(line, sent(first, "WA1")), turn(second, sent(third, "WA3"))])

    assert texts(ones) == ["b", None]
    assert Outbound.objects.get(id=first.id).wa_id == "WA1"
    assert state(other) == "sent"
    assert log.last("connection.sends_settled") == {"outbound_ids": sorted([first.id, third.id])}


def test_a_lost_lease_among_turns_changes_nothing(line, second):
    queued_on(line, "a")
    leases.release(second.lease)

    with pytest.raises(LeaseLost), transaction.atomic():
        outbound.take_turns([turn(line), turn(second)])
    assert Outbound.objects.get().state == "queued"


def test_what_must_wait_lets_the_next_one_go(line, second):
    held = queued_on(line, "new")
    Outbound.objects.filter(id=held.id).update(is_new_chat=True)
    Connection.objects.filter(id=line.connection.id).update(
        restricted_until=timezone.now() + timedelta(hours=1)
    )
    queued_on(line, "answer")
    queued_on(second, "other")

    assert texts(outbound.take_turns([turn(line), turn(second)])) == ["answer", "other"]
    assert Outbound.objects.get(id=held.id).waits_for == "restriction"
