"""HTTP in and out as JSON: bodies read with a limit, answers and errors in one shape."""

from __future__ import annotations

import logging

import orjson
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from simulator.errors import Refused, invalid
from simulator.values import Fields

BODY_LIMIT = 1024 * 1024

logger = logging.getLogger(__name__)


def json_response(value: object, *, status: int = 200) -> Response:
    """A value as JSON."""
    return Response(orjson.dumps(value), status_code=status, media_type="application/json")


async def fields_of(request: Request) -> Fields:
    """The JSON object in a request's body."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY_LIMIT:
            raise Refused("too_large", "O pedido é grande demais.", status=413)
    try:
        return Fields(orjson.loads(body))
    except orjson.JSONDecodeError as error:
        raise invalid("O corpo do pedido não é JSON.") from error


async def on_refused(request: Request, error: Exception) -> Response:
    """A refusal as an answer."""
    if not isinstance(error, Refused):
        raise error
    return json_response({"code": error.code, "message": error.message}, status=error.status)


async def on_http_error(request: Request, error: Exception) -> Response:
    """The framework's own refusals (no such address, wrong method) in the same shape."""
    if not isinstance(error, HTTPException):
        raise error
    answer = json_response(
        {"code": _CODES.get(error.status_code, "refused"), "message": str(error.detail)},
        status=error.status_code,
    )
    answer.headers.update(error.headers or {})
    return answer


async def on_os_error(request: Request, error: Exception) -> Response:
    """The disk did not take it: nothing was changed."""
    logger.error("A request was not kept: %s", error)
    return json_response(
        {"code": "not_kept", "message": "A rede não conseguiu guardar o pedido."}, status=507
    )


_CODES = {404: "not_found", 405: "method_not_allowed"}
