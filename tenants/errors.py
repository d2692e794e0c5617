"""Domain errors, and their translation into JSON: `{"code", "message", "fields"}`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.response import Response

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


class DomainError(Exception):
    """A rule said no. `code` is stable and for programs, the message is for people.

    Subclasses set `code`, `status` (HTTP) and `message`; `fields` carries details for the client.
    """

    code = "refused"
    status = 409
    message: StrOrPromise = ""

    def __init__(self, message: str | None = None, **fields: Any) -> None:
        self.fields = fields
        super().__init__(message or str(self.message))


def error_body(code: str, message: str, fields: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"code": code, "message": message, "fields": fields or {}}


def answer_error(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler. Whatever was refused leaves nothing half-written behind."""
    response = _response_for(error)
    if response is not None and transaction.get_connection().in_atomic_block:
        transaction.set_rollback(True)
    return response


def _response_for(error: Exception) -> Response | None:
    if isinstance(error, DomainError):
        return Response(error_body(error.code, str(error), error.fields), status=error.status)
    if isinstance(error, Http404):
        return Response(error_body("not_found", _("Not found.")), status=404)
    if isinstance(error, PermissionDenied):
        return Response(error_body("forbidden", _("You may not do this.")), status=403)
    if isinstance(error, exceptions.ValidationError):
        return Response(error_body("invalid", _("Please check the fields."), _fields(error)), 400)
    if isinstance(error, exceptions.APIException):
        return _framework_error(error)
    return None


def _framework_error(error: exceptions.APIException) -> Response:
    headers = {}
    if wait := getattr(error, "wait", None):
        headers["Retry-After"] = str(int(wait))
    if scheme := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = scheme
    code = str(error.get_codes()) if isinstance(error.detail, str) else error.default_code
    message = error.detail if isinstance(error.detail, str) else str(error.default_detail)
    if isinstance(error, exceptions.Throttled):
        message = _("Too many attempts. Wait a little and try again.")  # how long: Retry-After
    return Response(error_body(code, message), status=error.status_code, headers=headers)


def _fields(error: exceptions.ValidationError) -> dict[str, Any]:
    detail = error.detail
    return detail if isinstance(detail, dict) else {"non_field_errors": detail}
