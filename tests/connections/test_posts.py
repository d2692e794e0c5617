"""How a driver reads its mailbox: in order, once, and only read when all of it is safe."""

import asyncio
from types import SimpleNamespace

import pytest

from connections import mailbox, wire
from connections.drivers.posts import Posts
from connections.models import Post
from tenants.scope import working_for

pytestmark = [pytest.mark.asyncio, pytest.mark.usefixtures("committed")]


class Box:
    """A mailbox and the driver's side of it."""

    def __init__(self, connection, db):
        self.connection = connection
        berth = SimpleNamespace(connection_id=connection.id, db=db, posted=asyncio.Event())
        self.berth, self.posts = berth, Posts(berth)
        self.reading = self.posts.read()

    async def holds(self, *bodies):
        for body in bodies:
            await self.berth.db(mailbox.keep, self.connection, body.encode(), {"told": body})
        self.berth.posted.set()

    async def next(self):
        return await asyncio.wait_for(anext(self.reading), 10)

    async def unread(self):
        def ask():
            return [post.body["told"] for post in Post.objects.filter(read_at=None).order_by("id")]

        return await self.berth.db(ask)


@pytest.fixture
def box(acme, connection):
    from live import elsewhere

    def within(function, *args):
        with working_for(connection.tenant):
            return function(*args)

    async def db(function, *args):
        return await elsewhere(within, function, *args)

    return lambda: Box(connection, db)


def happening(name):
    return wire.Unknown(chat="", raw={"is": name})


async def test_what_is_confirmed_is_read(box):
    one = box()
    await one.holds("a", "b", "c")
    told = [one.posts.stored(await one.next(), [happening(name)]) for name in "abc"]
    await one.posts.confirm(told[1][0].receipt)

    assert await one.unread() == ["c"]


async def test_half_a_post_is_not_read(box):
    one = box()
    await one.holds("a", "b")
    one.posts.stored(await one.next(), [happening("a")])
    first, second, third = one.posts.stored(await one.next(), [happening(n) for n in "xyz"])

    await one.posts.confirm(first.receipt)
    assert await one.unread() == ["b"]
    await one.posts.confirm(second.receipt)
    assert await one.unread() == ["b"]
    await one.posts.confirm(third.receipt)
    assert await one.unread() == []


async def test_a_post_with_nothing_to_keep_waits_for_those_before_it(box):
    one = box()
    await one.holds("a", "nothing", "b")
    (a,) = one.posts.stored(await one.next(), [happening("a")])
    await one.posts.done_with(await one.next())
    assert await one.unread() == ["a", "nothing", "b"]
    await one.posts.confirm(a.receipt)

    assert await one.unread() == ["b"]


async def test_what_no_session_read_is_there_for_the_next(box):
    one = box()
    await one.holds("a")
    await one.next()
    another = box()
    await another.posts.open()
    post = await another.next()

    assert post.body == {"told": "a"}
    assert not another.posts.is_new(post), "what happened to the link before us is not news"


async def test_reading_waits_for_what_comes_later(box):
    one = box()
    await one.posts.open()
    waiting = asyncio.create_task(one.next())
    await asyncio.sleep(0.05)
    assert not waiting.done()
    await one.holds("late")

    post = await waiting
    assert post.body == {"told": "late"}
    assert one.posts.is_new(post)
