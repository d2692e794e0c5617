"""How numbers are doing, and what those who run them do about it, up to their removal."""

import random
import uuid
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from world import answer, browser, deliver, fail

from connections import actions, figures, leases, record, traffic, upkeep, uptime
from connections.drivers.base import DriverError
from connections.drivers.fields import Field
from connections.drivers.simulator import SimulatorDriver
from connections.models import Connection, Outbound, Transition
from connections.sessions import vault

KEY = Field(name="api_key", label="Key", is_secret=True)
PLACE = Field(name="base_url", label="Address", help="Where it is")


@pytest.fixture
def idle(acme, sales):
    return actions.create_connection(name="Second", driver="simulator", sector=sales)


@pytest.fixture
def asks(monkeypatch):
    """The simulator's driver, as if it wanted to know something."""
    monkeypatch.setattr(SimulatorDriver, "fields", (PLACE, KEY))


@pytest.fixture
def rested(line):
    """Acme's number, stopped, and held by nobody."""
    actions.stop_connection(line.connection)
    actions.report_state(line.lease, "stopped", reason="asked_to_stop")
    leases.release(line.lease)
    return Connection.objects.get(id=line.connection.id)


def figures_of(caller, connection):
    (found,) = [
        row for row in caller.get("connections/figures/").json()["results"] if row["id"] == str(connection.id)
    ]
    return found


# --- figures ----------------------------------------------------------------------------------


def test_figures_tell_what_goes_through_a_number(ana, bruno, line, maria, open_ticket):
    for text in ("One", "Two"):
        deliver(line, answer(open_ticket, text, by=bruno))
    fail(line, answer(open_ticket, "Three", by=bruno))
    answer(open_ticket, "Four", by=bruno)
    traffic.count_recent()
    row = figures_of(browser(ana), line.connection)

    assert (row["state"], row["phone"], row["worker"]) == ("connected", "+5511900000001", line.lease.worker)
    assert (row["sent_today"], row["failed_today"], row["queued"]) == (2, 1, 1)
    assert row["received_today"] >= 1
    assert row["uptime"]["today"] is not None and row["empty_in_seconds"] == 0


def test_totals_are_of_the_tenant(ana, line, idle):
    totals = browser(ana).get("connections/figures/").json()["totals"]

    assert (totals["connections"], totals["connected"], totals["down"]) == (2, 1, 0)


def test_a_queue_says_why_it_waits_and_how_long_it_takes(ana, line, open_ticket, bruno):
    for text in ("One", "Two", "Three"):
        answer(open_ticket, text, by=bruno)
    upkeep.set_up(line.connection, upkeep.Change(pacing={"per_minute": 60, "burst": 1}))
    later = timezone.now() + timedelta(hours=3)
    held = Outbound.objects.order_by("id").last()
    Outbound.objects.filter(id=held.id).update(waits_for="quiet_hours", not_before=later)
    row = figures_of(browser(ana), line.connection)

    assert (row["queued"], row["empty_in_seconds"]) == (3, 1)
    assert [(wait["reason"], wait["count"]) for wait in row["waits"]] == [("quiet_hours", 1)]
    assert row["waits"][0]["until"][:16] == later.isoformat()[:16]


def test_the_last_trouble_is_told_and_a_stop_is_none(ana, line):
    actions.report_state(line.lease, "reconnecting", reason="connection_lost")
    actions.report_state(line.lease, "connected")
    actions.stop_connection(line.connection)
    row = figures_of(browser(ana), line.connection)

    assert row["last_error"]["reason"] == "connection_lost"


def test_uptime_counts_days_of_the_tenants_calendar(ana, line):
    now = timezone.now()
    Transition.objects.filter(connection=line.connection).delete()
    for hours, before, after in ((30, "created", "connected"), (1, "connected", "reconnecting")):
        Transition.objects.create(
            connection=line.connection,
            from_state=before,
            to_state=after,
            epoch=1,
            at=now - timedelta(hours=hours),
        )
    Connection.objects.filter(id=line.connection.id).update(created_at=now - timedelta(days=3))
    days = browser(ana).get(f"connections/{line.connection.id}/uptime/?days=7").json()["results"]

    assert len(days) == 7
    assert days[0] == {"day": days[0]["day"], "up_seconds": 0, "down_seconds": 0, "share": None}
    assert sum(day["up_seconds"] for day in days) == pytest.approx(29 * 3600, abs=5)
    assert sum(day["down_seconds"] for day in days) == pytest.approx(3600, abs=5)


