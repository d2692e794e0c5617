"""The driver of the official WhatsApp Cloud API: Meta's Graph API, its webhooks out of the mailbox."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from django.conf import settings as installation
from django.urls import reverse

from connections import lookups, wire
from connections.drivers.base import Berth, Can, DriverError
from connections.drivers.cloud.api import GraphAPI
from connections.drivers.cloud.errors import ENDS
from connections.drivers.cloud.names import id_of
from connections.drivers.cloud.reading import MALFORMED, read_post
from connections.drivers.cloud.sending import Sender, reference_of
from connections.drivers.cloud.settings import FIELDS, Settings
from connections.drivers.fields import WrongSettings
from connections.drivers.posted import PostedDriver
from connections.models import Outbound

log = structlog.get_logger(__name__)

# How often the number may be out of reach in a row before we begin afresh.
PATIENCE = 3
CLOCK_SLACK = timedelta(minutes=1)


class CloudDriver(PostedDriver):
    """There is nothing to scan: Meta knows us by our tokens."""

    can = frozenset({Can.TYPE, Can.REACT, Can.PROBE})
    fields = FIELDS
    repeats_are_safe = False
    # How often Meta is asked whether the number is still ours.
    watch_seconds = 300.0
    # The status of a message that was sent comes within moments; so long one in doubt is waited for.
    find_seconds = 10.0

    def __init__(self, berth: Berth) -> None:
        super().__init__(berth)
        try:
            self.settings = Settings.parse({**berth.settings, **berth.secrets})
        except WrongSettings as wrong:
            raise DriverError("wrong_settings", ", ".join(wrong.fields), permanent=True) from wrong
        self.node = self.settings.phone_number_id
        self.api = GraphAPI(self.settings.access_token)
        self.sender = Sender(self.api, self.node)
        self.is_posted_to = False
        self.answered_at = float("-inf")
        self.last_ids: dict[str, str] = {}
        self.has_read = asyncio.Event()

    async def open(self, credentials: bytes | None) -> None:
        await self.posts.open()
        ready = await self._identity()
        self.answered_at = asyncio.get_running_loop().time()
        told: list[wire.Told] = [ready] if credentials is not None else [wire.Linked(credentials=b""), ready]
        self.is_posted_to = await self._ask_for_posts()
        if not self.is_posted_to:
            told.append(wire.Unwell(reason="webhook_not_set"))
        self.start(self.tell(told), self._read_posts(), self._watch())

    async def _identity(self) -> wire.Ready:
        query = {"fields": "display_phone_number,verified_name"}
        number = await self.api.call("GET", self.node, params=query)
        digits = "".join(filter(str.isdigit, str(number.get("display_phone_number") or "")))
        name = wire.clean_text(number.get("verified_name"))
        return wire.Ready(phone=f"+{digits}" if digits else "", profile_name=name)

    async def _ask_for_posts(self) -> bool:
        """Have Meta post to this connection's own address, which it calls at once to see that we are there.
        False where it will not; what was set by hand at Meta may still be right."""
        try:
            await self.api.call("POST", f"{self.settings.business_account_id}/subscribed_apps")
            address = reverse("gateway_cloud", args=[self.berth.connection_id])
            await self._set_callback(f"{installation.GATEWAY_CALLBACK_URL}{address}")
        except DriverError as refused:
            log.warning("Meta does not post to us", code_name=refused.code)
            return False
        return True

    async def _set_callback(self, address: str) -> None:
        callback: dict[str, Any] = {"override_callback_uri": address}
        if address:
            callback["verify_token"] = self.settings.verify_token
        await self.api.call("POST", self.node, {"webhook_configuration": callback})

    # --- what Meta says -----------------------------------------------------------------------

    async def _read_posts(self) -> None:
        async for post in self.posts.read():
            happenings = read_post(post.body, self.settings)
            for one in happenings:
                if isinstance(one, wire.Message) and not one.from_me:
                    self.last_ids[one.chat] = one.id
            if happenings:
                await self.tell(self.posts.stored(post, happenings))
            else:
                await self.posts.done_with(post)
            self.has_read.set()

    async def _watch(self) -> None:
        failures = 0
        while True:
            await asyncio.sleep(self.watch_seconds)
            try:
                await self._ask_after_number()
                failures = 0
                if not self.is_posted_to and (await self._ask_for_posts()):
                    self.is_posted_to = True
                    await self.tell([wire.Unwell(reason="")])
            except DriverError as refused:
                failures += 1
                if refused.code in ENDS:
                    await self._end(refused)
                elif failures >= PATIENCE:
                    await self.tell([wire.Ended(state="reconnecting", reason=refused.code)])

    async def _end(self, refused: DriverError) -> None:
        ended = wire.Ended(state=ENDS[refused.code], reason=refused.code, detail=str(refused))
        await self.tell([ended])

    # --- what we say --------------------------------------------------------------------------

    async def send(self, outbound: Outbound) -> wire.Sent:
        try:
            return await self.sender.carry_out(outbound)
        except DriverError as refused:
            if refused.code not in ENDS:
                raise
            await self._end(refused)
            # The message is not to blame: it waits for the next link.
            raise DriverError(refused.code, str(refused), permanent=False) from refused

    async def find(self, outbounds: list[Outbound]) -> dict[int, wire.Sent]:
        """Every status names our reference, so those that were sent are told by what Meta posted."""
        doubtful = {reference_of(one): one.id for one in outbounds if one.kind == "message"}
        found: dict[int, wire.Sent] = {}
        if not doubtful:
            return found
        since = min(one.queued_at for one in outbounds) - CLOCK_SLACK
        is_recent = datetime.now(UTC) - max(one.queued_at for one in outbounds) < CLOCK_SLACK
        deadline = asyncio.get_running_loop().time() + (self.find_seconds if is_recent else 0)
        while True:
            self.has_read.clear()
            for reference in [one for one, id_ in doubtful.items() if id_ not in found]:
                if wa_id := await self._sent_as(reference, since):
                    found[doubtful[reference]] = wire.Sent(wa_id=wa_id)
            left = deadline - asyncio.get_running_loop().time()
            if len(found) == len(doubtful) or left <= 0 or not await self._reads_on(left):
                return found

    async def _reads_on(self, seconds: float) -> bool:
        """Whether anything more was posted within so many seconds."""
        try:
            async with asyncio.timeout(seconds):
                await self.has_read.wait()
        except TimeoutError:
            return False
        return True

    async def _sent_as(self, reference: str, since: datetime) -> str:
        status = {"biz_opaque_callback_data": reference}
        shape = {"entry": [{"changes": [{"value": {"statuses": [status]}}]}]}
        posts = await self.berth.db(lookups.posts_about, self.berth.connection_id, shape, since)
        return next((name for post in posts if (name := _named(post.body, reference))), "")

    async def type(self, chat: str, activity: str) -> None:
        """Under the customer's newest message, which is marked as read by that. Meta knows no recording, and
        takes it away by itself."""
        if activity == "paused":
            return
        last = self.last_ids.get(chat) or await self.berth.db(
            lookups.last_from_customer, self.berth.connection_id, chat
        )
        if last:
            await self.sender.mark_read(last, typing_indicator={"type": "text"})

    async def probe(self) -> None:
        """Meta counts such questions, some two hundred an hour: an answer of the last few minutes will do."""
        if asyncio.get_running_loop().time() - self.answered_at > self.watch_seconds * 1.5:
            await self._ask_after_number()

    async def _ask_after_number(self) -> None:
        await self.api.call("GET", self.node, params={"fields": "id"})
        self.answered_at = asyncio.get_running_loop().time()

    async def fetch(self, media_id: str) -> AsyncIterator[bytes]:
        async for chunk in self.api.file(media_id, self.node):
            yield chunk

    async def log_out(self) -> None:
        """Meta posts to this connection no longer; the number stays as it is."""
        await self._set_callback("")

    async def close(self) -> None:
        await self.stop()
        await self.api.close()


def _named(body: Any, reference: str) -> str:
    """Our id of the message that a post calls by our reference."""
    try:
        for entry in body["entry"]:
            for change in entry["changes"]:
                for status in change["value"].get("statuses") or []:
                    if status.get("biz_opaque_callback_data") == reference and status["status"] != "failed":
                        return id_of(status["id"])
    except MALFORMED:
        pass
    return ""
