"""The pool of a worker: takes, renews, restarts, stops and gives back. Its gateway is in memory."""

import asyncio
import gc
import queue
import threading
import time

import pytest
from django.db import InterfaceError, OperationalError
from django.db.models.functions import Now
from gateway import READY, SOON
from world import answer

from connections import actions, leases, tasks, workers
from connections.drivers.base import DriverError
from connections.leases import LeaseLost
from connections.models import Connection, Download, Outbound, Transition
from connections.sessions import pool as pools
from connections.sessions import vault
from connections.sessions.pool import SessionPool
from connections.wire import Ended, Linked, Media, QrShown, Stored
from tenants.models import Tenant
from tenants.scope import across_tenants, working_for

pytestmark = pytest.mark.usefixtures("committed")


@pytest.fixture
def number(acme, sales, settings):
    """A number that should run, hosted by nobody."""
    settings.LEASE_SECONDS = 2.0
    with working_for(acme):
        made = actions.create_connection(name="Second", driver="simulator", sector=sales)
        return actions.start_connection(made)


@pytest.fixture
def start(gateway, monkeypatch):
    """Start pools in this process, as workers would; they are stopped with the test."""
    monkeypatch.setattr(pools, "ACQUIRE_SECONDS", 0.1)
    monkeypatch.setattr(pools, "POLL_SECONDS", 0.1)
    started = []

    def one(worker="w1@here/1"):
        pool = SessionPool(worker)
        pool.start()
        started.append(pool)
        return pool

    yield one
    for pool in started:
        if pool.thread.is_alive():
            pool.stop()
        pool.threads.shutdown(wait=True)
    gc.collect()  # of connections to the database, which end with their threads


def row(number):
    with across_tenants(reason="one is looked at"):
        return Connection.objects.get(id=number.id)


def until(condition):
    """Asked again and again: what a pool does, it does in threads of its own."""
    deadline = time.monotonic() + SOON
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        threading.Event().wait(0.02)


def connected(pool, gateway, number):
    link = gateway.next_link()
    link.tells(READY)
    until(lambda: row(number).state == "connected" and pool.sessions[number.id].is_connected)
    return link


def people_want(number, action):
    with working_for(number.tenant):
        action(number)


def test_a_free_number_is_taken_and_brought_up(start, gateway, number):
    pool = start()
    connected(pool, gateway, number)

    assert row(number).lease_owner == "w1@here/1"
    assert pool.hosts(number.id)


def test_leases_of_living_sessions_are_renewed(start, gateway, number):
    connected(start(), gateway, number)
    first = row(number).lease_expires_at

    until(lambda: row(number).lease_expires_at > first)


def test_stopping_the_worker_gives_the_number_back_and_does_not_log_out(start, gateway, number):
    pool = start()
    link = connected(pool, gateway, number)
    pool.stop()

    left = row(number)
    assert (left.lease_owner, left.state, left.should_run) == ("", "connected", True)
    assert gateway.log_outs == 0
    assert link.is_closed
    connected(start("w2@there/1"), gateway, number)
    assert row(number).lease_owner == "w2@there/1"


def test_a_stopped_number_rests_until_it_is_started_again(start, gateway, number):
    pool = start()
    connected(pool, gateway, number)
    people_want(number, actions.stop_connection)
    pool.look_around()
    until(lambda: row(number).state == "stopped" and row(number).lease_owner == "")
    assert not pool.hosts(number.id)

    people_want(number, actions.start_connection)
    pool.look_around()
    connected(pool, gateway, number)


def test_starting_a_running_number_begins_afresh(start, gateway, number):
    """With a new QR code, where it needs one."""
    pool = start()
    first = gateway.next_link()
    epoch = row(number).lease_epoch
    people_want(number, actions.start_connection)
    pool.look_around()
    second = gateway.next_link()

    assert first is not second
    until(lambda: first.is_closed)
    assert row(number).lease_epoch > epoch


def test_logging_out_reaches_the_gateway(start, gateway, number):
    with working_for(number.tenant):
        vault.keep(number, b"device-token")
    pool = start()
    connected(pool, gateway, number)
    people_want(number, actions.log_out_connection)
    pool.look_around()
    until(lambda: row(number).state == "logged_out")

    assert gateway.log_outs == 1
    left = row(number)
    assert (left.should_run, left.should_log_out) == (False, False)
    with working_for(number.tenant):
        assert vault.open_for(number) is None


