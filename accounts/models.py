"""People: a user signs in; a membership is a user's place in one tenant; invitations lead to one."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.choices import RIGHTS, Role
from tenants.models import TenantEntity, TenantManager, TenantQuerySet, uuid7

# `email__lower=…` is what our indexes know; Django's `iexact` compares in upper case and reads every row.
models.EmailField.register_lookup(Lower)


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email__lower=Lower(models.Value(username or "")))


class User(AbstractBaseUser, PermissionsMixin):
    """A person who can sign in. `is_staff` is for those who run the installation, never for tenants."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    email = models.EmailField(_("e-mail"), max_length=254, unique=True)
    name = models.CharField(_("name"), max_length=80)
    is_staff = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    date_joined = models.DateTimeField(default=timezone.now, editable=False)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        verbose_name, verbose_name_plural = _("user"), _("users")
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_unique")]

    def __str__(self) -> str:
        return self.name or self.email

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name.split(" ")[0]


class MembershipQuerySet(TenantQuerySet["Membership"]):
    def active(self) -> MembershipQuerySet:
        return self.filter(is_active=True, user__is_active=True)


class Membership(TenantEntity):
    """A user's place in one tenant."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    role = models.CharField(_("role"), max_length=12, choices=Role.choices, default=Role.AGENT)
    is_active = models.BooleanField(default=True)
    version = models.PositiveBigIntegerField(default=1)  # each change of what others see of it raises it
    joined_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[Any] = TenantManager.from_queryset(MembershipQuerySet)()

    class Meta:
        verbose_name, verbose_name_plural = _("membership"), _("memberships")
        constraints = [
            models.UniqueConstraint(fields=["tenant", "user"], name="membership_once_per_tenant"),
            models.UniqueConstraint(
                fields=["tenant"], condition=models.Q(role=Role.OWNER), name="one_owner_per_tenant"
            ),
        ]
        indexes = [models.Index(fields=["user"], name="membership_by_user")]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return str(self.user)

    @property
    def can_enter(self) -> bool:
        """Shut out neither by the tenant nor by the operators: `active()`, for a row that is here."""
        return self.is_active and self.user.is_active

    def has_right(self, right: str) -> bool:
        return self.role in RIGHTS[right]

    @property
    def rights(self) -> dict[str, bool]:
        return {right: self.role in roles for right, roles in RIGHTS.items()}


INVITATION_LASTS = timedelta(days=7)


def digest(token: str) -> str:
    """What is stored of a token that opens a door: never the token itself."""
    return hashlib.sha256(token.encode()).hexdigest()


class Invitation(TenantEntity):
    """An invitation to join a tenant, good once, for the invited address, for seven days."""

    email = models.EmailField(_("e-mail"), max_length=254)
    role = models.CharField(_("role"), max_length=12, choices=Role.choices, default=Role.AGENT)
    sector_ids = models.JSONField(default=list)
    invited_by = models.ForeignKey(Membership, null=True, on_delete=models.SET_NULL, related_name="+")
    token_digest = models.CharField(max_length=64, unique=True, null=True, editable=False)  # noqa: DJ001 (unique)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "tenant",
                Lower("email"),
                condition=models.Q(accepted_at=None),
                name="one_open_invitation_per_address",
            )
        ]

    def __str__(self) -> str:
        return self.email

    @property
    def is_open(self) -> bool:
        return self.accepted_at is None and self.expires_at > timezone.now()

    def issue_token(self) -> str:
        """A fresh token; an earlier one stops working."""
        token = secrets.token_urlsafe(32)
        self.token_digest = digest(token)
        self.expires_at = timezone.now() + INVITATION_LASTS
        return token
