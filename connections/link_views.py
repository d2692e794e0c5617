"""The page behind a link: whoever holds the phone sees what it is about, agrees, and scans the code."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods
from rest_framework.throttling import SimpleRateThrottle

from connections import invitations
from connections.access import find_link
from connections.models import LinkInvitation
from tenants.doors import enter
from tenants.rendering import timestamp


class LinkThrottle(SimpleRateThrottle):
    """How often one address on the network may open links, whichever."""

    rate = "60/min"
    scope = "link"

    def get_cache_key(self, request: HttpRequest, view: object) -> str:
        return f"link.{self.get_ident(request)}"  # type: ignore[arg-type] # it reads META only


# The key in the address is all that counts here: no cookie lets anybody in, so none can be abused. (And a
# page that sends no referrer sends no origin that the check would believe.)
@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def link(request: HttpRequest, token: str) -> HttpResponse:
    """POST: agreed. Before that no code is shown; what is over says so and shows nothing else."""
    if not LinkThrottle().allow_request(request, None):  # type: ignore[arg-type] # as above
        return _private(render(request, "429.html", status=429))
    found = find_link(token)
    is_open = enter(found.tenant, invitations.is_open, found)
    if is_open and request.method == "POST":
        enter(found.tenant, invitations.agree, found)
        return _private(redirect("link", token=token))
    return _private(_page(request, found, is_open=is_open))


def _page(request: HttpRequest, found: LinkInvitation, *, is_open: bool) -> HttpResponse:
    boot = {
        "live": f"{request.path}live/",
        "locale": {"pt-br": "pt-BR"}.get(get_language() or "pt-br", get_language()),
        "expires_at": timestamp(found.expires_at),
    }
    context = {"link": found, "is_open": is_open, "boot": boot if is_open and found.agreed_at else None}
    return render(request, "connections/link.html", context, status=200 if is_open else 410)


def _private(response: HttpResponse) -> HttpResponse:
    """The address is a key: it must not travel on in a header, nor into a search engine."""
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response
