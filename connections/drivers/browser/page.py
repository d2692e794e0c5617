"""One page of WhatsApp Web: opened, wa-js put in once the page has loaded far enough, then asked.

wa-js attaches itself to modules of the page once, when it starts. Put in too early it finds some of them
missing, and stays deaf to what they would tell, without a word. So it waits at a gate, and is asked
afterwards what it did not find.
"""

from __future__ import annotations

import asyncio
import re
from typing import Any

import structlog
from django.conf import settings
from playwright.async_api import ConsoleMessage, Error, Page

from connections.drivers.base import DriverError
from connections.drivers.browser import bundle, chromium
from connections.drivers.browser.settings import Settings

log = structlog.get_logger(__name__)

LOAD_SECONDS = 30.0
INJECT_SECONDS = 45.0
ANSWER_SECONDS = 15.0
GATE_POLL_SECONDS = 0.2
# After an injection that was not complete the gate wants so much quiet, and more each time.
QUIET_AFTER_FAILURE_SECONDS = 6.0
NOT_FOUND = re.compile(r"Module (\w+) was not found")
MODULES = """(gate) => {
  try {
    const { modulesMap } = window.require('__debug');
    return { count: Object.keys(modulesMap).length, missing: gate.filter((id) => !(id in modulesMap)) };
  } catch { return { count: 0, missing: gate }; }
}"""
# wa-js waits for a code or for chats. A page that lets nobody in shows neither, and says why all the same.
IS_READY = """() => {
  if (window.WPP && WPP.isFullReady) return 'ready';
  try {
    const { mode } = WPP.conn.getStreamData();
    const shut = ['PROXYBLOCK', 'TOS_BLOCK', 'SMB_TOS_BLOCK', 'DEPRECATED_VERSION', 'CONFLICT'];
    return shut.includes(mode) ? 'shut' : '';
  } catch { return ''; }
}"""
CALL = "([name, given]) => window.__desk.call(name, given)"
# What wa-js refuses for good: asking again would be refused again. Our code for it, and whether it is final.
REFUSALS = {
    "chat_not_found": ("no_such_chat", True),
    "invalid_wid": ("no_such_chat", True),
    "contact_not_found": ("no_such_chat", True),
    "msg_not_found": ("no_such_message", True),
    "message_not_contains_media": ("media_gone", True),
    "file_too_large": ("too_large", True),
    "quoted_msg_can_not_reply": ("cannot_quote", True),
    "invalid_quoted_msg": ("cannot_quote", True),
    "not_forwarded": ("not_forwarded", False),
    "picture_gone": ("picture_gone", False),
}


class WebPage:
    """`version`: of WhatsApp Web, once it is injected."""

    def __init__(self, page: Page, chosen: Settings) -> None:
        self.page, self.chosen = page, chosen
        self.missing: set[str] = set()
        self.quiet_seconds = chosen.quiet_seconds
        page.on("console", self._hear)

    async def disguise(self) -> None:
        """Before anything is loaded. Raises DriverError(`browser_gone`)."""
        try:
            await chromium.disguise(self.page, self.chosen)
        except Error as gone:
            raise DriverError("browser_gone", str(gone).splitlines()[0], permanent=False) from gone

    async def load(self) -> None:
        """Open WhatsApp Web. Raises DriverError(`web_unreachable`)."""
        try:
            await self.page.goto(settings.WA_WEB_URL, wait_until="load", timeout=LOAD_SECONDS * 1000)
        except Error as away:
            raise DriverError("web_unreachable", str(away).splitlines()[0], permanent=False) from away

    async def inject(self) -> None:
        """From a loaded page to wa-js at work, and complete. Raises DriverError(`not_injected`)."""
        self.missing.clear()
        script = bundle.script_for(self.chosen)
        try:
            async with asyncio.timeout(INJECT_SECONDS):
                await self._wait_at_the_gate()
                await self.page.evaluate(script)
                while not (how := await self.page.evaluate(IS_READY)):
                    await asyncio.sleep(GATE_POLL_SECONDS)
                await self.page.evaluate(bundle.bridge_script())
        except TimeoutError as late:
            raise DriverError("not_injected", "not ready in time", permanent=False) from late
        except Error as failed:
            raise DriverError("not_injected", str(failed).splitlines()[0], permanent=False) from failed
        if how == "ready":
            self._check_completeness()

    async def _wait_at_the_gate(self) -> None:
        """Until the named modules are there, and no more come for a while."""
        loop = asyncio.get_running_loop()
        count, since = -1, loop.time()
        while True:
            seen = await self.page.evaluate(MODULES, list(self.chosen.gate))
            if seen["count"] != count:
                count, since = seen["count"], loop.time()
            is_quiet = loop.time() - since >= self.quiet_seconds
            if is_quiet and not seen["missing"] and count >= max(1, self.chosen.min_modules):
                return
            await asyncio.sleep(GATE_POLL_SECONDS)

    def _check_completeness(self) -> None:
        """Ready is not proof: what wa-js looked for in vain it says on the console only."""
        if lacking := sorted(self.missing & set(self.chosen.required)):
            longer = max(self.quiet_seconds * 2, QUIET_AFTER_FAILURE_SECONDS)
            self.quiet_seconds = min(longer, INJECT_SECONDS / 3)
            raise DriverError("not_injected", f"wa-js did not find {', '.join(lacking)}", permanent=False)

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type == "error" and (found := NOT_FOUND.search(message.text)):
            self.missing.add(found.group(1))

    async def ask(self, name: str, *given: Any, seconds: float = ANSWER_SECONDS) -> Any:
        """One of the bridge's `asks`. Raises DriverError; silence means that it may have been done."""
        try:
            async with asyncio.timeout(seconds):
                answer = await self.page.evaluate(CALL, [name, list(given)])
        except TimeoutError as silence:
            raise DriverError("no_answer", name, permanent=False, is_unknown=True) from silence
        except Error as gone:
            detail = str(gone).splitlines()[0]
            raise DriverError("connection_lost", detail, permanent=False, is_unknown=True) from gone
        if answer["ok"]:
            return answer["value"]
        code, is_permanent = REFUSALS.get(answer["code"], ("page_refused", False))
        raise DriverError(code, answer["message"], permanent=is_permanent)

    async def is_answering(self, seconds: float) -> bool:
        """Whether its scripts run at all."""
        try:
            async with asyncio.timeout(seconds):
                await self.page.evaluate("0")
        except (TimeoutError, Error):
            return False
        return True
