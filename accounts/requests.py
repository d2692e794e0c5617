"""Requests behind the tenant's door: typed, so that a view cannot forget who is asking."""

from __future__ import annotations

from django.http import HttpRequest
from rest_framework.request import Request

from accounts.models import Membership


class MemberPageRequest(HttpRequest):
    """A page's request; the door put `member` on it."""

    member: Membership


class MemberRequest(Request):
    """An API request. DRF hands attributes of the plain request through."""

    member: Membership
    is_token_call: bool
