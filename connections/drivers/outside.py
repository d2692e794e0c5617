"""Calls to addresses that people typed: only where such an installation may call, whatever DNS says."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from urllib.parse import urlsplit

import httpx
from django.conf import settings
from django.utils.translation import gettext_lazy as _

SCHEMES = ("http", "https")


def check_url(url: str) -> str:
    """A base address, without the slash at its end. Raises ValueError with a sentence for people."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ValueError(_("This is not an address.")) from None
    if parts.scheme not in SCHEMES or not parts.hostname or port == 0:
        raise ValueError(_("The address begins with http:// or https:// and names a server."))
    if parts.username is not None or parts.password is not None:
        raise ValueError(_("The address must not hold a user name or a password."))
    if parts.query or parts.fragment or "\\" in url or " " in url:
        raise ValueError(_("The address must not hold a question mark, a hash or blanks."))
    if (address := _as_address(parts.hostname)) is not None and not may_call(address):
        raise ValueError(_("This installation does not call private addresses."))
    return url.rstrip("/")


def may_call(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """Whether this installation calls such an address for somebody else."""
    mapped = getattr(address, "ipv4_mapped", None) or address
    return settings.GATEWAY_PRIVATE_ADDRESSES or (mapped.is_global and not mapped.is_multicast)


def _as_address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


class GuardedTransport(httpx.AsyncBaseTransport):
    """Looks a name up itself, refuses addresses that may not be called, and calls the very address it has
    looked at: a name that answers differently a moment later changes nothing."""

    def __init__(self) -> None:
        self.inner = httpx.AsyncHTTPTransport()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        host = request.url.host
        address = await self._address_of(request, host)
        # The Host header was set from the name; TLS must check the certificate against it as well.
        request.extensions = {**request.extensions, "sni_hostname": host}
        request.url = request.url.copy_with(host=address)
        return await self.inner.handle_async_request(request)

    async def _address_of(self, request: httpx.Request, host: str) -> str:
        loop = asyncio.get_running_loop()
        try:
            found = await loop.getaddrinfo(host, request.url.port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as unknown:
            raise httpx.ConnectError(f"no address for {host}", request=request) from unknown
        addresses = [str(entry[4][0]) for entry in found]
        allowed = [address for address in addresses if may_call(ipaddress.ip_address(address))]
        if not allowed:
            raise httpx.UnsupportedProtocol("a private address", request=request)
        return allowed[0]

    async def aclose(self) -> None:
        await self.inner.aclose()
