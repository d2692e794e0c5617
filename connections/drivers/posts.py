"""How a driver reads its mailbox: every unread post once, in order, marked read when all of it is safe."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from connections import mailbox, wire
from connections.drivers.base import Berth
from connections.models import Post

AT_ONCE = 50


@dataclass
class Handed:
    """A post that was handed out and is not marked read. `is_safe`: nothing of it waits to be confirmed."""

    post_id: int
    is_safe: bool = False


class Posts:
    """The unread posts of one connection.

    A post's own id is the receipt of the last happening in it, and only of that: what is confirmed is
    everything up to there, and half a post is not read. `is_new`: posted since this driver was opened.
    """

    def __init__(self, berth: Berth) -> None:
        self.berth = berth
        self.handed: deque[Handed] = deque()
        self.last_whole = 0
        self.newest_old = 0

    async def open(self) -> None:
        """Draw the line between what came before us and what comes now."""
        self.newest_old, self.last_posted_at = await self.berth.db(mailbox.newest, self.berth.connection_id)

    def is_new(self, post: Post) -> bool:
        return post.id > self.newest_old

    async def read(self) -> AsyncIterator[Post]:
        """For ever; waits for `Berth.posted` when there is nothing."""
        while True:
            self.berth.posted.clear()
            while posts := await self._next():
                for post in posts:
                    self.handed.append(Handed(post.id))
                    yield post
            await self.berth.posted.wait()

    async def _next(self) -> list[Post]:
        known = [handed.post_id for handed in self.handed]
        posts: list[Post] = await self.berth.db(mailbox.unread, self.berth.connection_id, known, AT_ONCE)
        return posts

    def stored(self, post: Post, happenings: Sequence[wire.Happening]) -> list[wire.Stored]:
        """What stood in a post, each with its receipt."""
        if not happenings:
            return []
        *first, last = happenings
        before, self.last_whole = self.last_whole, post.id
        told = [wire.Stored(happening=happening, receipt=before) for happening in first]
        return [*told, wire.Stored(happening=last, receipt=post.id)]

    async def done_with(self, post: Post) -> None:
        """Nothing in it is to be stored."""
        for handed in self.handed:
            handed.is_safe |= handed.post_id == post.id
        await self._mark_safe()

    async def confirm(self, receipt: int) -> None:
        """Everything that was handed out up to this receipt is safe."""
        if receipt in [handed.post_id for handed in self.handed]:
            for handed in self.handed:
                handed.is_safe = True
                if handed.post_id == receipt:
                    break
        await self._mark_safe()

    async def _mark_safe(self) -> None:
        safe = []
        while self.handed and self.handed[0].is_safe:
            safe.append(self.handed.popleft().post_id)
        if safe:
            await self.berth.db(mailbox.mark_read, safe)