def test_time_before_a_number_was_up_for_the_first_time_is_no_time_down(ana, idle):
    now = timezone.now()
    Connection.objects.filter(id=idle.id).update(created_at=now - timedelta(hours=3))
    for hours, state in ((3, "scan_qr"), (2, "connected"), (1, "failed")):
        Transition.objects.create(
            connection=idle, from_state="created", to_state=state, epoch=1, at=now - timedelta(hours=hours)
        )

    assert figures_of(browser(ana), idle)["uptime"]["days_30"] == pytest.approx(0.5, abs=0.01)


def test_sums_of_many_are_those_of_the_days_of_each(acme, sales):
    """The database adds up what `uptime.by_day` tells day by day."""
    luck, now, zone = random.Random(7), timezone.now(), ZoneInfo(acme.time_zone)
    starts = [figures._midnight(now, days) for days in (29, 6, 0)]
    made = [actions.create_connection(name=f"N{n}", driver="simulator", sector=sales) for n in range(8)]
    for one in made:
        born = now - timedelta(days=luck.choice([2, 60]), hours=luck.random())
        Connection.objects.filter(id=one.id).update(created_at=born)
        moments = sorted(born + luck.random() * (now - born) for _ in range(40))
        for at in moments:
            state = luck.choice(["connected", "reconnecting", "stopped", "scan_qr", "failed"])
            Transition.objects.create(connection=one, from_state="", to_state=state, epoch=1, at=at)
        one.refresh_from_db()
    sums = record.sums_since([one.id for one in made], starts, now)

    for one in made:
        changes = record.changes_since(one, starts[0])
        days = list(uptime.by_day(changes, since=starts[0], until=now, zone=zone).values())
        for start, count in zip(starts, (30, 7, 1), strict=True):
            told = sums[(one.id, start)]
            assert told.up_seconds == pytest.approx(sum(day.up_seconds for day in days[-count:]), abs=1)
            assert told.down_seconds == pytest.approx(sum(day.down_seconds for day in days[-count:]), abs=1)


@pytest.mark.parametrize("days", ["0", "91", "-1", "x", "9" * 50])
def test_a_number_of_days_that_makes_no_sense_is_refused(days, ana, connection):
    assert browser(ana).get(f"connections/{connection.id}/uptime/?days={days}").status_code == 400


# --- settings ---------------------------------------------------------------------------------


def test_settings_are_changed_and_shown(ana, idle):
    caller = browser(ana)
    change = {
        "history_days": 7,
        "alert_minutes": 15,
        "pacing": {"per_minute": 12, "quiet_from": "22:00", "quiet_until": "07:00"},
        "pairing_phone": "+55 (11) 98765-4321",
    }
    assert caller.patch(f"connections/{idle.id}/", change).status_code == 200
    shown = caller.get(f"connections/{idle.id}/settings/").json()

    assert (shown["history_days"], shown["alert_minutes"]) == (7, 15)
    assert shown["pairing_phone"] == "+5511987654321"
    assert shown["pacing"] == {"per_minute": 12, "quiet_from": "22:00:00", "quiet_until": "07:00:00"}
    assert shown["pacing_in_use"]["burst"] == 10


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"history_days": 3}, "history_days"),
        ({"alert_minutes": -1}, "alert_minutes"),
        ({"alert_minutes": 1441}, "alert_minutes"),
        ({"pacing": {"per_minute": "fast"}}, "per_minute"),
        ({"pacing": {"colour": 1}}, "colour"),
        ({"pairing_phone": "12"}, "pairing_phone"),
        ({"driver_settings": {"base_url": 7.5}}, "base_url"),
        ({"driver_settings": {"base_url": "a", "colour": 1}, "secrets": {"api_key": "k"}}, "driver_settings"),
    ],
)
def test_settings_that_will_not_do_are_explained(change, field, ana, idle, asks):
    answered = browser(ana).patch(f"connections/{idle.id}/", change)

    assert answered.status_code == 400
    assert field in answered.json()["fields"]