def test_a_gateway_that_takes_its_time_costs_no_other_session_its_lease(
    start, gateway, number, sales, acme, monkeypatch
):
    """A lease is shorter than a gateway's patience."""
    with working_for(acme):
        other = actions.start_connection(
            actions.create_connection(name="Third", driver="simulator", sector=sales)
        )
    pool = start()
    links = [gateway.next_link(), gateway.next_link()]
    for link in links:
        link.tells(READY)
    until(lambda: all(s.is_connected for s in pool.sessions.values()) and len(pool.sessions) == 2)
    epoch = row(other).lease_epoch

    async def slow(self):
        await asyncio.sleep(4)

    monkeypatch.setattr(type(links[0]), "log_out", slow)
    people_want(number, actions.log_out_connection)

    until(lambda: row(number).state == "logged_out")
    assert row(other).lease_epoch == epoch
    assert row(other).state == "connected"


def test_a_start_that_comes_while_it_still_stops_is_not_lost(start, gateway, number, monkeypatch):
    pool = start()
    link = connected(pool, gateway, number)
    leaving = threading.Event()

    async def slow(self):
        leaving.set()
        await asyncio.sleep(0.5)

    monkeypatch.setattr(type(link), "close", slow)
    people_want(number, actions.stop_connection)
    pool.look_around()
    assert leaving.wait(SOON)
    people_want(number, actions.start_connection)

    connected(pool, gateway, number)
    assert row(number).should_run


def test_a_resting_number_connects_once_more_to_be_logged_out(start, gateway, number):
    """Only over a live link can WhatsApp be told to unlink us."""
    pool = start()
    link = connected(pool, gateway, number)
    link.tells(Linked(credentials=b"secret"))
    until(lambda: holds_credentials(number))
    people_want(number, actions.stop_connection)
    until(lambda: row(number).state == "stopped" and not pool.sessions)
    people_want(number, actions.log_out_connection)

    gateway.next_link().tells(READY)
    until(lambda: row(number).state == "logged_out")
    assert (gateway.log_outs, row(number).reason) == (1, "asked_to_log_out")
    assert not holds_credentials(number)


def test_one_that_cannot_be_reached_is_forgotten_and_said_so(start, gateway, number, monkeypatch):
    monkeypatch.setattr("connections.sessions.session.LOG_OUT_SECONDS", 0.5)
    pool = start()
    link = connected(pool, gateway, number)
    link.tells(Linked(credentials=b"secret"))
    until(lambda: holds_credentials(number))
    gateway.refuses_to_open = [DriverError("gateway_unreachable", permanent=False)] * 100
    link.tells(Ended(state="reconnecting", reason="connection_lost"))
    until(lambda: row(number).state == "reconnecting")
    people_want(number, actions.log_out_connection)

    until(lambda: row(number).state == "logged_out")
    assert (gateway.log_outs, row(number).reason) == (0, "log_out_unconfirmed")


def holds_credentials(number):
    with working_for(number.tenant):
        return vault.holds(number)


def test_a_suspended_tenants_sessions_end(start, gateway, number):
    pool = start()
    connected(pool, gateway, number)
    Tenant.objects.filter(id=number.tenant_id).update(is_active=False)
    try:
        until(lambda: not pool.sessions)
    finally:
        Tenant.objects.filter(id=number.tenant_id).update(is_active=True)


def test_a_file_whose_time_has_come_is_fetched_without_being_asked_for(start, gateway, number, maria):
    pool = start()
    gateway.files["m1"] = DriverError("away", permanent=False)
    link = connected(pool, gateway, number)
    media = Media(id="m1", mime="image/jpeg", name="a.jpg")
    link.tells(Stored(happening=maria.message("", message_kind="image", media=media), receipt=1))
    until(lambda: download_of(number).attempts == 1)
    gateway.files["m1"] = b"a picture"

    until(lambda: download_of(number).state == "done")


def download_of(number):
    with across_tenants(reason="one is looked at"):
        return Download.objects.filter(connection_id=number.id).first() or Download()


def test_a_session_that_ended_by_itself_gives_its_number_back(start, gateway, number):
    from connections import wire

    pool = start()
    link = connected(pool, gateway, number)
    link.tells(wire.Ended(state="logged_out", reason="unlinked_on_phone"))

    until(lambda: row(number).lease_owner == "" and not pool.hosts(number.id))
    assert row(number).state == "logged_out"


