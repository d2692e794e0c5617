"""Calls to Meta's Graph API: every way they can go wrong told as a DriverError."""

from __future__ import annotations

import asyncio
import hashlib
import json as json_module
from collections.abc import AsyncIterator
from typing import Any, ClassVar
from urllib.parse import urlsplit

import httpx
from django.conf import settings

from connections.drivers.base import DriverError
from connections.drivers.cloud.errors import refusal

LONGEST_ANSWER = 4 * 1024 * 1024
UNREACHABLE = "gateway_unreachable"
# Where Meta keeps the files it names: the access token goes nowhere else.
FILE_HOSTS = (".fbsbx.com", ".facebook.com", ".fbcdn.net", ".whatsapp.net")


class GraphAPI:
    """The node of one phone number."""

    connect_seconds: ClassVar[float] = 10.0
    answer_seconds: ClassVar[float] = 30.0
    upload_seconds: ClassVar[float] = 180.0

    def __init__(self, access_token: str) -> None:
        self.base = f"{settings.CLOUD_API_URL}/{settings.CLOUD_API_VERSION}"
        timeout = httpx.Timeout(self.answer_seconds, connect=self.connect_seconds)
        headers = {"Authorization": f"Bearer {access_token}"}
        self.http = httpx.AsyncClient(timeout=timeout, headers=headers)

    async def call(
        self,
        method: str,
        node: str,
        json: Any = None,
        *,
        may_repeat: bool = True,
        within: float | None = None,
        **more: Any,
    ) -> dict[str, Any]:
        """Ask; the JSON object that came back.

        `may_repeat`: doing it twice does no harm. Where it does, silence means `is_unknown`.
        """
        try:
            async with asyncio.timeout(within or self.answer_seconds):
                async with self.http.stream(method, f"{self.base}/{node}", json=json, **more) as answer:
                    body = await _read(answer)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as away:
            raise DriverError(UNREACHABLE, type(away).__name__, permanent=False) from away
        except (httpx.HTTPError, TimeoutError) as silence:
            told = type(silence).__name__
            raise DriverError("no_answer", told, permanent=False, is_unknown=not may_repeat) from silence
        if not answer.is_success:
            raise refusal(answer.status_code, body, may_repeat)
        if not isinstance(body, dict):
            raise DriverError("gateway_error", "no JSON", permanent=False, is_unknown=not may_repeat)
        return body

    async def file(self, media_id: str, phone_number_id: str) -> AsyncIterator[bytes]:
        """The bytes of a file, in two steps: where it lies, then what it is."""
        query = {"phone_number_id": phone_number_id}
        told = await self.call("GET", media_id, params=query)
        size = told.get("file_size")
        if isinstance(size, int) and size > settings.MEDIA_MAX_BYTES:
            raise DriverError("too_large", str(size), permanent=True)
        address = str(told.get("url") or "")
        if not self._is_metas(address):
            raise DriverError("media_gone", "an address that is not Meta's", permanent=True)
        seen = hashlib.sha256()
        async for chunk in self._stream(address):
            seen.update(chunk)
            yield chunk
        if told.get("sha256") not in (None, "", seen.hexdigest()):
            raise DriverError("media_broken_off", "another checksum", permanent=False)

    def _is_metas(self, address: str) -> bool:
        parts, own = urlsplit(address), urlsplit(self.base)
        if (parts.scheme, parts.netloc) == (own.scheme, own.netloc):
            return True
        return parts.scheme == "https" and (parts.hostname or "").endswith(FILE_HOSTS)

    async def _stream(self, address: str) -> AsyncIterator[bytes]:
        try:
            async with self.http.stream("GET", address) as answer:
                if answer.status_code in (401, 404, 410):
                    # The address is good for five minutes: the next attempt gets a new one.
                    raise DriverError("media_gone", str(answer.status_code), permanent=False)
                if not answer.is_success:
                    raise DriverError("gateway_error", str(answer.status_code), permanent=False)
                async for chunk in answer.aiter_bytes():
                    yield chunk
        except httpx.HTTPError as away:
            raise DriverError(UNREACHABLE, type(away).__name__, permanent=False) from away

    async def close(self) -> None:
        await self.http.aclose()


async def _read(answer: httpx.Response) -> Any:
    """The JSON of an answer; None where there is none, or more of it than Meta ever says."""
    raw = bytearray()
    async for chunk in answer.aiter_bytes():
        raw += chunk
        if len(raw) > LONGEST_ANSWER:
            return None
    try:
        return json_module.loads(bytes(raw))
    except (ValueError, RecursionError):
        return None