def test_secrets_go_in_and_never_come_out(ana, idle, asks, log):
    caller = browser(ana)
    change = {"driver_settings": {"base_url": "https://e.example"}, "secrets": {"api_key": "very-secret"}}
    said = caller.patch(f"connections/{idle.id}/", change).content.decode()
    said += caller.get(f"connections/{idle.id}/settings/").content.decode()
    said += str([event.payload for event in log.events()])

    assert vault.settings_of(idle) == {"api_key": "very-secret"}
    assert "very-secret" not in said + str(Connection.objects.filter(id=idle.id).values())
    kept = {f["name"]: f["is_kept"] for f in caller.get(f"connections/{idle.id}/settings/").json()["fields"]}
    assert kept == {"base_url": False, "api_key": True}


def test_a_secret_that_is_not_given_stays(ana, idle, asks):
    caller = browser(ana)
    caller.patch(
        f"connections/{idle.id}/", {"driver_settings": {"base_url": "a"}, "secrets": {"api_key": "k"}}
    )
    caller.patch(f"connections/{idle.id}/", {"driver_settings": {"base_url": "b"}})

    idle.refresh_from_db()
    assert (idle.driver_settings, vault.settings_of(idle)) == ({"base_url": "b"}, {"api_key": "k"})


@pytest.fixture
def tunable(monkeypatch):
    """A driver with settings that no form asks for."""

    def tuned(given):
        if not isinstance(given.get("gate", []), list):
            raise DriverError("bad_settings", "gate: a list of names", permanent=True)
        return dict(given)

    monkeypatch.setattr(SimulatorDriver, "tuned", tuned)


def test_settings_no_form_asks_for_are_set_kept_and_forgotten(ana, idle, asks, tunable):
    def change(**given):
        return browser(ana).patch(f"connections/{idle.id}/", given)

    def kept():
        return Connection.objects.get(id=idle.id).driver_settings

    change(driver_settings={"base_url": "a", "gate": ["Conn"]}, secrets={"api_key": "k"})
    change(driver_settings={"base_url": "b"})
    assert kept() == {"base_url": "b", "gate": ["Conn"]}
    refused = change(driver_settings={"gate": "Conn"})
    assert refused.json()["fields"] == {"driver_settings": ["gate: a list of names"]}
    change(driver_settings={"gate": None})
    assert kept() == {"base_url": "b"}


def test_what_a_running_driver_is_given_anew_begins_afresh(ana, line, asks, log):
    before = Connection.objects.get(id=line.connection.id).wish
    change = {"driver_settings": {"base_url": "a"}, "secrets": {"api_key": "k"}}
    for _ in range(2):  # the second changes nothing
        browser(ana).patch(f"connections/{line.connection.id}/", change)

    assert Connection.objects.get(id=line.connection.id).wish == before + 1
    assert "connection.run_changed" in log.kinds()


# --- order and restoring ----------------------------------------------------------------------


def test_numbers_stand_as_they_were_put(ana, connection, idle, log):
    caller = browser(ana)
    caller.put("connections/order/", {"ids": [str(idle.id), str(connection.id)]})

    assert [row["name"] for row in caller.get("connections/").json()["results"]] == ["Second", "Acme main"]
    assert log.last("connection.state_changed")["connection"]["position"] == 1


def test_those_not_named_come_behind(ana, connection, idle):
    rows = browser(ana).put("connections/order/", {"ids": [str(idle.id)]}).json()["results"]

    assert [row["name"] for row in rows] == ["Second", "Acme main"]


def test_an_order_of_numbers_there_are_not_is_refused(ana, idle):
    answered = browser(ana).put("connections/order/", {"ids": [str(idle.id), str(uuid.uuid4())]})

    assert (answered.status_code, answered.json()["code"]) == (400, "unknown_connection")


def test_restoring_starts_what_failed_and_not_what_people_stopped(ana, line, sales):
    actions.report_state(line.lease, "failed", reason="crashed")
    leases.release(line.lease)
    started = browser(ana).post("connections/restore/", {}).json()["results"]

    assert [row["name"] for row in started] == ["Acme main"]
    assert Connection.objects.get(id=line.connection.id).should_run


def test_what_was_stopped_on_purpose_is_restored_only_when_asked_for(ana, rested, idle):
    caller = browser(ana)

    assert caller.post("connections/restore/", {}).json()["results"] == []
    started = caller.post("connections/restore/", {"with_stopped": True}).json()["results"]
    assert [row["name"] for row in started] == ["Acme main"]


