"""The driver of Evolution API v2: HTTP towards the server, its events out of the mailbox, and a poll behind
both."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog

from connections import lookups, wire
from connections.choices import State
from connections.drivers.base import Berth, Can, DriverError
from connections.drivers.evolution import callback, searching, sending, streaming
from connections.drivers.evolution.api import EvolutionAPI
from connections.drivers.evolution.jid import chat_of, number_of
from connections.drivers.evolution.linking import Instance
from connections.drivers.evolution.reading import read_event
from connections.drivers.evolution.settings import FIELDS, NOTICE, Settings
from connections.drivers.evolution.states import LinkState
from connections.drivers.fields import WrongSettings
from connections.drivers.posted import PostedDriver
from connections.models import Outbound, Post

log = structlog.get_logger(__name__)

# What Evolution cannot post it gives up after ten attempts, which takes it half an hour.
GIVEN_UP = timedelta(minutes=45)
MISSED_AT_MOST = timedelta(days=7)
# What is younger may be posted any moment.
ON_ITS_WAY = timedelta(minutes=2)
TYPING_SECONDS = 4
RESTART_PAUSE_SECONDS = 300.0


class EvolutionDriver(PostedDriver):
    can = frozenset(
        {
            Can.QR,
            Can.PAIRING_CODE,
            Can.TYPE,
            Can.REACT,
            Can.EDIT,
            Can.DELETE,
            Can.LOOK_UP,
            Can.HISTORY,
            Can.PROBE,
            Can.PICTURE,
        }
    )
    fields = FIELDS
    notice = NOTICE
    repeats_are_safe = False
    # A safety net below the events: how often the server is asked how the link is.
    watch_seconds = 60.0
    # The same while the line is not open: codes live shortly, and posts may not reach us at all.
    link_seconds = 10.0
    # How often it is asked for messages that it may have given up posting.
    catch_up_every = timedelta(minutes=15)

    def __init__(self, berth: Berth) -> None:
        super().__init__(berth)
        try:
            self.settings = Settings.parse({**berth.settings, **berth.secrets})
        except WrongSettings as wrong:
            raise DriverError("wrong_settings", ", ".join(wrong.fields), permanent=True) from wrong
        name = instance_name(berth)
        self.api = EvolutionAPI(self.settings.base_url, name, self.settings.api_key)
        self.instance = Instance(self.api, self.settings.api_key, self._webhook(), berth.pairing_phone)
        self.link = LinkState(self.instance)
        self.may_restart_at = 0.0
        self.caught_up_to: datetime | None = None
        self.is_newly_linked = False

    def _webhook(self) -> dict[str, Any]:
        berth = self.berth
        return {
            "enabled": True,
            "url": callback.address(berth.tenant_id, berth.connection_id, berth.secrets),
            "headers": callback.headers(berth.tenant_id, berth.connection_id, berth.secrets),
            "byEvents": False,
            "base64": False,
        }

    async def open(self, credentials: bytes | None) -> None:
        await self.posts.open()
        self.is_newly_linked = credentials is None
        if credentials is None:
            told = await self.link.begin()
        else:
            told = await self.link.come_back(_unpack(credentials))
        self.start(self.tell(told), self._read_posts(), self._watch())

    # --- what the server says -----------------------------------------------------------------

    async def tell(self, told: Sequence[wire.Told]) -> None:
        await super().tell(told)
        if any(isinstance(one, wire.Ready) for one in told):
            self.start(self._catch_up_now())

    async def _read_posts(self) -> None:
        async for post in self.posts.read():
            body = post.body
            if body.get("instance") != self.api.instance:
                log.warning("a post of another instance", post=post.id)
                await self.posts.done_with(post)
                continue
            await self._take(post, str(body.get("event", "")).lower().replace("_", "."), body.get("data"))

    async def _take(self, post: Post, event: str, data: Any) -> None:
        if self.link.is_about(event):
            if self.posts.is_new(post):
                await self.tell(await self.link.read(event, data))
            await self.posts.done_with(post)
        elif event == "presence.update":
            await self.posts.done_with(post)
            if self.posts.is_new(post):
                await self.tell(typing_of(data))
        elif event in NOTHING_TO_KEEP:
            await self.posts.done_with(post)
        else:
            happenings = [await self._located(one) for one in read_event(event, data)]
            stored = self.posts.stored(post, happenings)
            await self.tell(stored)
            if not stored:
                await self.posts.done_with(post)

    async def _located(self, one: wire.Happening) -> wire.Happening:
        """Of what happens to a message, Evolution tells the chat by another of its names, or not at all."""
        match one:
            case wire.Edit(from_me=None) | wire.Deletion(from_me=None):
                known = await self._find_message(one.target_id)
                return replace(one, chat=known.chat, from_me=known.from_me) if known else one
            case wire.Edit() | wire.Deletion() | wire.Reaction() if one.chat.endswith("@lid"):
                known = await self._find_message(one.target_id)
                return replace(one, chat=known.chat) if known else one
            case wire.Ticks() if one.chat.endswith("@lid"):
                known = await self._find_message(one.ids[0])
                return replace(one, chat=known.chat) if known else one
        return one

    async def _find_message(self, wa_id: str) -> lookups.Whereabouts | None:
        found: lookups.Whereabouts | None = await self.berth.db(
            lookups.find_message, self.berth.connection_id, wa_id
        )
        return found

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(self.watch_seconds if self.link.is_open else self.link_seconds)
            await self.tell(await self.link.look())
            until = datetime.now(UTC) - ON_ITS_WAY
            if self.caught_up_to and self.link.is_open and until - self.caught_up_to > self.catch_up_every:
                await self._catch_up(self.caught_up_to - ON_ITS_WAY, until)

    async def _catch_up_now(self) -> None:
        """Tell what was not posted while one of us was away. Of a phone that has only just let us in, all
        that the server knows is history."""
        now = datetime.now(UTC)
        if self.posts.last_posted_at is not None and not self.is_newly_linked:
            await self._catch_up(max(self.posts.last_posted_at - GIVEN_UP, now - MISSED_AT_MOST), now)
        self.caught_up_to = now

    async def _catch_up(self, since: datetime, until: datetime) -> None:
        """As if it had come late: somebody waits for an answer. What we hold already is stored once; our own
        sends are known by the answers to them."""
        try:
            async for message, record in searching.messages_between(self.api, since, until):
                if not message.from_me or record.get("source") in searching.PHONES:
                    late = replace(message, is_past=False)
                    await self.tell([wire.Stored(happening=late, receipt=self.posts.last_whole)])
        except DriverError as refused:
            log.warning("what we missed could not be read", code_name=refused.code)
        else:
            self.caught_up_to = until

    async def history(self, since: datetime) -> AsyncIterator[wire.Message]:
        async for message, _record in searching.messages_between(self.api, since, datetime.now(UTC)):
            yield message

    # --- what we say --------------------------------------------------------------------------

    async def send(self, outbound: Outbound) -> wire.Sent:
        if not self.link.is_open:
            # Whoever cannot send is not connected: what is queued waits, and uses up no attempts.
            await self.tell([wire.Ended(state=State.RECONNECTING, reason="connection_lost")])
            raise DriverError("not_connected", permanent=False)
        try:
            return await sending.carry_out(self.api, outbound)
        except DriverError as refused:
            raise await self._ending_with(refused) from refused

    async def _ending_with(self, refused: DriverError) -> DriverError:
        """A send that fails because the link is gone did no harm to its message: that waits for the next."""
        if refused.code == "not_connected" and self.link.is_open:
            await self._restart()
        if (ended := ENDS.get(refused.code)) is None:
            return refused
        await self.told.put(wire.Ended(state=ended, reason=refused.code, detail=str(refused)))
        return DriverError(refused.code, str(refused), permanent=False)

    async def _restart(self) -> None:
        """The server holds the link for open and yet cannot send: once in a while that helps."""
        self.link.doubt()
        now = asyncio.get_running_loop().time()
        if now < self.may_restart_at:
            return
        self.may_restart_at = now + RESTART_PAUSE_SECONDS
        try:
            await self.instance.restart()
        except DriverError as refused:
            log.warning("an instance was not restarted", code_name=refused.code)

    async def find(self, outbounds: list[Outbound]) -> dict[int, wire.Sent]:
        found: dict[int, wire.Sent] = {}
        for chat in {one.chat for one in outbounds}:
            doubtful = [one for one in outbounds if one.chat == chat]
            since = min(one.queued_at for one in doubtful) - searching.SLACK
            ours = await self.berth.db(lookups.names_of_sends, self.berth.connection_id, chat, since)
            found |= await searching.find_sends(self.api, doubtful, ours)
        return found

    async def type(self, chat: str, activity: str) -> None:
        presence = {"typing": "composing", "recording": "recording"}.get(activity, "paused")
        # The server shows it for as long as it takes to answer.
        delay = 0 if presence == "paused" else TYPING_SECONDS * 1000
        body = {"number": number_of(chat), "presence": presence, "delay": delay}
        await self.api.call("POST", "/chat/sendPresence", body)

    async def fetch(self, media_id: str) -> AsyncIterator[bytes]:
        body = {"message": {"key": {"id": media_id}}, "convertToMp4": False}
        async for chunk in streaming.decode(self.api.stream("/chat/getBase64FromMediaMessage", body)):
            yield chunk

    async def probe(self) -> None:
        state = await self.instance.state()
        if state != "open":
            raise DriverError("not_connected", state, permanent=False)

    async def look_up(self, phone: str) -> wire.Found | None:
        answer = await self.api.call("POST", "/chat/whatsappNumbers", {"numbers": [phone.removeprefix("+")]})
        for one in answer if isinstance(answer, list) else []:
            if isinstance(one, dict) and one.get("exists") is True and (chat := chat_of(one.get("jid"))):
                return wire.Found(chat=chat, lid=wire.clean_text(one.get("lid"))[:120])
        return None

    async def picture(self, chat: str) -> bytes | None:
        body = {"number": number_of(chat)}
        answer = await self.api.call("POST", "/chat/fetchProfilePictureUrl", body)
        address = answer.get("profilePictureUrl") if isinstance(answer, dict) else None
        return await self.api.picture(address) if isinstance(address, str) else None

    async def log_out(self) -> None:
        await self.instance.remove()

    async def close(self) -> None:
        await self.stop()
        await self.api.close()


# A call that fails so says how the link ended.
ENDS = {"token_rejected": State.FAILED, "instance_gone": State.LOGGED_OUT}
# Echoes of our own sends, whose answer names them; and what changes elsewhere on the phone.
NOTHING_TO_KEEP = frozenset(
    [
        "send.message",
        "messages.set",
        "contacts.set",
        "contacts.upsert",
        "contacts.update",
        "chats.set",
        "chats.upsert",
        "chats.update",
        "chats.delete",
        "groups.upsert",
        "groups.update",
        "group.participants.update",
        "labels.edit",
        "labels.association",
        "application.startup",
    ]
)
ACTIVITIES = {"composing": "typing", "recording": "recording"}


def typing_of(data: Any) -> Sequence[wire.Typing]:
    """Who types, of `presence.update`."""
    presences = data.get("presences") if isinstance(data, dict) else None
    if not isinstance(presences, dict):
        return []
    told = []
    for presence in presences.values():
        last = presence.get("lastKnownPresence") if isinstance(presence, dict) else None
        activity = ACTIVITIES.get(str(last), "paused")
        told.append(wire.Typing(chat=chat_of(data.get("id")), activity=activity))
    return told


def instance_name(berth: Berth) -> str:
    """What our instance is called: whose it is, and nothing that anybody could read."""
    return f"tenant_{berth.tenant_id.hex}_{berth.connection_id.hex}"


def _unpack(credentials: bytes) -> str:
    try:
        return str(json.loads(credentials)["token"])
    except (ValueError, KeyError, TypeError) as broken:
        raise DriverError("credentials_lost", "", permanent=True) from broken
