"""Roles, and what each may do."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    OWNER = "owner", _("Owner")
    ADMIN = "admin", _("Administrator")
    SUPERVISOR = "supervisor", _("Supervisor")
    AGENT = "agent", _("Agent")


# Right → the roles that have it. Finer rights per sector and connection build on top of these.
RIGHTS: dict[str, frozenset[str]] = {
    "sees_all_tickets": frozenset({Role.OWNER, Role.ADMIN, Role.SUPERVISOR}),
    "can_manage_connections": frozenset({Role.OWNER, Role.ADMIN}),
    "can_manage_sectors": frozenset({Role.OWNER, Role.ADMIN}),
    "can_manage_members": frozenset({Role.OWNER, Role.ADMIN}),
}
