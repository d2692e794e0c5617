"""What brings a connection's link back, and who may make it: sealed, or as hashes."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from accounts.models import Membership
from connections.models.connection import Connection
from tenants.models import TenantEntity, TenantRecord


class SealedCredentials(TenantEntity):
    """What a session needs to come back without a new QR code, encrypted (`sessions.vault`)."""

    connection = models.OneToOneField(Connection, on_delete=models.CASCADE, related_name="credentials")
    sealed = models.TextField()
    updated_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"credentials of {self.connection_id}"


class SealedSettings(TenantEntity):
    """The keys and tokens of a connection's gateway, as people gave them, encrypted (`sessions.vault`)."""

    connection = models.OneToOneField(Connection, on_delete=models.CASCADE, related_name="+")
    sealed = models.TextField()
    updated_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"settings of {self.connection_id}"


class ProfileArchive(TenantRecord):
    """An encrypted copy of a browser's profile: where it lies, and what it must be to be believed.

    Each has a data key of its own, sealed like credentials; `number` counts a connection's copies up and is
    part of what the encryption is bound to. `path` lies below the archives' root.
    """

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="+")
    number = models.PositiveBigIntegerField()
    path = models.CharField(max_length=200)
    sealed_key = models.TextField()
    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField()
    web_version = models.CharField(max_length=40, blank=True)
    made_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["connection", "number"], name="archive_numbered_once")]

    def __str__(self) -> str:
        return f"profile {self.number} of {self.connection_id}"


class LinkInvitation(TenantEntity):
    """Lets whoever holds the phone see the codes of one connection, for a while, without an account here.

    Only the hash of what stands in its address is kept.
    """

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="invitations")
    made_by = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="+")
    token_hash = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()
    # Whoever holds the phone agreed to link it: before that, no code is shown.
    agreed_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_why = models.CharField(max_length=8, blank=True)  # linked, revoked, expired

    def __str__(self) -> str:
        return f"invitation to link {self.connection_id}"
