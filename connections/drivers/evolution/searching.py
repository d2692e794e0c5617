"""Messages that an Evolution server remembers: history, what we missed, and what became of a send."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from connections import wire
from connections.drivers.base import DriverError
from connections.drivers.evolution.api import EvolutionAPI
from connections.drivers.evolution.jid import jid_of
from connections.drivers.evolution.reading import MALFORMED, read_message
from connections.models import Outbound

PAGE = 100
MAX_PAGES = 500
# Two clocks that do not quite agree, and WhatsApp's whole seconds.
SLACK = timedelta(seconds=5)
# Devices of people; what we send goes out as `web`, or as nothing in particular.
PHONES = ("android", "ios")


async def messages_between(
    api: EvolutionAPI, since: datetime, until: datetime, chat: str = ""
) -> AsyncIterator[tuple[wire.Message, Mapping[str, Any]]]:
    """Messages, oldest first, each with the record it was read from. The server tells the newest first, in
    numbered pages: they are read from the last one backwards."""
    where: dict[str, Any] = {"messageTimestamp": {"gte": _iso(since), "lte": _iso(until)}}
    if chat:
        where["key"] = {"remoteJid": jid_of(chat)}
    first = await _page(api, where, 1)
    for number in range(min(int(first.get("pages") or 0), MAX_PAGES), 0, -1):
        page = first if number == 1 else await _page(api, where, number)
        for record in reversed(page["records"]):
            try:
                told = read_message(record, is_past=True)
            except MALFORMED:
                continue
            for happening in told:
                if isinstance(happening, wire.Message):
                    yield happening, record


async def _page(api: EvolutionAPI, where: Mapping[str, Any], number: int) -> dict[str, Any]:
    body = {"where": where, "page": number, "offset": PAGE}
    answer = await api.call("POST", "/chat/findMessages", body)
    try:
        messages: dict[str, Any] = answer["messages"]
        list(messages["records"])
    except (KeyError, TypeError) as odd:
        raise DriverError("gateway_error", "findMessages", permanent=False) from odd
    return messages


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


async def find_sends(
    api: EvolutionAPI, doubtful: Sequence[Outbound], ours_already: frozenset[str]
) -> dict[int, wire.Sent]:
    """Which of these messages the server did send. Evolution names messages itself, so only what they say
    and when tells them apart: where two could be meant, neither is.

    `ours_already`: ids that are known to be other sends of ours.
    """
    messages = [one for one in doubtful if one.kind == "message"]
    found: dict[int, wire.Sent] = {}
    for one in messages:
        twins = [other for other in messages if _says(other) == _says(one) and other.chat == one.chat]
        if len(twins) > 1:
            continue
        candidates = await _candidates(api, one, ours_already)
        if len(candidates) == 1:
            found[one.id] = wire.Sent(wa_id=candidates[0])
    return found


async def _candidates(api: EvolutionAPI, one: Outbound, ours_already: frozenset[str]) -> list[str]:
    since, until = one.queued_at - SLACK, datetime.now(UTC) + SLACK
    return [
        message.id
        async for message, record in messages_between(api, since, until, one.chat)
        if message.from_me
        and message.id not in ours_already
        and record.get("source") not in PHONES
        and (message.message_kind, message.text) == _says(one)
    ]


def _says(outbound: Outbound) -> tuple[str, str]:
    payload = outbound.payload
    return payload["kind"], "" if payload["kind"] == "contact" else wire.clean_text(payload["text"])
