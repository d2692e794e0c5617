"""Calls to an Evolution API server: one method, every way they can go wrong told as a DriverError."""

from __future__ import annotations

import asyncio
import json as json_module
from collections.abc import AsyncIterator, Mapping
from typing import Any, ClassVar
from urllib.parse import quote, urlsplit

import httpx

from connections.drivers.base import DriverError
from connections.drivers.outside import GuardedTransport

LONGEST_ANSWER = 32 * 1024 * 1024
LARGEST_PICTURE = 5 * 1024 * 1024
PICTURE_HOST = ".whatsapp.net"
UNREACHABLE = "gateway_unreachable"
# Said by the server before anything went to WhatsApp.
NOT_CONNECTED = ("connection closed", "not connected", "instance is not")
TIMED_OUT = ("timed out", "timeout")
# Of an instance; a link is only given up for the server's own word.
ABSENT = "instance does not exist"


class EvolutionAPI:
    """One instance of one server. `key` is what the calls are made with: the instance's token, once known."""

    connect_seconds: ClassVar[float] = 10.0
    answer_seconds: ClassVar[float] = 30.0
    # The server takes a file as a whole before it answers.
    upload_seconds: ClassVar[float] = 180.0

    def __init__(self, base_url: str, instance: str, key: str) -> None:
        self.instance, self.key = instance, key
        timeout = httpx.Timeout(self.answer_seconds, connect=self.connect_seconds)
        self.http = httpx.AsyncClient(
            base_url=base_url, timeout=timeout, transport=GuardedTransport(), trust_env=False
        )

    async def call(
        self,
        method: str,
        path: str,
        json: Any = None,
        *,
        key: str | None = None,
        may_repeat: bool = True,
        of_instance: bool = True,
        within: float | None = None,
        **more: Any,
    ) -> Any:
        """Ask; the JSON that came back. `path` stands before the instance's name.

        `may_repeat`: doing it twice does no harm. Where it does, silence means `is_unknown`.
        """
        address = f"{path}/{quote(self.instance, safe='')}" if of_instance else path
        headers = {"apikey": key or self.key}
        try:
            async with asyncio.timeout(within or self.answer_seconds):
                async with self.http.stream(method, address, json=json, headers=headers, **more) as answer:
                    body = await _read(answer)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as away:
            raise DriverError(UNREACHABLE, _name(away), permanent=False) from away
        except httpx.UnsupportedProtocol as forbidden:
            raise DriverError("address_not_allowed", str(forbidden), permanent=True) from forbidden
        except (httpx.HTTPError, TimeoutError) as silence:
            told = _name(silence)
            raise DriverError("no_answer", told, permanent=False, is_unknown=not may_repeat) from silence
        if not answer.is_success:
            raise refusal(answer.status_code, body, may_repeat)
        if body is None:
            raise DriverError("gateway_error", "no JSON", permanent=False, is_unknown=not may_repeat)
        return body

    async def stream(self, path: str, json: Any) -> AsyncIterator[bytes]:
        """The body of an answer as it comes. Silence for too long ends it."""
        address = f"{path}/{quote(self.instance, safe='')}"
        try:
            async with self.http.stream("POST", address, json=json, headers={"apikey": self.key}) as answer:
                if not answer.is_success:
                    raise refusal(answer.status_code, await _read(answer), True)
                async for chunk in answer.aiter_bytes():
                    yield chunk
        except httpx.UnsupportedProtocol as forbidden:
            raise DriverError("address_not_allowed", str(forbidden), permanent=True) from forbidden
        except httpx.HTTPError as away:
            raise DriverError(UNREACHABLE, _name(away), permanent=False) from away

    async def picture(self, address: str) -> bytes | None:
        """A profile picture, which lies with WhatsApp; None when it is gone, hidden, or no picture's size."""
        if not self._is_whatsapps(address):
            return None
        picture = bytearray()
        try:
            async with asyncio.timeout(self.answer_seconds), self.http.stream("GET", address) as answer:
                if not answer.is_success:
                    return None
                async for chunk in answer.aiter_bytes():
                    picture += chunk
                    if len(picture) > LARGEST_PICTURE:
                        return None
        except (httpx.HTTPError, TimeoutError) as away:
            raise DriverError(UNREACHABLE, _name(away), permanent=False) from away
        return bytes(picture)

    def _is_whatsapps(self, address: str) -> bool:
        parts, own = urlsplit(address), self.http.base_url
        if (parts.scheme, parts.netloc) == (own.scheme, own.netloc.decode()):
            return True
        return parts.scheme == "https" and (parts.hostname or "").endswith(PICTURE_HOST)

    async def close(self) -> None:
        await self.http.aclose()


def refusal(status: int, body: Any, may_repeat: bool) -> DriverError:
    """What a status other than success means."""
    words = said(body)
    told = f"{status} {words}"[:300]
    if status == httpx.codes.UNAUTHORIZED:
        return DriverError("token_rejected", told, permanent=True)
    if status == httpx.codes.NOT_FOUND and ABSENT in words:
        return DriverError("instance_gone", told, permanent=True)
    if status == httpx.codes.NOT_FOUND and not words:
        # Somebody in between: the server itself is away, or moved.
        return DriverError(UNREACHABLE, told, permanent=False)
    if status == httpx.codes.TOO_MANY_REQUESTS:
        return DriverError("rate_limited", told, permanent=False)
    if status == httpx.codes.REQUEST_ENTITY_TOO_LARGE:
        return DriverError("too_large", told, permanent=True)
    if any(sign in words.lower() for sign in NOT_CONNECTED):
        return DriverError("not_connected", told, permanent=False)
    if status >= 500 or any(sign in words.lower() for sign in TIMED_OUT):
        return DriverError("gateway_error", told, permanent=False, is_unknown=not may_repeat)
    if _says_absent(body):
        return DriverError("not_on_whatsapp", told, permanent=True)
    return DriverError("refused", told, permanent=True)


def said(body: Any) -> str:
    """The words of an error, however deep its lists are nested."""
    found = body
    if isinstance(body, Mapping):
        response = body.get("response")
        found = response.get("message") if isinstance(response, Mapping) else body.get("message")
        found = found or body.get("error")
    return "; ".join(_flat(found))[:300]


def _flat(given: Any) -> list[str]:
    if isinstance(given, list):
        return [word for one in given for word in _flat(one)]
    return [] if given is None else [str(given)]


def _says_absent(body: Any) -> bool:
    """Validation of a number: `{"exists": false, "jid", "number"}` among the messages."""
    response = body.get("response") if isinstance(body, Mapping) else None
    messages = response.get("message") if isinstance(response, Mapping) else None
    return isinstance(messages, list) and any(
        isinstance(one, Mapping) and one.get("exists") is False for one in messages
    )


async def _read(answer: httpx.Response) -> Any:
    """The JSON of an answer; None where there is none, or more of it than anybody would say."""
    raw = bytearray()
    async for chunk in answer.aiter_bytes():
        raw += chunk
        if len(raw) > LONGEST_ANSWER:
            return None
    try:
        return json_module.loads(bytes(raw))
    except (ValueError, RecursionError):
        return None


def _name(failure: Exception) -> str:
    """Without the address, which is the customer's own affair."""
    return type(failure).__name__
