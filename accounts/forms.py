"""Forms of the sign-up and team pages."""

from __future__ import annotations

from typing import Any

from allauth.account.forms import SignupForm as BaseSignupForm
from allauth.core import context
from django import forms
from django.db import transaction
from django.http import Http404, HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.access import get_invitation_by_token
from accounts.actions import found_tenant
from accounts.choices import Role
from accounts.models import Invitation, User

# Where the session keeps the token of an invitation while its reader signs in or up.
INVITATION_IN_SESSION = "invitation"

INVITABLE = [choice for choice in Role.choices if choice[0] != Role.OWNER]


class SignupForm(BaseSignupForm):
    """Name, company, e-mail, password. The invited leave the company out: they join one."""

    field_order = ["name", "company", "email", "password1"]

    name = forms.CharField(
        label=_("Your name"),
        max_length=80,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    company = forms.CharField(
        label=_("Company"),
        max_length=80,
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.invitation = invitation_of(context.request)
        if self.invitation is not None:
            del self.fields["company"]
            self.fields["email"].initial = self.invitation.email

    @transaction.atomic
    def save(self, request: HttpRequest) -> User | None:
        user: User | None = super().save(request)
        if user is not None and self.invitation is None:
            found_tenant(user, company=self.cleaned_data["company"])
        return user


def invitation_of(request: HttpRequest) -> Invitation | None:
    """The open invitation that brought this browser here; None once it is spent."""
    token = request.session.get(INVITATION_IN_SESSION)
    try:
        return get_invitation_by_token(token) if token else None
    except Http404:
        return None


class InviteForm(forms.Form):
    email = forms.EmailField(label=_("E-mail"))
    role = forms.ChoiceField(label=_("Role"), choices=INVITABLE, initial=Role.AGENT)


class RoleForm(forms.Form):
    role = forms.ChoiceField(label=_("Role"), choices=INVITABLE)
