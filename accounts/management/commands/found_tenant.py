"""`manage.py found_tenant`: how operators found a tenant, above all where registration is closed."""

from __future__ import annotations

from typing import Any

from allauth.account import app_settings as sign_in
from allauth.account.models import EmailAddress
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email
from django.db import transaction
from django.urls import reverse

from accounts.actions import found_tenant
from accounts.models import User
from tenants.models import Tenant


class Command(BaseCommand):
    help = "Found a tenant and print the link with which its owner chooses a password."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--company", required=True)
        parser.add_argument("--email", required=True, help="the owner's; it counts as confirmed")
        parser.add_argument("--name", default="", help="the owner's; else what stands before the @")

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        company, email = options["company"].strip(), options["email"].strip().lower()
        _refuse_nonsense(company, email)
        user = User.objects.filter(email__lower=email).first()
        if user is None:
            user = _new_user(email, options["name"].strip() or email.split("@")[0])
        elif not user.is_active:
            raise CommandError(f"{email} was switched off: switch that person on first.")
        tenant = found_tenant(user, company=company).tenant
        self.stdout.write(f"{tenant.name}: {settings.SITE_URL}{reverse('tenant_home', args=[tenant.slug])}")
        self.stdout.write(f"Owner: {user.email}")
        if user.has_usable_password():
            self.stdout.write("They sign in with the password they have.")
            return
        days = settings.PASSWORD_RESET_TIMEOUT // 86400
        reset = settings.SITE_URL + reverse("account_reset_password")
        self.stdout.write(f"They choose a password here: {_link(user)}")
        self.stdout.write(f"Good once, for {days} days; afterwards they ask for a new link at {reset}")


def _refuse_nonsense(company: str, email: str) -> None:
    try:
        validate_email(email)
    except ValidationError:
        raise CommandError(f"{email!r} is no e-mail address.") from None
    longest = Tenant._meta.get_field("name").max_length or 0
    if not 0 < len(company) <= longest:
        raise CommandError(f"The company's name has 1 to {longest} characters.")
    if same := Tenant.objects.filter(name=company).first():
        raise CommandError(f"There is a tenant with this name already: {same.slug}")


def _new_user(email: str, name: str) -> User:
    """Somebody without a password: only the link, sent to them by the operator, opens the account."""
    user = User.objects.create_user(email, name=name[:80])
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    return user


def _link(user: User) -> str:
    key = sign_in.PASSWORD_RESET_TOKEN_GENERATOR().make_token(user)
    path = reverse("account_reset_password_from_key", args=[user_pk_to_url_str(user), key])
    return f"{settings.SITE_URL}{path}"
