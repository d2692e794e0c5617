"""Pages outside any tenant: the front door, the choice of a tenant, an invitation."""

from __future__ import annotations

from allauth.account.adapter import get_adapter
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import get_invitation_by_token
from accounts.actions import accept_invitation
from accounts.entrance import memberships_of
from accounts.forms import INVITATION_IN_SESSION
from tenants.errors import DomainError


@never_cache
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The front page; for those signed in, their tenant, or the choice among several."""
    if not request.user.is_authenticated:
        return render(request, "home.html")
    if token := request.session.get(INVITATION_IN_SESSION):
        return redirect("invitation", token=token)
    members = memberships_of(request.user)
    if len(members) == 1:
        return redirect("inbox", slug=members[0].tenant.slug)
    return render(request, "accounts/choose_tenant.html", {"members": members})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Read an invitation; sign in or up if need be; join."""
    try:
        found = get_invitation_by_token(token)
    except Http404:
        request.session.pop(INVITATION_IN_SESSION, None)
        raise
    if not request.user.is_authenticated:
        request.session[INVITATION_IN_SESSION] = token
        # Whoever holds the token has read the invited mailbox: no second e-mail to confirm it.
        get_adapter().stash_verified_email(request, found.email)
        return render(request, "accounts/invitation.html", {"invitation": found})
    if request.method == "POST":
        request.session.pop(INVITATION_IN_SESSION, None)
        try:
            accept_invitation(found, user=request.user, token=token)
        except DomainError as refused:
            messages.error(request, str(refused))
            return redirect("home")
        messages.success(request, _("Welcome to %(tenant)s!") % {"tenant": found.tenant.name})
        return redirect("inbox", slug=found.tenant.slug)
    is_for_me = found.email.lower() == request.user.email.lower()
    if not is_for_me:
        # Once told is enough: else every sign-in and the front page would lead back here. Its address keeps
        # the token for whoever signs out and comes back.
        request.session.pop(INVITATION_IN_SESSION, None)
    return render(request, "accounts/invitation.html", {"invitation": found, "is_for_me": is_for_me})
