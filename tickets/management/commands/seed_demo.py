"""`manage.py seed_demo`: two demo companies with people, sectors and a connection on the pretend network.

Safe to run again: what is there stays. Prints one JSON line a sign-in, for `make run` to show.
"""

from __future__ import annotations

import json
import os
from typing import Any

from allauth.account.models import EmailAddress
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from accounts.choices import Role
from accounts.models import Membership, User
from connections.actions import create_connection
from connections.drivers.registry import offered
from connections.models import Connection
from sectors.actions import create_sector
from sectors.models import Sector
from tenants import scope
from tenants.models import Tenant

OPERATOR = ("operador@balcao.example", "Olívia Operadora")
COMPANIES: dict[str, dict[str, Any]] = {
    "aurora": {
        "name": "Loja Aurora",
        "people": [
            ("ana@aurora.example", "Ana Martins", Role.OWNER, ["Vendas", "Suporte"]),
            ("sofia@aurora.example", "Sofia Prado", Role.SUPERVISOR, ["Vendas", "Suporte"]),
            ("bruno@aurora.example", "Bruno Lima", Role.AGENT, ["Vendas"]),
            ("carla@aurora.example", "Carla Nunes", Role.AGENT, ["Suporte"]),
        ],
        "sectors": ["Vendas", "Suporte"],
        "connection": "Aurora principal",
    },
    "horizonte": {
        "name": "Clínica Horizonte",
        "people": [("rui@horizonte.example", "Rui Teles", Role.OWNER, ["Recepção"])],
        "sectors": ["Recepção"],
        "connection": "Recepção",
    },
}


class Command(BaseCommand):
    help = "Two demo companies; the password of everybody is DEMO_PASSWORD."

    def handle(self, *args: Any, **options: Any) -> None:
        password = os.environ.get("DEMO_PASSWORD", "")
        if len(password) < 12:
            raise CommandError("Set DEMO_PASSWORD (12 characters or more) first.")
        with transaction.atomic():
            self._say(_person(*OPERATOR, password, is_staff=True), "operator", "", password)
            for slug, company in COMPANIES.items():
                for user, role in _found(slug, company, password):
                    self._say(user, role, slug, password)

    def _say(self, user: User, role: str, tenant: str, password: str) -> None:
        line = {"email": user.email, "password": password, "role": role, "tenant": tenant}
        self.stdout.write(json.dumps(line))


def _found(slug: str, company: dict[str, Any], password: str) -> list[tuple[User, str]]:
    tenant, _new = Tenant.objects.get_or_create(slug=slug, defaults={"name": company["name"]})
    people = [
        (_person(email, name, password), role, sectors) for email, name, role, sectors in company["people"]
    ]
    with scope.working_for(tenant):
        members = [
            (Membership.objects.get_or_create(user=user, defaults={"role": role})[0], sectors)
            for user, role, sectors in people
        ]
        for name in company["sectors"]:
            if not Sector.objects.filter(name=name).exists():
                create_sector(name=name, members=[m.id for m, sectors in members if name in sectors])
        has_connection = Connection.objects.exists()
        if offered() and not has_connection:
            sector = Sector.objects.get(name=company["sectors"][0])
            create_connection(name=company["connection"], driver=offered()[0][0], sector=sector)
    return [(user, role) for user, role, _sectors in people]


def _person(email: str, name: str, password: str, *, is_staff: bool = False) -> User:
    """Somebody who can sign in at once: the address counts as verified."""
    user = User.objects.filter(email=email).first()
    if user is None:
        user = User.objects.create_user(email, password, name=name, is_staff=is_staff, is_superuser=is_staff)
    EmailAddress.objects.get_or_create(user=user, email=email, defaults={"verified": True, "primary": True})
    return user
