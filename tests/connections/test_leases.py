"""Leases: one worker at a time hosts a connection, and every write of a session proves that it is the one."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now
from world import Line, take_line

from connections import actions, downloads, inbound, leases, outbound, wire
from connections.leases import Lease, LeaseLost
from connections.models import Connection, Download, Inbound, Transition
from tenants.scope import across_tenants, working_for
from tickets.models import Message


@pytest.fixture
def free(acme, sales):
    """A second number that should run and that nobody holds."""
    with working_for(acme):
        made = actions.create_connection(name="Second", driver="simulator", sector=sales)
        return actions.start_connection(made)


def acquired(worker, room=50):
    return {connection.id for connection in leases.acquire(worker, room)}


def expire(connection):
    with across_tenants(reason="time passes"):
        Connection.objects.filter(id=connection.id).update(lease_expires_at=Now() - timedelta(seconds=1))


def fresh(connection):
    with across_tenants(reason="one is looked at"):
        return Connection.objects.get(id=connection.id)


# --- taking -----------------------------------------------------------------------------------


def test_a_free_connection_is_taken_under_a_new_epoch(free):
    (taken,) = leases.acquire("w1", 50)

    assert taken.id == free.id
    assert (taken.lease_owner, taken.lease_epoch) == ("w1", free.lease_epoch + 1)
    assert taken.tenant.slug == "acme"


def test_a_held_connection_is_not_taken(free):
    assert acquired("w1") == {free.id}
    assert acquired("w2") == set()


def test_a_connection_that_should_not_run_is_not_taken(acme, free):
    with working_for(acme):
        actions.stop_connection(free)

    assert acquired("w1") == set()


def test_connections_of_a_tenant_that_was_switched_off_are_not_taken(acme, free):
    acme.is_active = False
    acme.save()

    assert acquired("w1") == set()


def test_when_a_lease_has_run_out_another_worker_takes_over_under_the_next_epoch(free):
    leases.acquire("w1", 50)
    expire(free)
    (taken,) = leases.acquire("w2", 50)

    assert (taken.lease_owner, taken.lease_epoch) == ("w2", free.lease_epoch + 2)


def test_a_worker_takes_no_more_than_it_has_room_for(acme, free, sales):
    with working_for(acme):
        third = actions.create_connection(name="Third", driver="simulator", sector=sales)
        actions.start_connection(third)

    assert len(acquired("w1", 1)) == 1
    assert len(acquired("w1", 1)) == 1
    assert acquired("w1", 1) == set()


def test_one_that_was_told_to_stop_while_its_worker_died_is_taken_once_more_to_end_it(acme, free):
    """Else it would be shown as connected for ever: nobody else would say how it ended."""
    (taken,) = leases.acquire("w1", 50)
    with working_for(acme):
        actions.report_ready(
            Lease(taken.id, "w1", taken.lease_epoch), wire.Ready(phone="+55", profile_name="")
        )
        actions.stop_connection(taken)
    expire(free)

    assert acquired("w2") == {free.id}


def test_one_that_ended_is_left_alone_though_its_lease_was_never_given_back(acme, free):
    (taken,) = leases.acquire("w1", 50)
    with working_for(acme):
        actions.report_state(Lease(taken.id, "w1", taken.lease_epoch), "failed", reason="qr_exhausted")
    expire(free)

    assert acquired("w2") == set()


def test_of_two_workers_at_once_one_takes_it(at_once, free):
    taken = at_once(acquired, [f"w{n}" for n in range(8)])

    assert sorted(len(one) for one in taken) == [0] * 7 + [1]


# --- keeping ----------------------------------------------------------------------------------


def test_renewing_prolongs_the_lease_and_brings_what_people_want(acme, free):
    (taken,) = leases.acquire("w1", 50)
    before = fresh(free).lease_expires_at
    with working_for(acme):
        actions.stop_connection(taken)
    wishes = leases.renew("w1", [free.id])

    assert fresh(free).lease_expires_at >= before
    assert wishes[free.id].epoch == taken.lease_epoch
    assert (wishes[free.id].should_run, wishes[free.id].should_log_out) == (False, False)


def test_what_was_lost_is_missing_from_the_answer(free):
    leases.acquire("w1", 50)
    expire(free)

    assert leases.renew("w1", [free.id]) == {}


def test_nobody_renews_the_lease_of_another(free):
    leases.acquire("w1", 50)
    before = fresh(free).lease_expires_at

    assert leases.renew("w2", [free.id]) == {}
    assert fresh(free).lease_expires_at == before


def test_a_lease_that_is_given_back_is_free_at_once(free):
    (taken,) = leases.acquire("w1", 50)
    leases.release(Lease(taken.id, "w1", taken.lease_epoch))

    assert fresh(free).lease_owner == ""
    assert acquired("w2") == {free.id}


def test_an_old_epoch_gives_nothing_back(free):
    leases.acquire("w1", 50)
    expire(free)
    leases.acquire("w1", 50)
    leases.release(Lease(free.id, "w1", free.lease_epoch + 1))

    assert fresh(free).lease_owner == "w1"


def test_a_nudge_goes_to_who_holds_it_now(acme, free):
    with working_for(acme):
        assert leases.holder(free.id) == ""
    leases.acquire("w1", 50)
    with working_for(acme):
        assert leases.holder(free.id) == "w1"
    expire(free)
    with working_for(acme):
        assert leases.holder(free.id) == ""


# --- every write proves it --------------------------------------------------------------------


@pytest.fixture
def outbound_id(acme, bruno, open_ticket, line):
    from world import answer

    with working_for(acme):
        answer(open_ticket, "Hello", by=bruno)
        return outbound.claim(line.lease).id


@pytest.fixture
def download(acme, maria):
    maria.sends_file(name="a.jpg", mime="image/jpeg", arrives=None)
    with working_for(acme):
        return Download.objects.get()


WRITES = {
    "report_state": lambda line, **_: actions.report_state(line.lease, "failed", reason="stale"),
    "report_ready": lambda line, **_: actions.report_ready(
        line.lease, wire.Ready(phone="+1", profile_name="")
    ),
    "keep_credentials": lambda line, **_: actions.keep_credentials(line.lease, b"stale"),
    "accept": lambda line, told, **_: inbound.accept(line.connection, told, lease=line.lease),
    "claim": lambda line, **_: outbound.claim(line.lease),
    "mark_sent": lambda line, sending, **_: outbound.mark_sent(line.lease, sending, wire.Sent(wa_id="X")),
    "mark_failed": lambda line, sending, **_: outbound.mark_failed(line.lease, sending, code="x", detail=""),
    "mark_unconfirmed": lambda line, sending, **_: outbound.mark_unconfirmed(line.lease, sending),
    "postpone": lambda line, sending, **_: outbound.postpone(line.lease, sending, seconds=0),
    "finish": lambda line, download, **_: downloads.finish(
        line.connection, line.lease, download, path="p", size=1, mime="image/jpeg"
    ),
    "fail": lambda line, download, **_: downloads.fail(
        line.connection, line.lease, download, is_permanent=True
    ),
}


def checksums():
    with across_tenants(reason="everything is compared"):
        models = (Connection, Transition, Inbound, Download, Message, outbound.Outbound)
        return [list(model.objects.order_by("id").values()) for model in models]


@pytest.mark.parametrize("lost", ["epoch", "worker", "expired"])
@pytest.mark.parametrize("write", WRITES)
def test_a_session_without_its_lease_writes_nothing(write, lost, line, maria, outbound_id, download):
    stale = Line(line.connection, line.lease)
    match lost:
        case "epoch":
            stale = Line(
                line.connection, Lease(line.lease.connection_id, line.lease.worker, line.lease.epoch - 1)
            )
        case "worker":
            stale = Line(line.connection, Lease(line.lease.connection_id, "w2", line.lease.epoch))
        case "expired":
            expire(line.connection)
    before = checksums()

    with pytest.raises(LeaseLost):
        WRITES[write](stale, told=maria.message("Stale"), sending=outbound_id, download=download)

    assert checksums() == before


@pytest.mark.parametrize("write", WRITES)
def test_with_its_lease_it_writes(write, line, maria, outbound_id, download):
    """Else the refusals above would prove nothing."""
    before = checksums()
    if write == "claim":
        outbound.postpone(line.lease, outbound_id, seconds=-1)
        before = checksums()
    WRITES[write](line, told=maria.message("Fresh"), sending=outbound_id, download=download)

    if write == "keep_credentials":
        from connections.sessions import vault

        assert vault.open_for(line.connection) == b"stale"
    else:
        assert checksums() != before


def test_a_successor_is_not_hindered_by_its_predecessor(free):
    first = take_line(free, worker="w1")
    expire(free)
    second = take_line(free, worker="w2")
    with working_for(free.tenant):
        with pytest.raises(LeaseLost):
            actions.report_state(first.lease, "failed", reason="too late")
        actions.report_ready(second.lease, wire.Ready(phone="+5511", profile_name="Second"))

    assert fresh(free).state == "connected"
