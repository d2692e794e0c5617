"""Reactions: done at least once, struck off in the transaction of their own work."""

import threading
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.actions import invite
from config.celery import app as celery
from events import relay
from events.catalog import HappeningsStored, TenantFounded
from events.models import Event
from events.recording import record
from tenants.errors import DomainError
from tenants.scope import across_tenants, working_for

pytestmark = pytest.mark.usefixtures("committed")
TAKE_IN = "tickets.tasks.take_in"


@pytest.fixture
def drained(monkeypatch):
    """Chats that were drained; set `fails` to make the work fail."""

    class Drained(list):
        fails: Exception | None = None

        def __call__(self, connection_id, chat):
            self.append(chat)
            if self.fails:
                raise self.fails

    calls = Drained()
    monkeypatch.setattr("tickets.intake.drain", calls)
    return calls


@pytest.fixture
def stored(acme, work_off):
    with working_for(acme):
        return record(HappeningsStored(chats=[["c", "x@c.us"]]))


def fresh(event):
    with across_tenants(reason="one event is looked at"):
        return Event.objects.get(id=event.id)


def make_due(event, *, age=timedelta(minutes=1)):
    with across_tenants(reason="time passes"):
        now = timezone.now()
        Event.objects.filter(id=event.id).update(
            recorded_at=now - age, next_call_at=now - timedelta(seconds=1)
        )


def test_a_reaction_strikes_itself_off(stored, drained, work_off):
    assert fresh(stored).open_reactions == [TAKE_IN]
    work_off()

    assert fresh(stored).open_reactions == []
    assert drained == ["x@c.us"]


def test_a_repeated_call_does_nothing_more(acme, stored, drained, work_off):
    work_off()
    celery.tasks[TAKE_IN](str(acme.id), stored.id)

    assert drained == ["x@c.us"]


def test_a_reaction_that_fails_stays_open_and_is_called_again(acme, stored, drained, work_off):
    drained.fails = RuntimeError("the disk is full")
    with pytest.raises(RuntimeError):
        work_off()
    assert fresh(stored).open_reactions == [TAKE_IN]

    drained.fails = None
    make_due(stored)
    assert relay.react_late() == 1
    work_off()
    assert fresh(stored).open_reactions == []
    assert drained == ["x@c.us", "x@c.us"]


def test_what_a_failed_reaction_did_is_undone(acme, stored, monkeypatch, work_off):
    def half(connection_id, chat):
        record(TenantFounded(owner_id="half"))
        raise RuntimeError("after half of it")

    monkeypatch.setattr("tickets.intake.drain", half)
    with pytest.raises(RuntimeError):
        work_off()

    with across_tenants(reason="nothing may be left"):
        assert not Event.objects.filter(payload__owner_id="half").exists()


def test_a_refused_reaction_is_no_crash_and_stays_open(stored, drained, work_off):
    drained.fails = DomainError("not now")

    assert work_off() == [TAKE_IN]
    assert fresh(stored).open_reactions == [TAKE_IN]


def test_a_call_that_was_lost_is_made_again(stored, drained, work_off):
    """Redis forgot its queue."""
    celery.connection_for_write().default_channel.queue_purge("default")
    assert work_off() == []
    make_due(stored)
    relay.react_late()
    work_off()

    assert fresh(stored).open_reactions == []
    assert drained


def test_not_before_its_time(stored, drained):
    assert relay.react_late() == 0


def test_the_pauses_double_with_the_age_of_the_event(stored, drained):
    pauses = []
    for minutes in (1, 10, 100):
        make_due(stored, age=timedelta(minutes=minutes))
        relay.react_late()
        pauses.append((fresh(stored).next_call_at - timezone.now()).total_seconds() / 60)

    assert [round(pause) for pause in pauses] == [1, 10, 100]


def test_what_nobody_could_do_for_two_weeks_is_given_up(stored, drained):
    make_due(stored, age=relay.KEPT + timedelta(days=1))

    assert relay.react_late() == 0


def test_a_reaction_that_runs_already_is_not_waited_for(acme, stored, drained, at_once, monkeypatch):
    """Called again every so often, it would fill one thread of the workers after another."""
    begun, go_on = threading.Event(), threading.Event()

    def hang(connection_id, chat):
        drained.append(chat)
        begun.set()
        assert go_on.wait(10)

    def call(which):
        if which == "second":
            assert begun.wait(10)
        celery.tasks[TAKE_IN](str(acme.id), stored.id)
        go_on.set()  # the second one, which ended while the first still hangs

    monkeypatch.setattr("tickets.intake.drain", hang)

    assert at_once(call, ["first", "second"]) == [None, None]
    assert drained == ["x@c.us"]
    assert fresh(stored).open_reactions == []


def test_other_reactions_of_an_event_are_called_when_one_is_done(acme, drained, settings, monkeypatch):
    """They may have found it taken, and ended."""
    settings.REACTIONS = {**settings.REACTIONS, "connection.happenings_stored": (TAKE_IN, "other.tasks.act")}
    called = []
    monkeypatch.setattr(relay, "call_reactions", lambda event: called.append(list(event.open_reactions)))
    with working_for(acme):
        stored = record(HappeningsStored(chats=[["c", "x@c.us"]]))
    celery.tasks[TAKE_IN](str(acme.id), stored.id)

    assert called == [[TAKE_IN, "other.tasks.act"], ["other.tasks.act"]]
    assert fresh(stored).open_reactions == ["other.tasks.act"]


def test_with_redis_away_calls_wait_without_being_put_off_for_long(acme, stored, drained, monkeypatch):
    make_due(stored, age=timedelta(hours=5))

    def away(event):
        raise ConnectionRefusedError("Redis is away")

    monkeypatch.setattr(relay, "call_reactions", away)

    assert relay.react_late() == 0
    assert fresh(stored).next_call_at < timezone.now() + timedelta(minutes=1)


def test_a_reaction_to_an_event_of_another_tenant_does_nothing(rival, stored, drained):
    """The call names both; only together do they open anything."""
    celery.tasks[TAKE_IN](str(rival.id), stored.id)

    assert drained == []
    assert fresh(stored).open_reactions == [TAKE_IN]


def test_an_invitation_is_mailed_as_a_reaction(acme, ana, work_off, mailoutbox):
    with working_for(acme):
        invite(email="new@acme.example", role="agent", sector_ids=[], by=ana)
    assert mailoutbox == []

    assert work_off() == ["accounts.tasks.send_invitation"]
    assert [mail.to for mail in mailoutbox] == [["new@acme.example"]]
