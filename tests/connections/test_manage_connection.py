"""What people do with connections: make, rename, run, stop, log out; and what they see of them."""

import uuid
from datetime import timedelta

import pytest
from django.db.models.functions import Now
from world import browser

from connections import actions, leases, upkeep, wire
from connections.models import Connection, Transition
from connections.sessions import vault


@pytest.fixture
def idle(acme, sales):
    return actions.create_connection(name="Second", driver="simulator", sector=sales)


def new(sector, **more):
    return {"name": "Third", "driver": "simulator", "sector_id": str(sector.id), **more}


# --- making -----------------------------------------------------------------------------------


def test_an_owner_makes_a_connection(ana, support):
    answer = browser(ana).post("connections/", new(support))

    assert answer.status_code == 201
    row = answer.json()
    assert (row["name"], row["state"], row["should_run"], row["sector"]["name"]) == (
        "Third",
        "created",
        False,
        "Support",
    )


def test_a_stranger_gets_404(rui, support):
    assert browser(rui, tenant="acme").post("connections/", new(support)).status_code == 404


@pytest.mark.parametrize("who", ["sofia", "bruno"])
def test_a_lesser_role_gets_403(who, request, support):
    assert browser(request.getfixturevalue(who)).post("connections/", new(support)).status_code == 403


def test_a_wrong_method_gets_405(ana):
    assert browser(ana).put("connections/").status_code == 405


def test_the_event_is_recorded(ana, support, log):
    browser(ana).post("connections/", new(support))

    assert log.last("connection.state_changed")["connection"]["name"] == "Third"


def test_two_connections_cannot_have_one_name(ana, support, connection):
    answer = browser(ana).post("connections/", new(support, name="Acme main"))

    assert (answer.status_code, answer.json()["code"]) == (409, "connection_name_taken")


def test_another_tenant_may_use_the_same_name(ana, support, rival):
    from world import CANARY

    assert browser(ana).post("connections/", new(support, name=f"{CANARY}-line")).status_code == 201


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 61}, "name"),
        ({"name": "a\x00b"}, "name"),
        ({"driver": "carrier-pigeon"}, "driver"),
        ({"sector_id": "Sales"}, "sector_id"),
        ({"sector_id": None}, "sector_id"),
    ],
)
def test_bad_input_is_explained(change, field, ana, support):
    answer = browser(ana).post("connections/", new(support, **change))

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert list(answer.json()["fields"]) == [field]


def test_a_sector_there_is_not_is_404(ana, support):
    assert browser(ana).post("connections/", new(support, sector_id=str(uuid.uuid4()))).status_code == 404


def test_a_driver_this_installation_does_not_offer_is_refused(ana, support, settings):
    settings.DRIVERS = []
    answer = browser(ana).post("connections/", new(support))

    assert (answer.status_code, answer.json()["code"]) == (400, "driver_not_offered")


# --- changing ---------------------------------------------------------------------------------


def test_it_is_renamed_and_gets_another_sector(ana, idle, support, log):
    answer = browser(ana).patch(f"connections/{idle.id}/", {"name": "Renamed", "sector_id": str(support.id)})

    row = answer.json()
    assert (row["name"], row["sector"]["name"]) == ("Renamed", "Support")
    assert row["version"] > idle.version
    assert log.last("connection.state_changed")["connection"]["name"] == "Renamed"


def test_a_taken_name_is_refused_and_nothing_changes(ana, idle, connection, support):
    answer = browser(ana).patch(
        f"connections/{idle.id}/", {"name": "Acme main", "sector_id": str(support.id)}
    )

    assert answer.status_code == 409
    assert Connection.objects.get(id=idle.id).sector.name == "Sales"


def test_new_tickets_wait_in_the_new_sector(ana, connection, support, maria):
    upkeep.set_up(connection, upkeep.Change(sector=support))

    assert maria.writes("Hello").ticket.sector.name == "Support"


# --- running ----------------------------------------------------------------------------------


def test_starting_says_so_at_once(ana, idle, log):
    row = browser(ana).put(f"connections/{idle.id}/run/").json()

    assert (row["should_run"], row["state"]) == (True, "starting")
    assert log.last("connection.run_changed") == {"connection_id": str(idle.id)}


def test_starting_again_asks_for_a_fresh_start(idle):
    actions.start_connection(idle)
    again = actions.start_connection(idle)

    assert again.wish == 2


def test_stopping_one_that_nobody_hosts_says_so_at_once(ana, idle):
    actions.start_connection(idle)
    row = browser(ana).delete(f"connections/{idle.id}/run/").json()

    assert (row["should_run"], row["state"], row["reason"]) == (False, "stopped", "asked_to_stop")


def test_stopping_one_that_is_hosted_leaves_the_saying_to_its_session(ana, connection, log):
    row = browser(ana).delete(f"connections/{connection.id}/run/").json()

    assert (row["should_run"], row["state"]) == (False, "connected")
    assert "connection.run_changed" in log.kinds()


def test_logging_out_one_that_was_never_linked_is_done_at_once(ana, idle):
    row = browser(ana).delete(f"connections/{idle.id}/link/").json()

    assert (row["state"], row["reason"]) == ("logged_out", "asked_to_log_out")


def test_logging_out_one_that_rests_waits_for_a_session_that_can(ana, idle, log):
    vault.keep(idle, b"device-token")
    row = browser(ana).delete(f"connections/{idle.id}/link/").json()

    assert (row["state"], row["reason"]) == ("starting", "logging_out")
    assert Connection.objects.unowned().filter(id=idle.id).exists()
    assert "connection.run_changed" in log.kinds()