def test_a_lost_lease_ends_the_session_here(start, gateway, number):
    pool = start()
    link = connected(pool, gateway, number)
    with across_tenants(reason="another worker takes over"):
        Connection.objects.filter(id=number.id).update(
            lease_owner="w2@there/1",
            lease_epoch=row(number).lease_epoch + 1,
            lease_expires_at=Now() + leases.lasts(),
        )

    until(lambda: not pool.hosts(number.id))
    assert link.is_closed
    assert row(number).lease_owner == "w2@there/1"


def test_a_number_whose_worker_died_is_taken_over(start, gateway, number):
    leases.acquire("dead@there/1", 50)
    with across_tenants(reason="time passes"):
        Connection.objects.filter(id=number.id).update(lease_expires_at=Now())
    connected(start(), gateway, number)

    assert row(number).lease_epoch == 2


def test_one_told_to_stop_while_its_worker_died_is_said_to_be_stopped(start, gateway, number):
    (taken,) = leases.acquire("dead@there/1", 50)
    with working_for(number.tenant):
        actions.report_ready(leases.Lease(taken.id, "dead@there/1", taken.lease_epoch), READY)
        actions.stop_connection(taken)
    assert row(number).state == "connected"
    with across_tenants(reason="time passes"):
        Connection.objects.filter(id=number.id).update(lease_expires_at=Now())
    start()

    until(lambda: row(number).state == "stopped" and row(number).lease_owner == "")
    assert gateway.credentials == [], "no line was opened for it"


def test_a_worker_hosts_no_more_than_it_may(start, gateway, number, sales, settings):
    settings.SESSIONS_PER_WORKER = 1
    with working_for(number.tenant):
        third = actions.create_connection(name="Third", driver="simulator", sector=sales)
        actions.start_connection(third)
    start("w1@here/1")
    gateway.next_link()
    start("w2@there/1")
    gateway.next_link()

    assert {row(number).lease_owner, row(third).lease_owner} == {"w1@here/1", "w2@there/1"}


def test_a_lost_wake_up_is_covered_by_the_poll(start, gateway, acme, bruno, open_ticket, settings):
    settings.LEASE_SECONDS = 2.0
    with across_tenants(reason="its worker lets go"):
        Connection.objects.filter(id=open_ticket.connection_id).update(lease_owner="", lease_expires_at=None)
    start()
    gateway.next_link().tells(READY)
    with across_tenants(reason="looked at"):
        until(lambda: Connection.objects.get(id=open_ticket.connection_id).state == "connected")
    with working_for(acme):
        sent = answer(open_ticket, "Hello", by=bruno)

    def is_sent():
        with across_tenants(reason="looked at"):
            return Outbound.objects.filter(client_ref=sent.id, state="sent").exists()

    until(is_sent)


# --- bad rounds -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "failure", [OperationalError("away"), InterfaceError("closed"), LeaseLost()], ids=repr
)
@pytest.mark.parametrize("round_of", ["renew", "acquire"])
def test_a_round_that_fails_is_not_the_last_one(round_of, failure, start, gateway, number, monkeypatch):
    """The database was away for a moment; or a lease was lost in the middle of a round."""
    real, failed = getattr(leases, round_of), threading.Event()

    def once(*args):
        if not failed.is_set():
            failed.set()
            raise failure
        return real(*args)

    pool = start()
    connected(pool, gateway, number)
    monkeypatch.setattr(leases, round_of, once)
    pool.look_around()
    assert failed.wait(SOON)
    people_want(number, actions.stop_connection)
    until(lambda: row(number).state == "stopped")
    people_want(number, actions.start_connection)
    connected(pool, gateway, number)


# --- tasks that reach a pool ------------------------------------------------------------------


@pytest.fixture
def hosted(start):
    pool = start()
    pools.host(pool)
    yield pool
    pools.host(None)


def test_a_queued_send_wakes_its_session(hosted, gateway, number, monkeypatch):
    told = []
    connected(hosted, gateway, number)
    monkeypatch.setattr(hosted, "tell", lambda *args: told.append(args))
    tasks.tell_session(str(number.tenant_id), str(number.id), "show_qr")

    assert told == [(number.id, "show_qr")]


