"""From a committed event to the world; and what happens to it when the world is away."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from channels.layers import channel_layers
from channels_redis.pubsub import RedisPubSubChannelLayer
from django.db import connection
from django.utils import timezone
from world import browser, member

from events import channel, relay
from events.catalog import HappeningsStored, SectorChanged, SendQueued
from events.models import Event
from events.recording import record
from tenants.scope import across_tenants, working_for

pytestmark = pytest.mark.usefixtures("committed")
FACT = SectorChanged(sector={"id": "1", "name": "Sales"})


@pytest.fixture
def redis_away(monkeypatch):
    """The channel layer finds nobody at Redis's door."""
    away = RedisPubSubChannelLayer(hosts=["redis://127.0.0.1:1/0"], prefix="away")
    monkeypatch.setitem(channel_layers.backends, "default", away)


@pytest.fixture
def pushed(monkeypatch):
    """Kinds of the frames that went out, instead of Redis."""
    kinds = []
    monkeypatch.setattr(channel, "push", lambda tenant, frames: kinds.extend(frame.kind for frame in frames))
    return kinds


def happened(tenant, fact=FACT, **fields):
    """An event of before, changed behind the product's back."""
    with working_for(tenant):
        event = record(fact)
    with across_tenants(reason="the past is arranged"):
        Event.objects.filter(id=event.id).update(**fields)
    return event


def fresh(event):
    with across_tenants(reason="one event is looked at"):
        return Event.objects.get(id=event.id)


def late(**fields):
    due = timezone.now() - timedelta(seconds=50)
    return {"relayed_at": None, "recorded_at": due - timedelta(seconds=10), "next_tell_at": due, **fields}


def test_a_committed_event_is_told_and_marked(acme, pushed):
    event = happened(acme)

    assert pushed == ["sector.changed"]
    assert fresh(event).relayed_at is not None


def test_its_reactions_are_called_with_tenant_and_event(acme, pushed, monkeypatch, work_off):
    calls = []
    monkeypatch.setattr("tickets.intake.drain", lambda *args: calls.append(args))
    happened(acme, HappeningsStored(chats=[["c", "x@c.us"]]))

    assert work_off() == ["tickets.tasks.take_in"]
    assert calls == [("c", "x@c.us")]


def test_nudges_are_called_too(acme, pushed, work_off, connection):
    happened(acme, SendQueued(connection_id=str(connection.id)))

    assert work_off()[0] == "connections.tasks.wake_session"


# --- Redis is away ----------------------------------------------------------------------------


def test_with_redis_away_the_request_still_succeeds(redis_away):
    began = time.monotonic()
    answer = browser(member("Ana")).post("sectors/", {"name": "Made without Redis"})

    assert answer.status_code == 201
    assert time.monotonic() - began < 5
    with across_tenants(reason="the event is looked for"):
        left = Event.objects.filter(kind="sector.changed").latest("id")
    assert left.payload["sector"]["name"] == "Made without Redis"
    assert left.relayed_at is None


def test_the_clock_tells_it_later(acme, redis_away, monkeypatch):
    event = happened(acme, **late())
    assert fresh(event).relayed_at is None
    kinds = []
    monkeypatch.setattr(channel, "push", lambda tenant, frames: kinds.extend(frame.kind for frame in frames))

    assert relay.relay_late() == 1
    assert kinds == ["sector.changed"]
    assert fresh(event).relayed_at is not None
    assert relay.relay_late() == 0


def test_an_event_of_a_moment_ago_is_left_to_its_own_request(acme, pushed):
    happened(acme, relayed_at=None)

    assert relay.relay_late() == 0


def test_late_events_are_told_in_order_for_every_tenant(acme, rival, monkeypatch):
    told = []
    monkeypatch.setattr(channel, "push", lambda tenant, frames: told.append(tenant))
    for tenant in (acme, rival, acme):
        happened(tenant, **late())
    told.clear()

    relay.relay_late()
    assert told == [acme.id, rival.id, acme.id]


