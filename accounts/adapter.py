"""allauth, told our rules: who may sign up, where people land."""

from __future__ import annotations

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.forms import INVITATION_IN_SESSION, SignupForm, invitation_of
from accounts.models import User

TOO_OFTEN = _("Too many attempts in a row. Wait a few minutes and try again.")


class AccountAdapter(DefaultAccountAdapter):
    # allauth's own words are a machine's, and formal or informal depending on the language.
    error_messages = {  # as allauth declares it
        **DefaultAccountAdapter.error_messages,
        "account_inactive": _("This account was switched off. Ask whoever looks after your team."),
        "cannot_remove_primary_email": _("Your main e-mail stays. Choose another main one first."),
        "duplicate_email": _("This e-mail is already yours."),
        "email_password_mismatch": _("Wrong e-mail or password. Check both and try again."),
        "email_taken": _("There is an account with this e-mail already. Sign in with it."),
        "enter_current_password": _("Type your current password."),
        "incorrect_password": _("Wrong password. Try again."),
        "invalid_password_reset": _("This link does not work any more. Ask for a new one."),
        "max_email_addresses": _("You may have %d e-mails at most."),
        "rate_limited": TOO_OFTEN,
        "same_as_current": _("This is the one you have now. Choose another."),
        "too_many_login_attempts": TOO_OFTEN,
        "unknown_email": _("Nobody has an account with this e-mail."),
        "unverified_primary_email": _("Confirm this e-mail before you make it your main one."),
    }

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