def test_only_known_requests_reach_a_session(hosted, gateway, number):
    """Whatever the queue says, a session does three things."""
    connected(hosted, gateway, number)
    for what in ("log_out", "stop", "__init__", "_fail", "driver"):
        hosted.tell(number.id, what)
    hosted.tell(number.id, "show_typing", "x@c.us", "typing")
    until(lambda: gateway.typed)

    assert gateway.typed == [("x@c.us", "typing")]
    assert row(number).state == "connected"
    assert gateway.log_outs == 0


def test_a_change_of_mind_is_noticed_without_waiting_for_the_next_round(
    hosted, gateway, number, work_off, monkeypatch
):
    monkeypatch.setattr(pools, "ACQUIRE_SECONDS", 3600)
    connected(hosted, gateway, number)
    work_off()
    people_want(number, actions.stop_connection)
    assert "connections.tasks.wake_host" in work_off()

    until(lambda: row(number).state == "stopped")


def test_a_worker_without_a_pool_takes_such_tasks_calmly(number, work_off):
    tasks.tell_session(str(number.tenant_id), str(number.id), "show_qr")

    assert pools.hosted() is None


def test_every_change_of_state_says_which_worker_under_which_epoch(start, gateway, number):
    connected(start(), gateway, number)
    with working_for(number.tenant):
        newest = Transition.objects.filter(connection=number).latest("id")

    assert (newest.to_state, newest.worker, newest.epoch) == (
        "connected",
        "w1@here/1",
        row(number).lease_epoch,
    )


# --- several workers --------------------------------------------------------------------------


@pytest.fixture
def numbers(acme, sales, settings):
    """Six numbers that should run, hosted by nobody."""
    settings.LEASE_SECONDS = 2.0
    with across_tenants(reason="the cast's numbers are not for these workers"):
        Connection.objects.update(should_run=False)
    with working_for(acme):
        made = [
            actions.create_connection(name=f"Number {n}", driver="simulator", sector=sales) for n in range(6)
        ]
        return [actions.start_connection(one) for one in made]


@pytest.fixture
def answering(gateway):
    """Links that are up as soon as they are opened."""
    stop = threading.Event()

    def answer_all():
        while not stop.is_set():
            try:
                gateway.links.get(timeout=0.05).tells(READY)
            except queue.Empty:
                continue

    thread = threading.Thread(target=answer_all)
    thread.start()
    yield
    stop.set()
    thread.join()


def hosted_by(numbers):
    owners = [row(number).lease_owner for number in numbers]
    return {owner: owners.count(owner) for owner in set(owners)}


def are_up(numbers):
    return all(row(number).state == "connected" for number in numbers)


def test_a_newcomer_is_given_its_share_and_everybody_stays_up(start, answering, numbers):
    start("w1@here/1")
    until(lambda: hosted_by(numbers) == {"w1@here/1": 6} and are_up(numbers))
    start("w2@there/1")

    until(lambda: hosted_by(numbers) == {"w1@here/1": 3, "w2@there/1": 3})
    until(lambda: are_up(numbers))


def test_a_worker_that_drains_hands_everything_over(start, answering, numbers):
    first = start("w1@here/1")
    start("w2@there/1")
    until(lambda: hosted_by(numbers) == {"w1@here/1": 3, "w2@there/1": 3})
    assert workers.drain("w1@here/1")

    until(lambda: hosted_by(numbers) == {"w2@there/1": 6} and are_up(numbers))
    assert not first.sessions


def test_a_worker_that_stops_leaves_everything_to_the_others(start, answering, numbers):
    first = start("w1@here/1")
    start("w2@there/1")
    until(lambda: hosted_by(numbers) == {"w1@here/1": 3, "w2@there/1": 3})
    first.stop()

    assert [one.name for one in workers.present()] == ["w2@there/1"]
    until(lambda: hosted_by(numbers) == {"w2@there/1": 6} and are_up(numbers))


def test_a_code_that_somebody_holds_a_phone_to_is_not_handed_over(start, gateway, number):
    first = start("w1@here/1")
    gateway.next_link().tells(QrShown(code="2@x", expires_in=60, attempt=1, attempts=6))
    until(lambda: row(number).state == "scan_qr")
    start("w2@there/1")
    workers.drain("w1@here/1")
    until(lambda: first.share.give_up == 1)

    threading.Event().wait(1.0)  # two rounds in which it could have gone
    assert row(number).lease_owner == "w1@here/1"