def test_a_start_takes_a_log_out_back(idle):
    vault.keep(idle, b"device-token")
    actions.log_out_connection(idle)
    started = actions.start_connection(idle)

    assert (started.should_run, started.should_log_out) == (True, False)


def test_stopping_one_whose_worker_died_says_so_at_once(ana, connection, line):
    Connection.objects.filter(id=connection.id).update(lease_expires_at=Now() - timedelta(seconds=1))
    row = browser(ana).delete(f"connections/{connection.id}/run/").json()

    assert (row["should_run"], row["state"]) == (False, "stopped")


def test_an_end_does_not_undo_a_start_that_was_asked_for_since(line):
    before = Connection.objects.get(id=line.connection.id).wish
    actions.stop_connection(line.connection)
    actions.start_connection(line.connection)
    reported = actions.report_state(line.lease, "stopped", reason="asked_to_stop", wish=before)

    assert (reported.state, reported.should_run) == ("stopped", True)


def test_one_that_can_no_longer_be_unlinked_is_forgotten_and_says_so(line):
    vault.keep(line.connection, b"device-token")
    actions.log_out_connection(line.connection)
    reported = actions.report_state(line.lease, "failed", reason="gateway_unreachable")

    assert (reported.state, reported.reason) == ("logged_out", "log_out_unconfirmed")
    assert not vault.holds(line.connection)


def test_a_number_that_no_worker_holds_does_not_look_connected(acme, connection, line, log):
    assert leases.lapsed() == []
    Connection.objects.filter(id=connection.id).update(lease_expires_at=Now() - timedelta(seconds=1))

    assert leases.lapsed() == [(str(acme.id), str(connection.id))]
    assert actions.report_unhosted(connection) is True
    found = Connection.objects.get(id=connection.id)
    assert (found.state, found.reason, found.should_run) == ("reconnecting", "no_host", True)
    assert "connection.state_changed" in log.kinds()
    assert leases.lapsed() == []


def test_a_number_that_was_taken_meanwhile_is_left_alone(connection, line):
    assert actions.report_unhosted(connection) is False


def test_logging_out_one_that_is_hosted_is_asked_of_its_session(ana, connection, log):
    row = browser(ana).delete(f"connections/{connection.id}/link/").json()

    assert row["state"] == "connected"
    assert Connection.objects.get(id=connection.id).should_log_out
    assert "connection.run_changed" in log.kinds()


# --- what a session says ----------------------------------------------------------------------


@pytest.mark.parametrize("state", ["failed", "banned", "stopped"])
def test_a_final_state_ends_the_wish_to_run(state, line):
    reported = actions.report_state(line.lease, state, reason="why")

    assert (reported.state, reported.should_run) == (state, False)


def test_a_change_of_state_is_written_down_with_its_reason(line, ana):
    actions.report_state(line.lease, "reconnecting", reason="connection_lost", detail="reset by peer")
    newest = browser(ana).get(f"connections/{line.connection.id}/transitions/").json()["results"][0]

    assert newest["at"].endswith("Z")
    del newest["at"]
    assert newest == {
        "from_state": "connected",
        "to_state": "reconnecting",
        "reason": "connection_lost",
        "detail": "reset by peer",
        "worker": line.lease.worker,
        "epoch": line.lease.epoch,
    }


def test_saying_the_same_again_is_no_transition_but_is_told(line, log):
    before = Transition.objects.count()
    actions.report_state(line.lease, "connected", reason="")

    assert Transition.objects.count() == before
    assert "connection.state_changed" in log.kinds()


def test_words_of_a_gateway_are_cut_to_fit(line):
    reported = actions.report_state(line.lease, "reconnecting", reason="r" * 100, detail="d" * 1000)
    actions.report_ready(line.lease, wire.Ready(phone="+" + "5" * 50, profile_name="p" * 200))

    assert (len(reported.reason), len(reported.detail)) == (40, 300)


def test_the_newest_transitions_come_first_and_not_too_many(line, ana, monkeypatch):
    monkeypatch.setattr("connections.api.TRANSITIONS_SHOWN", 3)
    for n in range(4):
        actions.report_state(line.lease, "reconnecting" if n % 2 else "syncing", reason=f"r{n}")
    shown = browser(ana).get(f"connections/{line.connection.id}/transitions/").json()["results"]

    assert [one["reason"] for one in shown] == ["r3", "r2", "r1"]


def test_credentials_are_in_no_answer_and_no_event(ana, line, log):
    actions.keep_credentials(line.lease, b"device-token")
    seen = browser(ana).get("connections/").content.decode() + str([event.payload for event in log.events()])

    assert "device-token" not in seen
    assert "sealed" not in seen


def test_starting_and_stopping_at_once_do_not_deadlock_or_fail(at_once, acme, sales, support):
    from tenants.scope import working_for

    with working_for(acme):
        made = actions.create_connection(name="Second", driver="simulator", sector=sales)

    def act(verb):
        with working_for(acme):
            return verb(made)

    verbs = [
        actions.start_connection,
        actions.stop_connection,
        actions.log_out_connection,
        lambda one: upkeep.set_up(one, upkeep.Change(sector=support)),
    ] * 3
    outcomes = at_once(act, verbs)

    assert all(isinstance(outcome, Connection) for outcome in outcomes), outcomes
