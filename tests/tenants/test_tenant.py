"""The tenant itself, and keys that grow with time."""

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import IntegrityError, transaction

from tenants import checks
from tenants.models import Tenant, uuid7


@pytest.mark.parametrize("slug", ["acme", "a", "a-1", "padaria-sao-joao"])
def test_a_short_name_is_small_letters_digits_and_single_dashes(slug, db):
    Tenant(name="A", slug=slug + "-x").full_clean()


@pytest.mark.parametrize("slug", ["Acme", "a_b", "-a", "a-", "a--b", "á", "a b", "", "a" * 41])
def test_other_short_names_are_refused(slug, db):
    with pytest.raises(ValidationError):
        Tenant(name="A", slug=slug).full_clean()


def test_a_short_name_is_taken_once(acme):
    with pytest.raises(IntegrityError), transaction.atomic():
        Tenant.objects.create(name="Other", slug="acme")


def test_keys_grow_with_time():
    keys = [uuid7() for _ in range(1000)]

    assert keys == sorted(keys)
    assert len(set(keys)) == 1000
    assert {key.version for key in keys} == {7}


# --- the deployment check ---------------------------------------------------------------------


def test_the_check_is_silent_for_a_role_that_is_bound(db):
    assert checks.role_is_bound_by_policies(databases=["default"]) == []


def test_the_check_speaks_up_for_a_role_that_reads_past_the_policies(db, monkeypatch):
    monkeypatch.setattr(checks, "role_bypasses", lambda: True)

    (error,) = checks.role_is_bound_by_policies(databases=["default"])
    assert error.id == "tenants.E001"
    with pytest.raises(SystemCheckError, match="E001"):
        call_command("check", databases=["default"])


def test_without_a_database_to_ask_the_check_asks_nothing(monkeypatch):
    monkeypatch.setattr(checks, "role_bypasses", lambda: pytest.fail("it asked"))

    assert checks.role_is_bound_by_policies(databases=None) == []