# --- another kind -----------------------------------------------------------------------------


def test_a_stopped_number_becomes_one_of_another_kind_and_keeps_its_tickets(
    ana, open_ticket, rested, asks, log
):
    vault.keep(rested, b"device")
    given = {"driver": "simulator", "driver_settings": {"base_url": "a"}, "secrets": {"api_key": "k"}}
    row = browser(ana).put(f"connections/{rested.id}/driver/", given).json()

    assert (row["state"], row["driver"]) == ("logged_out", "simulator")
    assert not vault.holds(rested)
    assert open_ticket.connection_id == rested.id
    assert log.last("connection.driver_switched")["by"]["name"] == "Ana"


def test_a_running_number_keeps_its_kind(ana, line):
    answered = browser(ana).put(f"connections/{line.connection.id}/driver/", {"driver": "simulator"})

    assert (answered.status_code, answered.json()["code"]) == (409, "connection_running")


def test_a_kind_this_installation_lacks_is_refused(ana, rested):
    answered = browser(ana).put(f"connections/{rested.id}/driver/", {"driver": "cloud"})

    assert (answered.status_code, answered.json()["code"]) == (400, "driver_not_offered")


# --- removal ----------------------------------------------------------------------------------


def test_a_number_nothing_hangs_on_is_removed_for_good(ana, idle, log):
    assert browser(ana).call("DELETE", f"connections/{idle.id}/", {"name": "Second"}).status_code == 204
    assert not Connection.objects.filter(id=idle.id).exists()
    assert log.last("connection.removed")["by"]["name"] == "Ana"


def test_a_number_with_a_past_is_archived_and_its_name_free(ana, closed_ticket, rested, sales):
    vault.keep_settings(rested, {"api_key": "k"})
    caller = browser(ana)

    assert caller.call("DELETE", f"connections/{rested.id}/", {"name": "Acme main"}).status_code == 204
    assert caller.get("connections/").json()["results"] == []
    assert caller.get(f"connections/{rested.id}/").status_code == 404
    assert (closed_ticket.connection_id, vault.settings_of(rested)) == (rested.id, {})
    again = {"name": "Acme main", "driver": "simulator", "sector_id": str(sales.id)}
    assert caller.post("connections/", again).status_code == 201


def test_a_number_with_open_tickets_stays(ana, open_ticket, rested):
    answered = browser(ana).call("DELETE", f"connections/{rested.id}/", {"name": "Acme main"})

    assert (answered.status_code, answered.json()["code"]) == (409, "connection_has_open_tickets")


def test_a_running_number_stays(ana, line):
    answered = browser(ana).call("DELETE", f"connections/{line.connection.id}/", {"name": "Acme main"})

    assert (answered.status_code, answered.json()["code"]) == (409, "connection_running")


@pytest.mark.parametrize("typed", ["second", "Secon", " "])
def test_a_removal_must_be_meant(typed, ana, idle):
    assert browser(ana).call("DELETE", f"connections/{idle.id}/", {"name": typed}).status_code == 400
    assert Connection.objects.filter(id=idle.id).exists()


# --- a picture, and who agreed ----------------------------------------------------------------


def test_a_picture_is_asked_of_a_session_that_can_take_one(ana, line, monkeypatch):
    asked = []
    monkeypatch.setattr("connections.operations_api.nudge", lambda *what: asked.append(what))
    path = f"connections/{line.connection.id}/screenshot/"

    assert browser(ana).post(path).json()["code"] == "not_supported"
    monkeypatch.setattr(SimulatorDriver, "can", SimulatorDriver.can | {"screenshot"})
    assert browser(ana).post(path).status_code == 202
    assert asked == [(line.connection.id, "show_screenshot", str(ana.id))]


def test_who_agreed_to_a_link_and_when_is_kept(ana, idle, log):
    agreed = upkeep.consent(idle, by=ana)

    assert agreed.consented_by == ana
    assert log.last("connection.consented")["by"]["name"] == "Ana"
    shown = browser(ana).get(f"connections/{idle.id}/settings/").json()
    assert (shown["consented_by"]["name"], shown["consented_at"] is None) == ("Ana", False)