def test_while_redis_stays_away_nothing_is_marked(acme, redis_away):
    event = happened(acme, **late())

    assert relay.relay_late() == 0
    assert fresh(event).relayed_at is None


def test_while_redis_stays_away_one_event_finds_out_for_all(acme, pushed, monkeypatch):
    tried = []

    def push(tenant, frames):
        tried.append(tenant)
        raise ConnectionRefusedError("Redis is away")

    events = [happened(acme, **late()) for _ in range(3)]
    monkeypatch.setattr(channel, "push", push)

    assert relay.relay_late() == 0
    assert len(tried) == 1
    assert [fresh(event).relayed_at for event in events] == [None] * 3


def test_no_event_is_locked_while_it_is_told(acme, pushed, monkeypatch):
    """A Redis that takes its time must not hold up whoever else works on these events."""
    event = happened(acme, **late())

    def push(tenant, frames):
        told.append(is_free(event))

    told = []
    monkeypatch.setattr(channel, "push", push)
    relay.relay_late()

    assert told == [True]


def is_free(event):
    """Whether another connection to the database gets the event's row at once."""

    def take():
        try:
            with across_tenants(reason="somebody else works on it"):
                return Event.objects.select_for_update(skip_locked=True).filter(id=event.id).exists()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(take).result(10)


@pytest.mark.parametrize(
    "broken",
    [{"kind": "no.such_kind"}, {"payload": {"unknown": "field"}}, {"payload": ["no", "fact"]}],
    ids=str,
)
def test_an_event_nobody_can_read_does_not_hold_up_the_others(broken, acme, pushed):
    """Written by another version: it is set aside, not tried for ever before everybody else's. A newer
    worker will do its reactions."""
    unreadable = happened(acme, **late(open_reactions=["later.tasks.new"], **broken))
    readable = happened(acme, **late())
    pushed.clear()

    assert relay.relay_late() == 2
    assert pushed == ["sector.changed"]
    assert fresh(readable).relayed_at is not None
    assert fresh(unreadable).relayed_at is not None
    assert fresh(unreadable).open_reactions == ["later.tasks.new"]
    assert relay.lag_seconds() == 0


def test_two_clocks_at_once_tell_each_event_once(acme, at_once, monkeypatch):
    told = []
    monkeypatch.setattr(channel, "push", lambda tenant, frames: told.append(frames))
    for _ in range(20):
        happened(acme, **late())
    told.clear()

    counts = at_once(lambda _: relay.relay_late(), [1, 2])
    assert sum(counts) == 20
    assert len(told) == 20


# --- how late ---------------------------------------------------------------------------------


def test_the_lag_is_the_age_of_the_oldest_untold_event(acme, pushed):
    assert relay.lag_seconds() == 0
    happened(acme, **late(recorded_at=timezone.now() - timedelta(seconds=90)))

    assert 89 < relay.lag_seconds() < 120


def test_old_told_events_are_forgotten_and_untold_ones_kept(acme, pushed):
    old, untold = happened(acme), happened(acme, relayed_at=None)
    all_grow_old()
    young = happened(acme, recorded_at=timezone.now() - relay.KEPT + timedelta(hours=1))

    assert relay.prune() > 0
    with across_tenants(reason="what is left"):
        left = set(Event.objects.values_list("id", flat=True))
    assert old.id not in left
    assert {untold.id, young.id} <= left


def test_old_events_are_forgotten_a_few_at_a_time(acme, rival, pushed, monkeypatch):
    monkeypatch.setattr(relay, "FORGOTTEN_AT_ONCE", 2)
    for tenant in (acme, rival, acme):
        happened(tenant)
    count = all_grow_old()

    assert relay.prune() == count
    assert relay.prune() == 0


def all_grow_old():
    """How many events there are."""
    with across_tenants(reason="time passes"):
        return Event.objects.update(recorded_at=timezone.now() - relay.KEPT - timedelta(hours=1))
