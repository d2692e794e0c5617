"""What gateways post to us: found by its connection, believed by its secret, kept, answered at once."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from connections import mailbox
from connections.choices import Driver
from connections.drivers.cloud import signature
from connections.drivers.evolution import callback
from connections.models import Connection
from connections.sessions import vault
from tenants.doors import enter
from tenants.errors import error_body

# The longest text a customer can write has 64 KiB; gateways pack dozens of messages into one post.
MAX_BYTES = 8 * 1024 * 1024
# Whoever walks a post later does it by recursion.
MAX_DEPTH = 100
LONGEST_CHALLENGE = 200


@csrf_exempt
@require_POST
def evolution(request: HttpRequest, connection_id: UUID, path_secret: str) -> HttpResponse:
    """An event of an Evolution API instance."""
    connection, secrets = _addressee(connection_id, Driver.EVOLUTION)
    header_secret = request.headers.get(callback.HEADER, "")
    if not callback.is_known(connection, secrets, path_secret, header_secret):
        raise Http404
    return _keep(connection, request)


@csrf_exempt
@require_http_methods(["GET", "POST"])
def cloud(request: HttpRequest, connection_id: UUID) -> HttpResponse:
    """Meta's handshake, and its webhooks. Without secrets to check them by there is no such address."""
    connection, secrets = _addressee(connection_id, Driver.CLOUD)
    if not (secrets.get("app_secret") and secrets.get("verify_token")):
        raise Http404
    if request.method == "GET":
        return _shake_hands(request, secrets["verify_token"])
    signed = request.headers.get(signature.HEADER, "")
    return _keep(connection, request, is_genuine=partial(signature.is_right, secrets["app_secret"], signed))


def _addressee(connection_id: UUID, driver: str) -> tuple[Connection, dict[str, str]]:
    """The connection, and the secrets of its gateway. A stranger's id and nobody's look alike."""
    connection = mailbox.addressee(connection_id, driver)
    if connection is None:
        raise Http404
    try:
        return connection, enter(connection.tenant, vault.settings_of, connection)
    except vault.Unreadable as broken:
        raise Http404 from broken


def _shake_hands(request: HttpRequest, verify_token: str) -> HttpResponse:
    given = request.GET.get("hub.verify_token", "")
    if request.GET.get("hub.mode") != "subscribe" or not constant_time_compare(given, verify_token):
        return _refuse(403, "wrong_verify_token", "The verify token is not this connection's.")
    challenge = request.GET.get("hub.challenge", "")[:LONGEST_CHALLENGE]
    return HttpResponse(challenge, content_type="text/plain; charset=utf-8")


def _keep(
    connection: Connection, request: HttpRequest, is_genuine: Callable[[bytes], bool] = lambda raw: True
) -> HttpResponse:
    """Into the mailbox. What cannot be read will not be better the next time: no 5xx asks for a repeat."""
    raw = request.read(MAX_BYTES + 1)
    if len(raw) > MAX_BYTES:
        return _refuse(413, "too_large", f"A post has at most {MAX_BYTES} bytes.")
    if not is_genuine(raw):
        return _refuse(403, "wrong_signature", "The signature does not fit the body.")
    body = _parse(raw)
    if body is None:
        return _refuse(400, "malformed", "The body is not a JSON object.")
    enter(connection.tenant, mailbox.keep, connection, raw, body)
    return HttpResponse()


def _parse(raw: bytes) -> dict[str, Any] | None:
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    if not isinstance(body, dict) or _depth(body) > MAX_DEPTH:
        return None
    body.pop(callback.TOKEN_FIELD, None)
    return body


def _depth(body: Any) -> int:
    """How many levels there are. Not by recursion, which is what too many of them would break."""
    levels, level = 0, [body]
    while level:
        levels += 1
        inner = (one.values() if isinstance(one, dict) else one for one in level)
        level = [child for children in inner for child in children if isinstance(child, dict | list)]
    return levels


def _refuse(status: int, code: str, message: str) -> HttpResponse:
    return JsonResponse(error_body(code, message), status=status)
