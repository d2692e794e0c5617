"""allauth, told our rules: who may sign up, where people land."""

from __future__ import annotations

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from accounts.forms import INVITATION_IN_SESSION, SignupForm, invitation_of
from accounts.models import User


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Anybody where registration is open; the invited everywhere."""
        return settings.REGISTRATION_OPEN or invitation_of(request) is not None

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        if token := request.session.get(INVITATION_IN_SESSION):
            return reverse("invitation", args=[token])
        return reverse("home")

    def save_user(self, request: HttpRequest, user: User, form: SignupForm, commit: bool = True) -> User:
        user.name = form.cleaned_data["name"]
        saved: User = super().save_user(request, user, form, commit)
        return saved
