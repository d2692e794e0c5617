"""What was missed: messages since a moment, of all chats in which something happened."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import orjson

from connections.drivers.browser.page import WebPage

# WhatsApp's clocks are whole seconds, and messages are not always told in their order.
OVERLAP_SECONDS = 120
CHAT_SECONDS = 60.0
MESSAGES_A_CHAT = 500


async def since(
    page: WebPage, seconds: int, *, a_chat: int = MESSAGES_A_CHAT
) -> AsyncIterator[dict[str, Any]]:
    """Messages of the bridge's shape, both sides', oldest first within a chat. Raises DriverError."""
    for chat in await page.ask("chats", seconds, seconds=CHAT_SECONDS):
        for message in orjson.loads(await page.ask("since", chat, seconds, a_chat, seconds=CHAT_SECONDS)):
            yield message
